package androidx.credentials

import android.app.PendingIntent
import android.content.Context

/** https://developer.android.com/reference/kotlin/androidx/credentials/CredentialManager */
interface CredentialManager {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/CredentialManager#createSettingsPendingIntent() */
    fun createSettingsPendingIntent(): PendingIntent

    companion object {
        /** https://developer.android.com/reference/kotlin/androidx/credentials/CredentialManager#create(android.content.Context) */
        fun create(context: Context): CredentialManager = compileOnly(context)
    }
}

private fun compileOnly(vararg arguments: Any): Nothing = error("compile-only: ${arguments.size}")
