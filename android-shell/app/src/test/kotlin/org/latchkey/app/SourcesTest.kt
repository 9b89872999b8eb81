package org.latchkey.app

import com.sun.jna.Callback
import com.sun.jna.Structure
import java.lang.reflect.Modifier
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test

/** What holds for every file of the app. */
class SourcesTest {
    private val sources = listOf("main", "events").flatMap { set ->
        APP.resolve("$set/kotlin").toFile().walk().filter { it.extension == "kt" }
    }

    /** Where somebody has accounts and computers is nobody's business, at no level. */
    @Test
    fun `nothing is logged`() {
        val logs = Regex("""android\.util\.Log\b|\bLog\.[a-z]+\(|\bprint(ln)?\(|printStackTrace|Timber|java\.util\.logging""")
        assertTrue(sources.size > 40)
        assertEquals(emptyList(), sources.filter { logs.containsMatchIn(it.readText()) }.map { it.name })
    }

    /** A PIN that the list of recent apps, a screenshot or a recording shows is no secret. */
    @Test
    fun `a PIN is shown in a secure window, before anything is in it`() {
        val screen = sources.single { it.name == "PinActivity.kt" }.readText()
        val secure = screen.indexOf("window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)")
        assertTrue(secure in 1..<screen.indexOf("attempt("))
    }

    /** The core reads and writes the disk, on the thread that asks it. Every screen gets the phone from `Screen.core`, which is on another. */
    @Test
    fun `no screen asks the core on the main thread`() {
        val screens = sources.filter { it.name.endsWith("Activity.kt") || it.parentFile.name == "screens" }
        assertTrue(screens.count() > 10)
        val asks = Regex("""\bphone\s*\.\s*(get|close)\(\)|\bbrowsers\s*\.\s*(current|replace|discardUpdate)\(""")
        assertEquals(listOf("Screen.kt"), screens.filter { asks.containsMatchIn(it.readText()) }.map { it.name }.toList())
        val screen = screens.single { it.name == "Screen.kt" }.readText()
        assertTrue("= withContext(Dispatchers.IO) { ask(app.phone.get()) }" in screen)
        val phone = sources.single { it.name == "OpenPhone.kt" }.readText()
        assertTrue("fun replaceBrowsers(json: String): Boolean = withContext(Dispatchers.IO) {" in phone)
        // Nor does anything that comes from the core get out of there, other than plain values and the scanner for the camera's thread.
        val kept = Regex("core \\{ (it|phone -> phone)(\\.(passkeys|computers|provider|offlinePins)\\(\\))? \\}")
        assertEquals(emptyList(), screens.filter { kept.containsMatchIn(it.readText()) }.map { it.name }.toList())
    }

    /** Fixed pixels do not follow the size of text that the person has set; `textSize` does. */
    @Test
    fun `sizes of text follow the person's setting`() {
        assertEquals(emptyList(), sources.filter { "COMPLEX_UNIT_PX" in it.readText() || "COMPLEX_UNIT_DIP" in it.readText() })
        val resources = listOf("main", "events").flatMap { APP.resolve("$it/res").toFile().walk().filter { file -> file.extension == "xml" } }
        assertEquals(emptyList(), resources.filter { Regex("textSize\"?>?=?\"?[0-9.]+(dp|px)").containsMatchIn(it.readText()) })
    }

    /** R8 must leave what JNA links by name: structures, callbacks and the classes with native functions. */
    @Test
    fun `the rules keep what JNA looks up in the generated code`() {
        val rules = Path.of("$APP/../../core/consumer-rules.pro").toFile().readLines()
        val kept = rules.mapNotNull { Regex("""-keep class (org\.latchkey\.[\w*]+) \{ \*; }""").find(it)?.groupValues?.get(1) }
            .map { Regex(it.replace(".", "\\.").replace("**", "#").replace("*", "[^.]*").replace("#", ".*")) }
        val generated = Path.of("$APP/../../../bindings/generated/kotlin/org/latchkey/latchkey.kt").toFile().readText()
        val named = Regex("""(?m)^(?:internal |private |public |open )*(?:class|object|interface) (\w+)""").findAll(generated)
        val types = named.map { Class.forName("org.latchkey.${it.groupValues[1]}", false, javaClass.classLoader) }
        val byName = types.flatMap { listOf(it, *it.declaredClasses) }.filter { type ->
            Structure::class.java.isAssignableFrom(type) || Callback::class.java.isAssignableFrom(type) ||
                type.declaredMethods.any { Modifier.isNative(it.modifiers) }
        }.map { it.name.substringAfterLast('.') }.toSet()
        assertTrue(byName.containsAll(listOf("RustBuffer\$ByValue", "UniffiLib", "IntegrityCheckingUniffiLib")))
        assertEquals(emptyList(), byName.filter { name -> kept.none { it.matches("org.latchkey.$name") } })
    }

