package androidx.credentials.provider

import android.content.Intent
import androidx.credentials.CreateCredentialResponse
import androidx.credentials.GetCredentialResponse
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.GetCredentialException

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PendingIntentHandler */
class PendingIntentHandler {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PendingIntentHandler.Companion */
    companion object {
        fun retrieveBeginGetCredentialRequest(intent: Intent): BeginGetCredentialRequest? = compileOnly(intent)

        fun retrieveProviderCreateCredentialRequest(intent: Intent): ProviderCreateCredentialRequest? =
            compileOnly(intent)

        fun retrieveProviderGetCredentialRequest(intent: Intent): ProviderGetCredentialRequest? = compileOnly(intent)

        fun setBeginGetCredentialResponse(intent: Intent, response: BeginGetCredentialResponse): Unit =
            compileOnly(intent, response)

        fun setCreateCredentialException(intent: Intent, exception: CreateCredentialException): Unit =
            compileOnly(intent, exception)

        fun setCreateCredentialResponse(intent: Intent, response: CreateCredentialResponse): Unit =
            compileOnly(intent, response)

        fun setGetCredentialException(intent: Intent, exception: GetCredentialException): Unit =
            compileOnly(intent, exception)

        fun setGetCredentialResponse(intent: Intent, response: GetCredentialResponse): Unit =
            compileOnly(intent, response)
    }
}

private fun compileOnly(vararg arguments: Any): Nothing = error("compile-only: ${arguments.size}")
