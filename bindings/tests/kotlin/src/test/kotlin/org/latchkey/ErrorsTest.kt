package org.latchkey

import java.io.File
import java.nio.file.Path
import java.time.Duration
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.api.parallel.Execution
import org.junit.jupiter.api.parallel.ExecutionMode

/** Each error reaches Kotlin as itself, with its words and with nothing else. */
class ErrorsTest {
    @TempDir lateinit var folder: Path

    private val all = LatchkeyException::class.java.declaredClasses.filter { LatchkeyException::class.java.isAssignableFrom(it) }
        .map { it.getDeclaredConstructor().newInstance() as LatchkeyException }

    @Test fun `every id has its class`() {
        val fixture = json(File(System.getProperty("latchkey.fixtures"), "errors.json").readText())["errors"].asJsonArray
        assertEquals(fixture.map { it.asJsonObject["id"].asString }.sorted(), all.map { it.info().id }.sorted())
        for (error in all) {
            val info = error.info()
            assertTrue(info.title.isNotEmpty() && info.explanation.isNotEmpty() && info.nextStep.isNotEmpty())
            assertEquals(error::class.simpleName, info.id.split('.', '_').joinToString("") { it.replaceFirstChar(Char::uppercase) })
        }
    }

    @Test fun `every id is provoked here, or the list says why not`() {
        val excused = json(File(System.getProperty("latchkey.tests"), "errors-not-provoked.json").readText())
        assertTrue(excused.entrySet().all { it.value.asString.length > 20 })
        val here = ALONE.map { it.id } + MET.map { it.id }
        assertEquals(all.map { it.info().id }.sorted(), (here.toSet() + excused.keySet()).sorted())
        assertEquals(emptySet<String>(), here.toSet() intersect excused.keySet())
    }

    @Execution(ExecutionMode.CONCURRENT)
    @TestFactory fun `what happens on the phone is what is thrown`() = ALONE.mapIndexed { number, row ->
        DynamicTest.dynamicTest(row.id) { throws(row, Shell(folder("alone $number"))) }
    }

    @Execution(ExecutionMode.CONCURRENT)
    @TestFactory fun `what happens elsewhere is what is thrown`() = MET.mapIndexed { number, row ->
        DynamicTest.dynamicTest(row.id) {
            Stage().use { stage -> throws(row, Actors(stage, folder("met $number")), Actors::shell) }
        }
    }

    private fun folder(name: String): Path = folder.resolve(name).also { it.toFile().mkdir() }

    private fun throws(row: Row<Shell>, shell: Shell) = throws(row, shell) { it }

    private fun <Scene> throws(row: Row<Scene>, scene: Scene, shellOf: (Scene) -> Shell) = runBlocking {
        withTimeout(90_000) {
            val thrown = runCatching { row.provoke(scene) }.exceptionOrNull()
            val error = thrown as? LatchkeyException ?: throw AssertionError("${row.id} was not thrown", thrown)
            assertEquals(row.id to "", error.info().id to error.message)
            // The core is as good as before.
            val shell = shellOf(scene)
            shell.keys = Keys()
            shell.gate.enrolled = true
            shell.gate.answer = { Consent(verified = it.verify) }
            val phone = shell.phone ?: shell.open()
            assertEquals(32, phone.provider().register(registration("afterwards", algorithms = listOf(-8))).credentialId.size)
        }
    }
}

/** A way to an error. */
private class Row<Scene>(val id: String, val provoke: suspend Scene.() -> Unit)

/** A phone, and those whom it meets. */
private class Actors(val stage: Stage, private val folder: Path) {
    val shell = Shell(folder, stage)
    private var desks = 0

    /** A phone of somebody else. */
    fun another(name: String) = Shell(folder.resolve(name).also { it.toFile().mkdir() }, stage)

    /** Pairs a phone with a workstation. */
    suspend fun paired(shell: Shell = this.shell): Pair<Phone, Stage.Workstation> {
        val (phone, desk) = (shell.phone ?: shell.open()) to stage.Workstation("desk ${desks++}")
        val shown = desk.pair()
        phone.approve(phone.scanner().read(shown.text))
        shown.process.ends()
        return phone to desk
    }

