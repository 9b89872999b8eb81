package org.latchkey.app.screens

import android.app.AlertDialog
import android.content.Intent
import android.os.Bundle
import org.latchkey.Code
import org.latchkey.LatchkeyException
import org.latchkey.app.R
import org.latchkey.app.ports.uncovered

/** A `FIDO:/` code that the camera app or another scanner has read. Any app can open this: the person confirms it first. */
class FidoLinkActivity : Screen() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val text = intent.takeIf { it.action == Intent.ACTION_VIEW }?.dataString.orEmpty()
        attempt(::finish) {
            val code = core { it.scanner().read(text) }
            if (code !is Code.Hybrid) throw LatchkeyException.QrInvalid()
            AlertDialog.Builder(this)
                .setTitle(R.string.fido_link)
                .setMessage(R.string.fido_link_meaning)
                .setNegativeButton(R.string.cancel, null)
                .setPositiveButton(R.string.go_on) { _, _ -> act(code) }
                .setOnDismissListener { finish() }
                .show()
                .uncovered()
        }
    }

    private fun act(code: Code) {
        app.code = code
        startActivity(Intent(this, CeremonyActivity::class.java))
    }
}
