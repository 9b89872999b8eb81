package org.latchkey.app.ports

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey

/**
 * A key that works once for each verification of the person. What it encrypts proves that the keystore, and not only
 * the process that a callback came to, knows of the verification.
 */
class GateKey {
    /** A cipher that waits for a verification; null while there is nothing to verify the person by. */
    fun cipher(): Cipher? = try {
        waiting(keystore().getKey(ALIAS, null) as SecretKey? ?: generate())
    } catch (_: KeyPermanentlyInvalidatedException) {
        anew()
    } catch (_: UnrecoverableKeyException) {
        // The same, when the keystore finds out as it looks for the key.
        anew()
    } catch (_: GeneralSecurityException) {
        null
    } catch (_: ProviderException) {
        null
    } catch (_: IllegalStateException) {
        null
    }

    /** Whether the person was verified since [cipher] made this one. Can be asked once. */
    fun proves(cipher: Cipher?): Boolean = try {
        cipher != null && cipher.doFinal(ByteArray(16)).isNotEmpty()
    } catch (_: GeneralSecurityException) {
        false
    } catch (_: ProviderException) {
        false
    } catch (_: IllegalStateException) {
        false
    }

    /** The enrolled biometrics or the screen lock have changed. The key protects nothing: a new one will do. */
    private fun anew(): Cipher? = try {
        waiting(generate())
    } catch (_: GeneralSecurityException) {
        null
    } catch (_: ProviderException) {
        null
    } catch (_: IllegalStateException) {
        null
    }

    private fun waiting(key: SecretKey): Cipher =
        Cipher.getInstance("AES/GCM/NoPadding").apply { init(Cipher.ENCRYPT_MODE, key) }

    private fun generate(): SecretKey {
        val spec = KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_ENCRYPT)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setUserAuthenticationRequired(true)
        // Earlier versions verify by biometrics alone where a key takes part.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val kinds = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
            spec.setUserAuthenticationParameters(0, kinds)
        }
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEYSTORE).run {
            init(spec.build())
            generateKey()
        }
    }

    private companion object {
        const val ALIAS = "latchkey.gate"
    }
}