    /** The same, unlocked once: the phone has ten offline PINs. */
    suspend fun provisioned(): Pair<Phone, Stage.Workstation> {
        stage.allowOfflinePins()
        val (phone, desk) = paired()
        desk.serve()
        assertEquals(PinsAfterUnlock.REPLENISHED, phone.computers().unlock(desk.machineId).pins)
        return phone to desk
    }

    /** Shows so many PINs, each when the last one's time is over: where they stand then. */
    suspend fun shown(count: Int, desk: Stage.Workstation): PinStatus = (1L..count).map { number ->
        shell.phone?.shutDown()
        val later = shell.open(shell.config().copy(clockAhead = Duration.ofSeconds(16 * number)))
        later.offlinePins().display(desk.machineId).status
    }.last()

    /** Answers a computer nearby. */
    suspend fun answered(shown: Stage.Shown = stage.computer("create"), config: PhoneConfig = shell.config(), radio: BleAdvertiser? = stage.air) {
        val phone = shell.open(config, radio)
        phone.approve(phone.scanner().read(shown.text))
    }
}

/** What a phone notices by itself. */
private val ALONE = listOf(
    Row<Shell>("provider.locked") { keys = Failing(KeyVaultException.Locked()); open() },
    Row("auth.credential_unusable") { open(); keys = Failing(KeyVaultException.Invalidated()); open() },
    Row("any.internal") { open(config().copy(database = "/nowhere/vault.sqlite")) },
    Row("reg.canceled") { prompted(GateException.Denied()) { register(registration()) } },
    Row("auth.not_found_or_canceled") { open().provider().signIn(assertion()) },
    Row("auth.uv_failed") { prompted(GateException.LockedOut()) { register(registration()) } },
    Row("auth.uv_failed") { prompted(GateException.VerificationFailed()) { signIn(assertion()) } },
    Row("provider.locked") { prompted(GateException.Unavailable()) { register(registration()) } },
    Row("provider.locked") { prompted(IllegalStateException("a shell's mistake")) { register(registration()) } },
    Row("reg.timeout") { late { register(registration()) } },
    Row("auth.timeout") { late { signIn(assertion()) } },
    Row("provider.biometrics_missing") { gate.enrolled = false; open().provider().signIn(assertion()) },
    Row("provider.not_enabled") { throw found(Check.PROVIDER) { it.copy(provider = Availability.OFF) } },
    Row("qr.camera_denied") { throw found(Check.CAMERA) { it.copy(camera = Availability.NOT_PERMITTED) } },
    Row("any.not_supported") { throw found(Check.SYSTEM_VERSION) { it.copy(systemVersion = "13") } },
    Row("any.not_supported") { open().provider().register(registration(algorithms = listOf(-257))) },
    Row("reg.already_registered") {
        val provider = open().provider()
        val made = provider.register(registration())
        provider.register(registration(user = "other", excluded = listOf(made.credentialId)))
    },
    Row("provider.entra_passkey_exists") {
        val provider = open().provider()
        for (user in listOf("first", "second")) provider.register(registration(user).copy(rpId = "login.microsoft.com"))
    },
    Row("provider.caller_untrusted") {
        open().provider().getJson("""{"challenge":"AAEC","rpId":"example.com"}""", Caller("com.example.app", listOf(sha256("certificate"))))
    },
    Row("request.busy") {
        val provider = open().provider()
        gate.answer = { awaitCancellation() }
        coroutineScope {
            val first = launch { provider.register(registration()) }
            while (gate.prompts.isEmpty()) delay(10)
            try {
                provider.register(registration())
            } finally {
                first.cancel()
            }
        }
    },
    Row("request.malformed") { open().provider().register(registration().copy(clientDataHash = ByteArray(5))) },
    Row("request.list_too_long") { open().provider().register(registration(excluded = List(65) { ByteArray(1) })) },
    Row("qr.invalid") { open().scanner().read("WIFI:S:home;;") },
    Row("qr.unsupported") { open().scanner().read("""{"v":2}""") },
    Row("code.bad_address") { open().lookUp("http://example.com", "ABCDEF") },
    Row("code.not_found") { open().lookUp("https://example.com", "?") },
    Row("reg.unavailable") { open(config().copy(developer = true)).lookUp("https://localhost:9", "ABCDEF") },
    Row("any.no_device") { open().computers().unlock("nobody") },
)

