package org.latchkey.app.provider

import androidx.credentials.exceptions.CreateCredentialCancellationException
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.CreateCredentialInterruptedException
import androidx.credentials.exceptions.CreateCredentialNoCreateOptionException
import androidx.credentials.exceptions.CreateCredentialProviderConfigurationException
import androidx.credentials.exceptions.CreateCredentialUnknownException
import androidx.credentials.exceptions.CreateCredentialUnsupportedException
import androidx.credentials.exceptions.GetCredentialCancellationException
import androidx.credentials.exceptions.GetCredentialException
import androidx.credentials.exceptions.GetCredentialInterruptedException
import androidx.credentials.exceptions.GetCredentialProviderConfigurationException
import androidx.credentials.exceptions.GetCredentialUnknownException
import androidx.credentials.exceptions.GetCredentialUnsupportedException
import androidx.credentials.exceptions.NoCredentialException
import androidx.credentials.exceptions.domerrors.AbortError
import androidx.credentials.exceptions.domerrors.ConstraintError
import androidx.credentials.exceptions.domerrors.DataError
import androidx.credentials.exceptions.domerrors.DomError
import androidx.credentials.exceptions.domerrors.InvalidStateError
import androidx.credentials.exceptions.domerrors.NotAllowedError
import androidx.credentials.exceptions.domerrors.NotSupportedError
import androidx.credentials.exceptions.domerrors.QuotaExceededError
import androidx.credentials.exceptions.domerrors.SecurityError
import androidx.credentials.exceptions.domerrors.TimeoutError
import androidx.credentials.exceptions.domerrors.UnknownError
import androidx.credentials.exceptions.publickeycredential.CreatePublicKeyCredentialDomException
import androidx.credentials.exceptions.publickeycredential.GetPublicKeyCredentialDomException

// The core names the exception for each failure (`ErrorInfo.androidCreate`, `androidGet`): a class, with the DOM error in
// brackets where it carries one. No text goes with it: the calling app may not learn more than the kind.

/** The exception that a calling app gets when no passkey was made, for the names that the core has for it. */
fun createException(names: List<String>): CreateCredentialException {
    val name = names.firstOrNull().orEmpty()
    return when (name.substringBefore('(')) {
        "CreateCredentialCancellationException" -> CreateCredentialCancellationException()
        "CreateCredentialInterruptedException" -> CreateCredentialInterruptedException()
        "CreateCredentialNoCreateOptionException" -> CreateCredentialNoCreateOptionException()
        "CreateCredentialUnsupportedException" -> CreateCredentialUnsupportedException()
        "CreateCredentialProviderConfigurationException" -> CreateCredentialProviderConfigurationException()
        "CreatePublicKeyCredentialDomException" -> CreatePublicKeyCredentialDomException(domError(name))
        else -> CreateCredentialUnknownException()
    }
}

/** The same when nobody was signed in. */
fun getException(names: List<String>): GetCredentialException {
    val name = names.firstOrNull().orEmpty()
    return when (name.substringBefore('(')) {
        "GetCredentialCancellationException" -> GetCredentialCancellationException()
        "GetCredentialInterruptedException" -> GetCredentialInterruptedException()
        "NoCredentialException" -> NoCredentialException()
        "GetCredentialUnsupportedException" -> GetCredentialUnsupportedException()
        "GetCredentialProviderConfigurationException" -> GetCredentialProviderConfigurationException()
        "GetPublicKeyCredentialDomException" -> GetPublicKeyCredentialDomException(domError(name))
        else -> GetCredentialUnknownException()
    }
}

private fun domError(name: String): DomError = when (name.substringAfter('(').substringBefore(')')) {
    "AbortError" -> AbortError()
    "ConstraintError" -> ConstraintError()
    "DataError" -> DataError()
    "InvalidStateError" -> InvalidStateError()
    "NotAllowedError" -> NotAllowedError()
    "NotSupportedError" -> NotSupportedError()
    "QuotaExceededError" -> QuotaExceededError()
    "SecurityError" -> SecurityError()
    "TimeoutError" -> TimeoutError()
    else -> UnknownError()
}
