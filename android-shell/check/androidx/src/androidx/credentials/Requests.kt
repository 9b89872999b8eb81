package androidx.credentials

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreateCredentialRequest */
abstract class CreateCredentialRequest

/** https://developer.android.com/reference/kotlin/androidx/credentials/CreatePublicKeyCredentialRequest */
class CreatePublicKeyCredentialRequest(val requestJson: String, val clientDataHash: ByteArray? = null) :
    CreateCredentialRequest()

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