/** What it takes others for; the first takes a minute. */
private val MET = listOf(
    Row<Actors>("hybrid.peer_not_near") { answered(radio = Air(File("/nowhere"))) },
    Row("hybrid.bluetooth_off") { answered(radio = null) },
    Row("hybrid.no_internet") { shell.online = false; answered() },
    Row("hybrid.tunnel_failed") { answered(config = shell.config().copy(tunnel = TunnelAddress("localhost", 9u))) },
    Row("hybrid.peer_canceled") {
        val computer = stage.computer("create")
        shell.gate.answer = { computer.process.kill(); awaitCancellation() }
        answered(computer)
    },
    Row("hybrid.handshake_failed") {
        val (phone, _) = paired()
        // Somebody else's key on the screen of a workstation.
        val code = json(stage.Workstation().signInCode().text)
        val key = uncompressed(keyPair())
        val compressed = byteArrayOf(if (key.last() % 2 == 0) 2 else 3) + key.copyOfRange(1, 33)
        code.addProperty("pk", java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(compressed))
        phone.approve(phone.scanner().read(code.toString()))
    },
    Row("code.rate_limited") {
        val phone = shell.open()
        while (true) runCatching { phone.lookUp(stage.address, "ABCDEF") }.onFailure { if (it !is LatchkeyException.CodeNotFound) throw it }
    },
    Row("code.not_found") { shell.open().lookUp(stage.address, "ABCDEF") },
    Row("pairing.wrong_account") {
        val phone = shell.open()
        phone.approve(phone.scanner().read(stage.Workstation().signInCode().text))
    },
    Row("pairing.expired") {
        val code = stage.Workstation().pair().text
        for (phone in listOf(another("first").open(), shell.open())) phone.approve(phone.scanner().read(code))
    },
    Row("reg.limit_reached") {
        repeat(5) { paired(another("phone $it")) }
        paired()
    },
    Row("reg.activation_failed") {
        shell.gate.answer = { stage.stopControlCenter(); Consent(verified = true) }
        paired()
    },
    Row("auth.unavailable") {
        val (phone, desk) = paired()
        stage.stopControlCenter()
        phone.computers().unlock(desk.machineId)
    },
    Row("any.session_expired") {
        val (phone, desk) = paired()
        stage.administrator("DELETE", "/cc/api/versioned/rpUser/$ADA")
        phone.computers().unlock(desk.machineId)
    },
    Row("any.signature_rejected") {
        val hardware = HardwareKeys().also { shell.keys = it }
        shell.open(shell.config().copy(hardwareKeys = true))
        val (phone, desk) = paired()
        assertEquals(1, hardware.size)
        hardware.honest = false
        desk.serve()
        phone.computers().unlock(desk.machineId)
    },
    Row("offline.not_provisioned") { paired().let { (phone, desk) -> phone.offlinePins().display(desk.machineId) } },
    Row("offline.low") { throw shown(5, provisioned().second).notice!! },
    Row("offline.exhausted") { shown(11, provisioned().second) },
    Row("offline.expired") {
        val (_, desk) = provisioned()
        shell.open(shell.config().copy(clockAhead = Duration.ofDays(8))).offlinePins().display(desk.machineId)
    },
    Row("offline.disabled") {
        val (phone, desk) = provisioned()
        stage.allowOfflinePins(enabled = false)
        assertEquals(PinsAfterUnlock.OFF, phone.computers().unlock(desk.machineId).pins)
        phone.offlinePins().display(desk.machineId)
    },
)

private class Failing(val failure: KeyVaultException) : Keys() {
    override fun wrap(key: ByteArray) = throw failure

    override fun unwrap(wrapped: ByteArray) = throw failure
}

private suspend fun Shell.prompted(error: Exception, call: suspend Provider.() -> Unit) {
    val provider = open().provider()
    gate.answer = { throw error }
    provider.call()
}

private suspend fun Shell.late(call: suspend Provider.() -> Unit) {
    val provider = open(config().copy(promptTimeout = Duration.ofMillis(200))).provider()
    gate.answer = { awaitCancellation() }
    provider.call()
}

/** What the phone finds when the operating system says otherwise. */
private suspend fun Shell.found(check: Check, facts: (DeviceFacts) -> DeviceFacts): LatchkeyException {
    device.now = facts(device.now)
    return open().readiness().single { it.check == check }.error!!
}
