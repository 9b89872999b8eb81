package org.latchkey.app.ports

import android.hardware.biometrics.BiometricPrompt
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNull
import org.junit.jupiter.api.Test
import org.latchkey.Account
import org.latchkey.GateException
import org.latchkey.PromptKind
import org.latchkey.app.R

class PromptWordsTest {
    @Test
    fun `say what is asked, where and for whom`() {
        assertEquals(
            PromptWords(R.string.prompt_register, "example.com", "ada"),
            promptWords(PromptKind.Register("example.com", "Example", "ada", "Ada")),
        )
        assertEquals(
            PromptWords(R.string.prompt_pair, "DESK-7", "ada@example.com, cc.example.com"),
            promptWords(PromptKind.Pair("cc.example.com", "DESK-7", "ada@example.com")),
        )
        assertEquals(
            PromptWords(R.string.prompt_set_up, "cc.example.com", "ada@example.com"),
            promptWords(PromptKind.Pair("cc.example.com", null, "ada@example.com")),
        )
        assertEquals(PromptWords(R.string.prompt_unlock, "DESK-7", null), promptWords(PromptKind.Unlock("DESK-7")))
        assertEquals(PromptWords(R.string.prompt_presence, null, null), promptWords(PromptKind.Presence(null)))
    }

    @Test
    fun `name the account of a sign-in only where there is no choice`() {
        val ada = Account(byteArrayOf(1), "ada", null)
        val bob = Account(byteArrayOf(2), null, "Bob")
        assertEquals("ada", promptWords(PromptKind.SignIn("example.com", listOf(ada))).detail)
        assertEquals("Bob", promptWords(PromptKind.SignIn("example.com", listOf(bob))).detail)
        assertNull(promptWords(PromptKind.SignIn("example.com", listOf(ada, bob))).detail)
    }

    @Test
    fun `names from elsewhere play no tricks`() {
        assertEquals("a b", onOneLine(" a b\n"))
        assertEquals("evil.exe", onOneLine("evil\u202e.exe\u2028\u0000"))
        assertEquals(64, onOneLine("x".repeat(1000)).length)
        assertEquals("x".repeat(64), onOneLine("x".repeat(64)))
    }

    @Test
    fun `how a prompt of the system ends`() {
        assertIs<GateException.Denied>(promptFailure(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED))
        assertIs<GateException.TimedOut>(promptFailure(BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT))
        assertIs<GateException.LockedOut>(promptFailure(BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT))
        assertIs<GateException.LockedOut>(promptFailure(BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT_PERMANENT))
        assertIs<GateException.VerificationFailed>(promptFailure(BiometricPrompt.BIOMETRIC_ERROR_UNABLE_TO_PROCESS))
        assertIs<GateException.Unavailable>(promptFailure(BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS))
        assertIs<GateException.Unavailable>(promptFailure(BiometricPrompt.BIOMETRIC_ERROR_CANCELED))
        assertIs<GateException.Unavailable>(promptFailure(-1))
    }
}
