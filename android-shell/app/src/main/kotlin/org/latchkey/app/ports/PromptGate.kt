package org.latchkey.app.ports

import android.app.Activity
import android.app.AlertDialog
import android.content.Context
import android.hardware.biometrics.BiometricManager
import android.hardware.biometrics.BiometricManager.Authenticators.BIOMETRIC_STRONG
import android.hardware.biometrics.BiometricManager.Authenticators.DEVICE_CREDENTIAL
import android.hardware.biometrics.BiometricPrompt
import android.os.Build
import android.os.CancellationSignal
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import org.latchkey.Account
import org.latchkey.Consent
import org.latchkey.GateException
import org.latchkey.Prompt
import org.latchkey.PromptKind
import org.latchkey.UserGate
import org.latchkey.app.R

/** Asks the person on the screen that is open: which account, and then a biometric or the phone's code. */
class PromptGate(
    private val context: Context,
    private val key: GateKey,
    private val sheet: SystemSheet,
    private val screen: () -> Activity?,
) : UserGate {
    override fun canVerify(): Boolean {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) return key.cipher() != null
        val manager = context.getSystemService(BiometricManager::class.java) ?: return false
        return manager.canAuthenticate(BIOMETRIC_STRONG or DEVICE_CREDENTIAL) == BiometricManager.BIOMETRIC_SUCCESS
    }

    override suspend fun ask(prompt: Prompt): Consent = withContext(Dispatchers.Main.immediate) {
        // Android calls with an interface; it does not say who is there without asking.
        if (prompt.quiet) throw GateException.Unavailable()
        val screen = screen() ?: throw GateException.Unavailable()
        // The system's sheet has just asked for this very request, and the keystore saw the answer.
        sheet.answerTo(screen, prompt.kind)?.let { return@withContext it }
        val words = promptWords(prompt.kind)
        val account = choose(screen, words, prompt.kind)
        if (!prompt.verify) {
            confirm(screen, words)
            return@withContext Consent(verified = false, account = account)
        }
        Consent(verified = verify(screen, words), account = account)
    }

    /** The choice among several accounts; there is no question about a single one. */
    private suspend fun choose(screen: Activity, words: PromptWords, kind: PromptKind): UInt {
        val accounts = (kind as? PromptKind.SignIn)?.accounts.orEmpty()
        if (accounts.size < 2) return 0u
        return suspendCancellableCoroutine { waiting ->
            val dialog = AlertDialog.Builder(screen)
                .setTitle(words.title(screen))
                .setItems(accounts.map(::accountName).toTypedArray()) { _, chosen ->
                    if (waiting.isActive) waiting.resume(chosen.toUInt())
                }
                .setOnCancelListener { if (waiting.isActive) waiting.resumeWithException(GateException.Denied()) }
                .show()
                .uncovered()
            waiting.invokeOnCancellation { dialog.dismiss() }
        }
    }

    private suspend fun confirm(screen: Activity, words: PromptWords): Unit = suspendCancellableCoroutine { waiting ->
        val refuse = { if (waiting.isActive) waiting.resumeWithException(GateException.Denied()) }
        val dialog = AlertDialog.Builder(screen)
            .setTitle(words.title(screen))
            .setMessage(words.detail)
            .setPositiveButton(R.string.allow) { _, _ -> if (waiting.isActive) waiting.resume(Unit) }
            .setNegativeButton(R.string.cancel) { _, _ -> refuse() }
            .setOnCancelListener { refuse() }
            .show()
            .uncovered()
        waiting.invokeOnCancellation { dialog.dismiss() }
    }

    /** True, or the reason why not as an exception. */
    private suspend fun verify(screen: Activity, words: PromptWords): Boolean {
        val cipher = key.cipher() ?: throw GateException.Unavailable()
        return suspendCancellableCoroutine { waiting ->
            val close = CancellationSignal()
            waiting.invokeOnCancellation { close.cancel() }
            val refuse = { reason: GateException -> if (waiting.isActive) waiting.resumeWithException(reason) }
            val prompt = BiometricPrompt.Builder(screen).setTitle(words.title(screen))
            words.detail?.let(prompt::setSubtitle)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
                prompt.setAllowedAuthenticators(BIOMETRIC_STRONG or DEVICE_CREDENTIAL)
            } else {
                prompt.setNegativeButton(screen.getText(R.string.cancel), screen.mainExecutor) { _, _ ->
                    refuse(GateException.Denied())
                }
            }
            // A face that happens to look at the phone is not a yes.
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) prompt.setConfirmationRequired(true)
            val answer = object : BiometricPrompt.AuthenticationCallback() {
                override fun onAuthenticationSucceeded(result: BiometricPrompt.AuthenticationResult?) {
                    if (!key.proves(result?.cryptoObject?.cipher)) return refuse(GateException.VerificationFailed())
                    if (waiting.isActive) waiting.resume(true)
                }

                override fun onAuthenticationError(errorCode: Int, errString: CharSequence?) {
                    refuse(promptFailure(errorCode))
                }
            }
            prompt.build().authenticate(BiometricPrompt.CryptoObject(cipher), close, screen.mainExecutor, answer)
        }
    }
}

/** What a code of `BiometricPrompt.AuthenticationCallback.onAuthenticationError` means. */
fun promptFailure(code: Int): GateException = when (code) {
    BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED -> GateException.Denied()
    BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT -> GateException.TimedOut()
    BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT, BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT -> GateException.LockedOut()
    BiometricPrompt.BIOMETRIC_ERROR_UNABLE_TO_PROCESS, BiometricPrompt.BIOMETRIC_ERROR_VENDOR ->
        GateException.VerificationFailed()
    else -> GateException.Unavailable()
}

/** An account in a list. */
fun accountName(account: Account): String = onOneLine(account.userName ?: account.userDisplayName ?: "?")
