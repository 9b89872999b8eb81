package org.latchkey.app

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import org.latchkey.LatchkeyException
import org.latchkey.Phone
import org.latchkey.app.provider.BrowserList

/** The one phone that is open in this process. */
class OpenPhone(private val browsers: BrowserList, private val open: suspend (browsers: String) -> Phone) {
    private val turn = Mutex()
    private var phone: Phone? = null

    /** The phone; opened now if it is not open. */
    suspend fun get(): Phone = turn.withLock {
        phone ?: try {
            open(browsers.current())
        } catch (malformed: LatchkeyException.RequestMalformed) {
            // A list of browsers that the core cannot read: the one that came with the app can be.
            if (!browsers.discardUpdate()) throw malformed
            open(browsers.current())
        }.also { phone = it }
    }

    /**
     * Puts a later list of browsers in force, away from the main thread: it is written to the disk, and the phone closed. Returns
     * false, and changes nothing, if it is no such list.
     */
    suspend fun replaceBrowsers(json: String): Boolean = withContext(Dispatchers.IO) {
        browsers.replace(json).also { isReplaced -> if (isReplaced) close() }
    }

    /** Closes it, so that it is opened with the present list of browsers next time. */
    suspend fun close() = turn.withLock {
        phone?.shutDown()
        phone = null
    }
}
