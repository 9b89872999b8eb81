package shrunk

import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test

class RulesTest {
    private val out = Path.of(System.getProperty("latchkey.out"))

    private fun where(type: Class<*>) = type.protectionDomain.codeSource.location.path

    private fun java(log: Path, vararg arguments: String): String {
        val process = ProcessBuilder("${System.getProperty("java.home")}/bin/java", *arguments)
            .redirectErrorStream(true).redirectOutput(log.toFile()).start()
        check(process.waitFor(5, TimeUnit.MINUTES)) { "too slow: $log" }
        return log.readText()
    }

    /** What the program says once everything that no rule keeps is gone or has another name. */
    private fun shrunk(name: String, rules: List<String>): String {
        val program = where(Class.forName("shrunk.ProgramKt"))
        val libraries = listOf(org.latchkey.Phone::class, Unit::class, kotlinx.coroutines.Job::class, com.sun.jna.Native::class)
        val jar = out.resolve("$name.jar")
        val fixed = listOf(
            "-outjars $jar",
            "-libraryjars <java.home>/jmods/java.base.jmod(!**.jar;!module-info.class)",
            "-libraryjars <java.home>/jmods/java.logging.jmod(!**.jar;!module-info.class)",
            "-ignorewarnings", "-dontnote", "-dontoptimize", "-repackageclasses",
            "-keepattributes *Annotation*,Signature,InnerClasses,EnclosingMethod",
            "-keep class shrunk.ProgramKt { public static void main(java.lang.String[]); }",
            // In the archive of kotlinx-coroutines, where R8 finds it.
            "-keepclassmembers class kotlinx.coroutines.** { volatile <fields>; }",
        )
        val inputs = (listOf(program) + libraries.map { where(it.java) }).map { "-injars $it(!META-INF/**)" }
        val configuration = out.resolve("$name.pro")
        configuration.writeText((inputs + fixed + rules).joinToString("\n"))
        java(out.resolve("$name-proguard.log"), "-cp", System.getProperty("java.class.path"), "proguard.ProGuard", "@$configuration")
        val library = "-Djna.library.path=${System.getProperty("latchkey.library")}"
        return java(out.resolve("$name.log"), library, "-cp", "$jar", "shrunk.ProgramKt")
    }

    @Test
    fun `registers and signs in with the rules, and with JNA's alone does not`() {
        val rules = System.getProperty("latchkey.rules")
        assertTrue("signed in" in shrunk("with-rules", listOf("-include $rules")))
        assertFalse("signed in" in shrunk("without-rules", listOf("-keep class com.sun.jna.** { *; }")))
    }
}
