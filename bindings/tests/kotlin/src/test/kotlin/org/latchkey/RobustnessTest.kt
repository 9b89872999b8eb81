package org.latchkey

import java.io.File
import java.nio.file.Path
import kotlin.math.abs
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.api.parallel.Isolated

/** Many calls, two processes, closing: nothing is lost and nothing grows. Alone, for memory is that of the process. */
@Isolated
class RobustnessTest {
    @TempDir lateinit var folder: Path

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
        assertTrue(shell.gate.prompts.size >= 101)
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
        val passkeys = Shell(folder).open().passkeys()
        assertEquals(0u, passkeys.damaged())
        val names = passkeys.list().map { String(it.userHandle) }.toSet()
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

    @Test fun `shut down ends the open prompt`() = test {
        val shell = Shell(folder)
        val phone = shell.open()
        phone.provider().register(registration())
        val disappeared = CompletableDeferred<Unit>()
        shell.gate.prompts.clear()
        shell.gate.answer = {
            try {
                awaitCancellation()
            } finally {
                disappeared.complete(Unit)
            }
        }
        val call = async { runCatching { phone.provider().register(registration("other")) } }
        while (shell.gate.prompts.isEmpty()) delay(10)
        phone.shutDown()
        val error = withTimeout(5.seconds) { call.await() }.exceptionOrNull()
        assertTrue(error is LatchkeyException.ProviderLocked, "$error")
        withTimeout(5.seconds) { disappeared.await() }

        // The next phone does not mind.
        shell.gate.answer = { Consent(verified = it.verify) }
        val again = shell.open()
        again.provider().register(registration("afterwards"))
        assertEquals(setOf("user", "afterwards"), again.passkeys().list().map { String(it.userHandle) }.toSet())
        assertArrayEquals("afterwards".toByteArray(), again.provider().signIn(assertion()).userHandle)
    }

    @Test fun `memory is stable over 10000 calls`() = test(5.minutes) {
        assumeTrue(status.exists(), "no $status, which says how much memory is used")
        val shell = Shell(folder)
        val phone = shell.open()
        val made = phone.provider().register(registration())
        val request = assertion(listOf(made.credentialId))
        suspend fun calls(count: Int): Long {
            repeat(count) { number ->
                phone.provider().use { provider ->
                    when (number % 5) {
                        0 -> provider.signIn(request)
                        1 -> runCatching { provider.entriesJson("no request", app()) }
                        else -> provider.entries("example.com")
                    }
                }
                shell.gate.prompts.clear()
            }
            System.gc()
            return resident()
        }
        // What leaks grows in every round; the JVM compiles when it likes, and grows and shrinks in some.
        val changes = mutableListOf<Long>()
        var before = calls(10_000)
        do {
            val after = calls(10_000)
            changes += after - before
            before = after
        } while (abs(changes.last()) >= 1024 && changes.size < 8)
        println("memory: $before KiB, after each 10,000 calls $changes KiB more")
        assertTrue(abs(changes.last()) < 1024, "changed by $changes KiB, in every round")
        assertEquals(0, uniffiForeignFutureHandleCount())
    }

    private val status = File("/proc/self/status")

    /** Resident memory of this process in KiB. */
    private fun resident() = status.readLines().first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong()
}
