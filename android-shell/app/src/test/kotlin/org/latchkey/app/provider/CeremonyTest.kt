package org.latchkey.app.provider

import android.os.Bundle
import androidx.credentials.provider.BeginGetCredentialRequest
import androidx.credentials.provider.BeginGetPublicKeyCredentialOption
import androidx.credentials.provider.CallingAppInfo
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Path
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.latchkey.LatchkeyException
import org.latchkey.Phone
import org.latchkey.app.TestPhone
import org.latchkey.app.base64Url
import org.latchkey.app.browserList
import org.latchkey.app.calling
import org.latchkey.app.fingerprint
import org.latchkey.app.fromBase64Url
import org.latchkey.app.sha256

/** The system's door over the core itself: who may ask, what the list shows, and what comes back. */
class CeremonyTest {
    @TempDir
    lateinit var folder: Path

    private val browserCertificate = byteArrayOf(1)
    private val appCertificate = byteArrayOf(2)
    private val challenge = base64Url(sha256(byteArrayOf(9)))
    private val browsers = browserList("com.example.browser", browserCertificate)
    private val browser = calling("com.example.browser", listOf(browserCertificate), "https://login.example.com")
    private val app = calling("com.example.app", listOf(appCertificate))
    private val create = """{"rp":{"id":"example.com","name":"Example"},"user":{"id":"AQID","name":"ada",
        "displayName":"Ada"},"challenge":"$challenge","pubKeyCredParams":[{"type":"public-key","alg":-7}]}"""
    private val get = """{"rpId":"example.com","challenge":"$challenge","userVerification":"required"}"""
    private val named = """[{"relation":["delegate_permission/common.get_login_creds"],"target":{
        "namespace":"android_app","package_name":"com.example.app",
        "sha256_cert_fingerprints":["${fingerprint(appCertificate)}"]}}]"""

    private fun ask(links: String?) = Ask(
        BrowserList(folder.resolve("none").toFile()) { browsers },
        HttpsText({ url ->
            assertEquals(URI("https://example.com/.well-known/assetlinks.json").toURL(), url)
            object : HttpURLConnection(url) {
                override fun connect() = Unit

                override fun disconnect() = Unit

                override fun usingProxy() = false

                override fun getResponseCode() = if (links == null) 404 else 200

                override fun getInputStream() = links.orEmpty().byteInputStream()
            }
        }),
    )

    private fun test(work: suspend (Phone) -> Unit) = runBlocking { work(TestPhone(folder).open(browsers)) }

    private suspend fun Phone.make(who: CallingAppInfo, links: String? = null, hash: ByteArray? = null) =
        JSONObject(provider().createJson(create, ask(links).thoroughly(who, create, hash)))

    private fun Phone.list(who: CallingAppInfo, vararg requests: String) = linesFor(
        BeginGetCredentialRequest(requests.mapIndexed { i, json -> BeginGetPublicKeyCredentialOption(Bundle(), "$i", json) }, who),
        provider(),
    ) { ask(null).quickly(who, it) }

    @Test
    fun `an app that its relying party names makes a passkey and signs in with it, under its own origin`() = test { phone ->
        val made = phone.make(app, named)
        val line = phone.list(app, get).single()
        assertEquals("ada", line.passkey.userName)
        assertContentEquals(fromBase64Url(made.getString("rawId")), line.passkey.id)

        val caller = ask(named).thoroughly(app, get, null)
        val signed = JSONObject(phone.provider().getJson(get, caller, line.passkey.id)).getJSONObject("response")
        val clientData = JSONObject(fromBase64Url(signed.getString("clientDataJSON")).decodeToString())
        assertEquals("webauthn.get", clientData.getString("type"))
        assertEquals(challenge, clientData.getString("challenge"))
        assertEquals("android:apk-key-hash:" + base64Url(sha256(appCertificate)), clientData.getString("origin"))
        assertEquals("com.example.app", clientData.getString("androidPackageName"))
        assertEquals("AQID", signed.getString("userHandle"))
    }

    @Test
    fun `an app is refused when its relying party does not name it, or cannot be asked`() = test { phone ->
        for (links in listOf(null, "[]", "<html>", named.replace("example.app", "example.other"))) {
            assertFailsWith<LatchkeyException.ProviderCallerUntrusted> { phone.make(app, links) }
        }
        assertTrue(phone.passkeys().list().isEmpty())
    }

    @Test
    fun `a hash of an app that is no browser is refused, though its relying party names it`() = test { phone ->
        assertFailsWith<LatchkeyException.ProviderCallerUntrusted> { phone.make(app, named, hash = ByteArray(32)) }
        assertTrue(phone.passkeys().list().isEmpty())
    }

    @Test
    fun `a trusted browser acts for its page, with a hash of its own or without`() = test { phone ->
        phone.make(browser)
        val chosen = phone.list(browser, get).single().passkey.id
        for (hash in listOf(null, sha256(byteArrayOf(5)))) {
            val caller = ask(null).thoroughly(browser, get, hash)
            val answer = JSONObject(phone.provider().getJson(get, caller, chosen)).getJSONObject("response")
            val clientData = JSONObject(fromBase64Url(answer.getString("clientDataJSON")).decodeToString())
            assertEquals(if (hash == null) "https://login.example.com" else "", clientData.optString("origin"))
        }
    }

    @Test
    fun `an app that says it is a browser gets no list and no answer`() = test { phone ->
        phone.make(browser)
        val impostor = calling("com.example.browser", listOf(appCertificate), "https://login.example.com")
        assertTrue(phone.list(impostor, get).isEmpty())
        assertFailsWith<LatchkeyException.ProviderCallerUntrusted> { phone.make(impostor) }
    }

    @Test
    fun `a request that cannot be read takes nothing from the others`() = test { phone ->
        phone.make(browser)
        assertEquals(1, phone.list(browser, "{}", get, """{"rpId":7}""").size)
        assertTrue(phone.list(browser, """{"rpId":"example.org","challenge":"$challenge"}""").isEmpty())
    }

    @Test
    fun `a list has an end`() = test { phone ->
        phone.make(browser)
        val requests = Array(MAX_LINES + 5) { get }
        assertEquals(MAX_LINES, phone.list(browser, *requests).size)
    }
}
