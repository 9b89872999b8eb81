package androidx.credentials.provider

import androidx.biometric.BiometricPrompt

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptData, API 35 */
class BiometricPromptData private constructor(
    val cryptoObject: BiometricPrompt.CryptoObject?,
    val allowedAuthenticators: Int,
) {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptData.Builder */
    class Builder {
        private var cryptoObject: BiometricPrompt.CryptoObject? = null
        private var allowedAuthenticators = 0

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptData.Builder#setCryptoObject(androidx.biometric.BiometricPrompt.CryptoObject) */
        fun setCryptoObject(cryptoObject: BiometricPrompt.CryptoObject?): Builder =
            apply { this.cryptoObject = cryptoObject }

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptData.Builder#setAllowedAuthenticators(kotlin.Int) */
        fun setAllowedAuthenticators(allowedAuthenticators: Int): Builder =
            apply { this.allowedAuthenticators = allowedAuthenticators }

        /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptData.Builder#build() */
        fun build(): BiometricPromptData = BiometricPromptData(cryptoObject, allowedAuthenticators)
    }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptResult */
class BiometricPromptResult(val isSuccessful: Boolean)
