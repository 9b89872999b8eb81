package androidx.credentials.provider

import android.os.CancellationSignal
import android.os.OutcomeReceiver
import androidx.credentials.exceptions.ClearCredentialException
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.GetCredentialException
import android.credentials.ClearCredentialStateException as PlatformClearException
import android.credentials.CreateCredentialException as PlatformCreateException
import android.credentials.GetCredentialException as PlatformGetException
import android.service.credentials.BeginCreateCredentialRequest as PlatformBeginCreateRequest
import android.service.credentials.BeginCreateCredentialResponse as PlatformBeginCreateResponse
import android.service.credentials.BeginGetCredentialRequest as PlatformBeginGetRequest
import android.service.credentials.BeginGetCredentialResponse as PlatformBeginGetResponse
import android.service.credentials.ClearCredentialStateRequest as PlatformClearRequest
import android.service.credentials.CredentialProviderService as PlatformService

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/CredentialProviderService, credentials 1.2.0, API 34
 *
 * @constructor #CredentialProviderService(), 1.2.0
 */
abstract class CredentialProviderService : PlatformService() {
    /** #onBeginCreateCredentialRequest(androidx.credentials.provider.BeginCreateCredentialRequest,android.os.CancellationSignal,android.os.OutcomeReceiver), 1.2.0 */
    abstract fun onBeginCreateCredentialRequest(
        request: BeginCreateCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<BeginCreateCredentialResponse, CreateCredentialException>,
    )

    /** #onBeginGetCredentialRequest(androidx.credentials.provider.BeginGetCredentialRequest,android.os.CancellationSignal,android.os.OutcomeReceiver), 1.2.0 */
    abstract fun onBeginGetCredentialRequest(
        request: BeginGetCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<BeginGetCredentialResponse, GetCredentialException>,
    )

    /** #onClearCredentialStateRequest(androidx.credentials.provider.ProviderClearCredentialStateRequest,android.os.CancellationSignal,android.os.OutcomeReceiver), 1.2.0 */
    abstract fun onClearCredentialStateRequest(
        request: ProviderClearCredentialStateRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<Void?, ClearCredentialException>,
    )

    /** #onBeginCreateCredential(android.service.credentials.BeginCreateCredentialRequest,android.os.CancellationSignal,android.os.OutcomeReceiver), 1.2.0 */
    final override fun onBeginCreateCredential(
        request: PlatformBeginCreateRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<PlatformBeginCreateResponse, PlatformCreateException>,
    ): Unit = error("compile-only")

    /** #onBeginGetCredential(android.service.credentials.BeginGetCredentialRequest,android.os.CancellationSignal,android.os.OutcomeReceiver), 1.2.0 */
    final override fun onBeginGetCredential(
        request: PlatformBeginGetRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<PlatformBeginGetResponse, PlatformGetException>,
    ): Unit = error("compile-only")

    /** #onClearCredentialState(android.service.credentials.ClearCredentialStateRequest,android.os.CancellationSignal,android.os.OutcomeReceiver), 1.2.0 */
    final override fun onClearCredentialState(
        request: PlatformClearRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<Void, PlatformClearException>,
    ): Unit = error("compile-only")
}
