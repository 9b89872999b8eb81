package androidx.credentials.providerevents.signal

import androidx.credentials.SignalCredentialStateRequest
import androidx.credentials.provider.CallingAppInfo

/** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/signal/ProviderSignalCredentialStateRequest, 1.0.0-beta01 */
class ProviderSignalCredentialStateRequest(
    val callingRequest: SignalCredentialStateRequest,
    val callingAppInfo: CallingAppInfo,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/signal/ProviderSignalCredentialStateCallback, 1.0.0-beta01 */
interface ProviderSignalCredentialStateCallback {
    fun onSignalConsumed()
}
