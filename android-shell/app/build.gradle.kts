plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

android {
    namespace = "org.latchkey.app"
    compileSdk = 36
    defaultConfig {
        applicationId = "org.latchkey.app"
        // The app runs from Android 9 on; it provides passkeys to others from Android 14 (API 34) on.
        minSdk = 28
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
        // JNA brings its library for more ABIs than the core is built for: an app with half of them would start and end at once.
        ndk.abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
    }
    // Signals and conditional registration come with a library in beta: they are left out of what is not called so.
    flavorDimensions += "androidx"
    productFlavors {
        create("stable") {
            dimension = "androidx"
            isDefault = true
        }
        create("events") {
            dimension = "androidx"
            proguardFile("src/events/proguard-rules.pro")
        }
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }
    packaging {
        // Libraries stay in the APK as they are, on pages of 16 KB, and are loaded from there.
        jniLibs.useLegacyPackaging = false
        // Several libraries have files of these names.
        resources.excludes += "/META-INF/{AL2.0,LGPL2.1}"
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    // The Control Center and the workstations that some screens talk to are those of the tests of the bindings.
    sourceSets.getByName("test").kotlin.srcDir("$rootDir/../bindings/tests/kotlin/src/stage/kotlin")
    testOptions {
        unitTests.all {
            it.useJUnitPlatform()
            // Robolectric loads classes by itself, and two sets of them in one process would answer to one core.
            it.setForkEvery(1)
            it.systemProperty("latchkey.app", "$projectDir/src")
            it.systemProperty("jna.library.path", "$rootDir/../target/debug")
            it.systemProperty("latchkey.simulator", "$rootDir/../target/debug/latchkey-sim")
        }
    }
    lint {
        checkDependencies = true
    }
}

kotlin {
    compilerOptions {
        jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17
    }
}

dependencies {
    implementation(project(":core"))
    implementation(libs.coroutines.android)
    implementation(libs.credentials)
    // CryptoObject in BiometricPromptData; the prompts are the system's own.
    implementation(libs.biometric)
    "eventsImplementation"(libs.core)
    "eventsImplementation"(libs.providerevents)
    // Found by the name of its class, which Play services gives when it binds the service.
    "eventsRuntimeOnly"(libs.providerevents.play.services)

    testImplementation(platform(libs.junit.bom))
    testImplementation(libs.junit.jupiter)
    // The archive for Android has no library for the machine that runs the tests.
    testImplementation(libs.jna)
    testImplementation(libs.kotlin.test)
    testImplementation(libs.robolectric)
    testImplementation(libs.gson)
    testImplementation(libs.zxing)
    // The framework itself, in place of the SDK's empty classes.
    testRuntimeOnly(libs.android.all)
    testRuntimeOnly(libs.junit.launcher)
    testRuntimeOnly(libs.junit.vintage)
}
