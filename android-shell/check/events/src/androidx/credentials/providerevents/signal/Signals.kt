package androidx.credentials.providerevents.signal

import androidx.credentials.SignalCredentialStateRequest
import androidx.credentials.provider.CallingAppInfo

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/signal/ProviderSignalCredentialStateRequest, providerevents 1.0.0-beta01
 *
 * @constructor #ProviderSignalCredentialStateRequest(androidx.credentials.SignalCredentialStateRequest,androidx.credentials.provider.CallingAppInfo), 1.0.0-beta01
 */
class ProviderSignalCredentialStateRequest(
    /** #callingRequest(), 1.0.0-beta01 */
    val callingRequest: SignalCredentialStateRequest,
    /** #callingAppInfo(), 1.0.0-beta01 */
    val callingAppInfo: CallingAppInfo,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/signal/ProviderSignalCredentialStateCallback, providerevents 1.0.0-beta01 */
interface ProviderSignalCredentialStateCallback {
    /** #onSignalConsumed(), 1.0.0-beta01 */
    fun onSignalConsumed()
}
