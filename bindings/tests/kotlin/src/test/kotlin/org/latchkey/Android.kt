package org.latchkey

import java.util.Base64

/** What an Android app asks with: JSON of WebAuthn, and who it is. */
val CERTIFICATE = sha256("certificate")

fun base64(bytes: ByteArray): String = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)

fun creation(extensions: String = "{}") =
    """{"rp":{"id":"example.com","name":"Example"},"user":{"id":"dXNlcg","name":"ada","displayName":"Ada"},
        "challenge":"AAEC","pubKeyCredParams":[{"type":"public-key","alg":-7}],"extensions":$extensions}"""

fun request(extensions: String = "{}") = """{"challenge":"AAEC","rpId":"example.com","extensions":$extensions}"""

/** An app that belongs to example.com, as its asset links say. */
fun app() = Caller(
    packageName = "com.example.app",
    certificates = listOf(CERTIFICATE),
    assetLinks = """[{"relation":["delegate_permission/common.get_login_creds"],"target":{"namespace":"android_app",
        "package_name":"com.example.app","sha256_cert_fingerprints":["${CERTIFICATE.joinToString(":") { "%02X".format(it) }}"]}}]""",
)
