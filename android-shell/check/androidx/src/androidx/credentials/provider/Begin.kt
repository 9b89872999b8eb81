package androidx.credentials.provider

import android.os.Bundle

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginCreateCredentialRequest, credentials 1.2.0
 *
 * @constructor #BeginCreateCredentialRequest(kotlin.String,android.os.Bundle,androidx.credentials.provider.CallingAppInfo), 1.2.0
 */
abstract class BeginCreateCredentialRequest(
    /** #type(), 1.2.0 */
    val type: String,
    /** #candidateQueryData(), 1.2.0 */
    val candidateQueryData: Bundle,
    /** #callingAppInfo(), 1.2.0 */
    val callingAppInfo: CallingAppInfo?,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginCreatePublicKeyCredentialRequest, credentials 1.2.0
 *
 * @constructor #BeginCreatePublicKeyCredentialRequest(kotlin.String,androidx.credentials.provider.CallingAppInfo,android.os.Bundle,kotlin.ByteArray), 1.2.0
 */
class BeginCreatePublicKeyCredentialRequest(
    /** #requestJson(), 1.2.0 */
    val requestJson: String,
    callingAppInfo: CallingAppInfo?,
    candidateQueryData: Bundle,
    /** #clientDataHash(), 1.2.0 */
    val clientDataHash: ByteArray? = null,
) : BeginCreateCredentialRequest(
    "androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL", candidateQueryData, callingAppInfo
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginCreateCredentialResponse, credentials 1.2.0
 *
 * @constructor #BeginCreateCredentialResponse(kotlin.collections.List,androidx.credentials.provider.RemoteEntry), 1.2.0, without the second
 */
class BeginCreateCredentialResponse(
    /** #createEntries(), 1.2.0 */
    val createEntries: List<CreateEntry> = listOf(),
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetCredentialOption, credentials 1.2.0 */
abstract class BeginGetCredentialOption internal constructor(
    /** #id(), 1.2.0 */
    val id: String,
    /** #type(), 1.2.0 */
    val type: String,
    /** #candidateQueryData(), 1.2.0 */
    val candidateQueryData: Bundle,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetPublicKeyCredentialOption, credentials 1.2.0
 *
 * @constructor #BeginGetPublicKeyCredentialOption(android.os.Bundle,kotlin.String,kotlin.String,kotlin.ByteArray), 1.2.0
 */
class BeginGetPublicKeyCredentialOption(
    candidateQueryData: Bundle,
    id: String,
    /** #requestJson(), 1.2.0 */
    val requestJson: String,
    /** #clientDataHash(), 1.2.0 */
    val clientDataHash: ByteArray? = null,
) : BeginGetCredentialOption(id, "androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL", candidateQueryData)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetCredentialRequest, credentials 1.2.0
 *
 * @constructor #BeginGetCredentialRequest(kotlin.collections.List,androidx.credentials.provider.CallingAppInfo), 1.2.0
 */
class BeginGetCredentialRequest(
    /** #beginGetCredentialOptions(), 1.2.0 */
    val beginGetCredentialOptions: List<BeginGetCredentialOption>,
    /** #callingAppInfo(), 1.2.0 */
    val callingAppInfo: CallingAppInfo? = null,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/BeginGetCredentialResponse, credentials 1.2.0
 *
 * @constructor #BeginGetCredentialResponse(kotlin.collections.List,kotlin.collections.List,kotlin.collections.List,androidx.credentials.provider.RemoteEntry), 1.2.0,
 * without the fourth
 */
class BeginGetCredentialResponse(
    /** #credentialEntries(), 1.2.0 */
    val credentialEntries: List<CredentialEntry> = listOf(),
    /** #actions(), 1.2.0 */
    val actions: List<Action> = listOf(),
    /** #authenticationActions(), 1.2.0 */
    val authenticationActions: List<AuthenticationAction> = listOf(),
)
