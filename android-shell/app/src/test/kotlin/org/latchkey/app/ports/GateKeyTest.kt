package org.latchkey.app.ports

import android.app.Application
import android.security.keystore.KeyProperties
import java.security.UnrecoverableKeyException
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNotSame
import kotlin.test.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = Application::class)
class GateKeyTest {
    private val key = GateKey()

    @Before
    fun install() = FakeKeystore.install()

    @Test
    fun `the key works for one verification at a time, by a strong biometric or the phone's code`() {
        assertNotNull(key.cipher())
        val spec = FakeKeystore.specs.getValue("latchkey.gate")
        assertTrue(spec.isUserAuthenticationRequired)
        assertTrue(spec.userAuthenticationValidityDurationSeconds <= 0)
        val kinds = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
        assertTrue(spec.userAuthenticationType == kinds)
    }

    @Test
    fun `a key that the screen lock has taken along is made anew`() {
        assertNotNull(key.cipher())
        val lost = FakeKeystore.keys.getValue("latchkey.gate")
        FakeKeystore.refuseKey = UnrecoverableKeyException()
        assertTrue(key.proves(key.cipher()))
        assertNotSame(lost, FakeKeystore.keys.getValue("latchkey.gate"))
    }

    @Test
    fun `a cipher proves one verification, and no cipher none`() {
        val cipher = assertNotNull(key.cipher())
        assertTrue(key.proves(cipher))
        assertFalse(key.proves(cipher), "used up")
        assertFalse(key.proves(null))
    }
}
