package shrunk

import java.nio.file.Files
import kotlinx.coroutines.runBlocking
import org.latchkey.Availability
import org.latchkey.Caller
import org.latchkey.Consent
import org.latchkey.Device
import org.latchkey.DeviceFacts
import org.latchkey.HardwareKey
import org.latchkey.KeyVault
import org.latchkey.KeyVaultException
import org.latchkey.LatchkeyException
import org.latchkey.Phone
import org.latchkey.PhoneConfig
import org.latchkey.Platform
import org.latchkey.Ports
import org.latchkey.Prompt
import org.latchkey.UserGate
import org.latchkey.assetLinksUrl

private class Yes : UserGate {
    override fun canVerify() = true

    override suspend fun ask(prompt: Prompt) = Consent(verified = prompt.verify)
}

private class Plain : KeyVault {
    override fun wrap(key: ByteArray) = key.copyOf()

    override fun unwrap(wrapped: ByteArray) = wrapped

    override suspend fun createKey(): HardwareKey? = null

    override suspend fun sign(handle: ByteArray, message: ByteArray): ByteArray = throw KeyVaultException.Failed()

    override suspend fun deleteKey(handle: ByteArray) = Unit
}

private class Desk : Device {
    override fun facts() = DeviceFacts("phone", "15", "1.0", Availability.READY, Availability.READY, Availability.READY)
}

/** Registers and signs in over the core: records and errors, futures, and calls of the core into Kotlin. */
fun main(): Unit = runBlocking {
    check(runCatching { assetLinksUrl("{") }.exceptionOrNull() is LatchkeyException)
    val browsers = """{"apps":[{"type":"android","info":{"package_name":"com.example.browser","signatures":[
        {"build":"release","cert_fingerprint_sha256":"${List(32) { "00" }.joinToString(":")}"}]}}]}"""
    val file = Files.createTempDirectory("shrunk").resolve("vault.db").toString()
    val phone = Phone.open(
        PhoneConfig(database = file, platform = Platform.ANDROID, trustedBrowsers = browsers),
        Ports(gate = Yes(), keys = Plain(), device = Desk()),
    )
    val browser = Caller("com.example.browser", listOf(ByteArray(32)), origin = "https://example.com")
    val create = """{"rp":{"id":"example.com","name":"Example"},"user":{"id":"AQID","name":"ada","displayName":"Ada"},
        "challenge":"AAAA","pubKeyCredParams":[{"type":"public-key","alg":-7}]}"""
    phone.provider().createJson(create, browser)
    val passkey = phone.provider().entries("example.com").single()
    val answer = phone.provider().getJson("""{"rpId":"example.com","challenge":"AAAA"}""", browser, passkey.id)
    check("signature" in answer)
    phone.shutDown()
    println("signed in")
}
