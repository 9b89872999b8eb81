package org.latchkey

import java.io.File
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import java.util.zip.ZipFile
import java.util.zip.ZipInputStream
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir

/**
 * `bindings/package/android`, with an NDK and a cargo that link a small library of this machine's kind with the linker
 * arguments that they are given. Everything but the library is what an app gets.
 */
@EnabledOnOs(OS.LINUX)
class PackageTest {
    @TempDir lateinit var folder: Path

    private val checkout = File(System.getProperty("latchkey.tests")).resolve("../..").canonicalFile
    private val archive get() = folder.resolve("target/package/android/latchkey.aar").toFile()

    private fun program(path: String, text: String) = folder.resolve(path).toFile().run {
        parentFile.mkdirs()
        writeText("#!/bin/sh\nset -eu\n$text\n")
        setExecutable(true)
    }

    /** Runs it: its status and what it said. */
    private fun pack(environment: Map<String, String>): Pair<Int, String> {
        val log = folder.resolve("log").toFile()
        val process = ProcessBuilder("$checkout/bindings/package/android").redirectErrorStream(true).redirectOutput(log).apply {
            environment().keys.removeAll(setOf("ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "ABIS", "STRIPPED_BUDGET", "GZIP_BUDGET"))
            environment() += environment
        }.start()
        // The first time Maven brings in Android's own classes.
        assertTrue(process.waitFor(10, TimeUnit.MINUTES), log.readText())
        return process.exitValue() to log.readText()
    }

    private fun ndk(): Map<String, String> {
        val tools = "ndk/toolchains/llvm/prebuilt/here/bin"
        for (clang in listOf("aarch64-linux-android", "armv7a-linux-androideabi", "x86_64-linux-android")) {
            program("$tools/${clang}28-clang", "exec cc \"$@\"")
        }
        program("$tools/llvm-strip", "exec strip \"$@\"")
        program("$tools/llvm-readelf", "exec readelf \"$@\"")
        program("bin/rustup", "echo \"$@\"")
        // Cargo hands the linker's arguments on, but for one that only the NDK's linker knows.
        program(
            "bin/cargo",
            """
            while [ $# -gt 0 ]; do
                case $1 in
                --target) target=$2 ;;
                --config) flags=$2 ;;
                esac
                shift
            done
            linker=$(printenv "CARGO_TARGET_$(echo "${'$'}target" | tr a-z- A-Z_)_LINKER")
            test -x "$(printenv "CC_$(echo "${'$'}target" | tr - _)")"
            mkdir -p "${'$'}CARGO_TARGET_DIR/${'$'}target/mobile"
            echo 'int latchkey(void) { return 0; }' | "${'$'}linker" -x c - -shared -o "${'$'}CARGO_TARGET_DIR/${'$'}target/mobile/liblatchkey.so" \
                $(echo "${'$'}flags" | grep -oe "${'$'}PASSED_ON")
            """.trimIndent(),
        )
        return mapOf(
            "ANDROID_NDK_HOME" to "$folder/ndk",
            "PATH" to "$folder/bin:${System.getenv("PATH")}",
            "CARGO" to "$folder/bin/cargo",
            "CARGO_TARGET_DIR" to "$folder/target",
            "PASSED_ON" to "-Wl,-z,max-page-size=[0-9]*",
        )
    }

    /** Where the loadable segments of a 64-bit library want to begin. */
    private fun alignments(library: ByteArray): List<Long> {
        val elf = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN)
        val (table, size, count) = Triple(elf.getLong(32).toInt(), elf.getShort(54).toInt(), elf.getShort(56).toInt())
        return (0 until count).map { table + it * size }.filter { elf.getInt(it) == 1 }.map { elf.getLong(it + 48) }
    }

    @Test fun `the archive is what Android's tools want`() {
        val (status, log) = pack(ndk())
        assertEquals(0, status, log)
        assertTrue(log.trimEnd().endsWith(archive.path), log)
        val abis = listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        for (abi in abis) assertEquals(listOf("stripped" to "4.30", "gzip -9" to "2.20"), weighed(abi, log))
        ZipFile(archive).use { zip ->
            val libraries = abis.map { "jni/$it/liblatchkey.so" }
            val files = zip.entries().asSequence().filterNot { it.isDirectory }.map { it.name }.toSet()
            assertEquals(libraries.toSet() + setOf("AndroidManifest.xml", "R.txt", "classes.jar", "proguard.txt"), files)

            fun read(name: String) = zip.getInputStream(zip.getEntry(name)).readBytes()
            for (library in libraries) {
                assertTrue(alignments(read(library)).run { isNotEmpty() && all { it == 16384L } })
            }
            val manifest = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(read("AndroidManifest.xml").inputStream())
            assertEquals("org.latchkey.bindings", manifest.documentElement.getAttribute("package"))
            val sdk = manifest.getElementsByTagName("uses-sdk").item(0).attributes.getNamedItem("android:minSdkVersion")
            assertEquals("28", sdk.nodeValue)

            val classes = ZipInputStream(read("classes.jar").inputStream()).use { jar ->
                generateSequence { jar.nextEntry }.associate { it.name to jar.readBytes() }
            }
            for (name in listOf("AndroidTrust", "Phone", "Ports", "LatchkeyException\$QrInvalid", "UserGate")) {
                assertTrue("org/latchkey/$name.class" in classes, name)
            }
            // The class itself, as a virtual machine reads it: `install` is the method that the library brings.
            val loader = object : ClassLoader(null) {
                override fun findClass(name: String): Class<*> {
                    val bytes = classes["${name.replace('.', '/')}.class"] ?: throw ClassNotFoundException(name)
                    return defineClass(name, bytes, 0, bytes.size)
                }
            }
            assertEquals("org.latchkey.AndroidTrust", loader.loadClass("org.latchkey.AndroidTrust").name)
            assertTrue("-keep class org.latchkey.AndroidTrust" in String(read("proguard.txt")))
        }
    }

    /** What was said of an ABI's library: how it was weighed and the budget in MiB. */
    private fun weighed(abi: String, log: String) =
        Regex("(?m)^$abi: (stripped|gzip -9) +[0-9.]+ MiB of ([0-9.]+) MiB$").findAll(log).map { it.groupValues[1] to it.groupValues[2] }.toList()

    @Test fun `a library for 64-bit ARM must keep the budget`() {
        for (budget in listOf("STRIPPED_BUDGET", "GZIP_BUDGET")) {
            val (status, log) = pack(ndk() + mapOf("ABIS" to "x86_64 arm64-v8a armeabi-v7a", budget to "100"))
            assertEquals(1, status, log)
            assertEquals(listOf("x86_64", "arm64-v8a"), Regex("(?m)^(\\S+): .* MiB: above$").findAll(log).map { it.groupValues[1] }.toList(), log)
            assertFalse("armeabi-v7a: " in log, log)
            assertFalse(archive.exists())
        }
    }

    @Test fun `a library for smaller pages is refused`() {
        val (status, log) = pack(ndk() + mapOf("ABIS" to "x86_64", "PASSED_ON" to "nothing"))
        assertEquals(1, status, log)
        assertTrue("x86_64: not aligned to 16 KB" in log, log)
        assertFalse(archive.exists())
    }

    @Test fun `without an NDK nothing is packed`() {
        val (status, log) = pack(mapOf("CARGO_TARGET_DIR" to "$folder/target"))
        assertEquals(3 to true, status to log.startsWith("left out: the Android package"))
        assertFalse(archive.exists())
    }
}
