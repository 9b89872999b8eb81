package org.latchkey

import android.content.Context

/** Lets the core verify servers with Android's own trust store. */
object AndroidTrust {
    init {
        System.loadLibrary("latchkey")
    }

    /** Hands the app's context over: once, before the first call that uses the network. Later calls change nothing. */
    @JvmStatic
    external fun install(context: Context)
}
