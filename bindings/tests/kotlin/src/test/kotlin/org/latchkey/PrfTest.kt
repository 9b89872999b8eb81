package org.latchkey

import java.nio.file.Path
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** The PRF extension: a passkey's outputs for a page's inputs, in both shapes of the provider's door. */
class PrfTest {
    @TempDir lateinit var folder: Path

    /** What a client makes of a page's input. */
    private fun salt(input: String) = sha256("WebAuthn PRF\u0000$input")

    private fun salts(first: String, second: String? = null) = PrfValues(salt(first), second?.let(::salt))

    @Test fun `the same inputs give the same outputs`() = test {
        val shell = Shell(folder)
        val provider = shell.open(shell.config(Platform.IOS)).provider()
        val made = provider.register(registration().copy(prf = PrfRegistrationInput.Evaluate(salts("one", "two"))))
        val (first, second) = made.prf!!.outputs!!.let { it.first to it.second!! }
        assertEquals(true to listOf(32, 32), made.prf!!.isSupported to listOf(first.size, second.size))
        assertFalse(first.contentEquals(second))

        val id = made.credentialId
        val swapped = provider.signIn(assertion().copy(prf = PrfAssertionInput(salts("two", "one")))).prf!!
        assertArrayEquals(second, swapped.first)
        assertArrayEquals(first, swapped.second)
        // A passkey's own salts come first: found by what is in the key of the map, not by which array it is.
        val own = PrfAssertionInput(salts("two"), mapOf(id.copyOf() to salts("one"), ByteArray(32) to salts("three")))
        val alone = provider.signIn(assertion().copy(prf = own)).prf!!
        assertArrayEquals(first, alone.first)
        assertNull(alone.second)
        assertNull(provider.signIn(assertion()).prf)

        val short = PrfAssertionInput(PrfValues(ByteArray(31)))
        val prompts = shell.gate.prompts.size
        assertThrows<LatchkeyException.RequestMalformed> { provider.signIn(assertion().copy(prf = short)) }
        assertEquals(prompts, shell.gate.prompts.size)
    }

    @Test fun `a page's inputs in JSON and their hashes have one answer`() = test {
        val shell = Shell(folder)
        val provider = shell.open().provider()
        val inputs = """{"prf":{"eval":{"first":"${base64("one".toByteArray())}"}}}"""
        fun results(response: String) = json(response)["clientExtensionResults"].asJsonObject["prf"].asJsonObject
        val made = results(provider.createJson(creation(inputs), app()))
        assertTrue(made["enabled"].asBoolean)
        val output = made["results"].asJsonObject["first"].asString
        val signed = results(provider.getJson(request(inputs), app()))
        assertEquals("""{"results":{"first":"$output"}}""", signed.toString())
        val hashed = provider.signIn(assertion().copy(prf = PrfAssertionInput(salts("one"))))
        assertEquals(output, base64(hashed.prf!!.first))
    }
}
