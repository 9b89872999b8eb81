package org.latchkey.app.ports

import android.hardware.biometrics.BiometricPrompt
import androidx.credentials.provider.AuthenticationError
import androidx.credentials.provider.AuthenticationResult
import androidx.credentials.provider.BiometricPromptResult
import javax.crypto.Cipher
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.latchkey.Account
import org.latchkey.GateException
import org.latchkey.PromptKind

class SystemSheetTest {
    private val cipher = Cipher.getInstance("AES/GCM/NoPadding")
    private val screen = Any()
    private val chosen = byteArrayOf(1)
    private val register = PromptKind.Register("example.com", null, "ada", null)
    private var isProven = true
    private val sheet = SystemSheet { isProven && it === cipher }

    private fun signIn(vararg ids: ByteArray) =
        PromptKind.SignIn("example.com", ids.map { Account(it, "ada", null) })

    private val success = BiometricPromptResult(AuthenticationResult(BiometricPrompt.AUTHENTICATION_RESULT_TYPE_BIOMETRIC))

    private fun failure(code: Int) = BiometricPromptResult(AuthenticationError(code))

    private fun back(credentialId: ByteArray?, entry: Int = 7, result: BiometricPromptResult = success) {
        sheet.goesOut(7, cipher)
        sheet.comesBack(entry, result, screen, credentialId)
    }

    @Test
    fun `answers the prompt of its passkey, once`() {
        back(chosen)
        val consent = assertNotNull(sheet.answerTo(screen, signIn(byteArrayOf(2), byteArrayOf(1))))
        assertTrue(consent.verified)
        assertEquals(1u, consent.account)
        assertNull(sheet.answerTo(screen, signIn(byteArrayOf(1))))
    }

    @Test
    fun `answers for a new passkey`() {
        back(null)
        assertTrue(assertNotNull(sheet.answerTo(screen, register)).verified)
    }

    @Test
    fun `does not answer for anything else`() {
        back(chosen)
        assertNull(sheet.answerTo(screen, signIn(byteArrayOf(2))))
        back(chosen)
        assertNull(sheet.answerTo(screen, register))
        back(null)
        assertNull(sheet.answerTo(screen, signIn(byteArrayOf(1))))
        back(chosen)
        assertNull(sheet.answerTo(screen, PromptKind.ShowPin("computer")))
        back(chosen)
        assertNull(sheet.answerTo(Any(), signIn(byteArrayOf(1))))
    }

    @Test
    fun `does not answer without proof`() {
        back(chosen, entry = 8)
        assertNull(sheet.answerTo(screen, signIn(chosen)))
        isProven = false
        back(chosen)
        assertNull(sheet.answerTo(screen, signIn(chosen)))
    }

    @Test
    fun `a no is the answer, and what the app's own prompt can mend is none`() {
        for (code in listOf(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, 13)) {
            back(chosen, result = failure(code))
            assertFailsWith<GateException.Denied> { sheet.answerTo(screen, signIn(chosen)) }
            assertNull(sheet.answerTo(screen, signIn(chosen)), "once")
        }
        back(null, result = failure(BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT))
        assertFailsWith<GateException.TimedOut> { sheet.answerTo(screen, register) }
        val mended = listOf(
            BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE, BiometricPrompt.BIOMETRIC_ERROR_UNABLE_TO_PROCESS,
            BiometricPrompt.BIOMETRIC_ERROR_CANCELED, BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT,
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT, BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS,
            BiometricPrompt.BIOMETRIC_ERROR_HW_NOT_PRESENT, -1,
        )
        for (code in mended) {
            back(chosen, result = failure(code))
            assertNull(sheet.answerTo(screen, signIn(chosen)), "$code")
        }
        back(chosen, result = failure(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED))
        assertNull(sheet.answerTo(screen, register), "it was about another question")
    }

    @Test
    fun `a failure takes back what was verified before`() {
        back(chosen)
        sheet.comesBack(7, success, screen, chosen)
        assertNull(sheet.answerTo(screen, signIn(chosen)), "the cipher was used up")
    }

    @Test
    fun `a later list makes the ciphers of earlier ones useless`() {
        sheet.goesOut(1, cipher)
        sheet.goesOut(2, Cipher.getInstance("AES/GCM/NoPadding"))
        sheet.comesBack(1, success, screen, chosen)
        assertNull(sheet.answerTo(screen, signIn(chosen)))
    }
}
