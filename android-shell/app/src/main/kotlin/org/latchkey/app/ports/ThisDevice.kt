package org.latchkey.app.ports

import android.bluetooth.BluetoothManager
import android.content.ComponentName
import android.content.Context
import android.content.pm.PackageManager
import android.credentials.CredentialManager
import android.os.Build
import android.provider.Settings
import org.latchkey.Availability
import org.latchkey.Device
import org.latchkey.DeviceFacts
import org.latchkey.app.provider.PasskeyService

/** What the system says about the phone and this app. */
class ThisDevice(private val context: Context) : Device {
    override fun facts() = DeviceFacts(
        name = Settings.Global.getString(context.contentResolver, Settings.Global.DEVICE_NAME) ?: Build.MODEL,
        systemVersion = androidVersion(Build.VERSION.RELEASE, Build.VERSION.SDK_INT),
        appVersion = context.packageManager.getPackageInfo(context.packageName, 0).versionName ?: "0",
        provider = provider(),
        camera = availability(
            isThere = context.packageManager.hasSystemFeature(PackageManager.FEATURE_CAMERA_ANY),
            isGranted = Permission.CAMERA.isGranted(context),
            wasAsked = Permission.CAMERA.wasAsked(context),
        ),
        bluetooth = availability(
            isThere = context.getSystemService(BluetoothManager::class.java)?.adapter?.isEnabled == true,
            isGranted = Permission.BLUETOOTH.isGranted(context),
            wasAsked = Permission.BLUETOOTH.wasAsked(context),
        ),
    )

    private fun provider(): Availability {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) return Availability.OFF
        val manager = context.getSystemService(CredentialManager::class.java) ?: return Availability.OFF
        val service = ComponentName(context, PasskeyService::class.java)
        return if (manager.isEnabledCredentialProviderService(service)) Availability.READY else Availability.OFF
    }
}

/** Android's version in numbers. A preview calls itself by a letter: there the API level says what it will be. */
fun androidVersion(release: String, apiLevel: Int): String =
    release.takeIf { it.matches(Regex("[0-9]+(\\.[0-9]+){0,2}")) } ?: (apiLevel - 20).coerceAtLeast(0).toString()
