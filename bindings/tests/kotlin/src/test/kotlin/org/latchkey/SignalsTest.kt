package org.latchkey

import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** What relying parties signal about passkeys. */
class SignalsTest {
    @TempDir lateinit var folder: Path

    @Test fun `a hidden passkey is used only where it is named`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val provider = phone.provider()
        val (ada, eve) = listOf("ada", "eve").map { provider.register(registration(it)).credentialId }
        shell.gate.prompts.clear()

        val changed = provider.signalUnknown("example.com", ada).single()
        assertArrayEquals(ada, changed.id)
        assertTrue(changed.hidden)
        assertTrue(provider.signalUnknown("example.com", ada).isEmpty())
        assertArrayEquals(eve, provider.entries("example.com").single().id)
        assertArrayEquals(ada, provider.entries("example.com", listOf(ada)).single().id)
        assertEquals(mapOf("ada" to true, "eve" to false), phone.passkeys().list().associate { String(it.userHandle) to it.hidden })
        assertTrue(shell.gate.prompts.isEmpty())

        assertArrayEquals(eve, provider.signIn(assertion()).credentialId)
        phone.passkeys().unhide(ada)
        assertEquals(2, provider.entries("example.com").size)
    }

    @Test fun `an app signals for its own site alone`() = test {
        val phone = Shell(folder).open()
        val provider = phone.provider()
        provider.register(registration())
        val signal = """{"rpId":"example.com","userId":"dXNlcg","name":"ada@example.com","displayName":"Ada"}"""
        assertThrows<LatchkeyException.ProviderCallerUntrusted> {
            provider.signalJson(SignalKind.CURRENT_USER_DETAILS, signal, app().copy(assetLinks = "[]"))
        }
        assertEquals("ada", phone.passkeys().list().single().userName)
        val changed = provider.signalJson(SignalKind.CURRENT_USER_DETAILS, signal, app()).single()
        assertEquals("ada@example.com" to "Ada", changed.userName to changed.userDisplayName)
        assertEquals("ada@example.com", phone.passkeys().list().single().userName)

        val none = """{"rpId":"example.com","userId":"dXNlcg","allAcceptedCredentialIds":[]}"""
        assertTrue(provider.signalJson(SignalKind.ALL_ACCEPTED_CREDENTIAL_IDS, none, app()).single().hidden)
        assertTrue(provider.entries("example.com").isEmpty())
    }
}
