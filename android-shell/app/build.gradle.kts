plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

android {
    namespace = "org.latchkey.app"
    compileSdk = 35
    defaultConfig {
        applicationId = "org.latchkey.app"
        // The app runs from Android 9 on; it provides passkeys to others from Android 14 (API 34) on.
        minSdk = 28
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }
    buildFeatures {
        buildConfig = false
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    testOptions {
        unitTests.all {
            it.useJUnitPlatform()
            it.systemProperty("latchkey.app", "$projectDir/src")
            it.systemProperty("jna.library.path", "$rootDir/../target/debug")
        }
    }
    lint {
        warningsAsErrors = true
        checkDependencies = true
    }
}

kotlin {
    compilerOptions {
        jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17
        allWarningsAsErrors = true
    }
}

dependencies {
    implementation(project(":core"))
    implementation(libs.coroutines.android)
    implementation(libs.credentials)
    // CryptoObject in BiometricPromptData; the prompts are the system's own.
    implementation(libs.biometric)

    testImplementation(platform(libs.junit.bom))
    testImplementation(libs.junit.jupiter)
    testImplementation(libs.kotlin.test)
    testImplementation(libs.jna)
    testImplementation(libs.robolectric)
    testImplementation(libs.zxing)
    // The framework itself, in place of the SDK's empty classes.
    testRuntimeOnly(libs.android.all)
    testRuntimeOnly(libs.junit.launcher)
    testRuntimeOnly(libs.junit.vintage)
}
