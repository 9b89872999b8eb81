package androidx.credentials.providerevents.service

import android.app.Service
import android.content.Intent
import android.os.CancellationSignal
import android.os.IBinder
import androidx.core.os.OutcomeReceiverCompat
import androidx.credentials.CreateCredentialResponse
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.provider.ProviderCreateCredentialRequest
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateCallback
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateRequest

/** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/service/CredentialProviderEventsService, 1.0.0-beta01 */
abstract class CredentialProviderEventsService : Service() {
    override fun onBind(intent: Intent?): IBinder? = null

    /** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/service/CredentialProviderEventsService#onCreateCredentialRequest */
    open fun onCreateCredentialRequest(
        request: ProviderCreateCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiverCompat<CreateCredentialResponse, CreateCredentialException>,
    ) = Unit

    /** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/service/CredentialProviderEventsService#onSignalCredentialStateRequest */
    open fun onSignalCredentialStateRequest(
        request: ProviderSignalCredentialStateRequest,
        callback: ProviderSignalCredentialStateCallback,
    ) = Unit
}
