package org.latchkey.app

import android.app.Activity
import android.app.Application
import android.os.Bundle
import java.io.File
import org.latchkey.AndroidTrust
import org.latchkey.Code
import org.latchkey.Phone
import org.latchkey.PhoneConfig
import org.latchkey.Platform
import org.latchkey.Ports
import org.latchkey.app.ports.Connectivity
import org.latchkey.app.ports.GateKey
import org.latchkey.app.ports.KeystoreKeys
import org.latchkey.app.ports.Progress
import org.latchkey.app.ports.PromptGate
import org.latchkey.app.ports.ServiceDataAdvertiser
import org.latchkey.app.ports.SystemSheet
import org.latchkey.app.ports.ThisDevice
import org.latchkey.app.provider.Ask
import org.latchkey.app.provider.BrowserList

/** What there is once in this process: the phone with its ports, and the screen that is open. */
open class LatchkeyApp : Application(), Application.ActivityLifecycleCallbacks {
    val progress = Progress()
    val gateKey = GateKey()
    val sheet = SystemSheet(gateKey::proves)
    val gate by lazy { PromptGate(this, gateKey, sheet) { screen } }
    val network by lazy { Connectivity(this) }
    val browsers by lazy {
        BrowserList(File(noBackupFilesDir, "trusted-browsers.json")) {
            assets.open("trusted-browsers.json").use { it.readBytes().decodeToString() }
        }
    }
    open val ask by lazy { Ask(browsers) }
    open val phone by lazy { OpenPhone(browsers, ::open) }

    /** A code on its way from the screen that read it to the one that acts on it. It never leaves the process. */
    var code: Code? = null
        get() = field.also { field = null }

    private var screen: Activity? = null

    override fun onCreate() {
        super.onCreate()
        registerActivityLifecycleCallbacks(this)
    }

    private suspend fun open(trustedBrowsers: String): Phone {
        // Loads the native library: not while the system waits for the app to start.
        AndroidTrust.install(this)
        val config = PhoneConfig(
            database = File(noBackupFilesDir, "vault.db").path,
            platform = Platform.ANDROID,
            hardwareKeys = true,
            trustedBrowsers = trustedBrowsers,
        )
        val ports = Ports(
            gate = gate,
            keys = KeystoreKeys(this),
            device = ThisDevice(this),
            network = network,
            advertiser = ServiceDataAdvertiser(this),
            observer = progress,
        )
        return Phone.open(config, ports)
    }

    override fun onActivityStarted(activity: Activity) {
        screen = activity
    }

    override fun onActivityStopped(activity: Activity) {
        if (screen === activity) screen = null
    }

    override fun onActivityCreated(activity: Activity, savedInstanceState: Bundle?) = Unit

    override fun onActivityResumed(activity: Activity) = Unit

    override fun onActivityPaused(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(activity: Activity, outState: Bundle) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit
}
