package gradle

import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.jetbrains.kotlin.cli.jvm.compiler.EnvironmentConfigFiles
import org.jetbrains.kotlin.cli.jvm.compiler.KotlinCoreEnvironment
import org.jetbrains.kotlin.com.intellij.openapi.util.Disposer
import org.jetbrains.kotlin.com.intellij.psi.PsiErrorElement
import org.jetbrains.kotlin.com.intellij.psi.util.PsiTreeUtil
import org.jetbrains.kotlin.K1Deprecation
import org.jetbrains.kotlin.config.CompilerConfiguration
import org.jetbrains.kotlin.psi.KtPsiFactory
import org.junit.jupiter.api.Test
import org.tomlj.Toml
import org.tomlj.TomlTable

/** The files that Gradle reads: no more than that they can be read, and that what they name is there. */
class GradleFilesTest {
    private val shell = File(System.getProperty("latchkey.shell"))
    private val catalogue = Toml.parse(File(shell, "gradle/libs.versions.toml").readText())
    private val scripts = listOf("settings.gradle.kts", "build.gradle.kts", "app/build.gradle.kts", "core/build.gradle.kts")
        .associateWith { File(shell, it).readText() }

    private fun table(name: String): TomlTable = requireNotNull(catalogue.getTable(name))

    @Test
    fun `the catalogue is TOML, with the tables and members that Gradle knows`() {
        assertEquals(emptyList(), catalogue.errors().map { it.toString() })
        assertEquals(setOf("versions", "libraries", "plugins"), catalogue.keySet())
        for (library in table("libraries").keySet()) {
            val members = table("libraries").getTable(listOf(library))!!
            assertTrue(members.keySet() - setOf("module", "version") == emptySet<String>(), library)
            assertTrue(members.getString("module")!!.matches(Regex("[\\w.-]+:[\\w.-]+")), library)
        }
        for (plugin in table("plugins").keySet()) {
            assertEquals(setOf("id", "version"), table("plugins").getTable(listOf(plugin))!!.keySet(), plugin)
        }
    }

    @Test
    fun `each version that is referred to is there, and each that is there is referred to`() {
        val entries = listOf("libraries", "plugins").flatMap { kind -> table(kind).keySet().map { table(kind).getTable(listOf(it))!! } }
        val referred = entries.mapNotNull { it.getString("version.ref") }.toSet()
        assertEquals(table("versions").keySet(), referred)
        // Those without one have theirs from the platform of JUnit.
        val without = entries.filter { "version" !in it.keySet() }.map { it.getString("module")!!.substringBefore(':') }
        assertTrue(without.all { it.startsWith("org.junit") }, "$without")
    }

    /** `libs.coroutines.android` is `coroutines-android`. */
    @Test
    fun `the scripts name what the catalogue has, and all of it`() {
        val accessors = scripts.values.flatMap { Regex("""\blibs\.([A-Za-z.]+)""").findAll(it) }.map { it.groupValues[1] }.toSet()
        val entries = table("libraries").keySet().map { it.replace('-', '.') } + table("plugins").keySet().map { "plugins." + it.replace('-', '.') }
        assertEquals(entries.toSet(), accessors)
    }

    @OptIn(K1Deprecation::class)
    @Test
    fun `the scripts are Kotlin`() {
        val disposable = Disposer.newDisposable()
        try {
            val environment = KotlinCoreEnvironment.createForProduction(disposable, CompilerConfiguration(), EnvironmentConfigFiles.JVM_CONFIG_FILES)
            val errors = { text: String ->
                val file = KtPsiFactory(environment.project).createFile("script.kts", text)
                PsiTreeUtil.collectElementsOfType(file, PsiErrorElement::class.java).map { it.errorDescription }
            }
            assertTrue(errors("android { namespace = \"x\"").isNotEmpty())
            for ((name, text) in scripts) assertEquals(emptyList(), errors(text), name)
        } finally {
            Disposer.dispose(disposable)
        }
    }

    @Test
    fun `modules, source sets and files that the scripts name are there`() {
        val modules = Regex("""include\((.*)\)""").find(scripts.getValue("settings.gradle.kts"))!!.groupValues[1]
            .split(", ").map { it.trim('"').removePrefix(":") }
        assertEquals(setOf("app", "core"), modules.toSet())
        for (module in modules) {
            val folder = File(shell, module)
            val script = scripts.getValue("$module/build.gradle.kts")
            assertTrue(File(folder, "src/main/kotlin").isDirectory, module)
            val rules = Regex("""[pP]roguardFiles?\((.*)\)""").findAll(script).flatMap { Regex(""""([^"]+\.pro)"""").findAll(it.value) }
            val sources = Regex("""kotlin\.srcDir\("([^"]+)"\)""").findAll(script)
            val named = (rules + sources).map { it.groupValues[1] }.toList()
            assertTrue(named.isNotEmpty(), module)
            for (file in named) {
                val path = if ("\$rootDir" in file) File(file.replace("\$rootDir", shell.path)) else File(folder, file)
                assertTrue(path.exists(), "$module: $file")
            }
        }
        val flavours = Regex("""create\("(\w+)"\)""").findAll(scripts.getValue("app/build.gradle.kts")).map { it.groupValues[1] }.toSet()
        val sets = File(shell, "app/src").list()!!.toSet()
        assertEquals(flavours - "stable" + setOf("main", "test", "testEvents"), sets)
        for (flavour in flavours) {
            val dependencies = Regex("""dependencies \{[\s\S]*""").find(scripts.getValue("app/build.gradle.kts"))!!.value
            val configured = Regex(""""(\w+?)(Implementation|RuntimeOnly)"\(""").findAll(dependencies).map { it.groupValues[1] }.toSet()
            assertTrue(flavours.containsAll(configured), "$flavour: $configured")
        }
    }
}
