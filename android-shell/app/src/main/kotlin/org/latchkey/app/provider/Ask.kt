package org.latchkey.app.provider

import androidx.credentials.provider.CallingAppInfo
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.latchkey.Caller
import org.latchkey.assetLinksUrl

/** Finds out who asks, with what their relying party says about them. */
class Ask(private val browsers: BrowserList, private val https: HttpsText = HttpsText()) {
    /** The caller as the list may know it: nothing is fetched. */
    fun quickly(app: CallingAppInfo, clientDataHash: ByteArray?): Caller =
        callerOf(app, browsers.current(), clientDataHash, assetLinks = null)

    /** The caller of a request that is to be answered. An app that acts for itself needs its relying party's word. */
    suspend fun thoroughly(app: CallingAppInfo, requestJson: String, clientDataHash: ByteArray?): Caller =
        // The list of browsers is a file.
        withContext(Dispatchers.IO) {
            val caller = quickly(app, clientDataHash)
            if (caller.origin != null) caller else caller.copy(assetLinks = https.get(assetLinksUrl(requestJson)))
        }
}
