package org.latchkey.app.screens

import android.app.AlertDialog
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.text.InputType
import android.view.View
import android.view.WindowManager
import android.widget.EditText
import org.latchkey.LatchkeyException
import org.latchkey.app.R

/** A typed code in place of one that a camera reads. Opened by itself where the camera cannot be used. */
class ManualEntryActivity : Screen() {
    private lateinit var address: EditText
    private lateinit var code: EditText

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // The code stands here in clear letters.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        address = field(R.string.address, InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_URI)
        // Codes are letters and digits as they stand: no capital and no word is to be put in their place.
        val asTyped = InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS or InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD
        code = field(R.string.activation_code, InputType.TYPE_CLASS_TEXT or asTyped)
        val views = mutableListOf<View>()
        if (intent.getBooleanExtra(NO_CAMERA, false)) {
            val denied = LatchkeyException.QrCameraDenied().info()
            views += text(denied.title + "\n" + denied.nextStep)
        }
        views += listOf(text(R.string.manual_entry_meaning), address, code, button(R.string.go_on, ::confirmHost))
        show(R.string.manual_entry, views)
    }

    /** The person sees which server is meant by what they typed before it hears of the code. */
    private fun confirmHost() {
        attempt {
            val typed = address.text.toString()
            val host = core { it.hostOf(typed) }
            AlertDialog.Builder(this)
                .setTitle(getString(R.string.ask_host, host))
                .setNegativeButton(R.string.cancel, null)
                .setPositiveButton(R.string.go_on) { _, _ -> lookUp() }
                .show()
        }
    }

    private fun lookUp() {
        attempt {
            val (where, what) = address.text.toString() to code.text.toString()
            app.code = core { it.lookUp(where, what) }
            startActivity(Intent(this, CeremonyActivity::class.java))
            finish()
        }
    }

    companion object {
        private const val NO_CAMERA = "no camera"

        /** Opens the screen in place of the camera. */
        fun inPlaceOfCamera(from: Context): Intent =
            Intent(from, ManualEntryActivity::class.java).putExtra(NO_CAMERA, true)
    }
}
