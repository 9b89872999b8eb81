package org.latchkey.app

import java.io.File
import java.nio.file.Path
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotSame
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.latchkey.LatchkeyException
import org.latchkey.app.provider.BrowserList

class OpenPhoneTest {
    @TempDir
    lateinit var folder: Path

    private val update get() = File(folder.toFile(), "trusted-browsers.json")
    private val shipped = APP.resolve("main/assets/trusted-browsers.json").toFile().readText()

    @Test
    fun `opens once, with the list that came with the app`() = runBlocking {
        var opened = 0
        val phone = OpenPhone(BrowserList(update) { shipped }) {
            opened += 1
            TestPhone(folder).open(it)
        }
        val all = List(8) { async { phone.get() } }.awaitAll()
        all.forEach { assertSame(all.first(), it) }
        assertEquals(1, opened)
    }

    @Test
    fun `opens again after it was closed`() = runBlocking {
        val phone = OpenPhone(BrowserList(update) { shipped }) { TestPhone(folder).open(it) }
        val first = phone.get()
        phone.close()
        assertFailsWith<LatchkeyException.ProviderLocked> { first.passkeys().list() }
        assertNotSame(first, phone.get())
        assertEquals(emptyList(), phone.get().passkeys().list())
    }

    @Test
    fun `a later list of browsers is in force at once, and what is none changes nothing`() = runBlocking {
        val lists = mutableListOf<String>()
        val phone = OpenPhone(BrowserList(update) { shipped }) {
            lists += it
            TestPhone(folder).open(it)
        }
        val first = phone.get()
        assertFalse(phone.replaceBrowsers("{}"))
        assertSame(first, phone.get())
        val later = browserList("com.example.browser", byteArrayOf(1))
        assertTrue(phone.replaceBrowsers(later))
        assertNotSame(first, phone.get())
        assertEquals(listOf(shipped, later), lists)
    }

    @Test
    fun `an update that the core cannot read is given up`() = runBlocking {
        update.writeText("{}")
        val phone = OpenPhone(BrowserList(update) { shipped }) { TestPhone(folder).open(it) }
        assertEquals(emptyList(), phone.get().passkeys().list())
        assertFalse(update.exists())
    }

    @Test
    fun `a list that came with the app and cannot be read is an error`() {
        val phone = OpenPhone(BrowserList(update) { "{}" }) { TestPhone(folder).open(it) }
        assertFailsWith<LatchkeyException.RequestMalformed> { runBlocking { phone.get() } }
    }
}
