package org.latchkey.app.ports

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.util.UUID
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import kotlin.coroutines.cancellation.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext
import org.latchkey.HardwareKey
import org.latchkey.KeyVault
import org.latchkey.KeyVaultException

/** The keys that AndroidKeyStore keeps: one that wraps the vault key, and signing keys, in StrongBox where the phone has it. */
class KeystoreKeys(context: Context) : KeyVault {
    private val hasStrongBox = context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)

    override fun wrap(key: ByteArray): ByteArray = refusing {
        val cipher = Cipher.getInstance(WRAPPING)
        cipher.init(Cipher.ENCRYPT_MODE, wrappingKey() ?: newWrappingKey())
        WrappedKey(cipher.iv, cipher.doFinal(key).also { key.fill(0) }).encode()
    }

    override fun unwrap(wrapped: ByteArray): ByteArray = refusing {
        val (nonce, sealed) = WrappedKey.decode(wrapped) ?: throw KeyVaultException.Failed()
        val key = wrappingKey() ?: throw KeyVaultException.Invalidated()
        val cipher = Cipher.getInstance(WRAPPING)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(WrappedKey.TAG_BITS, nonce))
        cipher.doFinal(sealed)
    }

    override suspend fun createKey(): HardwareKey? {
        val alias = SIGNING + UUID.randomUUID()
        try {
            return withContext(Dispatchers.IO) { refusing { newSigningKey(alias) } }
        } catch (cancelled: CancellationException) {
            // Nobody knows the handle: the key must not stay.
            withContext(NonCancellable + Dispatchers.IO) { refusing { keystore().deleteEntry(alias) } }
            throw cancelled
        }
    }

    override suspend fun sign(handle: ByteArray, message: ByteArray): ByteArray = withContext(Dispatchers.IO) {
        refusing {
            val key = keystore().getKey(alias(handle), null) ?: throw KeyVaultException.Invalidated()
            Signature.getInstance("SHA256withECDSA").run {
                initSign(key as PrivateKey)
                update(message)
                sign()
            }
        }
    }

    override suspend fun deleteKey(handle: ByteArray) = withContext(Dispatchers.IO) {
        refusing { keystore().deleteEntry(alias(handle)) }
    }

    private fun wrappingKey() = keystore().getKey(WRAPPING_KEY, null) as SecretKey?

    private fun newWrappingKey(): SecretKey = inBestHardware { strongBox ->
        val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
        val spec = KeyGenParameterSpec.Builder(WRAPPING_KEY, purposes)
            .setKeySize(256)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            // Earlier versions lose such a key with the screen lock, and refuse it after an unlock by a weak biometric.
            .setUnlockedDeviceRequired(Build.VERSION.SDK_INT >= Build.VERSION_CODES.VANILLA_ICE_CREAM)
            .setIsStrongBoxBacked(strongBox)
            .build()
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEYSTORE).run {
            init(spec)
            generateKey()
        }
    }

    /** A signing key that works for some seconds after its owner was verified, or none without hardware for it. */
    private fun newSigningKey(alias: String): HardwareKey? {
        val pair = inBestHardware { strongBox ->
            val spec = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
                .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
                .setDigests(KeyProperties.DIGEST_SHA256)
                .setUserAuthenticationRequired(true)
                .usableAfterVerification(SIGNING_SECONDS)
                .setIsStrongBoxBacked(strongBox)
                .build()
            KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, KEYSTORE).run {
                initialize(spec)
                generateKeyPair()
            }
        }
        if (!isInHardware(pair.private)) {
            keystore().deleteEntry(alias)
            return null
        }
        return HardwareKey(alias.encodeToByteArray(), uncompressedPoint((pair.public as ECPublicKey).w))
    }

    private fun <T> inBestHardware(make: (strongBox: Boolean) -> T): T = try {
        make(hasStrongBox)
    } catch (_: StrongBoxUnavailableException) {
        make(false)
    }

    private fun isInHardware(key: PrivateKey): Boolean {
        val info = KeyFactory.getInstance(key.algorithm, KEYSTORE).getKeySpec(key, KeyInfo::class.java)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.S) {
            @Suppress("DEPRECATION")
            return info.isInsideSecureHardware
        }
        return info.securityLevel == KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT ||
            info.securityLevel == KeyProperties.SECURITY_LEVEL_STRONGBOX ||
            info.securityLevel == KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE
    }

    private companion object {
        const val WRAPPING = "AES/GCM/NoPadding"
        const val WRAPPING_KEY = "latchkey.vault"
        const val SIGNING = "latchkey.sign."
        const val SIGNING_SECONDS = 15

        /** Handles come back from the vault: only this app's signing keys are reached by them. */
        fun alias(handle: ByteArray): String {
            val alias = handle.decodeToString()
            return if (alias.startsWith(SIGNING)) alias else throw KeyVaultException.Failed()
        }
    }
}

internal const val KEYSTORE = "AndroidKeyStore"

internal fun keystore(): KeyStore = KeyStore.getInstance(KEYSTORE).apply { load(null) }

private fun KeyGenParameterSpec.Builder.usableAfterVerification(seconds: Int): KeyGenParameterSpec.Builder =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
        val kinds = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
        setUserAuthenticationParameters(seconds, kinds)
    } else {
        @Suppress("DEPRECATION")
        setUserAuthenticationValidityDurationSeconds(seconds)
    }