    /** Java links a native function by this name alone, when it is called first: on a phone. */
    @Test
    fun `the core has the native function that hands over the app's context`() {
        val declared = Path.of("$APP/../../core/src/main/kotlin/org/latchkey/AndroidTrust.kt").toFile().readText()
        fun named(pattern: String) = Regex(pattern).findAll(declared).map { it.groupValues[1] }.toList()
        val home = named("""(?m)^package ([\w.]+)""").single().replace('.', '_')
        val owner = named("""(?m)^object (\w+)""").single()
        val natives = named("""@JvmStatic\s+external fun (\w+)\(context: Context\)""")
        assertEquals(named("""external fun (\w+)"""), natives)
        val exported = Regex("""#\[unsafe\(no_mangle\)]\s+extern "system" fn (\w+)""")
            .findAll(Path.of("$APP/../../../bindings/src/android.rs").toFile().readText()).map { it.groupValues[1] }.toList()
        assertEquals(natives.map { "Java_${home}_${owner}_$it" }, exported)
        assertEquals(1, exported.size)
        val library = Regex("""(?m)^\[lib]\n(?:.+\n)*?name = "(\w+)"""").find(Path.of("$APP/../../../bindings/Cargo.toml").toFile().readText())
        assertEquals(named("""System\.loadLibrary\("(\w+)"\)""").single(), library?.groupValues?.get(1))
    }

    @Test
    fun `the icon is drawn as on iOS`() {
        fun drawing(file: Path, attribute: String) =
            Regex("""\s$attribute="([^"]+)"""").findAll(file.toFile().readText()).map { it.groupValues[1] }.toList()
        val master = Path.of("$APP/../../../ios-shell/Resources/AppIcon.svg")
        val paths = drawing(master, "d")
        assertEquals(2, paths.size)
        assertEquals(paths, drawing(APP.resolve("main/res/drawable/app_icon_front.xml"), "android:pathData"))
        val ground = APP.resolve("main/res/drawable/app_icon_back.xml")
        assertEquals(drawing(master, "stop-color"), listOf("start", "end").flatMap { drawing(ground, "android:${it}Color") })
    }

    @Test
    fun `versions that are named in several places are the same`() {
        val shell = Path.of("$APP/../..")
        val catalogue = Regex("""(?m)^([\w-]+) = "([^"]+)"$""").findAll(shell.resolve("gradle/libs.versions.toml").toFile().readText())
            .associate { it.groupValues[1] to it.groupValues[2] }
        val check = shell.resolve("check/pom.xml").toFile().readText()
        for (library in listOf("kotlin", "coroutines", "jna", "junit", "robolectric", "gson", "zxing")) {
            assertTrue("<$library.version>${catalogue.getValue(library)}</$library.version>" in check, library)
        }
        assertTrue("<android.version>${catalogue.getValue("android-all")}</android.version>" in check)
        val guide = shell.resolve("../docs/integrating-android.md").toFile().readText()
        val named = mapOf(
            "jna" to "net.java.dev.jna:jna", "coroutines" to "org.jetbrains.kotlinx:kotlinx-coroutines-android",
            "platform-verifier" to "org.rustls:rustls-platform-verifier", "credentials" to "androidx.credentials:credentials",
            "biometric" to "androidx.biometric:biometric",
        )
        for ((key, module) in named) assertTrue("\"$module:${catalogue.getValue(key)}" in guide, module)
        // Java's and Rust's half of the verifier must be of one version.
        val lock = shell.resolve("../Cargo.lock").toFile().readText()
        assertTrue("name = \"rustls-platform-verifier-android\"\nversion = \"${catalogue.getValue("platform-verifier")}\"" in lock)
    }
}
