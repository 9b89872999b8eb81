package androidx.credentials.provider

import androidx.biometric.BiometricPrompt

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptData, credentials 1.5.0, API 35 */
class BiometricPromptData private constructor(
    /** #cryptoObject(), 1.5.0 */
    val cryptoObject: BiometricPrompt.CryptoObject?,
    /** #allowedAuthenticators(), 1.5.0 */
    val allowedAuthenticators: Int,
) {
    /**
     * https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptData.Builder, credentials 1.5.0
     *
     * @constructor #Builder(), 1.5.0
     */
    class Builder {
        private var cryptoObject: BiometricPrompt.CryptoObject? = null
        private var allowedAuthenticators = 0

        /** #setCryptoObject(androidx.biometric.BiometricPrompt.CryptoObject), 1.5.0 */
        fun setCryptoObject(cryptoObject: BiometricPrompt.CryptoObject?): Builder =
            apply { this.cryptoObject = cryptoObject }

        /** #setAllowedAuthenticators(kotlin.Int), 1.5.0 */
        fun setAllowedAuthenticators(allowedAuthenticators: Int): Builder =
            apply { this.allowedAuthenticators = allowedAuthenticators }

        /** #build(), 1.5.0 */
        fun build(): BiometricPromptData = BiometricPromptData(cryptoObject, allowedAuthenticators)
    }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/BiometricPromptResult, credentials 1.5.0 */
class BiometricPromptResult private constructor(
    /** #authenticationResult(), 1.5.0 */
    val authenticationResult: AuthenticationResult?,
    /** #authenticationError(), 1.5.0 */
    val authenticationError: AuthenticationError?,
) {
    /** #isSuccessful(), 1.5.0 */
    val isSuccessful: Boolean = authenticationResult != null

    /** #BiometricPromptResult(androidx.credentials.provider.AuthenticationResult), 1.5.0 */
    constructor(authenticationResult: AuthenticationResult) : this(authenticationResult, null)

    /** #BiometricPromptResult(androidx.credentials.provider.AuthenticationError), 1.5.0 */
    constructor(authenticationError: AuthenticationError) : this(null, authenticationError)
}

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/AuthenticationResult, credentials 1.5.0
 *
 * @constructor #AuthenticationResult(kotlin.Int), 1.5.0
 */
class AuthenticationResult(
    /** #authenticationType(), 1.5.0: one of `BiometricPrompt.AUTHENTICATION_RESULT_TYPE_..` */
    val authenticationType: Int,
)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/AuthenticationError, credentials 1.5.0
 *
 * @constructor #AuthenticationError(kotlin.Int,kotlin.CharSequence), 1.5.0
 */
class AuthenticationError(
    /** #errorCode(), 1.5.0: one of `BiometricPrompt.ERROR_..` */
    val errorCode: Int,
    /** #errorMsg(), 1.5.0 */
    val errorMsg: CharSequence? = null,
)
