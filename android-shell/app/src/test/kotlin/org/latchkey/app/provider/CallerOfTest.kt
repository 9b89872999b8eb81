package org.latchkey.app.provider

import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.latchkey.LatchkeyException
import org.latchkey.app.browserList
import org.latchkey.app.calling
import org.latchkey.app.sha256

class CallerOfTest {
    private val original = byteArrayOf(1)
    private val rotated = byteArrayOf(2)
    private val current = byteArrayOf(3)

    private val name = "com.example.app"
    private val list = browserList(name, current)

    private fun app(origin: String? = null) = calling(name, listOf(original, rotated, current), origin)

    @Test
    fun `the current certificate comes first, then the older ones`() {
        val certificates = callerOf(app(), "{}", null, null).certificates
        assertEquals(3, certificates.size)
        listOf(current, rotated, original).zip(certificates).forEach { (expected, actual) ->
            assertContentEquals(sha256(expected), actual)
        }
    }

    @Test
    fun `several signers are told`() {
        val caller = callerOf(calling(name, listOf(), signers = listOf(original, current)), "{}", null, null)
        assertTrue(caller.severalSigners)
        assertEquals(2, caller.certificates.size)
    }

    @Test
    fun `an app that is no browser has no origin, and its hash is passed on to be refused`() {
        val caller = callerOf(app(), "{}", byteArrayOf(7), "[]")
        assertNull(caller.origin)
        assertContentEquals(byteArrayOf(7), caller.clientDataHash)
        assertEquals("[]", caller.assetLinks)
    }

    @Test
    fun `a browser of the list has the origin of its page`() {
        assertEquals("https://example.com", callerOf(app("https://example.com"), list, null, null).origin)
    }

    @Test
    fun `an app that claims an origin and is not in the list is refused, not taken for one without an origin`() {
        assertFailsWith<LatchkeyException.ProviderCallerUntrusted> {
            callerOf(app("https://example.com"), browserList(name, byteArrayOf(9)), null, null)
        }
    }

    @Test
    fun `a list that cannot be read trusts nobody`() {
        assertFailsWith<LatchkeyException.ProviderCallerUntrusted> {
            callerOf(app("https://example.com"), "", null, null)
        }
    }
}
