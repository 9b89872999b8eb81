package org.latchkey

import java.nio.file.Path
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.MessageDigest
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import kotlin.time.Duration
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

/** Keys in hardware, as far as anybody can see. */
class HardwareKeys : Keys() {
    private val pairs = java.util.concurrent.ConcurrentHashMap<String, KeyPair>()

    /** Signs with the key that was asked for, and not with any. */
    @Volatile var honest = true

    override suspend fun createKey(): HardwareKey {
        val pair = keyPair()
        val handle = "key ${pairs.size}"
        pairs[handle] = pair
        return HardwareKey(handle.toByteArray(), uncompressed(pair))
    }

    override suspend fun sign(handle: ByteArray, message: ByteArray): ByteArray {
        val pair = pairs[String(handle)] ?: throw KeyVaultException.Invalidated()
        val key = if (honest) pair else keyPair()
        return Signature.getInstance("SHA256withECDSA").run {
            initSign(key.private)
            update(message)
            sign()
        }
    }

    override suspend fun deleteKey(handle: ByteArray) {
        pairs.remove(String(handle))
    }

    /** How many there are. */
    val size: Int get() = pairs.size
}

/** A key pair on P-256. */
fun keyPair(): KeyPair =
    KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()

/** Its public half as X9.63 has it: 4, x, y. */
fun uncompressed(pair: KeyPair): ByteArray {
    val point = (pair.public as ECPublicKey).w
    return byteArrayOf(4) + listOf(point.affineX, point.affineY).flatMap { number ->
        val bytes = number.toByteArray()
        List(32) { bytes.getOrElse(bytes.size - 32 + it) { 0 } }
    }
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

    /** The phone that was opened last. */
    var phone: Phone? = null
        private set

    suspend fun open(config: PhoneConfig = config(), advertiser: BleAdvertiser? = stage?.air) =
        Phone.open(config, Ports(gate, keys, device, network = this, advertiser = advertiser, observer = this))
            .also { phone = it }
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

/** For a minute at most unless told otherwise: nothing may hang. */
fun test(limit: Duration = 60.seconds, body: suspend CoroutineScope.() -> Unit) =
    runBlocking(Dispatchers.Default) { withTimeout(limit) { body() } }
