package androidx.credentials

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreateCredentialRequest, credentials 1.2.0 */
abstract class CreateCredentialRequest internal constructor()

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/CreatePublicKeyCredentialRequest, credentials 1.2.0
 *
 * @constructor #CreatePublicKeyCredentialRequest(kotlin.String,kotlin.ByteArray,kotlin.Boolean,kotlin.String,kotlin.Boolean,kotlin.Boolean), 1.6.0
 */
class CreatePublicKeyCredentialRequest(
    /** #requestJson(), 1.2.0 */
    val requestJson: String,
    /** #clientDataHash(), 1.2.0 */
    val clientDataHash: ByteArray? = null,
    preferImmediatelyAvailableCredentials: Boolean = false,
    origin: String? = null,
    isAutoSelectAllowed: Boolean = false,
    /** #isConditional(), 1.6.0 */
    val isConditional: Boolean = false,
) : CreateCredentialRequest() {
    init {
        check(!preferImmediatelyAvailableCredentials && origin == null && !isAutoSelectAllowed)
    }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreateCredentialResponse, credentials 1.2.0 */
abstract class CreateCredentialResponse internal constructor()

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/CreatePublicKeyCredentialResponse, credentials 1.2.0
 *
 * @constructor #CreatePublicKeyCredentialResponse(kotlin.String), 1.2.0
 */
class CreatePublicKeyCredentialResponse(
    /** #registrationResponseJson(), 1.2.0 */
    val registrationResponseJson: String,
) : CreateCredentialResponse()

/** https://developer.android.com/reference/kotlin/androidx/credentials/CredentialOption, credentials 1.2.0 */
abstract class CredentialOption internal constructor()

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/GetPublicKeyCredentialOption, credentials 1.2.0
 *
 * @constructor #GetPublicKeyCredentialOption(kotlin.String,kotlin.ByteArray,kotlin.collections.Set), 1.2.0, without the third
 */
class GetPublicKeyCredentialOption(
    /** #requestJson(), 1.2.0 */
    val requestJson: String,
    /** #clientDataHash(), 1.2.0 */
    val clientDataHash: ByteArray? = null,
) : CredentialOption()

/** https://developer.android.com/reference/kotlin/androidx/credentials/Credential, credentials 1.2.0 */
abstract class Credential internal constructor()

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/PublicKeyCredential, credentials 1.2.0
 *
 * @constructor #PublicKeyCredential(kotlin.String), 1.2.0
 */
class PublicKeyCredential(
    /** #authenticationResponseJson(), 1.2.0 */
    val authenticationResponseJson: String,
) : Credential()

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/GetCredentialResponse, credentials 1.2.0
 *
 * @constructor #GetCredentialResponse(androidx.credentials.Credential), 1.2.0
 */
class GetCredentialResponse(
    /** #credential(), 1.2.0 */
    val credential: Credential,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/SignalCredentialStateRequest, credentials 1.6.0 */
abstract class SignalCredentialStateRequest internal constructor(
    /** #requestJson(), 1.6.0 */
    val requestJson: String,
    /** #origin(), 1.6.0 */
    val origin: String?,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/SignalUnknownCredentialRequest, credentials 1.6.0
 *
 * @constructor #SignalUnknownCredentialRequest(kotlin.String,kotlin.String), 1.6.0
 */
class SignalUnknownCredentialRequest(requestJson: String, origin: String? = null) :
    SignalCredentialStateRequest(requestJson, origin)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/SignalAllAcceptedCredentialIdsRequest, credentials 1.6.0
 *
 * @constructor #SignalAllAcceptedCredentialIdsRequest(kotlin.String,kotlin.String), 1.6.0
 */
class SignalAllAcceptedCredentialIdsRequest(requestJson: String, origin: String? = null) :
    SignalCredentialStateRequest(requestJson, origin)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/SignalCurrentUserDetailsRequest, credentials 1.6.0
 *
 * @constructor #SignalCurrentUserDetailsRequest(kotlin.String,kotlin.String), 1.6.0
 */
class SignalCurrentUserDetailsRequest(requestJson: String, origin: String? = null) :
    SignalCredentialStateRequest(requestJson, origin)
