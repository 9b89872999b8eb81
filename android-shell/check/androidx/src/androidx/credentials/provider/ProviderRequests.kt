package androidx.credentials.provider

import androidx.credentials.CreateCredentialRequest
import androidx.credentials.CredentialOption

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/ProviderCreateCredentialRequest */
class ProviderCreateCredentialRequest(
    val callingRequest: CreateCredentialRequest,
    val callingAppInfo: CallingAppInfo,
    val biometricPromptResult: BiometricPromptResult? = null,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/ProviderGetCredentialRequest */
class ProviderGetCredentialRequest(
    val credentialOptions: List<CredentialOption>,
    val callingAppInfo: CallingAppInfo,
    val biometricPromptResult: BiometricPromptResult? = null,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/ProviderClearCredentialStateRequest */
class ProviderClearCredentialStateRequest(val callingAppInfo: CallingAppInfo)
