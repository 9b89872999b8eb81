package org.latchkey.app.screens

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import android.widget.TextView
import kotlinx.coroutines.launch
import org.latchkey.Action
import org.latchkey.Approval
import org.latchkey.Code
import org.latchkey.LatchkeyException
import org.latchkey.Step
import org.latchkey.app.R
import org.latchkey.app.ports.Permission

/** Does what a code asks for, or unlocks a computer, and shows how far it is. Leaving the screen ends it. */
class CeremonyActivity : Screen() {
    private lateinit var status: TextView
    private lateinit var pin: View
    private val computer get() = intent.getStringExtra(COMPUTER)
    private var code: Code? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        status = announced(R.string.step_connecting)
        pin = button(R.string.show_pin) { computer?.let { startActivity(PinActivity.of(it, this)) } }
        pin.visibility = View.GONE
        show(R.string.ceremony, listOf(status, pin, button(R.string.cancel, ::finish)))
        // A screen that the system brings back has lost its code, and nobody has just touched a computer's name.
        if (savedInstanceState != null) return finish()
        scope.launch { app.progress.steps.collect(::onStep) }

        code = app.code
        val bluetooth = Permission.BLUETOOTH.systemName
        if (code !is Code.Hybrid || bluetooth == null || Permission.BLUETOOTH.isGranted(this)) return begin()
        Permission.BLUETOOTH.noteAsked(this)
        requestPermissions(arrayOf(bluetooth), 0)
    }

    override fun onRequestPermissionsResult(request: Int, permissions: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(request, permissions, results)
        // Where it was refused the core says what that means.
        if (!isFinishing) begin()
    }

    private fun begin() {
        // Nobody touches the phone while a computer is looked for.
        window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        attempt(::finish) {
            val words = try {
                carriedOut()
            } finally {
                window.clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
            }
            done(words)
        }
    }

    private suspend fun carriedOut(): Int {
        computer?.let { machineId ->
            core { it.computers().unlock(machineId) }
            return R.string.done_unlocked
        }
        val scanned = code ?: throw LatchkeyException.QrInvalid()
        return wordsFor(core { it.approve(scanned) })
    }

    /** The wait goes on when a PIN is offered: whichever comes first unlocks the computer. */
    private fun onStep(step: Step) {
        wordsFor(step)?.let(status::setText)
        if (step is Step.OfferPin && computer != null) pin.visibility = View.VISIBLE
    }

    private fun done(words: Int) {
        status = announced(words)
        show(R.string.ceremony, listOf(status, button(R.string.ok, ::finish)))
    }

    /** Read out by a screen reader when it changes. */
    private fun announced(words: Int) = text(words).apply {
        textSize = 20f
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    companion object {
        private const val COMPUTER = "computer"

        /** Opens the screen to unlock a computer. */
        fun unlocking(machineId: String, from: Context): Intent =
            Intent(from, CeremonyActivity::class.java).putExtra(COMPUTER, machineId)
    }
}

/** What the person reads at the end. A computer that was refused is not told here as a success. */
fun wordsFor(approval: Approval): Int = when (approval) {
    is Approval.Answered -> {
        approval.answer.error?.let { throw it }
        when (approval.answer.action) {
            Action.CREATE -> R.string.done_created
            Action.SIGN_IN -> R.string.done_signed_in
            Action.TOUCH -> R.string.done_touched
        }
    }
    is Approval.Paired -> R.string.done_paired
    is Approval.Unlocked -> R.string.done_unlocked
}

/** What the person reads at a step; null where nothing new is to be said. */
fun wordsFor(step: Step): Int? = when (step) {
    is Step.OpeningTunnel, is Step.TunnelOpen -> R.string.step_connecting
    is Step.Advertising -> R.string.step_advertising
    is Step.ComputerConnected -> R.string.step_connected
    is Step.ContactingComputer -> R.string.step_contacting
    is Step.ComputerReached -> R.string.step_reached
    is Step.Closed, is Step.Unlocked -> R.string.step_closing
    else -> null
}
