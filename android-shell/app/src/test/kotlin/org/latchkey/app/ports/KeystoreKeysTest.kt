package org.latchkey.app.ports

import android.app.Application
import android.content.pm.PackageManager
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.latchkey.KeyVaultException
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = Application::class)
class KeystoreKeysTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val keys get() = KeystoreKeys(app)

    @Before
    fun install() {
        FakeKeystore.install()
        FakeKeystore.securityLevel = KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
    }

    private fun strongBox(isThere: Boolean) =
        shadowOf(app.packageManager).setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, isThere)

    @Test
    fun `the vault key comes back, and nothing of it is left behind`() {
        val key = ByteArray(32) { it.toByte() }
        val passed = key.copyOf()
        val wrapped = keys.wrap(passed)
        assertContentEquals(ByteArray(32), passed)
        assertContentEquals(key, keys.unwrap(wrapped))
        assertFalse(keys.wrap(key.copyOf()).contentEquals(wrapped), "each time under a nonce of its own")
        val spec = FakeKeystore.specs.getValue("latchkey.vault")
        assertTrue(spec.isUnlockedDeviceRequired && spec.isRandomizedEncryptionRequired)
        assertEquals(256, spec.keySize)
    }

    @Test
    fun `a wrapped key that was changed fails, and one whose wrapping key is gone says so`() {
        val wrapped = keys.wrap(ByteArray(32))
        assertFailsWith<KeyVaultException.Failed> { keys.unwrap(wrapped.copyOf().also { it[20] = (it[20] + 1).toByte() }) }
        assertFailsWith<KeyVaultException.Failed> { keys.unwrap(byteArrayOf()) }
        FakeKeystore.keys.clear()
        assertFailsWith<KeyVaultException.Invalidated> { keys.unwrap(wrapped) }
    }

    @Test
    fun `a signing key signs, works only after a verification, and can be deleted`() = runBlocking {
        val key = assertNotNull(keys.createKey())
        val spec = FakeKeystore.specs.getValue(key.handle.decodeToString())
        assertTrue(spec.isUserAuthenticationRequired)
        assertTrue(spec.userAuthenticationValidityDurationSeconds in 1..30)

        val message = "message".toByteArray()
        val signature = keys.sign(key.handle, message)
        assertTrue(verifies(key.publicKey, message, signature))
        assertFalse(verifies(key.publicKey, "other".toByteArray(), signature))

        keys.deleteKey(key.handle)
        keys.deleteKey(key.handle)
        assertFailsWith<KeyVaultException.Invalidated> { keys.sign(key.handle, message) }
        Unit
    }

    @Test
    fun `a handle reaches signing keys and no others`() = runBlocking {
        keys.wrap(ByteArray(32))
        assertFailsWith<KeyVaultException.Failed> { keys.deleteKey("latchkey.vault".toByteArray()) }
        assertTrue("latchkey.vault" in FakeKeystore.keys)
    }

    @Test
    fun `keys are in StrongBox where there is one, and elsewhere where it has no room`() = runBlocking {
        strongBox(isThere = true)
        keys.createKey()
        assertTrue(FakeKeystore.specs.values.single().isStrongBoxBacked)
        FakeKeystore.specs.clear()
        FakeKeystore.refuseStrongBox = StrongBoxUnavailableException()
        keys.createKey()
        assertFalse(FakeKeystore.specs.values.single().isStrongBoxBacked)
    }

    @Test
    fun `without hardware there is no signing key, and none is left behind`() = runBlocking {
        FakeKeystore.securityLevel = KeyProperties.SECURITY_LEVEL_SOFTWARE
        assertNull(keys.createKey())
        assertTrue(FakeKeystore.keys.isEmpty())
    }

    private fun verifies(point: ByteArray, message: ByteArray, signature: ByteArray): Boolean {
        val curve = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
        val at = ECPoint(BigInteger(1, point.copyOfRange(1, 33)), BigInteger(1, point.copyOfRange(33, 65)))
        val key = ECPublicKeySpec(at, curve.getParameterSpec(ECParameterSpec::class.java))
        return Signature.getInstance("SHA256withECDSA").run {
            initVerify(KeyFactory.getInstance("EC").generatePublic(key))
            update(message)
            verify(signature)
        }
    }
}
