package androidx.credentials.provider

import android.content.pm.Signature

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo; the tests bring the answers of the system. */
class CallingAppInfo(
    val packageName: String,
    val signingInfoCompat: SigningInfoCompat,
    private val origin: String?,
    private val privileged: Boolean,
) {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo#isOriginPopulated() */
    fun isOriginPopulated(): Boolean = origin != null

    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo#getOrigin(kotlin.String): throws for an origin of an app that is not in the list. */
    fun getOrigin(privilegedAllowlist: String): String? {
        require(privilegedAllowlist.isNotEmpty())
        check(origin == null || privileged)
        return origin
    }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/SigningInfoCompat: the oldest certificate comes first in the history. */
class SigningInfoCompat(
    val signingCertificateHistory: List<Signature>,
    val apkContentsSigners: List<Signature>,
    val hasMultipleSigners: Boolean,
)
