package org.latchkey.app.provider

import java.io.File
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.json.JSONObject
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.ValueSource
import org.latchkey.app.APP
import org.latchkey.app.fingerprint

class BrowserListTest {
    @TempDir
    lateinit var folder: Path

    private val shipped = APP.resolve("main/assets/trusted-browsers.json").toFile().readText()
    private val update get() = File(folder.toFile(), "list.json")
    private val list get() = BrowserList(update) { shipped }

    private fun app(name: String = "com.example.browser", print: String = fingerprint(byteArrayOf(1)), build: String = "release") =
        """{"type":"android","info":{"package_name":"$name","signatures":[
            {"build":"$build","cert_fingerprint_sha256":"$print"}]}}"""

    private fun apps(vararg apps: String) = """{"apps":[${apps.joinToString(",")}]}"""

    @Test
    fun `the list that came with the app is one, with release builds only and no app twice`() {
        assertTrue(isBrowserList(shipped))
        val apps = JSONObject(shipped).getJSONArray("apps")
        val names = (0 until apps.length()).map { apps.getJSONObject(it).getJSONObject("info").getString("package_name") }
        assertEquals(names.size, names.toSet().size)
        assertTrue("com.android.chrome" in names && "org.mozilla.firefox" in names)
        assertFalse(shipped.contains("userdebug"))
    }

    @Test
    fun `a later list comes into force and goes again`() {
        val later = apps(app())
        assertEquals(shipped, list.current())
        assertTrue(list.replace(later))
        assertEquals(later, list.current())
        assertTrue(list.discardUpdate())
        assertEquals(shipped, list.current())
        assertFalse(list.discardUpdate())
    }

    @Test
    fun `what is no list changes nothing`() {
        assertTrue(list.replace(apps(app())))
        val before = list.current()
        assertFalse(list.replace("<html>"))
        assertEquals(before, list.current())
        assertEquals(listOf("list.json"), folder.toFile().list()?.toList())
    }

    @Test
    fun `apps of other systems are passed over`() {
        assertTrue(isBrowserList(apps(app(), """{"type":"ios","anything":1}""")))
    }

    @Test
    fun `every member has to be right`() {
        assertTrue(isBrowserList(apps(app())))
        assertTrue(isBrowserList(apps(app(build = "userdebug"))))
        assertFalse(isBrowserList(apps(app(name = "browser"))))
        assertFalse(isBrowserList(apps(app(name = "com.example browser"))))
        assertFalse(isBrowserList(apps(app(build = "debug"))))
        assertFalse(isBrowserList(apps(app(print = "AA:BB"))))
        assertFalse(isBrowserList(apps(app(print = fingerprint(byteArrayOf(1)).replace(":", "")))))
        assertFalse(isBrowserList(apps(app(), app(print = ""))))
    }

    @ParameterizedTest
    @ValueSource(
        strings = [
            "", "[]", "{}", """{"apps":{}}""", """{"apps":[]}""", """{"apps":[1]}""", """{"apps":[{"type":"android"}]}""",
            """{"apps":[{"type":"android","info":{"package_name":"a.b","signatures":[]}}]}""",
            """{"apps":[{"type":"android","info":{"package_name":"a.b","signatures":["x"]}}]}""",
        ]
    )
    fun `other JSON is no list`(json: String) = assertFalse(isBrowserList(json))
}
