package org.latchkey

import java.nio.file.Path
import java.util.Base64
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

class ProviderTest {
    @TempDir lateinit var folder: Path

    @Test fun `register and sign in`() = test {
        val shell = Shell(folder)
        val provider = shell.open(shell.config(Platform.IOS)).provider()
        val made = provider.register(registration())
        val signed = provider.signIn(assertion(listOf(made.credentialId)))
        assertArrayEquals("user".toByteArray(), signed.userHandle)
        assertEquals(0x1D, signed.authenticatorData[32].toInt())
        val passkey = Attested(made.attestationObject)
        assertArrayEquals(made.credentialId, passkey.credentialId)
        assertArrayEquals(made.credentialId, signed.credentialId)
        assertArrayEquals(sha256("example.com"), signed.authenticatorData.copyOf(32))
        assertTrue(passkey.verifies(signed.authenticatorData, HASH, signed.signature))
        assertFalse(passkey.verifies(signed.authenticatorData, ByteArray(32), signed.signature))
        assertEquals(listOf(true, true), shell.gate.prompts.map { it.verify })
    }

    @Test fun `an app signs in with JSON`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val made = phone.provider().createJson(creation(), app())
        val attested = Attested(bytes(made, "attestationObject"))
        assertArrayEquals(attested.key.encoded, bytes(made, "publicKey"))
        val (passkey) = phone.passkeys().list()
        assertEquals("Ada" to "example.com", passkey.userDisplayName to passkey.rpId)
        assertArrayEquals(attested.credentialId, passkey.id)
        assertFalse(passkey.backedUp)

        val request = request()
        assertArrayEquals(passkey.id, phone.provider().entriesJson(request, app()).single().id)
        val signed = phone.provider().getJson(request, app())
        val clientData = String(bytes(signed, "clientDataJSON"))
        assertEquals(
            """{"type":"webauthn.get","challenge":"AAEC","origin":"android:apk-key-hash:${base64(CERTIFICATE)}",""" +
                """"crossOrigin":false,"androidPackageName":"com.example.app"}""",
            clientData,
        )
        val (data, signature) = bytes(signed, "authenticatorData") to bytes(signed, "signature")
        assertArrayEquals(sha256("example.com"), data.copyOf(32))
        assertTrue(attested.verifies(data, sha256(clientData.toByteArray()), signature))
        assertFalse(attested.verifies(data, sha256("$clientData "), signature))
        assertArrayEquals("user".toByteArray(), bytes(signed, "userHandle"))
    }

    @Test fun `a hash of an app is refused`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val error = assertThrows<LatchkeyException.ProviderCallerUntrusted> {
            phone.provider().createJson(creation(), app().copy(clientDataHash = HASH))
        }
        assertEquals("CreatePublicKeyCredentialDomException(SecurityError)", error.info().androidCreate.first())
        assertEquals(0, shell.gate.prompts.size)
        assertEquals(emptyList<Passkey>(), phone.passkeys().list())
    }

    /** A member of a WebAuthn response. */
    private fun bytes(response: String, member: String): ByteArray =
        Base64.getUrlDecoder().decode(json(response)["response"].asJsonObject[member].asString)
}
