package org.latchkey.app.provider

import android.content.pm.Signature
import androidx.credentials.provider.CallingAppInfo
import androidx.credentials.provider.SigningInfoCompat
import java.security.MessageDigest
import org.latchkey.Caller
import org.latchkey.LatchkeyException

/**
 * Who asks, in the core's words; the core decides what such a caller may do. [browsers] is the list of trusted browsers.
 *
 * Throws [LatchkeyException.ProviderCallerUntrusted] for an app that says it acts for a web page and is not in the list:
 * without its origin it would pass for an app that acts for itself.
 */
fun callerOf(app: CallingAppInfo, browsers: String, clientDataHash: ByteArray?, assetLinks: String?): Caller {
    val origin = try {
        app.getOrigin(browsers)
    } catch (_: IllegalStateException) {
        throw LatchkeyException.ProviderCallerUntrusted()
    } catch (_: IllegalArgumentException) {
        throw LatchkeyException.ProviderCallerUntrusted()
    }
    return Caller(
        packageName = app.packageName,
        certificates = certificates(app.signingInfoCompat),
        severalSigners = app.signingInfoCompat.hasMultipleSigners,
        origin = origin,
        clientDataHash = clientDataHash,
        assetLinks = assetLinks,
    )
}

/**
 * SHA-256 of an app's certificates: the current one first, then those that it was rotated from. Android's history has the
 * original one first and the current one last.
 */
private fun certificates(signing: SigningInfoCompat): List<ByteArray> =
    (signing.apkContentsSigners + signing.signingCertificateHistory.asReversed()).distinct().map(::fingerprint)

private fun fingerprint(certificate: Signature): ByteArray =
    MessageDigest.getInstance("SHA-256").digest(certificate.toByteArray())
