package androidx.credentials.providerevents.service

import android.app.Service
import android.content.Intent
import android.os.Binder
import android.os.CancellationSignal
import android.os.IBinder
import androidx.core.os.OutcomeReceiverCompat
import androidx.credentials.CreateCredentialResponse
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.provider.ProviderCreateCredentialRequest
import androidx.credentials.providerevents.CredentialEventsProvider
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateCallback
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateRequest

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/service/CredentialProviderEventsService, providerevents 1.0.0-beta01
 *
 * For the tests: can be bound by whoever names a class, of which the library's makes an instance, whatever it is.
 *
 * @constructor #CredentialProviderEventsService(), 1.0.0-beta01
 */
abstract class CredentialProviderEventsService : Service() {
    /** #onBind(android.content.Intent), 1.0.0-beta01 */
    override fun onBind(intent: Intent?): IBinder? {
        return if (intent?.getStringExtra(CredentialEventsProvider.EVENTS_SERVICE_PROVIDER_KEY) == null) null else Binder()
    }

    /** #onCreateCredentialRequest(androidx.credentials.provider.ProviderCreateCredentialRequest,android.os.CancellationSignal,androidx.core.os.OutcomeReceiverCompat), 1.0.0-beta01 */
    open fun onCreateCredentialRequest(
        request: ProviderCreateCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiverCompat<CreateCredentialResponse, CreateCredentialException>,
    ) = Unit

    /** #onSignalCredentialStateRequest(androidx.credentials.providerevents.signal.ProviderSignalCredentialStateRequest,androidx.credentials.providerevents.signal.ProviderSignalCredentialStateCallback), 1.0.0-beta01 */
    open fun onSignalCredentialStateRequest(
        request: ProviderSignalCredentialStateRequest,
        callback: ProviderSignalCredentialStateCallback,
    ) = Unit
}
