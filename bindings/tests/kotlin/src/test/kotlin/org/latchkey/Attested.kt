package org.latchkey

import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.PublicKey
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals

/** An ES256 passkey as a relying party reads it in an attestation object of format `none`. */
class Attested(attestationObject: ByteArray, rpId: String = "example.com") {
    val credentialId: ByteArray
    val key: PublicKey

    init {
        // {"fmt": "none", "attStmt": {}, "authData": h'..'}, of 256 bytes at least or fewer.
        val text = String(attestationObject, Charsets.ISO_8859_1)
        val begin = "\u00a3\u0063fmt\u0064none\u0067attStmt\u00a0\u0068authData"
        assertEquals(begin, text.take(begin.length))
        val long = attestationObject[begin.length] == 0x59.toByte()
        val data = attestationObject.drop(begin.length + if (long) 3 else 2).toByteArray()

        assertArrayEquals(sha256(rpId), data.copyOf(32))
        assertEquals(0x40, data[32].toInt() and 0x40)
        val size = BigInteger(1, data.copyOfRange(53, 55)).toInt()
        credentialId = data.copyOfRange(55, 55 + size)

        // COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}.
        val cose = data.copyOfRange(55 + size, data.size)
        assertEquals("a5010203262001215820", hex(cose.copyOf(10)))
        assertEquals("225820", hex(cose.copyOfRange(42, 45)))
        val point = ECPoint(BigInteger(1, cose.copyOfRange(10, 42)), BigInteger(1, cose.copyOfRange(45, 77)))
        val p256 = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
        val curve = p256.getParameterSpec(ECParameterSpec::class.java)
        key = KeyFactory.getInstance("EC").generatePublic(ECPublicKeySpec(point, curve))
    }

    /** Whether this passkey made the assertion's signature over the authenticator data and this hash. */
    fun verifies(authenticatorData: ByteArray, clientDataHash: ByteArray, signature: ByteArray): Boolean =
        Signature.getInstance("SHA256withECDSA").run {
            initVerify(key)
            update(authenticatorData + clientDataHash)
            verify(signature)
        }

    private fun hex(bytes: ByteArray) = bytes.joinToString("") { "%02x".format(it) }
}
