package org.latchkey

import java.math.BigInteger
import java.nio.file.Path
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
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
        assertTrue(verifies(made, signed, HASH))
        assertFalse(verifies(made, signed, ByteArray(32)))
        assertEquals(listOf(true, true), shell.gate.prompts.map { it.verify })
    }

    @Test fun `an app signs in with JSON`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val made = phone.provider().createJson(creation, app())
        val attested = bytes(made, "attestationObject")
        assertTrue(String(attested, Charsets.ISO_8859_1).contains("fmtdnone"))
        val (passkey) = phone.passkeys().list()
        assertEquals("Ada" to "example.com", passkey.userDisplayName to passkey.rpId)
        assertFalse(passkey.backedUp)

        val request = """{"challenge":"AAEC","rpId":"example.com"}"""
        assertArrayEquals(passkey.id, phone.provider().entriesJson(request, app()).single().id)
        val signed = phone.provider().getJson(request, app())
        val clientData = String(bytes(signed, "clientDataJSON"))
        assertEquals(
            """{"type":"webauthn.get","challenge":"AAEC","origin":"android:apk-key-hash:$KEY_HASH",""" +
                """"crossOrigin":false,"androidPackageName":"com.example.app"}""",
            clientData,
        )
        val key = KeyFactory.getInstance("EC").generatePublic(java.security.spec.X509EncodedKeySpec(bytes(made, "publicKey")))
        val signature = Signature.getInstance("SHA256withECDSA").apply { initVerify(key) }
        signature.update(bytes(signed, "authenticatorData") + sha256(clientData.toByteArray()))
        assertTrue(signature.verify(bytes(signed, "signature")))
    }

    @Test fun `a hash of an app is refused`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val error = assertThrows<LatchkeyException.ProviderCallerUntrusted> {
            phone.provider().createJson(creation, app().copy(clientDataHash = HASH))
        }
        assertEquals("CreatePublicKeyCredentialDomException(SecurityError)", error.info().androidCreate.first())
        assertEquals(0, shell.gate.prompts.size)
        assertEquals(emptyList<Passkey>(), phone.passkeys().list())
    }

    private val certificate = sha256("certificate")
    private val KEY_HASH = Base64.getUrlEncoder().withoutPadding().encodeToString(certificate)
    private val creation =
        """{"rp":{"id":"example.com","name":"Example"},"user":{"id":"dXNlcg","name":"ada","displayName":"Ada"},
            "challenge":"AAEC","pubKeyCredParams":[{"type":"public-key","alg":-7}]}"""

    private fun app() = Caller(
        packageName = "com.example.app",
        certificates = listOf(certificate),
        assetLinks = """[{"relation":["delegate_permission/common.get_login_creds"],"target":{"namespace":"android_app",
            "package_name":"com.example.app","sha256_cert_fingerprints":["${certificate.joinToString(":") { "%02X".format(it) }}"]}}]""",
    )

    private fun bytes(json: String, member: String): ByteArray =
        Base64.getUrlDecoder().decode(Regex("\"$member\":\"([^\"]*)\"").find(json)!!.groupValues[1])

    /** The COSE key of an ES256 passkey ends the attestation object: x and y are at fixed places. */
    private fun verifies(made: Registration, signed: Assertion, hash: ByteArray): Boolean {
        val key = made.attestationObject.takeLast(77).toByteArray()
        val x = BigInteger(1, key.copyOfRange(10, 42))
        val y = BigInteger(1, key.copyOfRange(45, 77))
        val p256 = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
        val spec = ECPublicKeySpec(ECPoint(x, y), p256.getParameterSpec(ECParameterSpec::class.java))
        val public = KeyFactory.getInstance("EC").generatePublic(spec) as ECPublicKey
        val signature = Signature.getInstance("SHA256withECDSA").apply { initVerify(public) }
        signature.update(signed.authenticatorData + hash)
        return signature.verify(signed.signature)
    }
}
