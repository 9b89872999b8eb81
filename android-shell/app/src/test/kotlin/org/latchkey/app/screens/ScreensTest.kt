package org.latchkey.app.screens

import java.time.Instant
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull
import org.junit.jupiter.api.Test
import org.latchkey.Action
import org.latchkey.Answer
import org.latchkey.Approval
import org.latchkey.Check
import org.latchkey.CheckState
import org.latchkey.Computer
import org.latchkey.Finding
import org.latchkey.LatchkeyException
import org.latchkey.PinStatus
import org.latchkey.Step
import org.latchkey.UnlockWay
import org.latchkey.app.R

class ScreensTest {
    private val computer =
        Computer("id", "Desk", "DESK-7", "ada", "ada@example.com", "https://cc.example.com", byteArrayOf(), Instant.EPOCH, null)

    private fun pins(offered: Boolean) = PinStatus(offered, 1u, 20u, null, null)

    @Test
    fun `a tap unlocks online, and shows a PIN offline where there has been one`() {
        assertEquals(Touch.UNLOCK, tapped(UnlockWay.Online(pinOnLongPress = true)))
        assertEquals(Touch.SHOW_PIN, tapped(UnlockWay.Offline(pinOnTap = true)))
        assertEquals(Touch.TELL_OFFLINE, tapped(UnlockWay.Offline(pinOnTap = false)))
    }

    @Test
    fun `a long press shows a PIN online where there has been one`() {
        assertEquals(Touch.SHOW_PIN, longPressed(UnlockWay.Online(pinOnLongPress = true)))
        assertEquals(Touch.MENU, longPressed(UnlockWay.Online(pinOnLongPress = false)))
        assertEquals(Touch.MENU, longPressed(UnlockWay.Offline(pinOnTap = true)))
    }

    @Test
    fun `a computer's lines name it, its account and what is to know of its PINs`() {
        assertEquals("Desk\nada@example.com\nFew", computerLines(computer, pins(offered = true), "Few"))
        assertEquals("Desk\nada@example.com", computerLines(computer, pins(offered = false), "Sign in online first"))
        assertEquals("Desk\nada", computerLines(computer.copy(account = null), pins(offered = true), null))
    }

    @Test
    fun `a PIN is hidden in time, whatever becomes of the clocks`() {
        var elapsed = 1_000_000L
        val now = Instant.ofEpochSecond(2_000_000_000)
        val clock = PinClock(now.plusSeconds(30), now) { elapsed }
        assertEquals(30, clock.secondsLeft())
        elapsed += 29_001
        assertEquals(1, clock.secondsLeft())
        elapsed += 999
        assertEquals(0, clock.secondsLeft())
        elapsed += 1_000_000
        assertEquals(0, clock.secondsLeft())
        assertEquals(0, PinClock(now.minusSeconds(5), now) { elapsed }.secondsLeft())
        assertEquals(300, PinClock(now.plusSeconds(86_400), now) { elapsed }.secondsLeft())
    }

    @Test
    fun `a ceremony ends in words, or in the error that the computer got`() {
        val answered = { action: Action, error: LatchkeyException? -> Approval.Answered(Answer(action, "example.com", error)) }
        assertEquals(R.string.done_created, wordsFor(answered(Action.CREATE, null)))
        assertEquals(R.string.done_signed_in, wordsFor(answered(Action.SIGN_IN, null)))
        assertFailsWith<LatchkeyException.AuthNotFoundOrCanceled> {
            wordsFor(answered(Action.SIGN_IN, LatchkeyException.AuthNotFoundOrCanceled()))
        }
    }

    @Test
    fun `steps that say nothing new change nothing on the screen`() {
        assertEquals(R.string.step_advertising, wordsFor(Step.Advertising))
        assertNull(wordsFor(Step.Answered(0u)))
        assertNull(wordsFor(Step.OfferPin))
    }

    @Test
    fun `what a check found can be mended where the system lets it`() {
        assertEquals(Remedy.SETTINGS, remedyFor(Check.PROVIDER, isBluetoothAllowed = true))
        assertEquals(Remedy.BLUETOOTH, remedyFor(Check.BLUETOOTH, isBluetoothAllowed = true))
        assertEquals(Remedy.PERMISSIONS, remedyFor(Check.BLUETOOTH, isBluetoothAllowed = false))
        assertNull(remedyFor(Check.ACCOUNT, isBluetoothAllowed = true))
    }

    @Test
    fun `a finding without a next step has no empty line`() {
        val finding = Finding(Check.CLOCK, "Clock", CheckState.OK, null, "The clock is right.", "")
        assertEquals("✓ Clock\nThe clock is right.", findingLines(finding))
    }

    @Test
    fun `a screen reader hears words in place of signs, and a PIN one character at a time`() {
        assertEquals(3, CheckState.entries.map(::stateWords).toSet().size)
        assertEquals("1 2 3 4", spoken("1234"))
        assertEquals("1 2 3 4 5 6", spoken("123 456"))
    }
}
