package org.latchkey.app.ports

import android.os.Build
import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import java.security.UnrecoverableKeyException
import kotlin.coroutines.cancellation.CancellationException
import org.latchkey.KeyVaultException

/** Does what may fail in the keystore's many ways, and fails in the three that the core tells apart. */
internal inline fun <T> refusing(work: () -> T): T = try {
    work()
} catch (cancelled: CancellationException) {
    throw cancelled
} catch (failure: Exception) {
    throw keystoreFailure(failure)
}

/** What an exception of AndroidKeyStore means; the cause often says more than the exception itself. */
fun keystoreFailure(failure: Throwable, apiLevel: Int = Build.VERSION.SDK_INT): KeyVaultException {
    val causes = generateSequence(failure) { it.cause }.take(8)
    return causes.firstNotNullOfOrNull { known(it, apiLevel) } ?: KeyVaultException.Failed()
}

private fun known(failure: Throwable, apiLevel: Int): KeyVaultException? = when (failure) {
    is KeyVaultException -> failure
    is KeyPermanentlyInvalidatedException, is UnrecoverableKeyException -> KeyVaultException.Invalidated()
    is UserNotAuthenticatedException -> KeyVaultException.Locked()
    // Its number can be asked for from Android 13 on.
    is KeyStoreException -> if (apiLevel >= Build.VERSION_CODES.TIRAMISU) numbered(failure.numericErrorCode) else null
    else -> null
}

/** The codes of `android.security.KeyStoreException`, API 33. */
fun numbered(code: Int): KeyVaultException? = when (code) {
    KeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED -> KeyVaultException.Locked()
    KeyStoreException.ERROR_KEY_DOES_NOT_EXIST, KeyStoreException.ERROR_KEY_CORRUPTED -> KeyVaultException.Invalidated()
    else -> null
}
