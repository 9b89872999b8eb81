package org.latchkey

import java.nio.file.Path
import java.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** A phone in Kotlin, and the simulator's Control Center and workstation, which say what they saw. */
class ComputersTest {
    @TempDir lateinit var folder: Path

    private val stage = Stage()
    private val shell by lazy { Shell(folder, stage) }

    @AfterEach fun `the curtain falls`() = stage.close()

    private suspend fun Stage.Workstation.pairedWith(phone: Phone): Paired {
        val shown = pair()
        val approval = phone.approve(phone.scanner().read(shown.text)) as Approval.Paired
        assertEquals(ADA, shown.process.ends()["account"].asString)
        return approval.paired
    }

    @Test fun `a picture pairs, and the list unlocks`() = test {
        val (desk, phone) = stage.Workstation("Ada's desk") to shell.open()
        val shown = desk.pair(form = "png")
        val code = phone.scanner().scanPhoto(shown.picture)
        val says = (code as Code.ControlCenter).code
        assertEquals(Triple(true, "Ada's desk", ADA), Triple(says.pairs(), says.computer(), says.account()))

        val (paired) = phone.approve(code) as Approval.Paired
        val registered = shown.process.ends()
        assertEquals(ADA to "phone", registered["account"].asString to registered["deviceName"].asString)
        assertEquals(listOf(ADA, stage.address, desk.machineId), listOf(paired.account, paired.tenant, paired.machineId))
        val prompt = shell.gate.prompts.single()
        assertTrue(prompt.verify)
        assertEquals(PromptKind.Pair("localhost", "Ada's desk", ADA), prompt.kind)

        val computer = phone.computers().list().single()
        assertEquals(listOf("Ada's desk", "Ada's desk", ADA), listOf(computer.name, computer.machineName, computer.account))
        assertNull(computer.lastOnlineAt)
        val passkey = phone.passkeys().list().single()
        assertEquals("login.microsoft.com" to ADA, passkey.rpId to passkey.userName)
        assertArrayEquals(paired.credentialId, passkey.id)
        assertArrayEquals(computer.credentialId, passkey.id)

        assertNull(desk.unlockedBy())
        desk.serve()
        val unlocked = phone.computers().unlock(desk.machineId)
        assertEquals(desk.machineId to PinsAfterUnlock.OFF, unlocked.machineId to unlocked.pins)
        assertEquals("phone", desk.unlockedBy())
        assertEquals(PromptKind.Unlock("Ada's desk"), shell.gate.prompts.last().kind)
        assertNotNull(phone.computers().list().single().lastOnlineAt)
        withTimeout(5.seconds) { while (Step.Unlocked !in shell.steps) delay(10) }
        assertEquals(listOf(Step.ContactingComputer, Step.ComputerReached, Step.Unlocked), shell.steps)
        assertTrue(phone.readiness().filter { it.check in ASKED }.all { it.state == CheckState.OK && it.error == null })
    }

    /** What only a Control Center can say. */
    private val ASKED = setOf(Check.NETWORK, Check.APP_VERSION, Check.ACCOUNT, Check.CLOCK)

    @Test fun `a typed code stands for the picture, once`() = test {
        val (desk, phone) = stage.Workstation() to shell.open()
        val shown = desk.pair(ADA, "--code")
        val typed = shown.process.says("type this code on it: (\\w+)")
        assertEquals("localhost", phone.hostOf(stage.address))
        val code = phone.lookUp(stage.address, typed.uppercase()) as Code.ControlCenter
        assertThrows<LatchkeyException.CodeNotFound> { phone.lookUp(stage.address, typed) }
        assertTrue(phone.approve(code) is Approval.Paired)
        assertEquals(ADA, shown.process.ends()["account"].asString)
        assertEquals(listOf(desk.machineId), phone.computers().list().map { it.machineId })
    }

    @Test fun `a code on the lock screen unlocks a computer that was never paired`() = test {
        val (desk, other) = stage.Workstation() to stage.Workstation("other")
        val phone = shell.open()
        desk.pairedWith(phone)
        val shown = other.signInCode()
        val (unlocked) = phone.approve(phone.scanner().read(shown.text)) as Approval.Unlocked
        assertEquals(other.machineId, unlocked.machineId)
        assertEquals("code", shown.process.ends()["by"].asString)
        assertEquals("code" to null, other.unlockedBy() to desk.unlockedBy())
        assertEquals(listOf(desk.machineId, other.machineId), phone.computers().list().map { it.machineId })
    }

