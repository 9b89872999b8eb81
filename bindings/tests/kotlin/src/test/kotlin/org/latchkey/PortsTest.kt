package org.latchkey

import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Calls that end early, and ports that throw or never answer: the core stays whole. */
class PortsTest {
    @TempDir lateinit var folder: Path

    private suspend fun works(phone: Phone, gate: Gate) {
        gate.answer = { Consent(verified = it.verify) }
        val made = phone.provider().register(registration("afterwards"))
        assertArrayEquals(made.credentialId, phone.provider().signIn(assertion(listOf(made.credentialId))).credentialId)
    }

    @Test fun `a cancelled coroutine leaves the phone ready`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val disappeared = CompletableDeferred<Unit>()
        shell.gate.answer = {
            try {
                awaitCancellation()
            } finally {
                disappeared.complete(Unit)
            }
        }
        val call = launch { phone.provider().register(registration()) }
        while (shell.gate.prompts.isEmpty()) delay(10)
        val took = measureTime {
            call.cancelAndJoin()
            // The core has let go of the prompt, and takes the next call.
            disappeared.await()
            works(phone, shell.gate)
        }
        assertTrue(took < 4.seconds, "$took")
        assertEquals(listOf("afterwards"), phone.passkeys().list().map { String(it.userHandle) })
    }

    @Test fun `a token ends a call`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val disappeared = CompletableDeferred<Unit>()
        shell.gate.answer = {
            try {
                awaitCancellation()
            } finally {
                disappeared.complete(Unit)
            }
        }
        val cancel = Cancel()
        val call = async { runCatching { phone.provider().register(registration(), cancel) } }
        while (shell.gate.prompts.isEmpty()) delay(10)
        val took = measureTime {
            cancel.cancel()
            assertTrue(call.await().exceptionOrNull() is LatchkeyException.RegCanceled)
            disappeared.await()
            works(phone, shell.gate)
        }
        assertTrue(took < 4.seconds, "$took")
        assertEquals(listOf("afterwards"), phone.passkeys().list().map { String(it.userHandle) })
    }

    @Test fun `a call that is cancelled before it begins does nothing`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val made = phone.provider().register(registration())
        val cancel = Cancel().apply { cancel() }
        shell.gate.prompts.clear()
        assertThrows<LatchkeyException.AuthNotFoundOrCanceled> { phone.provider().signIn(assertion(), cancel) }
        assertThrows<LatchkeyException.AuthNotFoundOrCanceled> { phone.passkeys().delete(made.credentialId, cancel) }
        assertThrows<LatchkeyException.AuthNotFoundOrCanceled> { phone.computers().remove("desk", cancel) }
        assertThrows<LatchkeyException.AuthNotFoundOrCanceled> { phone.readiness(cancel) }
        assertTrue(shell.gate.prompts.isEmpty())
        assertEquals(1, phone.passkeys().list().size)
    }

    private class Throwing : UserGate, KeyVault, Device, Network, Observer, BleAdvertiser {
        val called: MutableSet<String> = ConcurrentHashMap.newKeySet()

        private fun fail(call: String): Nothing {
            called += call
            error("name of a user, for instance")
        }

        override fun canVerify() = fail("canVerify")
        override suspend fun ask(prompt: Prompt) = fail("ask")
        override fun wrap(key: ByteArray) = fail("wrap")
        override fun unwrap(wrapped: ByteArray) = fail("unwrap")
        override suspend fun createKey() = fail("createKey")
        override suspend fun sign(handle: ByteArray, message: ByteArray) = fail("sign")
        override suspend fun deleteKey(handle: ByteArray) = fail("deleteKey")
        override fun facts() = fail("facts")
        override fun isOnline() = fail("isOnline")
        override fun reached(step: Step) = fail("reached")
        override suspend fun start(advert: ULong, serviceData: ByteArray) = fail("start")
        override fun stop(advert: ULong) = fail("stop")
    }

    @Test fun `ports that throw are failures of theirs`() = test {
        Stage().use { stage ->
            val shell = Shell(folder, stage)
            val config = shell.config().copy(hardwareKeys = true)
            val broken = Throwing()
            val says = mutableListOf<Throwable>()
            suspend fun fails(call: suspend () -> Unit) = runCatching { call() }.exceptionOrNull().also { says += it!! }

            // The vault's key, to wrap and to unwrap; then everything else.
            assertTrue(fails { Phone.open(config, Ports(shell.gate, broken, shell.device)) } is LatchkeyException.AnyInternal)
            shell.open()
            assertTrue(fails { Phone.open(config, Ports(shell.gate, broken, shell.device)) } is LatchkeyException.AnyInternal)
            val phone = Phone.open(config, Ports(shell.gate, shell.keys, broken, broken, broken, broken))
            val findings = phone.readiness().associate { it.check to it.state }
            assertEquals(CheckState.UNKNOWN to CheckState.OK, findings[Check.CAMERA] to findings[Check.NETWORK])
            val code = phone.scanner().read(stage.computer("create").text)
            assertTrue(fails { phone.approve(code) } is LatchkeyException.AnyInternal)

            // Hardware that refuses when it makes a key and when it signs, and that cannot delete.
            val keys = object : Keys() {
                var hardware: KeyVault = HardwareKeys()

                override suspend fun createKey() = hardware.createKey()
                override suspend fun sign(handle: ByteArray, message: ByteArray) = hardware.sign(handle, message)
                override suspend fun deleteKey(handle: ByteArray) = hardware.deleteKey(handle)
            }
            val careful = Phone.open(config, Ports(shell.gate, keys, shell.device))
            val made = careful.provider().register(registration())
            keys.hardware = broken
            assertTrue(fails { careful.provider().register(registration("other")) } is LatchkeyException)
            assertTrue(fails { careful.provider().signIn(assertion(listOf(made.credentialId))) } is LatchkeyException)
            runCatching { careful.passkeys().delete(made.credentialId) }

            // A person who cannot be asked.
            val asked = Phone.open(config, Ports(broken, shell.keys, shell.device))
            assertTrue(fails { asked.provider().register(registration()) } is LatchkeyException.ProviderBiometricsMissing)
            val mute = object : UserGate by broken {
                override fun canVerify() = true
            }
            val silent = Phone.open(config, Ports(mute, shell.keys, shell.device))
            assertTrue(fails { silent.provider().register(registration()) } is LatchkeyException.ProviderLocked)

            withTimeout(5.seconds) { while (broken.called.size < 12) delay(10) }
            assertFalse(says.any { "user" in it.toString() })
            works(phone, shell.gate)
        }
    }

    /** Waits in `canVerify`, `facts`, `isOnline`, `wrap`, `unwrap` and `reached` until somebody says go. */
    private class Blocking(private val shell: Shell) :
        UserGate by shell.gate, KeyVault by shell.keys, Device by shell.device, Network, Observer {
        val go = CountDownLatch(1)

        override fun canVerify() = true.also { go.await() }
        override fun wrap(key: ByteArray) = shell.keys.wrap(key).also { go.await() }
        override fun unwrap(wrapped: ByteArray) = shell.keys.unwrap(wrapped).also { go.await() }
        override fun facts() = shell.device.facts().also { go.await() }
        override fun isOnline() = false.also { go.await() }

        @Volatile var stepsToldOf = 0
            private set

        override fun reached(step: Step) {
            stepsToldOf++
            go.await()
        }
    }

    @Test fun `a port that never answers costs its call only`() = test {
        val shell = Shell(folder)
        val blocking = Blocking(shell)
        val phone = Phone.open(shell.config(), Ports(blocking, shell.keys, blocking, blocking))
        val took = measureTime {
            assertThrows<LatchkeyException.ProviderBiometricsMissing> { phone.provider().register(registration()) }
        }
        assertTrue(took in 4.seconds..15.seconds, "$took")
        // In doubt the phone is online, and nothing is known about it.
        val findings = phone.readiness().associate { it.check to it.state }
        assertEquals(CheckState.UNKNOWN to CheckState.OK, findings[Check.CAMERA] to findings[Check.NETWORK])
        blocking.go.countDown()
        works(phone, shell.gate)
    }

    private suspend fun staysClosed(shell: Shell) {
        val blocking = Blocking(shell)
        val took = measureTime {
            assertThrows<LatchkeyException.AnyInternal> { Phone.open(shell.config(), Ports(shell.gate, blocking, shell.device)) }
        }
        assertTrue(took in 18.seconds..45.seconds, "$took")
        blocking.go.countDown()
        works(shell.open(), shell.gate)
    }

    @Test fun `a key vault that never wraps keeps the phone closed`() = test { staysClosed(Shell(folder)) }

    @Test fun `a key vault that never unwraps keeps the phone closed`() = test {
        val shell = Shell(folder)
        shell.open().shutDown()
        staysClosed(shell)
    }

    @Test fun `an observer that is stuck does not hold up an unlock`() = test {
        Stage().use { stage ->
            val shell = Shell(folder, stage)
            val stuck = Blocking(shell)
            val (desk, phone) = stage.Workstation() to Phone.open(shell.config(), Ports(shell.gate, shell.keys, shell.device, observer = stuck))
            phone.approve(phone.scanner().read(desk.pair().text))
            desk.serve()
            phone.computers().unlock(desk.machineId)
            assertEquals("phone" to 1, desk.unlockedBy() to stuck.stepsToldOf)
            stuck.go.countDown()
        }
    }

    /** A radio that never takes an advert, and never comes back from stopping one. */
    private class Silent : BleAdvertiser {
        val started = CompletableDeferred<ULong>()
        val stopped = CompletableDeferred<ULong>()
        val go = CountDownLatch(1)

        override suspend fun start(advert: ULong, serviceData: ByteArray) {
            started.complete(advert)
            awaitCancellation()
        }

        override fun stop(advert: ULong) {
            stopped.complete(advert)
            go.await()
        }
    }

    @Test fun `a radio that never answers costs its ceremony only`() = test {
        Stage().use { stage ->
            val (shell, radio) = Shell(folder, stage) to Silent()
            val phone = shell.open(advertiser = radio)
            val code = phone.scanner().read(stage.computer("create").text)
            val took = measureTime { assertThrows<LatchkeyException.AnyInternal> { phone.approve(code) } }
            assertTrue(took in 4.seconds..15.seconds, "$took")
            assertEquals(radio.started.await(), withTimeout(10.seconds) { radio.stopped.await() })
            works(phone, shell.gate)
            radio.go.countDown()
        }
    }

    @Test fun `hardware that never deletes does not keep the passkey`() = test {
        val shell = Shell(folder)
        val asked = CompletableDeferred<Unit>()
        shell.keys = object : Keys() {
            val hardware = HardwareKeys()

            override suspend fun createKey() = hardware.createKey()
            override suspend fun sign(handle: ByteArray, message: ByteArray) = hardware.sign(handle, message)
            override suspend fun deleteKey(handle: ByteArray) {
                asked.complete(Unit)
                awaitCancellation()
            }
        }
        val phone = shell.open(shell.config().copy(hardwareKeys = true))
        val made = phone.provider().register(registration())
        val took = measureTime { runCatching { phone.passkeys().delete(made.credentialId) } }
        assertTrue(asked.isCompleted && took < 15.seconds, "$took")
        assertTrue(phone.passkeys().list().isEmpty())
        works(phone, shell.gate)
    }

    @Test fun `a key vault that never answers can be left`() = test {
        val shell = Shell(folder)
        val blocking = Blocking(shell)
        val cancel = Cancel()
        val call = async { runCatching { Phone.open(shell.config(), Ports(shell.gate, blocking, shell.device), cancel) } }
        delay(300)
        val took = measureTime {
            cancel.cancel()
            assertTrue(call.await().exceptionOrNull() is LatchkeyException.AuthNotFoundOrCanceled)
        }
        assertTrue(took < 4.seconds, "$took")
        blocking.go.countDown()
        works(shell.open(), shell.gate)
    }

    @Test fun `a key that nobody waits for is deleted`() = test {
        val shell = Shell(folder)
        val (waits, go) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        val gone = CompletableDeferred<Unit>()
        val hardware = HardwareKeys()
        shell.keys = object : Keys() {
            override suspend fun createKey(): HardwareKey {
                waits.complete(Unit)
                go.await()
                return hardware.createKey()
            }

            override suspend fun deleteKey(handle: ByteArray) {
                assertEquals(1, hardware.size)
                hardware.deleteKey(handle)
                gone.complete(Unit)
            }
        }
        val phone = shell.open(shell.config().copy(hardwareKeys = true))
        val call = launch { phone.provider().register(registration()) }
        waits.await()
        call.cancelAndJoin()
        assertTrue(phone.passkeys().list().isEmpty())
        phone.provider().register(registration(algorithms = listOf(-8)))
        assertEquals(1, phone.passkeys().list().size)
        go.complete(Unit)
        withTimeout(5.seconds) { gone.await() }
        assertEquals(0, hardware.size)
    }

    @Test fun `hardware that never signs can be left`() = test {
        val shell = Shell(folder)
        val (waits, left) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        shell.keys = object : Keys() {
            val hardware = HardwareKeys()

            override suspend fun createKey() = hardware.createKey()
            override suspend fun sign(handle: ByteArray, message: ByteArray): ByteArray {
                if (waits.isCompleted) return hardware.sign(handle, message)
                try {
                    waits.complete(Unit)
                    awaitCancellation()
                } finally {
                    left.complete(Unit)
                }
            }
        }
        val phone = shell.open(shell.config().copy(hardwareKeys = true))
        val made = phone.provider().register(registration())
        val call = launch { phone.provider().signIn(assertion()) }
        waits.await()
        call.cancelAndJoin()
        left.await()
        assertArrayEquals(made.credentialId, phone.provider().signIn(assertion()).credentialId)
    }
}
