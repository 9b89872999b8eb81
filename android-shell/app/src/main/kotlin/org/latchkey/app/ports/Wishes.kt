package org.latchkey.app.ports

import android.content.Context

/** What the owner of the phone has chosen in the settings. */
class Wishes(context: Context) {
    private val kept = context.getSharedPreferences("wishes", Context.MODE_PRIVATE)

    /** Passkeys without a question, right after a sign-in with a password. Not unless its owner says so. */
    var makeUnasked: Boolean
        get() = kept.getBoolean("make unasked", false)
        set(value) = kept.edit().putBoolean("make unasked", value).apply()
}
