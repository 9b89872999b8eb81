package org.latchkey.app.ports

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import java.io.InputStream
import java.io.OutputStream
import java.security.InvalidAlgorithmParameterException
import java.security.Key
import java.security.KeyFactorySpi
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.PrivateKey
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import java.security.spec.InvalidKeySpecException
import java.security.spec.KeySpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey

/** AndroidKeyStore in memory, over Java's own cryptography. Knows how each key was asked for; enforces nothing. */
@Suppress("DEPRECATION")
class FakeKeystore : Provider("AndroidKeyStore", 1.0, "in memory") {
    init {
        put("KeyStore.AndroidKeyStore", Store::class.java.name)
        put("KeyGenerator.AES", Aes::class.java.name)
        put("KeyPairGenerator.EC", Ec::class.java.name)
        put("KeyFactory.EC", Factory::class.java.name)
    }

    companion object {
        val keys = LinkedHashMap<String, Key>()
        val specs = LinkedHashMap<String, KeyGenParameterSpec>()

        /** What a phone without StrongBox throws. */
        var refuseStrongBox: Exception? = null

        /** What a keystore throws that is asked for a key that works no longer. */
        var refuseKey: Exception? = null

        /** The hardware that keys are said to be in: a `KeyProperties.SECURITY_LEVEL_..`. */
        var securityLevel = 1

        fun install() {
            keys.clear()
            specs.clear()
            refuseStrongBox = null
            refuseKey = null
            Security.removeProvider("AndroidKeyStore")
            Security.addProvider(FakeKeystore())
        }

        private fun asked(spec: AlgorithmParameterSpec?): KeyGenParameterSpec {
            spec as KeyGenParameterSpec
            if (spec.isStrongBoxBacked) refuseStrongBox?.let { throw it }
            specs[spec.keystoreAlias] = spec
            return spec
        }
    }

    class Aes : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun engineInit(random: SecureRandom?) = throw UnsupportedOperationException()

        override fun engineInit(size: Int, random: SecureRandom?) = throw UnsupportedOperationException()

        override fun engineInit(params: AlgorithmParameterSpec?, random: SecureRandom?) {
            spec = params as KeyGenParameterSpec
        }

        override fun engineGenerateKey(): SecretKey {
            asked(spec)
            val key = KeyGenerator.getInstance("AES", "SunJCE").apply { init(256) }.generateKey()
            keys[spec.keystoreAlias] = key
            return key
        }
    }

    class Ec : KeyPairGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun initialize(size: Int, random: SecureRandom?) = throw UnsupportedOperationException()

        override fun initialize(params: AlgorithmParameterSpec?, random: SecureRandom?) {
            spec = params as? KeyGenParameterSpec ?: throw InvalidAlgorithmParameterException()
        }

        override fun generateKeyPair(): KeyPair {
            asked(spec)
            val generator = KeyPairGenerator.getInstance("EC")
            generator.initialize(spec.algorithmParameterSpec as ECGenParameterSpec)
            val pair = generator.generateKeyPair()
            keys[spec.keystoreAlias] = pair.private
            return pair
        }
    }

    class Factory : KeyFactorySpi() {
        override fun <T : KeySpec> engineGetKeySpec(key: Key, kind: Class<T>): T {
            val alias = keys.entries.single { it.value === key }.key
            return kind.cast(keyInfo(specs.getValue(alias), securityLevel)) ?: throw InvalidKeySpecException()
        }

        override fun engineGeneratePublic(spec: KeySpec?): PublicKey = throw UnsupportedOperationException()

        override fun engineGeneratePrivate(spec: KeySpec?): PrivateKey = throw UnsupportedOperationException()

        override fun engineTranslateKey(key: Key?): Key = throw UnsupportedOperationException()
    }

    class Store : KeyStoreSpi() {
        override fun engineGetKey(alias: String, password: CharArray?): Key? {
            refuseKey?.let { throw it }
            return keys[alias]
        }

        override fun engineDeleteEntry(alias: String) {
            keys.remove(alias)
        }

        override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(keys.keys)

        override fun engineContainsAlias(alias: String) = alias in keys

        override fun engineSize() = keys.size

        override fun engineIsKeyEntry(alias: String) = alias in keys

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCertificateAlias(certificate: Certificate): String? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<out Certificate>?) = Unit

        override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<out Certificate>?) = Unit

        override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = Unit

        override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
    }
}

/** Only the system makes these; of its members only the security level is asked for here. */
private fun keyInfo(spec: KeyGenParameterSpec, securityLevel: Int): KeyInfo {
    val constructor = KeyInfo::class.java.declaredConstructors.maxBy { it.parameterCount }
    val arguments = constructor.parameterTypes.map { type ->
        when (type) {
            Boolean::class.java -> false
            Int::class.java -> 0
            String::class.java -> spec.keystoreAlias
            else -> null
        }
    }.toTypedArray<Any?>()
    // The last but one, in the constructor of API 31 and later.
    arguments[arguments.size - 2] = securityLevel
    return constructor.newInstance(*arguments) as KeyInfo
}
