package org.latchkey

import java.io.File
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
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

/** Whatever a shell does, the core stays whole. */
class RobustnessTest {
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
        call.cancelAndJoin()
        withTimeout(5.seconds) { disappeared.await() }
        assertTrue(phone.passkeys().list().isEmpty())
        works(phone, shell.gate)
    }

    @Test fun `a token ends a call`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        shell.gate.answer = { awaitCancellation() }
        val cancel = Cancel()
        val call = async { runCatching { phone.provider().register(registration(), cancel) } }
        while (shell.gate.prompts.isEmpty()) delay(10)
        cancel.cancel()
        assertTrue(call.await().exceptionOrNull() is LatchkeyException.RegCanceled)
        works(phone, shell.gate)
    }

    private class Throwing : UserGate, KeyVault, Device, Network, Observer, BleAdvertiser {
        private fun fail(): Nothing = error("name of a user, for instance")

        override fun canVerify() = fail()
        override suspend fun ask(prompt: Prompt) = fail()
        override fun wrap(key: ByteArray) = fail()
        override fun unwrap(wrapped: ByteArray) = fail()
        override suspend fun createKey() = fail()
        override suspend fun sign(handle: ByteArray, message: ByteArray) = fail()
        override suspend fun deleteKey(handle: ByteArray) = fail()
        override fun facts() = fail()
        override fun isOnline() = fail()
        override fun reached(step: Step) = fail()
        override suspend fun start(advert: ULong, serviceData: ByteArray) = fail()
        override fun stop(advert: ULong) = fail()
    }

    @Test fun `ports that throw are failures of theirs`() = test {
        val shell = Shell(folder)
        val broken = Throwing()
        val error = assertThrows<LatchkeyException.AnyInternal> { Phone.open(shell.config(), Ports(shell.gate, broken, broken)) }
        assertFalse(error.toString().contains("user"))
        val phone = Phone.open(shell.config(), Ports(shell.gate, shell.keys, broken, broken, broken, broken))
        val findings = phone.readiness().associate { it.check to it.state }
        assertEquals(CheckState.UNKNOWN, findings[Check.CAMERA])
        works(phone, shell.gate)
    }

    @Test fun `a port that never answers costs its call only`() = test {
        val shell = Shell(folder)
        val go = CountDownLatch(1)
        val blocking = object : UserGate {
            override fun canVerify(): Boolean {
                go.await()
                return true
            }

            override suspend fun ask(prompt: Prompt) = Consent(verified = true)
        }
        val phone = Phone.open(shell.config(), Ports(blocking, shell.keys, Facts()))
        assertThrows<LatchkeyException.ProviderBiometricsMissing> { phone.provider().register(registration()) }
        go.countDown()
        assertEquals(32, phone.provider().register(registration()).credentialId.size)
    }

    @Test fun `hardware that never answers can be left`() = test {
        val shell = Shell(folder)
        shell.keys = object : Keys() {
            override suspend fun createKey() = awaitCancellation()
        }
        val phone = shell.open(shell.config().copy(hardwareKeys = true))
        val call = launch(start = CoroutineStart.UNDISPATCHED) { phone.provider().register(registration()) }
        delay(300)
        call.cancelAndJoin()
        phone.provider().register(registration(algorithms = listOf(-8)))
        assertEquals(1, phone.passkeys().list().size)
    }

    @Test fun `200 calls at once`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val made = phone.provider().register(registration())
        val done = (0 until 200).map { number ->
            async {
                if (number % 2 == 1) return@async phone.provider().entries("example.com").size
                while (true) {
                    try {
                        val signed = phone.provider().signIn(assertion(listOf(made.credentialId)))
                        return@async if (signed.credentialId.contentEquals(made.credentialId)) 1 else 0
                    } catch (_: LatchkeyException.RequestBusy) {
                        delay(10)
                    }
                }
                @Suppress("UNREACHABLE_CODE") 0
            }
        }.awaitAll()
        assertEquals(List(200) { 1 }, done)
    }

    @Test fun `app and extension share one database`() = test {
        val jvm = File(System.getProperty("java.home"), "bin/java").path
        val processes = listOf("app", "extension").map { name ->
            ProcessBuilder(
                jvm,
                "-cp", System.getProperty("java.class.path"),
                "-Djna.library.path=${System.getProperty("jna.library.path")}",
                "org.latchkey.OtherProcessKt", folder.toString(), name,
            ).inheritIO().start()
        }
        assertEquals(listOf(0, 0), processes.map { it.waitFor() })
        val names = Shell(folder).open().passkeys().list().map { String(it.userHandle) }.toSet()
        assertEquals(listOf("app", "extension").flatMap { name -> List(40) { "$name$it" } }.toSet(), names)
    }

    @Test fun `shut down and open again`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val made = phone.provider().register(registration())
        val passkeys = phone.passkeys()
        phone.shutDown()
        phone.shutDown()
        assertThrows<LatchkeyException.ProviderLocked> { passkeys.list() }
        assertThrows<LatchkeyException.ProviderLocked> { phone.provider().signIn(assertion()) }
        assertEquals(listOf("vault.sqlite"), folder.toFile().list()!!.toList())
        assertArrayEquals(made.credentialId, shell.open().provider().signIn(assertion()).credentialId)
    }

    @Test fun `memory is stable over 10000 calls`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        val made = phone.provider().register(registration())
        val request = assertion(listOf(made.credentialId))
        suspend fun calls(count: Int): Long {
            repeat(count) { number ->
                phone.provider().use { provider ->
                    if (number % 5 == 0) provider.signIn(request) else provider.entries("example.com")
                }
                shell.gate.prompts.clear()
            }
            System.gc()
            return resident()
        }
        // The JVM warms up for a while.
        val before = calls(10_000)
        val after = calls(10_000)
        println("memory: $before KiB, after 10,000 more calls $after KiB")
        assertTrue(after - before < 8 * 1024, "$before KiB before, $after KiB after")
    }

    /** Resident memory of this process in KiB. */
    private fun resident() = File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong()
}
