package org.latchkey.app.provider

import android.annotation.TargetApi
import android.app.PendingIntent
import android.content.Intent
import android.hardware.biometrics.BiometricManager.Authenticators.BIOMETRIC_STRONG
import android.os.Build
import androidx.biometric.BiometricPrompt
import androidx.credentials.provider.AuthenticationAction
import androidx.credentials.provider.BeginGetCredentialResponse
import androidx.credentials.provider.BiometricPromptData
import androidx.credentials.provider.CreateEntry
import androidx.credentials.provider.PublicKeyCredentialEntry
import java.util.concurrent.atomic.AtomicInteger
import kotlin.random.Random
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.R
import org.latchkey.app.ports.onOneLine

/** Lines for the system's lists, each with the intent that opens the screen behind it. */
@TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
class Entries(private val app: LatchkeyApp) {
    fun forPasskeys(lines: List<Line>): BeginGetCredentialResponse {
        // The system verifies by itself only where a single account is to choose from.
        val only = lines.singleOrNull()
        return BeginGetCredentialResponse(lines.map { passkey(it, singleTap = it === only) })
    }

    fun forNewPasskey(): CreateEntry {
        val number = nextNumber()
        val opens = opens(CreateActivity::class.java, number) {}
        val entry = CreateEntry.Builder(app.getString(R.string.app_name), opens)
            .setDescription(app.getString(R.string.create_entry))
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) entry.setBiometricPromptData(singleTap(number))
        return entry.build()
    }

    /** The only line while the vault is locked. */
    fun forUnlocking(): BeginGetCredentialResponse {
        val opens = opens(UnlockActivity::class.java, nextNumber()) {}
        val action = AuthenticationAction(app.getString(R.string.unlock), opens)
        return BeginGetCredentialResponse(authenticationActions = listOf(action))
    }

    private fun passkey(line: Line, singleTap: Boolean): PublicKeyCredentialEntry {
        val passkey = line.passkey
        val number = nextNumber()
        val opens = opens(GetActivity::class.java, number) { putExtra(CHOSEN, passkey.id) }
        // A line must have a name, and a relying party may give an account one of which nothing can be shown.
        val names = listOfNotNull(passkey.userName, passkey.userDisplayName, passkey.rpId).map(::onOneLine)
        val entry = PublicKeyCredentialEntry.Builder(app, names.firstOrNull(String::isNotEmpty) ?: "?", opens, line.option)
            .setDisplayName(passkey.label?.let(::onOneLine) ?: passkey.userDisplayName?.let(::onOneLine))
            .setLastUsedTime(passkey.lastUsedAt)
        if (singleTap && Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM) {
            entry.setBiometricPromptData(singleTap(number))
        }
        return entry.build()
    }

    /** Lets the system's sheet verify the person, with a cipher that only a verification sets free. */
    private fun singleTap(number: Int): BiometricPromptData? {
        val cipher = app.gateKey.cipher() ?: return null
        app.sheet.goesOut(number, cipher)
        return BiometricPromptData.Builder()
            .setCryptoObject(BiometricPrompt.CryptoObject(cipher))
            // Nothing weaker goes with a crypto object.
            .setAllowedAuthenticators(BIOMETRIC_STRONG)
            .build()
    }

    /** Mutable, for the system adds the request; explicit, so that nobody else is opened. */
    private fun opens(screen: Class<*>, number: Int, extras: Intent.() -> Unit): PendingIntent {
        val intent = Intent(app, screen).putExtra(NUMBER, number).apply(extras)
        return PendingIntent.getActivity(app, number, intent, PendingIntent.FLAG_MUTABLE or PendingIntent.FLAG_UPDATE_CURRENT)
    }

    companion object {
        private const val NUMBER = "number"
        private const val CHOSEN = "chosen"

        /** Begins anywhere: lines that an earlier process made must not be taken for those of this one. */
        private val numbers = AtomicInteger(Random.nextInt())

        private fun nextNumber() = numbers.incrementAndGet()

        /** The number of the line that opened a screen. */
        fun numberIn(intent: Intent): Int = intent.getIntExtra(NUMBER, 0)

        /** The credential ID of that line. */
        fun chosenIn(intent: Intent): ByteArray? = intent.getByteArrayExtra(CHOSEN)
    }
}
