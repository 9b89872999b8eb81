package androidx.credentials

import android.app.PendingIntent
import android.content.Context

/** https://developer.android.com/reference/kotlin/androidx/credentials/CredentialManager, credentials 1.2.0 */
interface CredentialManager {
    /** #createSettingsPendingIntent(), 1.2.0, API 34 */
    fun createSettingsPendingIntent(): PendingIntent

    /** https://developer.android.com/reference/kotlin/androidx/credentials/CredentialManager, credentials 1.2.0 */
    companion object {
        /** #create(android.content.Context), 1.2.0 */
        fun create(context: Context): CredentialManager = compileOnly(context)
    }
}

private fun compileOnly(vararg arguments: Any): Nothing = error("compile-only: ${arguments.size}")
