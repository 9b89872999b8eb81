package org.latchkey.app.ports

import android.Manifest
import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import org.latchkey.Availability

/** What the person is asked to allow, when it is needed for the first time. */
enum class Permission {
    CAMERA,
    BLUETOOTH,
    NOTIFICATIONS;

    /** The system's name; none where the app has it from its installation on. */
    val systemName: String?
        get() = when (this) {
            CAMERA -> Manifest.permission.CAMERA
            BLUETOOTH -> Manifest.permission.BLUETOOTH_ADVERTISE
                .takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.S }
            NOTIFICATIONS -> Manifest.permission.POST_NOTIFICATIONS
                .takeIf { Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU }
        }

    fun isGranted(context: Context): Boolean {
        val name = systemName ?: return true
        return context.checkSelfPermission(name) == PackageManager.PERMISSION_GRANTED
    }

    /** Whether the person was asked before: without that, not granted is not refused. */
    fun wasAsked(context: Context): Boolean = asked(context).getBoolean(name, false)

    fun noteAsked(context: Context) = asked(context).edit().putBoolean(name, true).apply()

    private fun asked(context: Context) = context.getSharedPreferences("permissions", Context.MODE_PRIVATE)
}

/** What can be said of a part of the phone that needs a permission. */
fun availability(isThere: Boolean, isGranted: Boolean, wasAsked: Boolean): Availability = when {
    !isThere -> Availability.OFF
    isGranted -> Availability.READY
    wasAsked -> Availability.NOT_PERMITTED
    else -> Availability.UNKNOWN
}
