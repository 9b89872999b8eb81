package androidx.credentials.provider

import android.app.PendingIntent
import android.content.Context
import java.time.Instant

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/Action */
class Action(val title: CharSequence, val pendingIntent: PendingIntent, val subtitle: CharSequence? = null)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/AuthenticationAction */
class AuthenticationAction(val title: CharSequence, val pendingIntent: PendingIntent)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CredentialEntry */
abstract class CredentialEntry(
    val beginGetCredentialOption: BeginGetCredentialOption,
    val biometricPromptData: BiometricPromptData?,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry */
class PublicKeyCredentialEntry private constructor(
    val username: CharSequence,
    val displayName: CharSequence?,
    val pendingIntent: PendingIntent,
    val lastUsedTime: Instant?,
    option: BeginGetPublicKeyCredentialOption,
    biometricPromptData: BiometricPromptData?,
) : CredentialEntry(option, biometricPromptData) {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry.Builder */
    class Builder(
        private val context: Context,
        private val username: CharSequence,
        private val pendingIntent: PendingIntent,
        private val beginGetPublicKeyCredentialOption: BeginGetPublicKeyCredentialOption,
    ) {
        private var displayName: CharSequence? = null
        private var lastUsedTime: Instant? = null
        private var biometricPromptData: BiometricPromptData? = null

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry.Builder#setDisplayName(kotlin.CharSequence) */
        fun setDisplayName(displayName: CharSequence?): Builder = apply { this.displayName = displayName }

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry.Builder#setLastUsedTime(java.time.Instant) */
        fun setLastUsedTime(lastUsedTime: Instant?): Builder = apply { this.lastUsedTime = lastUsedTime }

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry.Builder#setBiometricPromptData(androidx.credentials.provider.BiometricPromptData), API 35 */
        fun setBiometricPromptData(biometricPromptData: BiometricPromptData?): Builder =
            apply { this.biometricPromptData = biometricPromptData }

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry.Builder#build() */
        fun build(): PublicKeyCredentialEntry {
            checkNotNull(context)
            return PublicKeyCredentialEntry(
                username, displayName, pendingIntent, lastUsedTime, beginGetPublicKeyCredentialOption,
                biometricPromptData,
            )
        }
    }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CreateEntry */
class CreateEntry private constructor(
    val accountName: CharSequence,
    val pendingIntent: PendingIntent,
    val description: CharSequence?,
    val biometricPromptData: BiometricPromptData?,
) {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CreateEntry.Builder */
    class Builder(private val accountName: CharSequence, private val pendingIntent: PendingIntent) {
        private var description: CharSequence? = null
        private var biometricPromptData: BiometricPromptData? = null

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CreateEntry.Builder#setDescription(kotlin.CharSequence) */
        fun setDescription(description: CharSequence?): Builder = apply { this.description = description }

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CreateEntry.Builder#setBiometricPromptData(androidx.credentials.provider.BiometricPromptData), API 35 */
        fun setBiometricPromptData(biometricPromptData: BiometricPromptData?): Builder =
            apply { this.biometricPromptData = biometricPromptData }

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CreateEntry.Builder#build() */
        fun build(): CreateEntry = CreateEntry(accountName, pendingIntent, description, biometricPromptData)
    }
}
