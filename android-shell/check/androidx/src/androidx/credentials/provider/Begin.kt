package androidx.credentials.provider

import android.os.Bundle

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginCreateCredentialRequest */
abstract class BeginCreateCredentialRequest(
    val type: String,
    val candidateQueryData: Bundle,
    val callingAppInfo: CallingAppInfo?,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginCreatePublicKeyCredentialRequest */
class BeginCreatePublicKeyCredentialRequest(
    val requestJson: String,
    callingAppInfo: CallingAppInfo?,
    candidateQueryData: Bundle,
    val clientDataHash: ByteArray? = null,
) : BeginCreateCredentialRequest(
    "androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL", candidateQueryData, callingAppInfo
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginCreateCredentialResponse */
class BeginCreateCredentialResponse(val createEntries: List<CreateEntry> = listOf())

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetCredentialOption */
abstract class BeginGetCredentialOption(val id: String, val type: String, val candidateQueryData: Bundle)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetPublicKeyCredentialOption */
class BeginGetPublicKeyCredentialOption(
    candidateQueryData: Bundle,
    id: String,
    val requestJson: String,
    val clientDataHash: ByteArray? = null,
) : BeginGetCredentialOption(id, "androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL", candidateQueryData)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetCredentialRequest */
class BeginGetCredentialRequest(
    val beginGetCredentialOptions: List<BeginGetCredentialOption>,
    val callingAppInfo: CallingAppInfo? = null,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetCredentialResponse */
class BeginGetCredentialResponse(
    val credentialEntries: List<CredentialEntry> = listOf(),
    val actions: List<Action> = listOf(),
    val authenticationActions: List<AuthenticationAction> = listOf(),
)
