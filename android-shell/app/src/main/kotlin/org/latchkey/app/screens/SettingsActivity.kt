package org.latchkey.app.screens

import android.app.PendingIntent
import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.provider.Settings
import android.view.View
import android.widget.Switch
import android.widget.Toast
import androidx.credentials.CredentialManager
import org.latchkey.Availability
import org.latchkey.app.R
import org.latchkey.app.ports.Permission
import org.latchkey.app.ports.ThisDevice
import org.latchkey.app.ports.Wishes
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
        if (resources.getBoolean(R.bool.has_events)) views += listOf(makeUnasked(), text(R.string.make_unasked_meaning))
        views += button(R.string.update_browsers, ::updateBrowsers)
        views += button(R.string.app_permissions) {
            startActivity(Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, thisApp()))
        }
        show(R.string.settings, views)
    }

    /** Without notifications nothing is made unasked: whoever wants it is asked for them. */
    private fun makeUnasked() = Switch(this).apply {
        setText(R.string.make_unasked)
        isChecked = Wishes(context).makeUnasked
        setOnCheckedChangeListener { _, isWanted ->
            Wishes(context).makeUnasked = isWanted
            val permission = Permission.NOTIFICATIONS.systemName
            if (isWanted && permission != null && !Permission.NOTIFICATIONS.isGranted(context)) {
                requestPermissions(arrayOf(permission), 0)
            }
        }
    }

    /** Android 15 asks for this app right away; Android 14 shows the list of all providers. */
    private fun turnOn() {
        try {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) {
                startActivity(Intent(Settings.ACTION_CREDENTIAL_PROVIDER, thisApp()))
            } else {
                CredentialManager.create(this).createSettingsPendingIntent().send()
            }
        } catch (_: ActivityNotFoundException) {
            // Makers leave out some of these pages.
            startActivity(Intent(Settings.ACTION_SETTINGS))
        } catch (_: PendingIntent.CanceledException) {
            startActivity(Intent(Settings.ACTION_SETTINGS))
        }
    }

    private fun thisApp(): Uri = Uri.fromParts("package", packageName, null)

    private fun updateBrowsers() {
        attempt {
            val list = HttpsText().get(BrowserList.PUBLISHED)
            val isReplaced = list != null && app.phone.replaceBrowsers(list)
            val words = if (isReplaced) R.string.browsers_updated else R.string.browsers_not_updated
            Toast.makeText(this, words, Toast.LENGTH_LONG).show()
        }
    }
}
