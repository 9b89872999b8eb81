package androidx.credentials.exceptions.publickeycredential

import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.GetCredentialException
import androidx.credentials.exceptions.domerrors.DomError

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/publickeycredential/CreatePublicKeyCredentialDomException, credentials 1.2.0
 *
 * @constructor #CreatePublicKeyCredentialDomException(androidx.credentials.exceptions.domerrors.DomError,kotlin.CharSequence), 1.2.0
 */
class CreatePublicKeyCredentialDomException(
    /** #domError(), 1.2.0 */
    val domError: DomError,
    errorMessage: CharSequence? = null,
) : CreateCredentialException(
    "androidx.credentials.TYPE_CREATE_PUBLIC_KEY_CREDENTIAL_DOM_EXCEPTION/" + domError.type, errorMessage
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/publickeycredential/GetPublicKeyCredentialDomException, credentials 1.2.0
 *
 * @constructor #GetPublicKeyCredentialDomException(androidx.credentials.exceptions.domerrors.DomError,kotlin.CharSequence), 1.2.0
 */
class GetPublicKeyCredentialDomException(
    /** #domError(), 1.2.0 */
    val domError: DomError,
    errorMessage: CharSequence? = null,
) : GetCredentialException(
    "androidx.credentials.TYPE_GET_PUBLIC_KEY_CREDENTIAL_DOM_EXCEPTION/" + domError.type, errorMessage
)
