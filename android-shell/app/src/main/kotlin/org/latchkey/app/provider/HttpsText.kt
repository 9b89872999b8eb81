package org.latchkey.app.provider

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.URI
import java.net.URISyntaxException
import java.net.URL
import java.nio.ByteBuffer
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** Fetches a text that everybody may read: over https, without following redirects, bounded in size and time. */
class HttpsText(
    private val connect: (URL) -> HttpURLConnection = { it.openConnection() as HttpURLConnection },
    private val longestMillis: Long = 2L * PATIENCE_MILLIS,
) {
    /** The text at [address], or null if there is none that could be had. */
    suspend fun get(address: String): String? = withContext(Dispatchers.IO) {
        if (!address.startsWith("https://")) return@withContext null
        try {
            val connection = connect(URI(address).toURL())
            // Nothing else ends the wait for a server that sends its headers or its text a byte at a time.
            val patience = launch(start = CoroutineStart.UNDISPATCHED) {
                try {
                    delay(longestMillis)
                } finally {
                    connection.disconnect()
                }
            }
            try {
                text(connection)
            } finally {
                patience.cancel()
            }
        } catch (_: IOException) {
            null
        } catch (_: URISyntaxException) {
            null
        }
    }

    private fun text(connection: HttpURLConnection): String? {
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.connectTimeout = PATIENCE_MILLIS
        connection.readTimeout = PATIENCE_MILLIS
        if (connection.responseCode != HttpURLConnection.HTTP_OK) return null
        val bytes = connection.inputStream.use(::bounded) ?: return null
        return Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
    }

    /** All bytes; null if there are too many. */
    private fun bounded(stream: InputStream): ByteArray? {
        val bytes = ByteArrayOutputStream()
        val buffer = ByteArray(8192)
        while (true) {
            val read = stream.read(buffer)
            if (read < 0) return bytes.toByteArray()
            bytes.write(buffer, 0, read)
            if (bytes.size() > MAX_BYTES) return null
        }
    }

    companion object {
        /** The core reads no more of either text. */
        const val MAX_BYTES = 1024 * 1024

        /** For a connection, and for each sign of life on it; twice that for everything. */
        const val PATIENCE_MILLIS = 5000
    }
}
