package org.latchkey

import java.nio.file.Path
import java.security.MessageDigest
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout

/** Says yes, or does what [answer] does with the prompt. */
class Gate : UserGate {
    val prompts: MutableList<Prompt> = java.util.Collections.synchronizedList(mutableListOf())

    @Volatile var enrolled = true

    @Volatile var answer: suspend (Prompt) -> Consent = { Consent(verified = it.verify) }

    override fun canVerify() = enrolled

    override suspend fun ask(prompt: Prompt): Consent {
        prompts += prompt
        return answer(prompt)
    }
}

/** Wraps with a key of its own. */
open class Keys : KeyVault {
    private val mask = sha256("k")

    private fun xor(data: ByteArray) = ByteArray(32) { (data[it].toInt() xor mask[it].toInt()).toByte() }

    override fun wrap(key: ByteArray) = xor(key)

    override fun unwrap(wrapped: ByteArray) = xor(wrapped)

    override suspend fun createKey(): HardwareKey? = null

    override suspend fun sign(handle: ByteArray, message: ByteArray): ByteArray = throw KeyVaultException.Invalidated()

    override suspend fun deleteKey(handle: ByteArray) = Unit
}

/** What the operating system says. */
class Facts : Device {
    @Volatile var now = DeviceFacts(
        name = "phone",
        systemVersion = "14",
        appVersion = "10.5.0",
        provider = Availability.READY,
        camera = Availability.READY,
        bluetooth = Availability.READY,
    )

    override fun facts() = now
}

/** Opens phones over one database; on a stage they meet its Control Center and its computers. */
class Shell(folder: Path, private val stage: Stage? = null) : Network, Observer {
    val database = folder.resolve("vault.sqlite").toString()
    val gate = Gate()
    val device = Facts()
    var keys: KeyVault = Keys()

    @Volatile var online = true

    /** What the observer heard. */
    val steps: MutableList<Step> = java.util.Collections.synchronizedList(mutableListOf())

    override fun isOnline() = online

    override fun reached(step: Step) {
        steps += step
    }

    fun config(platform: Platform = Platform.ANDROID) =
        PhoneConfig(database = database, platform = platform).let { stage?.meeting(it) ?: it }

    suspend fun open(config: PhoneConfig = config(), advertiser: BleAdvertiser? = stage?.air) =
        Phone.open(config, Ports(gate, keys, device, network = this, advertiser = advertiser, observer = this))
}

fun sha256(text: String): ByteArray = sha256(text.toByteArray())

fun sha256(bytes: ByteArray): ByteArray = MessageDigest.getInstance("SHA-256").digest(bytes)

val HASH = sha256("client data")

fun registration(user: String = "user", excluded: List<ByteArray> = emptyList(), algorithms: List<Long> = listOf(-7)) =
    RegistrationRequest(
        clientDataHash = HASH,
        rpId = "example.com",
        userName = "ada",
        userHandle = user.toByteArray(),
        algorithms = algorithms,
        excluded = excluded,
    )

fun assertion(allowed: List<ByteArray> = emptyList()) =
    AssertionRequest(clientDataHash = HASH, rpId = "example.com", allowed = allowed)

/** For a minute at most: nothing may hang. */
fun test(body: suspend CoroutineScope.() -> Unit) = runBlocking(Dispatchers.Default) { withTimeout(60.seconds) { body() } }
