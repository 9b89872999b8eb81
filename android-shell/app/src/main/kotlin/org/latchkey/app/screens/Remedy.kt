package org.latchkey.app.screens

import android.provider.Settings
import org.latchkey.Check

/** Where the person can mend what a check found. */
enum class Remedy(val action: String?) {
    /** This app's own settings. */
    SETTINGS(null),

    /** The system's page of this app, with its permissions. */
    PERMISSIONS(Settings.ACTION_APPLICATION_DETAILS_SETTINGS),
    BLUETOOTH(Settings.ACTION_BLUETOOTH_SETTINGS),
    LOCK_SCREEN(Settings.ACTION_SECURITY_SETTINGS),
    NETWORK(Settings.ACTION_WIRELESS_SETTINGS),
    CLOCK(Settings.ACTION_DATE_SETTINGS),
}

/** The place for a check; null where only other people or an update can help. */
fun remedyFor(check: Check, isBluetoothAllowed: Boolean): Remedy? = when (check) {
    Check.PROVIDER -> Remedy.SETTINGS
    Check.BIOMETRICS -> Remedy.LOCK_SCREEN
    Check.CAMERA -> Remedy.PERMISSIONS
    Check.BLUETOOTH -> if (isBluetoothAllowed) Remedy.BLUETOOTH else Remedy.PERMISSIONS
    Check.NETWORK -> Remedy.NETWORK
    Check.CLOCK -> Remedy.CLOCK
    Check.APP_VERSION, Check.SYSTEM_VERSION, Check.ACCOUNT, Check.OTHER -> null
}
