package org.latchkey.app.ports

import androidx.biometric.BiometricPrompt
import androidx.credentials.provider.BiometricPromptResult
import java.lang.ref.WeakReference
import javax.crypto.Cipher
import org.latchkey.Consent
import org.latchkey.GateException
import org.latchkey.PromptKind

/**
 * Single tap (API 35): the system's list verifies the person itself, with a cipher that went out with the entry. What came
 * of it answers one prompt, on the screen that the entry opened, for the passkey that the entry showed.
 */
class SystemSheet(private val proves: (Cipher?) -> Boolean) {
    /** Verified, or refused for a reason. The screen may be closed without ever having asked: it is not kept alive for that. */
    private class Outcome(screen: Any, val credentialId: ByteArray?, val refusal: GateException?) {
        val screen = WeakReference(screen)
    }

    private val waiting = HashMap<Int, Cipher>()
    private var outcome: Outcome? = null

    /** Keeps the cipher that goes out with an entry. Those of earlier lists are of no use any more. */
    @Synchronized
    fun goesOut(entry: Int, cipher: Cipher) {
        waiting.clear()
        waiting[entry] = cipher
    }

    /**
     * The entry came back, with a person verified or not. [credentialId] is the passkey that it showed; null is an entry
     * for a new one. A success that the cipher does not prove is none: the person is asked again.
     */
    @Synchronized
    fun comesBack(entry: Int, result: BiometricPromptResult, screen: Any, credentialId: ByteArray?) {
        val cipher = waiting.remove(entry)
        val refusal = result.authenticationError?.let { sheetRefusal(it.errorCode) }
        val isVerified = result.isSuccessful && proves(cipher)
        outcome = Outcome(screen, credentialId, refusal).takeIf { isVerified || refusal != null }
    }

    /** The answer to a prompt, if the sheet has given it: once. Fails if it was a no. */
    @Synchronized
    fun answerTo(screen: Any, kind: PromptKind): Consent? {
        val sheet = outcome?.takeIf { it.screen.get() === screen } ?: return null
        outcome = null
        val account = when (kind) {
            is PromptKind.Register -> if (sheet.credentialId == null) 0 else -1
            is PromptKind.SignIn -> kind.accounts.indexOfFirst { it.credentialId.contentEquals(sheet.credentialId) }
            else -> -1
        }
        if (account < 0) return null
        sheet.refusal?.let { throw it }
        return Consent(verified = true, account = account.toUInt())
    }
}

/**
 * What a code of `AuthenticationError.errorCode` means for the request; null for what the app's own prompt can mend, which
 * takes the phone's code as well: no finger enrolled, a sensor that is locked or gone.
 */
fun sheetRefusal(code: Int): GateException? = when (code) {
    BiometricPrompt.ERROR_USER_CANCELED, BiometricPrompt.ERROR_NEGATIVE_BUTTON -> GateException.Denied()
    BiometricPrompt.ERROR_TIMEOUT -> GateException.TimedOut()
    else -> null
}
