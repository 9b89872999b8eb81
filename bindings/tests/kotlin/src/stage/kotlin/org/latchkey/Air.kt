package org.latchkey

import com.sun.jna.Library
import com.sun.jna.Native
import java.io.File
import java.util.concurrent.ConcurrentHashMap
import kotlin.concurrent.thread

private const val UNIX = 1
private const val DATAGRAM = 2

/** Java has no datagrams over Unix sockets. */
private interface C : Library {
    fun socket(domain: Int, type: Int, protocol: Int): Int

    fun sendto(socket: Int, data: ByteArray, size: Long, flags: Int, address: ByteArray, addressSize: Int): Long

    fun close(file: Int): Int
}

private val c = Native.load("c", C::class.java)

/** Advertises in the simulator's air: a folder in which everybody who listens has a datagram socket. */
class Air(val folder: File) : BleAdvertiser {
    private val senders = ConcurrentHashMap<ULong, Thread>()

    /** How often an advert was started. */
    @Volatile var started = 0
        private set

    override suspend fun start(advert: ULong, serviceData: ByteArray) {
        started++
        senders[advert] = thread(isDaemon = true) { send(serviceData) }
    }

    override fun stop(advert: ULong) {
        senders.remove(advert)?.interrupt()
    }

    /** Whether something is on the air. */
    val busy: Boolean get() = senders.isNotEmpty()

    private fun send(serviceData: ByteArray) {
        val socket = c.socket(UNIX, DATAGRAM, 0)
        try {
            while (true) {
                for (listener in folder.listFiles().orEmpty()) {
                    // The family, low byte first, and the path. Who has stopped listening hears nothing.
                    val address = byteArrayOf(UNIX.toByte(), 0) + listener.path.toByteArray() + 0
                    c.sendto(socket, serviceData, serviceData.size.toLong(), 0, address, address.size)
                }
                Thread.sleep(100)
            }
        } catch (_: InterruptedException) {
            // Stopped.
        } finally {
            c.close(socket)
        }
    }
}
