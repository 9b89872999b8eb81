package androidx.credentials.provider

import android.content.pm.Signature
import android.content.pm.SigningInfo
import java.security.MessageDigest
import org.json.JSONException
import org.json.JSONObject

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo */
class CallingAppInfo(val packageName: String, val signingInfo: SigningInfo, private val origin: String? = null) {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo#signingInfoCompat() */
    val signingInfoCompat: SigningInfoCompat = SigningInfoCompat(
        signingInfo.signingCertificateHistory.orEmpty().toList(),
        signingInfo.apkContentsSigners.toList(),
        signingInfo.hasMultipleSigners(),
    )

    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo#isOriginPopulated() */
    fun isOriginPopulated(): Boolean = origin != null

    /**
     * https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo#getOrigin(kotlin.String): throws
     * for a list that is none, and for an origin of an app that is not in the list. For the tests as documented there, of apps with one signer.
     */
    fun getOrigin(privilegedAllowlist: String): String? {
        val apps = try {
            JSONObject(privilegedAllowlist)
        } catch (_: JSONException) {
            throw IllegalArgumentException()
        }
        if (origin == null) return null
        check(isIn(apps))
        return origin
    }

    private fun isIn(list: JSONObject): Boolean {
        val fingerprints = signingInfoCompat.signingCertificateHistory.map(::fingerprint)
        val apps = list.getJSONArray("apps")
        return (0 until apps.length()).map { apps.getJSONObject(it).getJSONObject("info") }.any { info ->
            val signatures = info.getJSONArray("signatures")
            info.getString("package_name") == packageName && (0 until signatures.length()).any {
                signatures.getJSONObject(it).getString("cert_fingerprint_sha256") in fingerprints
            }
        }
    }

    private fun fingerprint(certificate: Signature): String =
        MessageDigest.getInstance("SHA-256").digest(certificate.toByteArray()).joinToString(":") { "%02X".format(it) }
}

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/SigningInfoCompat: the oldest certificate comes first in the history. */
class SigningInfoCompat internal constructor(
    val signingCertificateHistory: List<Signature>,
    val apkContentsSigners: List<Signature>,
    val hasMultipleSigners: Boolean,
)
