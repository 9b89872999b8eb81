package org.latchkey.app.provider

import java.io.ByteArrayInputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.URI
import java.net.URL
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test

class HttpsTextTest {
    private class Server(url: URL, val status: Int, val body: () -> InputStream) : HttpURLConnection(url) {
        var isDisconnected = false

        override fun connect() = Unit

        override fun disconnect() {
            isDisconnected = true
        }

        override fun usingProxy() = false

        override fun getResponseCode() = status

        override fun getInputStream() = body()
    }

    private fun server(status: Int = 200, body: () -> InputStream) =
        Server(URI("https://example.com/x").toURL(), status, body)

    private fun text(text: String) = { ByteArrayInputStream(text.toByteArray()) }

    private fun get(server: Server, nanoTime: () -> Long = System::nanoTime) =
        runBlocking { HttpsText({ server }, nanoTime).get("https://example.com/x") }

    @Test
    fun `fetches a text, without following redirects and with patience that ends`() {
        val server = server(body = text("[{\"ä\":1}]"))
        assertEquals("[{\"ä\":1}]", get(server))
        assertFalse(server.instanceFollowRedirects)
        assertTrue(server.connectTimeout in 1..10_000 && server.readTimeout in 1..10_000)
        assertTrue(server.isDisconnected)
    }

    @Test
    fun `nothing but https is asked`() = runBlocking {
        val never = HttpsText({ error("asked for $it") })
        listOf("http://example.com/x", "HTTPS://example.com/x", "file:///etc/hosts", "", "https").forEach {
            assertNull(never.get(it))
        }
    }

    @Test
    fun `another status is no text`() {
        for (status in listOf(201, 204, 301, 302, 307, 404, 500)) assertNull(get(server(status, text("x"))))
    }

    @Test
    fun `a server that fails is no text`() {
        assertNull(get(server { throw IOException() }))
    }

    @Test
    fun `a text may have a mebibyte and no more`() {
        assertEquals(HttpsText.MAX_BYTES, get(server(body = text("x".repeat(HttpsText.MAX_BYTES))))?.length)
        assertNull(get(server(body = text("x".repeat(HttpsText.MAX_BYTES + 1)))))
    }

    @Test
    fun `a text that never ends is given up`() {
        var now = 0L
        val drop = object : InputStream() {
            override fun read() = 'x'.code

            override fun read(into: ByteArray, from: Int, length: Int): Int {
                now += 1_000_000_000
                into[from] = 'x'.code.toByte()
                return 1
            }
        }
        assertNull(get(server { drop }) { now })
        assertTrue(now < 10_000_000_000)
    }

    @Test
    fun `bytes that are no UTF-8 are no text`() {
        assertNull(get(server { ByteArrayInputStream(byteArrayOf(0xff.toByte())) }))
    }
}
