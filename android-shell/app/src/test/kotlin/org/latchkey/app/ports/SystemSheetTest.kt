package org.latchkey.app.ports

import javax.crypto.Cipher
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.latchkey.Account
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

    private fun back(credentialId: ByteArray?, entry: Int = 7, isSuccessful: Boolean = true) {
        sheet.goesOut(7, cipher)
        sheet.comesBack(entry, isSuccessful, screen, credentialId)
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
        back(chosen, isSuccessful = false)
        assertNull(sheet.answerTo(screen, signIn(chosen)))
        back(chosen, entry = 8)
        assertNull(sheet.answerTo(screen, signIn(chosen)))
        isProven = false
        back(chosen)
        assertNull(sheet.answerTo(screen, signIn(chosen)))
    }

    @Test
    fun `a failure takes back what was verified before`() {
        back(chosen)
        sheet.comesBack(7, true, screen, chosen)
        assertNull(sheet.answerTo(screen, signIn(chosen)), "the cipher was used up")
    }

    @Test
    fun `a later list makes the ciphers of earlier ones useless`() {
        sheet.goesOut(1, cipher)
        sheet.goesOut(2, Cipher.getInstance("AES/GCM/NoPadding"))
        sheet.comesBack(1, true, screen, chosen)
        assertNull(sheet.answerTo(screen, signIn(chosen)))
    }
}
