package androidx.credentials.provider

import android.content.pm.Signature
import android.content.pm.SigningInfo
import java.security.MessageDigest
import org.json.JSONException
import org.json.JSONObject

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/CallingAppInfo, credentials 1.2.0
 *
 * @constructor #CallingAppInfo(kotlin.String,android.content.pm.SigningInfo,kotlin.String), 1.2.0
 */
class CallingAppInfo(
    /** #packageName(), 1.2.0 */
    val packageName: String,
    /** #signingInfo(), 1.2.0 */
    val signingInfo: SigningInfo,
    private val origin: String? = null,
) {
    /** #signingInfoCompat(), 1.5.0 */
    val signingInfoCompat: SigningInfoCompat = SigningInfoCompat(
        signingInfo.signingCertificateHistory.orEmpty().toList(),
        signingInfo.apkContentsSigners.toList(),
        signingInfo.hasMultipleSigners(),
    )

    /** #isOriginPopulated(), 1.2.0 */
    fun isOriginPopulated(): Boolean = origin != null

    /**
     * #getOrigin(kotlin.String), 1.2.0: throws for a list that is none, and for an origin of an app that is not in the list.
     * For the tests as documented there, of apps with one signer.
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

/** https://developer.android.com/reference/kotlin/androidx/credentials/provider/SigningInfoCompat, credentials 1.5.0 */
class SigningInfoCompat internal constructor(
    /** #signingCertificateHistory(), 1.5.0: the oldest certificate comes first. */
    val signingCertificateHistory: List<Signature>,
    /** #apkContentsSigners(), 1.5.0 */
    val apkContentsSigners: List<Signature>,
    /** #hasMultipleSigners(), 1.5.0 */
    val hasMultipleSigners: Boolean,
)
