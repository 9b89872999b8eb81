package androidx.credentials.provider

import android.app.PendingIntent
import android.content.Context
import java.time.Instant

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/Action, credentials 1.2.0
 *
 * @constructor #Action(kotlin.CharSequence,android.app.PendingIntent,kotlin.CharSequence), 1.2.0
 */
class Action(
    /** #title(), 1.2.0 */
    val title: CharSequence,
    /** #pendingIntent(), 1.2.0 */
    val pendingIntent: PendingIntent,
    /** #subtitle(), 1.2.0 */
    val subtitle: CharSequence? = null,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/AuthenticationAction, credentials 1.2.0
 *
 * @constructor #AuthenticationAction(kotlin.CharSequence,android.app.PendingIntent), 1.2.0
 */
class AuthenticationAction(
    /** #title(), 1.2.0 */
    val title: CharSequence,
    /** #pendingIntent(), 1.2.0 */
    val pendingIntent: PendingIntent,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CredentialEntry, credentials 1.2.0 */
abstract class CredentialEntry internal constructor(
    /** #beginGetCredentialOption(), 1.2.0 */
    val beginGetCredentialOption: BeginGetCredentialOption,
    /** #biometricPromptData(), 1.5.0 */
    val biometricPromptData: BiometricPromptData?,
)

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry, credentials 1.2.0 */
class PublicKeyCredentialEntry private constructor(
    /** #username(), 1.2.0 */
    val username: CharSequence,
    /** #displayName(), 1.2.0 */
    val displayName: CharSequence?,
    /** #pendingIntent(), 1.2.0 */
    val pendingIntent: PendingIntent,
    /** #lastUsedTime(), 1.2.0 */
    val lastUsedTime: Instant?,
    option: BeginGetPublicKeyCredentialOption,
    biometricPromptData: BiometricPromptData?,
) : CredentialEntry(option, biometricPromptData) {
    init {
        require(username.isNotEmpty())
    }

    /**
     * https://developer.android.com/reference/kotlin/androidx/credentials/provider/PublicKeyCredentialEntry.Builder, credentials 1.2.0
     *
     * @constructor #Builder(android.content.Context,kotlin.CharSequence,android.app.PendingIntent,androidx.credentials.provider.BeginGetPublicKeyCredentialOption), 1.2.0
     */
    class Builder(
        private val context: Context,
        private val username: CharSequence,
        private val pendingIntent: PendingIntent,
        private val beginGetPublicKeyCredentialOption: BeginGetPublicKeyCredentialOption,
    ) {
        private var displayName: CharSequence? = null
        private var lastUsedTime: Instant? = null
        private var biometricPromptData: BiometricPromptData? = null

        /** #setDisplayName(kotlin.CharSequence), 1.2.0 */
        fun setDisplayName(displayName: CharSequence?): Builder = apply { this.displayName = displayName }

        /** #setLastUsedTime(java.time.Instant), 1.2.0 */
        fun setLastUsedTime(lastUsedTime: Instant?): Builder = apply { this.lastUsedTime = lastUsedTime }

        /** #setBiometricPromptData(androidx.credentials.provider.BiometricPromptData), 1.5.0, API 35 */
        fun setBiometricPromptData(biometricPromptData: BiometricPromptData?): Builder =
            apply { this.biometricPromptData = biometricPromptData }

        /** #build(), 1.2.0 */
        fun build(): PublicKeyCredentialEntry {
            checkNotNull(context)
            return PublicKeyCredentialEntry(
                username, displayName, pendingIntent, lastUsedTime, beginGetPublicKeyCredentialOption,
                biometricPromptData,
            )
        }
    }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CreateEntry, credentials 1.2.0 */
class CreateEntry private constructor(
    /** #accountName(), 1.2.0 */
    val accountName: CharSequence,
    /** #pendingIntent(), 1.2.0 */
    val pendingIntent: PendingIntent,
    /** #description(), 1.2.0 */
    val description: CharSequence?,
    /** #biometricPromptData(), 1.5.0 */
    val biometricPromptData: BiometricPromptData?,
) {
    /**
     * https://developer.android.com/reference/kotlin/androidx/credentials/provider/CreateEntry.Builder, credentials 1.2.0
     *
     * @constructor #Builder(kotlin.CharSequence,android.app.PendingIntent), 1.2.0
     */
    class Builder(private val accountName: CharSequence, private val pendingIntent: PendingIntent) {
        private var description: CharSequence? = null
        private var biometricPromptData: BiometricPromptData? = null

        /** #setDescription(kotlin.CharSequence), 1.2.0 */
        fun setDescription(description: CharSequence?): Builder = apply { this.description = description }

        /** #setBiometricPromptData(androidx.credentials.provider.BiometricPromptData), 1.5.0, API 35 */
        fun setBiometricPromptData(biometricPromptData: BiometricPromptData?): Builder =
            apply { this.biometricPromptData = biometricPromptData }

        /** #build(), 1.2.0 */
        fun build(): CreateEntry = CreateEntry(accountName, pendingIntent, description, biometricPromptData)
    }
}
