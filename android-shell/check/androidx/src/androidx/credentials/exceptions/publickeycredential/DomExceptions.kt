package androidx.credentials.exceptions.publickeycredential

import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.GetCredentialException
import androidx.credentials.exceptions.domerrors.DomError

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/publickeycredential/CreatePublicKeyCredentialDomException */
class CreatePublicKeyCredentialDomException(val domError: DomError, val errorMessage: CharSequence? = null) :
    CreateCredentialException(
        "androidx.credentials.TYPE_CREATE_PUBLIC_KEY_CREDENTIAL_DOM_EXCEPTION/" + domError.type
    )

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/publickeycredential/GetPublicKeyCredentialDomException */
class GetPublicKeyCredentialDomException(val domError: DomError, val errorMessage: CharSequence? = null) :
    GetCredentialException("androidx.credentials.TYPE_GET_PUBLIC_KEY_CREDENTIAL_DOM_EXCEPTION/" + domError.type)
