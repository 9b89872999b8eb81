package org.latchkey.app.provider

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.latchkey.app.R

class UnaskedTest {
    @Test
    fun `everything has to hold`() {
        val all = Unasked(isConditional = true, isWanted = true, isUnlocked = true, canNotify = true)
        assertTrue(all.isAllowed)
        val lacking = listOf(
            all.copy(isConditional = false), all.copy(isWanted = false), all.copy(isUnlocked = false), all.copy(canNotify = false),
        )
        lacking.forEach { assertFalse(it.isAllowed, "$it") }
    }

    @Test
    fun `the notice names the relying party, which may be the page's host`() {
        assertEquals("example.com", madeNotice("""{"rp":{"id":"example.com","name":"x"}}""", null).rpId)
        assertEquals("example.com", madeNotice("""{"rp":{"id":"example.com","name":"x"}}""", "https://login.example.com").rpId)
        assertEquals("login.example.com", madeNotice("""{"rp":{"name":"x"}}""", "https://login.example.com:8443").rpId)
        assertEquals(R.string.notice_made, madeNotice("{}", null).title)
    }
}
