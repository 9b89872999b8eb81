package org.latchkey.app.ports

import android.security.KeyStoreException
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.UserNotAuthenticatedException
import java.math.BigInteger
import java.security.KeyPairGenerator
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECPoint
import javax.crypto.IllegalBlockSizeException
import kotlin.coroutines.cancellation.CancellationException
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import org.junit.jupiter.api.Test
import org.latchkey.KeyVaultException

class KeystoreTest {
    private fun failure(cause: Throwable) = keystoreFailure(cause, apiLevel = 35)

    @Test
    fun `failures mean one of three things`() {
        assertIs<KeyVaultException.Invalidated>(failure(KeyPermanentlyInvalidatedException()))
        assertIs<KeyVaultException.Invalidated>(failure(UnrecoverableKeyException()))
        assertIs<KeyVaultException.Locked>(failure(UserNotAuthenticatedException()))
        assertIs<KeyVaultException.Failed>(failure(IllegalStateException()))
    }

    @Test
    fun `the cause says it where the exception does not`() {
        val deep = ProviderException(RuntimeException(UserNotAuthenticatedException()))
        assertIs<KeyVaultException.Locked>(failure(deep))
        assertIs<KeyVaultException.Failed>(failure(IllegalBlockSizeException()))
    }

    @Test
    fun `a circle of causes ends`() {
        val outer = RuntimeException()
        outer.initCause(RuntimeException(outer))
        assertIs<KeyVaultException.Failed>(failure(outer))
    }

    @Test
    fun `the numbers of Android 13`() {
        // Only the system makes one: its constructor is hidden.
        val constructor = KeyStoreException::class.java.getConstructor(Int::class.java, String::class.java)
        val locked = constructor.newInstance(KeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED, "")
        assertIs<KeyVaultException.Failed>(keystoreFailure(locked, apiLevel = 32))
        assertIs<KeyVaultException.Locked>(numbered(KeyStoreException.ERROR_USER_AUTHENTICATION_REQUIRED))
        assertIs<KeyVaultException.Invalidated>(numbered(KeyStoreException.ERROR_KEY_DOES_NOT_EXIST))
        assertNull(numbered(KeyStoreException.ERROR_KEYSTORE_FAILURE))
    }

    @Test
    fun `what is cancelled is no failure`() {
        assertFailsWith<CancellationException> { refusing { throw CancellationException() } }
        assertEquals(1, refusing { 1 })
    }

    @Test
    fun `a wrapped key reads back, and nothing else does`() {
        val nonce = ByteArray(12) { it.toByte() }
        val sealed = ByteArray(48) { 9 }
        val encoded = WrappedKey(nonce, sealed).encode()
        val (readNonce, readSealed) = assertNotNull(WrappedKey.decode(encoded))
        assertContentEquals(nonce, readNonce)
        assertContentEquals(sealed, readSealed)
        assertNull(WrappedKey.decode(byteArrayOf()))
        assertNull(WrappedKey.decode(encoded.copyOf(29)))
        assertNull(WrappedKey.decode(encoded.also { it[0] = 16 }))
    }

    @Test
    fun `a point is 65 bytes, with zeros in front where its numbers are small`() {
        val small = uncompressedPoint(ECPoint(BigInteger.ONE, BigInteger.ONE.shiftLeft(255)))
        assertEquals(65, small.size)
        assertEquals(4, small[0])
        assertContentEquals(ByteArray(31) + 1, small.copyOfRange(1, 33))
        assertEquals(0x80.toByte(), small[33])
        val generator = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }
        repeat(300) {
            val point = (generator.generateKeyPair().public as ECPublicKey).w
            val bytes = uncompressedPoint(point)
            assertEquals(point.affineX, BigInteger(1, bytes.copyOfRange(1, 33)))
            assertEquals(point.affineY, BigInteger(1, bytes.copyOfRange(33, 65)))
        }
    }
}
