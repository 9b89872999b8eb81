package org.latchkey.app.provider

import android.annotation.TargetApi
import android.app.KeyguardManager
import android.content.Intent
import android.os.Build
import android.os.Bundle
import androidx.credentials.provider.PendingIntentHandler
import kotlin.coroutines.resume
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import org.latchkey.LatchkeyException
import org.latchkey.app.screens.Screen

/** Behind the line "unlock": once the phone is unlocked the system gets the list that it asked for. */
@TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
class UnlockActivity : Screen() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        scope.launch {
            val result = Intent()
            try {
                val request = understood { PendingIntentHandler.retrieveBeginGetCredentialRequest(intent) }
                if (!unlocked()) {
                    setResult(RESULT_CANCELED)
                    return@launch finish()
                }
                val list = core { phone -> Entries(app).forPasskeys(linesFor(request, phone, app.ask)) }
                PendingIntentHandler.setBeginGetCredentialResponse(result, list)
                setResult(RESULT_OK, result)
            } catch (failure: LatchkeyException) {
                PendingIntentHandler.setGetCredentialException(result, getException(failure.info().androidGet))
                setResult(RESULT_OK, result)
                return@launch tell(failure.info(), ::finish)
            }
            finish()
        }
    }

    /** Whether the phone is unlocked now; asks the person to unlock it if it is not. */
    private suspend fun unlocked(): Boolean {
        val keyguard = getSystemService(KeyguardManager::class.java) ?: return true
        if (!keyguard.isDeviceLocked) return true
        return suspendCancellableCoroutine { waiting ->
            keyguard.requestDismissKeyguard(this, object : KeyguardManager.KeyguardDismissCallback() {
                override fun onDismissSucceeded() = answer(true)

                override fun onDismissCancelled() = answer(false)

                override fun onDismissError() = answer(false)

                private fun answer(unlocked: Boolean) {
                    if (waiting.isActive) waiting.resume(unlocked)
                }
            })
        }
    }
}
