package org.latchkey.app.ports

import javax.crypto.Cipher
import org.latchkey.Consent
import org.latchkey.PromptKind

/**
 * Single tap (API 35): the system's list verifies the person itself, with a cipher that went out with the entry. What it
 * verified answers one prompt, on the screen that the entry opened, for the passkey that the entry showed.
 */
class SystemSheet(private val proves: (Cipher?) -> Boolean) {
    private class Verified(val screen: Any, val credentialId: ByteArray?)

    private val waiting = HashMap<Int, Cipher>()
    private var verified: Verified? = null

    /** Keeps the cipher that goes out with an entry. Those of earlier lists are of no use any more. */
    @Synchronized
    fun goesOut(entry: Int, cipher: Cipher) {
        waiting.clear()
        waiting[entry] = cipher
    }

    /**
     * The entry came back, with a person verified or not. [credentialId] is the passkey that it showed; null is an entry
     * for a new one.
     */
    @Synchronized
    fun comesBack(entry: Int, isSuccessful: Boolean, screen: Any, credentialId: ByteArray?) {
        val cipher = waiting.remove(entry)
        verified = Verified(screen, credentialId).takeIf { isSuccessful && proves(cipher) }
    }

    /** The answer to a prompt, if the sheet has given it: once. */
    @Synchronized
    fun answerTo(screen: Any, kind: PromptKind): Consent? {
        val sheet = verified?.takeIf { it.screen === screen } ?: return null
        verified = null
        val account = when (kind) {
            is PromptKind.Register -> if (sheet.credentialId == null) 0 else -1
            is PromptKind.SignIn -> kind.accounts.indexOfFirst { it.credentialId.contentEquals(sheet.credentialId) }
            else -> -1
        }
        return if (account < 0) null else Consent(verified = true, account = account.toUInt())
    }
}
