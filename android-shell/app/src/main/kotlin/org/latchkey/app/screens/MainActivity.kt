package org.latchkey.app.screens

import android.app.AlertDialog
import android.content.Intent
import android.view.View
import android.widget.LinearLayout
import android.widget.Toast
import java.time.Duration
import java.time.Instant
import kotlin.coroutines.resume
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.suspendCancellableCoroutine
import org.latchkey.Computer
import org.latchkey.LatchkeyException
import org.latchkey.SignInRequest
import org.latchkey.UnlockWay
import org.latchkey.app.R
import org.latchkey.app.ports.onOneLine
import org.latchkey.app.ports.uncovered

/** My Computers, and the way to everything else. */
class MainActivity : Screen() {
    private var waiting: Job? = null

    override fun onStart() {
        super.onStart()
        waiting = attempt {
            refresh()
            finishWhatWasInterrupted()
            answerComputersThatWait()
        }
    }

    override fun onStop() {
        waiting?.cancel()
        super.onStop()
    }

    private suspend fun refresh() {
        val rows = core { phone ->
            phone.computers().list().map { computer ->
                val pins = phone.offlinePins().status(computer.machineId)
                computer to computerLines(computer, pins, pins.notice?.info()?.title)
            }
        }
        val views = mutableListOf<View>()
        if (!app.network.isOnline()) views += text(LatchkeyException.HybridNoInternet().info().let { it.title + "\n" + it.nextStep })
        rows.mapTo(views) { (computer, lines) -> row(computer, lines) }
        if (rows.isEmpty()) views += text(R.string.no_computers)
        views += button(R.string.scan) { open(ScanActivity::class.java) }
        views += button(R.string.manual_entry) { open(ManualEntryActivity::class.java) }
        views += button(R.string.security_keys) { open(SecurityKeysActivity::class.java) }
        views += button(R.string.readiness) { open(ReadinessActivity::class.java) }
        views += button(R.string.settings) { open(SettingsActivity::class.java) }
        show(R.string.computers, views)
    }

    private fun row(computer: Computer, lines: String): View {
        val name = button(lines) { touch(computer, ::tapped) }
        name.setOnLongClickListener {
            touch(computer, ::longPressed)
            true
        }
        val more = button("⋮") { menu(computer) }
        more.contentDescription = getString(R.string.more, onOneLine(computer.name))
        val row = LinearLayout(this)
        row.addView(name, LinearLayout.LayoutParams(0, LinearLayout.LayoutParams.WRAP_CONTENT, 1f))
        row.addView(more, LinearLayout.LayoutParams.WRAP_CONTENT, LinearLayout.LayoutParams.MATCH_PARENT)
        return row
    }

    private fun touch(computer: Computer, meaning: (UnlockWay) -> Touch) = attempt {
        when (meaning(core { it.offlinePins().unlockWay(computer.machineId) })) {
            Touch.UNLOCK -> startActivity(CeremonyActivity.unlocking(computer.machineId, this))
            Touch.SHOW_PIN -> startActivity(PinActivity.of(computer.machineId, this))
            Touch.TELL_OFFLINE -> tell(LatchkeyException.HybridNoInternet().info())
            Touch.MENU -> menu(computer)
        }
    }

    private fun menu(computer: Computer) {
        AlertDialog.Builder(this)
            .setTitle(onOneLine(computer.name))
            .setItems(arrayOf(getText(R.string.rename), getText(R.string.remove))) { _, chosen ->
                if (chosen == 0) rename(computer) else remove(computer)
            }
            .show()
    }

    private fun rename(computer: Computer) = askName(R.string.rename, computer.name) { name ->
        attempt {
            core { it.computers().rename(computer.machineId, name) }
            refresh()
        }
    }

    private fun remove(computer: Computer) {
        AlertDialog.Builder(this)
            .setTitle(getString(R.string.remove_computer, onOneLine(computer.name)))
            .setMessage(R.string.remove_computer_meaning)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.remove) { _, _ ->
                attempt {
                    val isServerTold = core { it.computers().remove(computer.machineId) }
                    if (!isServerTold) Toast.makeText(this, R.string.server_not_told, Toast.LENGTH_LONG).show()
                    refresh()
                }
            }
            .show()
    }

    /** A lost answer, a removal that the server has not heard of: nothing that the person has to know if it has to wait. */
    private suspend fun finishWhatWasInterrupted() {
        try {
            val resumed = core { it.resume() }
            if (resumed.paired.isNotEmpty() || resumed.removed > 0u) refresh()
        } catch (_: LatchkeyException) {
            return
        }
    }

    /** While this screen is open, computers that wait for this phone are shown as they come. */
    private suspend fun answerComputersThatWait() {
        val offered = mutableSetOf<Pair<String, Instant>>()
        while (core { it.computers().list() }.isNotEmpty()) {
            try {
                val waiting = core { it.computers().waiting(POLL) }
                waiting.firstOrNull { offered.add(it.machineId() to it.expiresAt()) }?.let { offer(it) }
                delay(PAUSE_MILLIS)
            } catch (_: LatchkeyException) {
                delay(PAUSE_AFTER_FAILURE_MILLIS)
            }
        }
    }

    /** Asks once for each request, and answers the computer if the person wants to. */
    private suspend fun offer(request: SignInRequest) {
        val name = core { it.computers().list() }.find { it.machineId == request.machineId() }?.name ?: return
        val isWanted = suspendCancellableCoroutine { waiting ->
            val dialog = AlertDialog.Builder(this)
                .setTitle(getString(R.string.computer_waits, onOneLine(name)))
                .setNegativeButton(R.string.cancel, null)
                .setPositiveButton(R.string.go_on) { _, _ -> if (waiting.isActive) waiting.resume(true) }
                .setOnDismissListener { if (waiting.isActive) waiting.resume(false) }
                .show()
                .uncovered()
            waiting.invokeOnCancellation { dialog.dismiss() }
        }
        if (isWanted) attempt { core { it.computers().answer(request) }.error?.let { throw it } }.join()
    }

    private fun open(screen: Class<*>) = startActivity(Intent(this, screen))

    private companion object {
        val POLL: Duration = Duration.ofSeconds(25)
        const val PAUSE_MILLIS = 1_000L
        const val PAUSE_AFTER_FAILURE_MILLIS = 30_000L
    }
}
