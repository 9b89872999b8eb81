package org.latchkey.app.provider

import java.io.ByteArrayInputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.SocketException
import java.net.URI
import java.net.URL
import java.util.concurrent.CountDownLatch
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
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

    private fun get(server: HttpURLConnection, longestMillis: Long = 60_000) =
        runBlocking { HttpsText({ server }, longestMillis).get("https://example.com/x") }

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

    /** A server that keeps everybody waiting, until the connection is ended from here. */
    private class Slow(val inHeaders: Boolean) : HttpURLConnection(URI("https://example.com/x").toURL()) {
        val ended = CountDownLatch(1)

        private fun waits(): Nothing {
            ended.await()
            throw SocketException("Socket closed")
        }

        override fun connect() = Unit

        override fun disconnect() = ended.countDown()

        override fun usingProxy() = false

        override fun getResponseCode() = if (inHeaders) waits() else 200

        override fun getInputStream() = object : InputStream() {
            override fun read() = waits()
        }
    }

    @Test
    fun `headers and a text that never end are given up`() {
        for (inHeaders in listOf(true, false)) assertNull(get(Slow(inHeaders), longestMillis = 50))
    }

    @Test
    fun `whoever no longer wants the text waits for no server`() = runBlocking {
        val server = Slow(inHeaders = true)
        val fetching = async(start = CoroutineStart.UNDISPATCHED) { HttpsText({ server }).get("https://example.com/x") }
        delay(50)
        withTimeout(5_000) { fetching.cancelAndJoin() }
    }

    @Test
    fun `an address that is none is no text`() = runBlocking {
        assertNull(HttpsText({ error("asked for $it") }).get("https://exa mple.com/x"))
    }

    @Test
    fun `bytes that are no UTF-8 are no text`() {
        assertNull(get(server { ByteArrayInputStream(byteArrayOf(0xff.toByte())) }))
    }
}
