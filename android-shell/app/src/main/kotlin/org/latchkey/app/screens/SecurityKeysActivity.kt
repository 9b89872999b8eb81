package org.latchkey.app.screens

import android.app.AlertDialog
import android.os.Bundle
import android.text.format.DateUtils
import android.view.View
import android.widget.EditText
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
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
        val passkeys = app.phone.get().passkeys()
        val (list, damaged) = withContext(Dispatchers.IO) { passkeys.list() to passkeys.damaged() }
        val views = mutableListOf<View>()
        list.mapTo(views) { passkey -> button(lines(passkey)) { choose(passkey) } }
        if (list.isEmpty()) views += text(R.string.no_security_keys)
        if (damaged > 0u) views += text(getString(R.string.damaged_security_keys, damaged.toInt()))
        show(R.string.security_keys, views)
    }

    private fun lines(passkey: Passkey): String {
        val used = passkey.lastUsedAt?.let { getString(R.string.last_used, day(it.toEpochMilli())) }
            ?: getString(R.string.created, day(passkey.createdAt.toEpochMilli()))
        return listOf(passkeyName(passkey), passkeyAccount(passkey), used).filter(String::isNotEmpty).joinToString("\n")
    }

    private fun day(millis: Long) = DateUtils.formatDateTime(this, millis, DateUtils.FORMAT_SHOW_DATE)

    private fun choose(passkey: Passkey) {
        AlertDialog.Builder(this)
            .setTitle(passkeyName(passkey))
            .setItems(arrayOf(getText(R.string.rename), getText(R.string.delete))) { _, chosen ->
                if (chosen == 0) rename(passkey) else delete(passkey)
            }
            .show()
    }

    private fun rename(passkey: Passkey) {
        val name = EditText(this).apply { setText(passkey.label.orEmpty()) }
        AlertDialog.Builder(this)
            .setTitle(R.string.rename)
            .setView(name)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.ok) { _, _ ->
                attempt {
                    app.phone.get().passkeys().rename(passkey.id, name.text.toString())
                    refresh()
                }
            }
            .show()
    }

    private fun delete(passkey: Passkey) {
        AlertDialog.Builder(this)
            .setTitle(getString(R.string.delete_security_key, passkeyName(passkey)))
            .setMessage(R.string.delete_security_key_meaning)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.delete) { _, _ ->
                attempt {
                    app.phone.get().passkeys().delete(passkey.id)
                    refresh()
                }
            }
            .show()
    }
}

/** What a list calls a passkey: its owner's name for it, else the relying party's. */
fun passkeyName(passkey: Passkey): String = onOneLine(passkey.label ?: passkey.rpName ?: passkey.rpId)

/** Whose it is and where. */
fun passkeyAccount(passkey: Passkey): String =
    listOfNotNull(passkey.userName ?: passkey.userDisplayName, passkey.rpId).joinToString(", ", transform = ::onOneLine)
