package org.latchkey.app

import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
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

    /** Closes it, so that it is opened with the present list of browsers next time. */
    suspend fun close() = turn.withLock {
        phone?.shutDown()
        phone = null
    }
}
