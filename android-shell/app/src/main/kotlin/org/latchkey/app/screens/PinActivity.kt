package org.latchkey.app.screens

import android.content.Context
import android.content.Intent
import android.graphics.Typeface
import android.os.Bundle
import android.os.SystemClock
import android.view.View
import android.view.WindowManager
import java.time.Instant
import kotlinx.coroutines.delay
import org.latchkey.LatchkeyException
import org.latchkey.ShownPin
import org.latchkey.app.R

/** One offline PIN, for as long as it may be seen. No screenshot, recording or list of recent apps shows it. */
class PinActivity : Screen() {
    private var isPinShown = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        // Whoever types it on a computer does not touch the phone; it is hidden in time all the same.
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        setTitle(R.string.offline_pin)
        // A screen that the system brings back would burn another one, and nobody has just asked for it.
        if (savedInstanceState != null) return finish()
        attempt(::finish) {
            val machineId = intent.getStringExtra(COMPUTER) ?: throw LatchkeyException.OfflineNotProvisioned()
            display(core { it.offlinePins().display(machineId) })
        }
    }

    private suspend fun display(shown: ShownPin) {
        val clock = PinClock(shown.hideAt, Instant.now(), SystemClock::elapsedRealtime)
        val pin = text(shown.pin)
        pin.textSize = 40f
        pin.typeface = Typeface.MONOSPACE
        pin.contentDescription = spoken(shown.pin)
        val left = text("")
        val notice = shown.status.notice?.info()?.let { text(it.title + "\n" + it.nextStep) }
        show(R.string.offline_pin, listOfNotNull(text(R.string.offline_pin_meaning), pin, left, status(shown), notice))
        isPinShown = true
        while (clock.secondsLeft() > 0) {
            left.text = getString(R.string.pin_seconds, clock.secondsLeft())
            delay(250)
        }
        isPinShown = false
        window.clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        val hidden = text(R.string.pin_hidden)
        hidden.accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
        show(R.string.offline_pin, listOfNotNull(hidden, status(shown), button(R.string.ok, ::finish)))
    }

    private fun status(shown: ShownPin) = text(getString(R.string.pins_left, shown.status.remaining.toInt()))

    /** A PIN does not wait for its owner to come back: within its time the computer's entry shows the same one again. */
    override fun onStop() {
        super.onStop()
        if (isPinShown) finish()
    }

    companion object {
        private const val COMPUTER = "computer"

        /** Opens the screen for a computer. */
        fun of(machineId: String, from: Context): Intent =
            Intent(from, PinActivity::class.java).putExtra(COMPUTER, machineId)
    }
}

/** A PIN as a screen reader is to say it: one character after the other, and not as a number. */
fun spoken(pin: String): String = pin.filterNot(Char::isWhitespace).toList().joinToString(" ")
