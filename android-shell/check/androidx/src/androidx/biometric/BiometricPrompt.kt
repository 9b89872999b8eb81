package androidx.biometric

import javax.crypto.Cipher

/** https://developer.android.com/reference/kotlin/androidx/biometric/BiometricPrompt */
class BiometricPrompt {
    /** https://developer.android.com/reference/kotlin/androidx/biometric/BiometricPrompt.CryptoObject */
    class CryptoObject(val cipher: Cipher?)
}
