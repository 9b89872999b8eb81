package org.latchkey.app

import android.content.pm.Signature
import android.content.pm.SigningInfo
import androidx.credentials.provider.CallingAppInfo
import java.nio.file.Path
import java.security.MessageDigest
import java.util.Base64
import org.latchkey.Availability
import org.latchkey.Consent
import org.latchkey.Device
import org.latchkey.DeviceFacts
import org.latchkey.HardwareKey
import org.latchkey.KeyVault
import org.latchkey.KeyVaultException
import org.latchkey.Network
import org.latchkey.Observer
import org.latchkey.Phone
import org.latchkey.PhoneConfig
import org.latchkey.Platform
import org.latchkey.Ports
import org.latchkey.Prompt
import org.latchkey.Stage
import org.latchkey.UserGate

/** The core itself, over ports of the tests. */
class TestPhone(private val folder: Path) {
    val prompts = mutableListOf<Prompt>()
    var answer: (Prompt) -> Consent = { Consent(verified = it.verify) }

    /** The phone is locked: nothing can be unwrapped. */
    @Volatile
    var isLocked = false

    private val ownGate = object : UserGate {
        override fun canVerify() = true

        override suspend fun ask(prompt: Prompt): Consent {
            prompts += prompt
            return answer(prompt)
        }
    }

    /** With a [gate] of the app nothing is asked here; on a stage the phone meets its Control Center. */
    suspend fun open(
        trustedBrowsers: String? = null,
        gate: UserGate = ownGate,
        network: Network? = null,
        observer: Observer? = null,
        stage: Stage? = null,
    ): Phone {
        val config = PhoneConfig(
            database = folder.resolve("vault.db").toString(),
            platform = Platform.ANDROID,
            trustedBrowsers = trustedBrowsers,
        )
        val ports = Ports(gate = gate, keys = keys, device = device, network = network, observer = observer)
        return Phone.open(stage?.meeting(config) ?: config, ports)
    }

    private val keys = object : KeyVault {
        private fun turn(key: ByteArray) = key.map { (it.toInt() xor 0x5a).toByte() }.toByteArray()

        override fun wrap(key: ByteArray) = turn(key)

        override fun unwrap(wrapped: ByteArray) = if (isLocked) throw KeyVaultException.Locked() else turn(wrapped)

        override suspend fun createKey(): HardwareKey? = null

        override suspend fun sign(handle: ByteArray, message: ByteArray): ByteArray = throw KeyVaultException.Failed()

        override suspend fun deleteKey(handle: ByteArray) = Unit
    }

    private val device = object : Device {
        override fun facts() =
            DeviceFacts("phone", "15", "1.0", Availability.READY, Availability.READY, Availability.READY)
    }
}

/** A calling app: its certificates, the present one last, and the page's origin if it names one. */
fun calling(name: String, certificates: List<ByteArray>, origin: String? = null, signers: List<ByteArray> = certificates.takeLast(1)) =
    CallingAppInfo(name, SigningInfo(3, signers.map(::Signature), emptyList(), certificates.map(::Signature)), origin)

/** A list of one trusted browser. */
fun browserList(name: String, certificate: ByteArray): String =
    """{"apps":[{"type":"android","info":{"package_name":"$name","signatures":[
        {"build":"release","cert_fingerprint_sha256":"${fingerprint(certificate)}"}]}}]}"""

fun sha256(bytes: ByteArray): ByteArray = MessageDigest.getInstance("SHA-256").digest(bytes)

fun base64Url(bytes: ByteArray): String = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)

fun fromBase64Url(text: String): ByteArray = Base64.getUrlDecoder().decode(text)

/** A SHA-256 as lists of certificates have it: `AA:BB:..`. */
fun fingerprint(certificate: ByteArray): String = sha256(certificate).joinToString(":") { "%02X".format(it) }

/** Where the sources of the app are. */
val APP: Path = Path.of(System.getProperty("latchkey.app"))
