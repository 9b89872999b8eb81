package org.latchkey.app.screens

import android.app.AlertDialog
import android.os.Bundle
import android.text.format.DateUtils
import android.view.View
import org.latchkey.Passkey
import org.latchkey.app.R
import org.latchkey.app.ports.onOneLine

/** My Security Keys: the passkeys on this phone. */
class SecurityKeysActivity : Screen() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        refresh()
    }

    private fun refresh() = attempt {
        val (list, damaged) = core { phone -> phone.passkeys().run { list() to damaged() } }
        val views = mutableListOf<View>()
        list.mapTo(views) { passkey -> button(lines(passkey)) { choose(passkey) } }
        if (list.isEmpty()) views += text(R.string.no_security_keys)
        if (damaged > 0u) views += text(getString(R.string.damaged_security_keys, damaged.toInt()))
        show(R.string.security_keys, views)
    }

    private fun lines(passkey: Passkey): String {
        val used = passkey.lastUsedAt?.let { getString(R.string.last_used, day(it.toEpochMilli())) }
            ?: getString(R.string.created, day(passkey.createdAt.toEpochMilli()))
        val hidden = if (passkey.hidden) getString(R.string.hidden_security_key) else ""
        return listOf(passkeyName(passkey), passkeyAccount(passkey), used, hidden).filter(String::isNotEmpty).joinToString("\n")
    }

    private fun day(millis: Long) = DateUtils.formatDateTime(this, millis, DateUtils.FORMAT_SHOW_DATE)

    private fun choose(passkey: Passkey) {
        val choices = choicesFor(passkey)
        AlertDialog.Builder(this)
            .setTitle(passkeyName(passkey))
            .setItems(choices.map { getText(it.words) }.toTypedArray()) { _, chosen ->
                when (choices[chosen]) {
                    Choice.UNHIDE -> unhide(passkey)
                    Choice.RENAME -> rename(passkey)
                    Choice.DELETE -> delete(passkey)
                }
            }
            .show()
    }

    /** Its relying party has said that it does not know it. Its owner may know better. */
    private fun unhide(passkey: Passkey) = attempt {
        core { it.passkeys().unhide(passkey.id) }
        refresh()
    }

    private fun rename(passkey: Passkey) = askName(R.string.rename, passkey.label.orEmpty()) { name ->
        attempt {
            core { it.passkeys().rename(passkey.id, name) }
            refresh()
        }
    }

    private fun delete(passkey: Passkey) {
        AlertDialog.Builder(this)
            .setTitle(getString(R.string.delete_security_key, passkeyName(passkey)))
            .setMessage(R.string.delete_security_key_meaning)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.delete) { _, _ ->
                attempt {
                    core { it.passkeys().delete(passkey.id) }
                    refresh()
                }
            }
            .show()
    }
}

/** What can be done with a passkey. */
enum class Choice(val words: Int) {
    UNHIDE(R.string.unhide),
    RENAME(R.string.rename),
    DELETE(R.string.delete),
}

/** What can be done with this one. */
fun choicesFor(passkey: Passkey): List<Choice> = Choice.entries.filter { it != Choice.UNHIDE || passkey.hidden }

/** What a list calls a passkey: its owner's name for it, else the relying party's. */
fun passkeyName(passkey: Passkey): String = onOneLine(passkey.label ?: passkey.rpName ?: passkey.rpId)

/** Whose it is and where. */
fun passkeyAccount(passkey: Passkey): String =
    listOfNotNull(passkey.userName ?: passkey.userDisplayName, passkey.rpId).joinToString(", ", transform = ::onOneLine)