    @Test fun `the lists are their owner's`() = test {
        val (desk, phone) = stage.Workstation() to shell.open()
        val paired = desk.pairedWith(phone)
        val (computers, keys) = phone.computers() to phone.passkeys()
        computers.rename(desk.machineId, "Büro")
        assertEquals("Büro" to "desk", computers.list().single().let { it.name to it.machineName })
        assertThrows<LatchkeyException.AnyInternal> { computers.rename(desk.machineId, "x".repeat(65)) }
        computers.rename(desk.machineId, "")
        assertEquals("desk", computers.list().single().name)
        keys.rename(paired.credentialId, "Work")
        assertEquals("Work", keys.list().single().label)

        assertEquals(1, desk.status()["phones"].asJsonArray.size())
        assertTrue(computers.remove(desk.machineId))
        desk.serve().says("\"removed\":1")
        assertEquals(0, desk.status()["phones"].asJsonArray.size())
        assertTrue(computers.list().isEmpty())
        assertThrows<LatchkeyException.AnyNoDevice> { computers.unlock(desk.machineId) }
        assertEquals(1, keys.list().size)
        keys.delete(paired.credentialId)
        assertTrue(keys.list().isEmpty())
        assertThrows<LatchkeyException.AuthCredentialUnusable> { keys.delete(paired.credentialId) }
    }

    @Test fun `an offline PIN unlocks once`() = test {
        stage.allowOfflinePins()
        val (desk, phone) = stage.Workstation() to shell.open()
        desk.pairedWith(phone)
        val pins = phone.offlinePins()
        assertFalse(pins.status(desk.machineId).offered)
        val serving = desk.serve()
        assertEquals(PinsAfterUnlock.REPLENISHED, phone.computers().unlock(desk.machineId).pins)
        serving.says("\"offlinePins\":\"confirmed\"")
        assertEquals(UnlockWay.Online(pinOnLongPress = true), pins.unlockWay(desk.machineId))

        serving.kill()
        shell.online = false
        assertEquals(UnlockWay.Offline(pinOnTap = true), pins.unlockWay(desk.machineId))
        val shown = pins.display(desk.machineId)
        assertEquals(PromptKind.ShowPin("desk"), shell.gate.prompts.last().kind)
        assertEquals(Triple(10, 9, null), Triple(shown.pin.length, shown.status.remaining.toInt(), shown.status.notice))
        assertEquals(shown.pin, pins.display(desk.machineId).pin)
        assertEquals(9, pins.status(desk.machineId).remaining.toInt())

        desk.lock()
        assertEquals("pin", desk.typePin(shown.pin).ends()["by"].asString)
        assertEquals("pin", desk.unlockedBy())
        desk.lock()
        // 20: a refusal.
        desk.typePin(shown.pin).ends(status = 20)
        assertNull(desk.unlockedBy())
        val ready = desk.status()["offlinePins"].asJsonArray.single().asJsonObject
        assertEquals(true to 2, ready["ready"].asBoolean to ready["attemptsLeft"].asInt)
    }

    @Test fun `the phone that unlocked signs in without a scan`() = test {
        val (desk, phone) = stage.Workstation() to shell.open()
        desk.pairedWith(phone)
        desk.serve()
        phone.computers().unlock(desk.machineId)
        assertTrue(phone.computers().waiting().isEmpty())

        val signingIn = desk.signIn()
        val request = phone.computers().waiting(Duration.ofSeconds(20)).single()
        assertEquals(desk.machineId, request.machineId())
        val answer = phone.computers().answer(request)
        assertEquals(Triple(Action.SIGN_IN, "login.microsoft.com", null), Triple(answer.action, answer.rpId, answer.error))
        assertEquals("session passkey", signingIn.ends()["signedInBy"].asString)
        assertEquals(1, stage.air.started)
        withTimeout(5.seconds) { while (stage.air.busy) delay(10) }
    }

