package androidx.credentials

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreateCredentialRequest */
abstract class CreateCredentialRequest

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreatePublicKeyCredentialRequest */
class CreatePublicKeyCredentialRequest(
    val requestJson: String,
    val clientDataHash: ByteArray? = null,
    preferImmediatelyAvailableCredentials: Boolean = false,
    origin: String? = null,
    isAutoSelectAllowed: Boolean = false,
    val isConditional: Boolean = false,
) : CreateCredentialRequest() {
    init {
        check(!preferImmediatelyAvailableCredentials && origin == null && !isAutoSelectAllowed)
    }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreateCredentialResponse */
abstract class CreateCredentialResponse

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreatePublicKeyCredentialResponse */
class CreatePublicKeyCredentialResponse(val registrationResponseJson: String) : CreateCredentialResponse()

/** https://developer.android.com/reference/kotlin/androidx/credentials/CredentialOption */
abstract class CredentialOption

/** https://developer.android.com/reference/kotlin/androidx/credentials/GetPublicKeyCredentialOption */
class GetPublicKeyCredentialOption(val requestJson: String, val clientDataHash: ByteArray? = null) : CredentialOption()

/** https://developer.android.com/reference/kotlin/androidx/credentials/Credential */
abstract class Credential

/** https://developer.android.com/reference/kotlin/androidx/credentials/PublicKeyCredential */
class PublicKeyCredential(val authenticationResponseJson: String) : Credential()

/** https://developer.android.com/reference/kotlin/androidx/credentials/GetCredentialResponse */
class GetCredentialResponse(val credential: Credential)

/** https://developer.android.com/reference/kotlin/androidx/credentials/SignalCredentialStateRequest, since 1.6.0 */
abstract class SignalCredentialStateRequest internal constructor(val requestJson: String, val origin: String?)

/** https://developer.android.com/reference/kotlin/androidx/credentials/SignalUnknownCredentialRequest, since 1.6.0 */
class SignalUnknownCredentialRequest(requestJson: String, origin: String? = null) :
    SignalCredentialStateRequest(requestJson, origin)

/** https://developer.android.com/reference/kotlin/androidx/credentials/SignalAllAcceptedCredentialIdsRequest, since 1.6.0 */
class SignalAllAcceptedCredentialIdsRequest(requestJson: String, origin: String? = null) :
    SignalCredentialStateRequest(requestJson, origin)

/** https://developer.android.com/reference/kotlin/androidx/credentials/SignalCurrentUserDetailsRequest, since 1.6.0 */
class SignalCurrentUserDetailsRequest(requestJson: String, origin: String? = null) :
    SignalCredentialStateRequest(requestJson, origin)
