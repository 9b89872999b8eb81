package org.latchkey

import java.io.File
import java.nio.file.Path
import java.time.Duration
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir

class ErrorsTest {
    @TempDir lateinit var folder: Path

    @Test fun `every id has its class`() {
        val errors = LatchkeyException::class.java.declaredClasses.filter { LatchkeyException::class.java.isAssignableFrom(it) }
            .map { it.getDeclaredConstructor().newInstance() as LatchkeyException }
        val fixture = File(System.getProperty("latchkey.fixtures"), "errors.json").readText()
        val ids = Regex("\"id\": ?\"([a-z_.]+)\"").findAll(fixture).map { it.groupValues[1] }.toSet()
        assertEquals(ids, errors.map { it.info().id }.toSet())
        for (error in errors) {
            val info = error.info()
            assertTrue(info.title.isNotEmpty() && info.explanation.isNotEmpty() && info.nextStep.isNotEmpty())
            assertEquals(error::class.simpleName, info.id.split('.', '_').joinToString("") { it.replaceFirstChar(Char::uppercase) })
        }
    }

    private class Row(val id: String, val provoke: suspend Shell.() -> Unit)

    private val provoked = listOf(
        Row("provider.locked") { keys = Failing(KeyVaultException.Locked()); open() },
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
        Row("reg.already_registered") {
            val provider = open().provider()
            val made = provider.register(registration())
            provider.register(registration(user = "other", excluded = listOf(made.credentialId)))
        },
        Row("provider.entra_passkey_exists") {
            val provider = open().provider()
            for (user in listOf("first", "second")) provider.register(registration(user).copy(rpId = "login.microsoft.com"))
        },
        Row("request.busy") {
            val provider = open().provider()
            gate.answer = { awaitCancellation() }
            kotlinx.coroutines.coroutineScope {
                val first = launch(Dispatchers.Default) { provider.register(registration()) }
                while (gate.prompts.isEmpty()) delay(10)
                try {
                    provider.register(registration())
                } finally {
                    first.cancel()
                }
            }
        },
        Row("any.not_supported") { open().provider().register(registration(algorithms = listOf(-257))) },
        Row("request.malformed") { open().provider().register(registration().copy(clientDataHash = ByteArray(5))) },
        Row("request.list_too_long") { open().provider().register(registration(excluded = List(65) { ByteArray(1) })) },
        Row("qr.invalid") { open().scanner().read("WIFI:S:home;;") },
        Row("qr.unsupported") { open().scanner().read("""{"v":2}""") },
        Row("code.bad_address") { open().lookUp("http://example.com", "ABCDEF") },
        Row("code.not_found") { open().lookUp("https://example.com", "?") },
        Row("any.no_device") { open().computers().unlock("nobody") },
    )

    @TestFactory fun `what happens is what is thrown`() = provoked.mapIndexed { number, row ->
        DynamicTest.dynamicTest(row.id) {
            test {
                val shell = Shell(folder.resolve("$number").also { it.toFile().mkdir() })
                val error = runCatching { row.provoke(shell) }.exceptionOrNull()
                assertNotNull(error)
                assertEquals(row.id, (error as? LatchkeyException ?: throw error!!).info().id)
                assertEquals("", error.message)
                // The core is as good as before.
                shell.keys = Keys()
                shell.gate.enrolled = true
                shell.gate.answer = { Consent(verified = it.verify) }
                assertEquals(32, shell.open().provider().register(registration("afterwards")).credentialId.size)
            }
        }
    }

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
}