    @Test fun `a computer nearby makes a passkey and uses it`() = test {
        val phone = shell.open()
        val making = stage.computer("create")
        val code = phone.scanner().read(making.text)
        assertTrue(code is Code.Hybrid)
        assertEquals(Action.CREATE, (phone.approve(code) as Approval.Answered).answer.action)
        val id = making.process.ends()["id"].asString
        assertArrayEquals(java.util.Base64.getUrlDecoder().decode(id), phone.passkeys().list().single().id)
        val using = stage.computer("get")
        val (answer) = phone.approve(phone.scanner().read(using.text)) as Approval.Answered
        assertEquals(Action.SIGN_IN to null, answer.action to answer.error)
        assertEquals(id, using.process.ends()["id"].asString)
    }

    @Test fun `a ceremony that nobody waits for any more is off the air`() = test {
        val elsewhere = Air(folder.resolve("elsewhere").toFile())
        val phone = shell.open(advertiser = elsewhere)
        val code = phone.scanner().read(stage.computer("create").text)
        val call = launch { phone.approve(code) }
        while (Step.Advertising !in shell.steps) delay(10)
        call.cancelAndJoin()
        withTimeout(5.seconds) { while (elsewhere.busy) delay(10) }
        // The code was shown to whoever was there: another one is needed, and the phone takes it at once.
        assertThrows<LatchkeyException.QrInvalid> { phone.approve(code) }
        val near = shell.open()
        val making = stage.computer("create")
        assertNull((near.approve(near.scanner().read(making.text)) as Approval.Answered).answer.error)
        making.process.ends()
        assertEquals(1, phone.passkeys().list().size)
    }

    @Test fun `an unlock that nobody waits for any more leaves the phone ready`() = test {
        val (desk, phone) = stage.Workstation() to shell.open()
        desk.pairedWith(phone)

        // Nobody serves: it would wait for two minutes.
        suspend fun contacting() {
            while (Step.ContactingComputer !in shell.steps) delay(10)
            shell.steps.clear()
            delay(200)
        }
        val cancel = Cancel()
        val call = async { runCatching { phone.computers().unlock(desk.machineId, cancel) } }
        contacting()
        cancel.cancel()
        assertTrue(call.await().exceptionOrNull() is LatchkeyException.AuthNotFoundOrCanceled)
        val left = launch { phone.computers().unlock(desk.machineId) }
        contacting()
        left.cancelAndJoin()

        // And in the middle of the prompt, once the computer has answered.
        desk.serve()
        val disappeared = CompletableDeferred<Unit>()
        val prompts = shell.gate.prompts.size
        shell.gate.answer = {
            try {
                awaitCancellation()
            } finally {
                disappeared.complete(Unit)
            }
        }
        val asked = launch { phone.computers().unlock(desk.machineId) }
        while (shell.gate.prompts.size == prompts) delay(10)
        asked.cancelAndJoin()
        disappeared.await()
        assertNull(desk.unlockedBy())
        shell.gate.answer = { Consent(verified = true) }
        phone.computers().unlock(desk.machineId)
        assertEquals("phone", desk.unlockedBy())
    }

    @Test fun `a pairing that was interrupted is settled later`() = test {
        val (desk, phone) = stage.Workstation() to shell.open()
        shell.gate.answer = { awaitCancellation() }
        val call = launch { phone.approve(phone.scanner().read(desk.pair().text)) }
        while (shell.gate.prompts.isEmpty()) delay(10)
        call.cancelAndJoin()

        stage.stopControlCenter()
        assertEquals(1u, phone.resume().open)
        phone.shutDown()

        // The app is opened again when there is something to reach.
        stage.restartControlCenter()
        val again = shell.open()
        val resumed = again.resume()
        assertEquals(Triple(0, 1u, 0u), Triple(resumed.paired.size, resumed.givenUp, resumed.open))
        assertTrue(again.passkeys().list().isEmpty() && again.computers().list().isEmpty())
        shell.gate.answer = { Consent(verified = true) }
        desk.pairedWith(again)
        assertEquals(listOf(desk.machineId), again.computers().list().map { it.machineId })
    }
}
