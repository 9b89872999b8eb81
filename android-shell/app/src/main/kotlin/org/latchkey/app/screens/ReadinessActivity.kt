package org.latchkey.app.screens

import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.view.View
import org.latchkey.CheckState
import org.latchkey.Finding
import org.latchkey.app.R
import org.latchkey.app.ports.Permission

/** Why does it not work: what pairing, signing in and unlocking need, and where to mend it. */
class ReadinessActivity : Screen() {
    override fun onResume() {
        super.onResume()
        show(R.string.readiness, listOf(text(R.string.looking)))
        attempt(::finish) {
            show(R.string.readiness, core { it.readiness() }.map(::line))
        }
    }

    private fun line(finding: Finding): View {
        val words = findingLines(finding)
        val remedy = remedyFor(finding.check, Permission.BLUETOOTH.isGranted(this))
        val nothingToDo = finding.state == CheckState.OK || remedy == null
        val line = if (nothingToDo) text(words + "\n") else button(words) { mend(remedy) }
        line.contentDescription = getString(stateWords(finding.state), findingWords(finding))
        return line
    }

    private fun mend(remedy: Remedy) {
        val intent = when (remedy) {
            Remedy.SETTINGS -> Intent(this, SettingsActivity::class.java)
            Remedy.PERMISSIONS -> Intent(remedy.action, Uri.fromParts("package", packageName, null))
            else -> Intent(remedy.action)
        }
        try {
            startActivity(intent)
        } catch (_: ActivityNotFoundException) {
            // Makers leave out some of these pages.
            startActivity(Intent(android.provider.Settings.ACTION_SETTINGS))
        }
    }
}

/** A check and what came of it. */
fun findingLines(finding: Finding): String {
    val sign = when (finding.state) {
        CheckState.OK -> "✓"
        CheckState.ATTENTION -> "!"
        CheckState.UNKNOWN -> "?"
    }
    return "$sign ${findingWords(finding)}"
}

private fun findingWords(finding: Finding): String =
    listOf(finding.title, finding.explanation, finding.nextStep).filter(String::isNotEmpty).joinToString("\n")

/** What a screen reader says in place of a sign. */
fun stateWords(state: CheckState): Int = when (state) {
    CheckState.OK -> R.string.check_ok
    CheckState.ATTENTION -> R.string.check_attention
    CheckState.UNKNOWN -> R.string.check_unknown
}
