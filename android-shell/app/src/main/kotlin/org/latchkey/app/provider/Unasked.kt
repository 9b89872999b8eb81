package org.latchkey.app.provider

import org.json.JSONException
import org.json.JSONObject
import org.latchkey.app.R
import org.latchkey.app.ports.Notice

/**
 * Whether a passkey may be made that nobody is asked about, right after its owner has signed in in another way. Android
 * demands that a provider knows the sign-in's password as its own and recently used; this one has no passwords, and takes
 * its owner's standing wish in place of that. And it demands a notification: without one there is no passkey.
 */
data class Unasked(
    /** The request says that it is one of these; any other is for the screens. */
    val isConditional: Boolean,
    /** The owner wants it so. */
    val isWanted: Boolean,
    /** Somebody who can unlock the phone has it in hand. */
    val isUnlocked: Boolean,
    /** The notification will be seen. */
    val canNotify: Boolean,
) {
    val isAllowed: Boolean get() = isConditional && isWanted && isUnlocked && canNotify
}

/** What the person reads about a passkey that was made so. A page's request may leave its relying party out: it is the page's host then. */
fun madeNotice(requestJson: String, origin: String?): Notice {
    val named = try {
        JSONObject(requestJson).getJSONObject("rp").optString("id")
    } catch (_: JSONException) {
        ""
    }
    val rpId = named.ifEmpty { origin?.substringAfter("://")?.substringBefore(':').orEmpty() }
    return Notice(R.string.notice_made, rpId, R.string.notice_made_meaning, rpId)
}
