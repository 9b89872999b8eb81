package androidx.biometric

import javax.crypto.Cipher

/** https://developer.android.com/reference/kotlin/androidx/biometric/BiometricPrompt, biometric 1.0.0 */
class BiometricPrompt private constructor() {
    /**
     * https://developer.android.com/reference/kotlin/androidx/biometric/BiometricPrompt.CryptoObject, biometric 1.0.0
     *
     * @constructor #CryptoObject(javax.crypto.Cipher), 1.0.0
     */
    class CryptoObject(
        /** #getCipher(), 1.0.0 */
        val cipher: Cipher?,
    )

    /** https://developer.android.com/reference/kotlin/androidx/biometric/BiometricPrompt, biometric 1.0.0 */
    companion object {
        /** #ERROR_TIMEOUT(), 1.0.0 */
        const val ERROR_TIMEOUT = 3

        /** #ERROR_USER_CANCELED(), 1.0.0 */
        const val ERROR_USER_CANCELED = 10

        /** #ERROR_NEGATIVE_BUTTON(), 1.0.0 */
        const val ERROR_NEGATIVE_BUTTON = 13
    }
}
