package androidx.credentials.exceptions

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialException, credentials 1.2.0 */
abstract class CreateCredentialException internal constructor(
    /** Of the stand-in alone: the library keeps it to itself. */
    val type: String,
    errorMessage: CharSequence? = null,
) : Exception(errorMessage?.toString())

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialException, credentials 1.2.0 */
abstract class GetCredentialException internal constructor(
    /** Of the stand-in alone: the library keeps it to itself. */
    val type: String,
    errorMessage: CharSequence? = null,
) : Exception(errorMessage?.toString())

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/ClearCredentialException, credentials 1.2.0 */
abstract class ClearCredentialException internal constructor(
    /** Of the stand-in alone: the library keeps it to itself. */
    val type: String,
    errorMessage: CharSequence? = null,
) : Exception(errorMessage?.toString())

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialCancellationException, credentials 1.2.0
 *
 * @constructor #CreateCredentialCancellationException(kotlin.CharSequence), 1.2.0
 */
class CreateCredentialCancellationException(errorMessage: CharSequence? = null) :
    CreateCredentialException("android.credentials.CreateCredentialException.TYPE_USER_CANCELED", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialInterruptedException, credentials 1.2.0
 *
 * @constructor #CreateCredentialInterruptedException(kotlin.CharSequence), 1.2.0
 */
class CreateCredentialInterruptedException(errorMessage: CharSequence? = null) :
    CreateCredentialException("android.credentials.CreateCredentialException.TYPE_INTERRUPTED", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialNoCreateOptionException, credentials 1.2.0
 *
 * @constructor #CreateCredentialNoCreateOptionException(kotlin.CharSequence), 1.2.0
 */
class CreateCredentialNoCreateOptionException(errorMessage: CharSequence? = null) :
    CreateCredentialException("android.credentials.CreateCredentialException.TYPE_NO_CREATE_OPTIONS", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialUnknownException, credentials 1.2.0
 *
 * @constructor #CreateCredentialUnknownException(kotlin.CharSequence), 1.2.0
 */
class CreateCredentialUnknownException(errorMessage: CharSequence? = null) :
    CreateCredentialException("android.credentials.CreateCredentialException.TYPE_UNKNOWN", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialUnsupportedException, credentials 1.2.0
 *
 * @constructor #CreateCredentialUnsupportedException(kotlin.CharSequence), 1.2.0
 */
class CreateCredentialUnsupportedException(errorMessage: CharSequence? = null) :
    CreateCredentialException("androidx.credentials.TYPE_CREATE_CREDENTIAL_UNSUPPORTED_EXCEPTION", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/CreateCredentialProviderConfigurationException, credentials 1.2.0
 *
 * @constructor #CreateCredentialProviderConfigurationException(kotlin.CharSequence), 1.2.0
 */
class CreateCredentialProviderConfigurationException(errorMessage: CharSequence? = null) :
    CreateCredentialException("androidx.credentials.TYPE_CREATE_CREDENTIAL_PROVIDER_CONFIGURATION_EXCEPTION", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialCancellationException, credentials 1.2.0
 *
 * @constructor #GetCredentialCancellationException(kotlin.CharSequence), 1.2.0
 */
class GetCredentialCancellationException(errorMessage: CharSequence? = null) :
    GetCredentialException("android.credentials.GetCredentialException.TYPE_USER_CANCELED", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialInterruptedException, credentials 1.2.0
 *
 * @constructor #GetCredentialInterruptedException(kotlin.CharSequence), 1.2.0
 */
class GetCredentialInterruptedException(errorMessage: CharSequence? = null) :
    GetCredentialException("android.credentials.GetCredentialException.TYPE_INTERRUPTED", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/NoCredentialException, credentials 1.2.0
 *
 * @constructor #NoCredentialException(kotlin.CharSequence), 1.2.0
 */
class NoCredentialException(errorMessage: CharSequence? = null) :
    GetCredentialException("android.credentials.GetCredentialException.TYPE_NO_CREDENTIAL", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialUnknownException, credentials 1.2.0
 *
 * @constructor #GetCredentialUnknownException(kotlin.CharSequence), 1.2.0
 */
class GetCredentialUnknownException(errorMessage: CharSequence? = null) :
    GetCredentialException("android.credentials.GetCredentialException.TYPE_UNKNOWN", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialUnsupportedException, credentials 1.2.0
 *
 * @constructor #GetCredentialUnsupportedException(kotlin.CharSequence), 1.2.0
 */
class GetCredentialUnsupportedException(errorMessage: CharSequence? = null) :
    GetCredentialException("androidx.credentials.TYPE_GET_CREDENTIAL_UNSUPPORTED_EXCEPTION", errorMessage)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/GetCredentialProviderConfigurationException, credentials 1.2.0
 *
 * @constructor #GetCredentialProviderConfigurationException(kotlin.CharSequence), 1.2.0
 */
class GetCredentialProviderConfigurationException(errorMessage: CharSequence? = null) :
    GetCredentialException("androidx.credentials.TYPE_GET_CREDENTIAL_PROVIDER_CONFIGURATION_EXCEPTION", errorMessage)
