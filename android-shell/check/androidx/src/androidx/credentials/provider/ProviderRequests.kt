package androidx.credentials.provider

import androidx.credentials.CreateCredentialRequest
import androidx.credentials.CredentialOption

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/ProviderCreateCredentialRequest, credentials 1.2.0
 *
 * @constructor #ProviderCreateCredentialRequest(androidx.credentials.CreateCredentialRequest,androidx.credentials.provider.CallingAppInfo,androidx.credentials.provider.BiometricPromptResult), 1.5.0
 */
class ProviderCreateCredentialRequest(
    /** #callingRequest(), 1.2.0 */
    val callingRequest: CreateCredentialRequest,
    /** #callingAppInfo(), 1.2.0 */
    val callingAppInfo: CallingAppInfo,
    /** #biometricPromptResult(), 1.5.0 */
    val biometricPromptResult: BiometricPromptResult? = null,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/ProviderGetCredentialRequest, credentials 1.2.0
 *
 * @constructor #ProviderGetCredentialRequest(kotlin.collections.List,androidx.credentials.provider.CallingAppInfo,androidx.credentials.provider.BiometricPromptResult), 1.5.0
 */
class ProviderGetCredentialRequest(
    /** #credentialOptions(), 1.2.0 */
    val credentialOptions: List<CredentialOption>,
    /** #callingAppInfo(), 1.2.0 */
    val callingAppInfo: CallingAppInfo,
    /** #biometricPromptResult(), 1.5.0 */
    val biometricPromptResult: BiometricPromptResult? = null,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/ProviderClearCredentialStateRequest, credentials 1.2.0
 *
 * @constructor #ProviderClearCredentialStateRequest(androidx.credentials.provider.CallingAppInfo), 1.2.0
 */
class ProviderClearCredentialStateRequest(
    /** #callingAppInfo(), 1.2.0 */
    val callingAppInfo: CallingAppInfo,
)
