// The core as a library: generated Kotlin, and the native library for each ABI.
plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
}

android {
    namespace = "org.latchkey.core"
    compileSdk = 36
    defaultConfig {
        minSdk = 28
        consumerProguardFiles("consumer-rules.pro")
    }
    sourceSets["main"].apply {
        kotlin.srcDir("../../bindings/generated/kotlin")
        // <abi>/liblatchkey.so, as bindings/package/android leaves them.
        jniLibs.srcDir("../../target/package/android/aar/jni")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

// Without them the app would be built, and end at its first call.
tasks.matching { it.name.endsWith("JniLibFolders") }.configureEach {
    val libraries = file("../../target/package/android/aar/jni")
    doFirst {
        check(libraries.isDirectory) { "No native library: run bindings/package/android first (it needs the NDK)." }
    }
}

kotlin {
    compilerOptions {
        jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_17
    }
}

dependencies {
    // JNA for Android is in the archive of that kind.
    api(libs.jna) { artifact { type = "aar" } }
    api(libs.coroutines.core)
    implementation(libs.platform.verifier)
}
