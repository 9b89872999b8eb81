package org.latchkey.app.provider

import android.annotation.TargetApi
import android.content.Intent
import android.os.Build
import android.os.Bundle
import androidx.credentials.CreatePublicKeyCredentialRequest
import androidx.credentials.CreatePublicKeyCredentialResponse
import androidx.credentials.provider.PendingIntentHandler
import androidx.credentials.provider.ProviderCreateCredentialRequest
import kotlinx.coroutines.launch
import org.latchkey.LatchkeyException
import org.latchkey.app.screens.Screen

/** Makes the passkey that an app or a page asked for. */
@TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
class CreateActivity : Screen() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        scope.launch {
            val result = Intent()
            try {
                val json = create(understood { PendingIntentHandler.retrieveProviderCreateCredentialRequest(intent) })
                PendingIntentHandler.setCreateCredentialResponse(result, CreatePublicKeyCredentialResponse(json))
                setResult(RESULT_OK, result)
            } catch (_: LatchkeyException.RegCanceled) {
                // The person said no to this provider: back to the list.
                setResult(RESULT_CANCELED)
            } catch (failure: LatchkeyException) {
                PendingIntentHandler.setCreateCredentialException(result, createException(failure.info().androidCreate))
                setResult(RESULT_OK, result)
                // The app learns the kind of failure and no more; the person what it means and what to do.
                return@launch tell(failure.info(), ::finish)
            }
            finish()
        }
    }

    private suspend fun create(request: ProviderCreateCredentialRequest): String {
        val wanted = request.callingRequest as? CreatePublicKeyCredentialRequest
            ?: throw LatchkeyException.RequestMalformed()
        request.biometricPromptResult?.let {
            app.sheet.comesBack(Entries.numberIn(intent), it, this, credentialId = null)
        }

        val caller = app.ask.thoroughly(request.callingAppInfo, wanted.requestJson, wanted.clientDataHash)
        return core { it.provider().createJson(wanted.requestJson, caller) }
    }
}
