package org.latchkey.app.screens

import android.app.PendingIntent
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.provider.Settings
import android.view.View
import android.widget.Toast
import androidx.credentials.CredentialManager
import org.latchkey.Availability
import org.latchkey.app.R
import org.latchkey.app.ports.ThisDevice
import org.latchkey.app.provider.BrowserList
import org.latchkey.app.provider.HttpsText

/** Turning the provider on, permissions, and the list of trusted browsers. */
class SettingsActivity : Screen() {
    /** Whatever the person did in the system's settings shows when they come back. */
    override fun onResume() {
        super.onResume()
        val views = mutableListOf<View>()
        when {
            Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE -> views += text(R.string.provider_needs_android_14)
            ThisDevice(app).facts().provider == Availability.READY -> views += text(R.string.provider_on)
            else -> views += button(R.string.turn_on_provider, ::turnOn)
        }
        views += button(R.string.update_browsers, ::updateBrowsers)
        views += button(R.string.app_permissions) {
            startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, thisApp()))
        }
        show(R.string.settings, views)
    }

    /** Android 15 asks for this app right away; Android 14 shows the list of all providers. */
    private fun turnOn() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) {
            startActivity(Intent(Settings.ACTION_CREDENTIAL_PROVIDER, thisApp()))
        } else {
            try {
                CredentialManager.create(this).createSettingsPendingIntent().send()
            } catch (_: PendingIntent.CanceledException) {
                startActivity(Intent(Settings.ACTION_SETTINGS))
            }
        }
    }

    private fun thisApp(): Uri = Uri.fromParts("package", packageName, null)

    private fun updateBrowsers() {
        attempt {
            val list = HttpsText().get(BrowserList.PUBLISHED)
            val isReplaced = list != null && app.browsers.replace(list)
            if (isReplaced) app.phone.close()
            val words = if (isReplaced) R.string.browsers_updated else R.string.browsers_not_updated
            Toast.makeText(this, words, Toast.LENGTH_LONG).show()
        }
    }
}
