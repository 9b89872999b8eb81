package androidx.credentials.exceptions

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialException */
abstract class CreateCredentialException(val type: String) : Exception()

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialException */
abstract class GetCredentialException(val type: String) : Exception()

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/ClearCredentialException */
abstract class ClearCredentialException(val type: String) : Exception()

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialCancellationException */
class CreateCredentialCancellationException(val errorMessage: CharSequence? = null) : CreateCredentialException("android.credentials.CreateCredentialException.TYPE_USER_CANCELED")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialInterruptedException */
class CreateCredentialInterruptedException(val errorMessage: CharSequence? = null) : CreateCredentialException("android.credentials.CreateCredentialException.TYPE_INTERRUPTED")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialNoCreateOptionException */
class CreateCredentialNoCreateOptionException(val errorMessage: CharSequence? = null) : CreateCredentialException("android.credentials.CreateCredentialException.TYPE_NO_CREATE_OPTIONS")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialUnknownException */
class CreateCredentialUnknownException(val errorMessage: CharSequence? = null) : CreateCredentialException("android.credentials.CreateCredentialException.TYPE_UNKNOWN")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialUnsupportedException */
class CreateCredentialUnsupportedException(val errorMessage: CharSequence? = null) : CreateCredentialException("androidx.credentials.TYPE_CREATE_CREDENTIAL_UNSUPPORTED_EXCEPTION")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialProviderConfigurationException */
class CreateCredentialProviderConfigurationException(val errorMessage: CharSequence? = null) : CreateCredentialException("androidx.credentials.TYPE_CREATE_CREDENTIAL_PROVIDER_CONFIGURATION_EXCEPTION")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialCancellationException */
class GetCredentialCancellationException(val errorMessage: CharSequence? = null) : GetCredentialException("android.credentials.GetCredentialException.TYPE_USER_CANCELED")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialInterruptedException */
class GetCredentialInterruptedException(val errorMessage: CharSequence? = null) : GetCredentialException("android.credentials.GetCredentialException.TYPE_INTERRUPTED")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/NoCredentialException */
class NoCredentialException(val errorMessage: CharSequence? = null) : GetCredentialException("android.credentials.GetCredentialException.TYPE_NO_CREDENTIAL")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialUnknownException */
class GetCredentialUnknownException(val errorMessage: CharSequence? = null) : GetCredentialException("android.credentials.GetCredentialException.TYPE_UNKNOWN")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialUnsupportedException */
class GetCredentialUnsupportedException(val errorMessage: CharSequence? = null) : GetCredentialException("androidx.credentials.TYPE_GET_CREDENTIAL_UNSUPPORTED_EXCEPTION")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialProviderConfigurationException */
class GetCredentialProviderConfigurationException(val errorMessage: CharSequence? = null) : GetCredentialException("androidx.credentials.TYPE_GET_CREDENTIAL_PROVIDER_CONFIGURATION_EXCEPTION")
