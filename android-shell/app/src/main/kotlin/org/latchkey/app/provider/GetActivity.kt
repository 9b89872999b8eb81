package org.latchkey.app.provider

import android.annotation.TargetApi
import android.content.Intent
import android.os.Build
import android.os.Bundle
import androidx.credentials.GetCredentialResponse
import androidx.credentials.GetPublicKeyCredentialOption
import androidx.credentials.PublicKeyCredential
import androidx.credentials.provider.PendingIntentHandler
import androidx.credentials.provider.ProviderGetCredentialRequest
import kotlinx.coroutines.launch
import org.latchkey.LatchkeyException
import org.latchkey.app.screens.Screen

/** Signs in with the passkey that was chosen in the system's list. */
@TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
class GetActivity : Screen() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        scope.launch {
            val result = Intent()
            try {
                val json = signIn(understood { PendingIntentHandler.retrieveProviderGetCredentialRequest(intent) })
                PendingIntentHandler.setGetCredentialResponse(result, GetCredentialResponse(PublicKeyCredential(json)))
                setResult(RESULT_OK, result)
            } catch (_: LatchkeyException.AuthNotFoundOrCanceled) {
                // The person said no to this one: back to the list.
                setResult(RESULT_CANCELED)
            } catch (failure: LatchkeyException) {
                PendingIntentHandler.setGetCredentialException(result, getException(failure.info().androidGet))
                setResult(RESULT_OK, result)
                // The app learns the kind of failure and no more; the person what it means and what to do.
                return@launch tell(failure.info(), ::finish)
            }
            finish()
        }
    }

    private suspend fun signIn(request: ProviderGetCredentialRequest): String {
        val option = request.credentialOptions.filterIsInstance<GetPublicKeyCredentialOption>().singleOrNull()
            ?: throw LatchkeyException.RequestMalformed()
        val chosen = Entries.chosenIn(intent) ?: throw LatchkeyException.RequestMalformed()
        request.biometricPromptResult?.let { app.sheet.comesBack(Entries.numberIn(intent), it, this, chosen) }

        val caller = app.ask.thoroughly(request.callingAppInfo, option.requestJson, option.clientDataHash)
        return core { it.provider().getJson(option.requestJson, caller, chosen) }
    }
}
