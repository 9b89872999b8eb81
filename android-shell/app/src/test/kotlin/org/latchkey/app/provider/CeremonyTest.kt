package org.latchkey.app.provider

import android.os.Bundle
import androidx.credentials.SignalAllAcceptedCredentialIdsRequest
import androidx.credentials.SignalCredentialStateRequest
import androidx.credentials.SignalCurrentUserDetailsRequest
import androidx.credentials.SignalUnknownCredentialRequest
import androidx.credentials.provider.BeginGetCredentialRequest
import androidx.credentials.provider.BeginGetPublicKeyCredentialOption
import androidx.credentials.provider.CallingAppInfo
import java.net.HttpURLConnection
import java.net.URI
import java.nio.file.Path
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.latchkey.LatchkeyException
import org.latchkey.Phone
import org.latchkey.SignalKind
import org.latchkey.app.R
import org.latchkey.app.TestPhone
import org.latchkey.app.base64Url
import org.latchkey.app.browserList
import org.latchkey.app.calling
import org.latchkey.app.fingerprint
import org.latchkey.app.fromBase64Url
import org.latchkey.app.ports.Notice
import org.latchkey.app.screens.Choice
import org.latchkey.app.screens.choicesFor
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

    private val prompts get() = testPhone.prompts
    private val testPhone by lazy { TestPhone(folder) }

    private fun test(work: suspend (Phone) -> Unit) = runBlocking { work(testPhone.open(browsers)) }

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

    private fun extensions(request: String, prf: String) = JSONObject(request).put("extensions", JSONObject(prf)).toString()

    private suspend fun Phone.prf(who: CallingAppInfo, prf: String, chosen: ByteArray): JSONObject {
        val request = extensions(get, prf)
        val json = provider().getJson(request, ask(named).thoroughly(who, request, null), chosen)
        return JSONObject(json).getJSONObject("clientExtensionResults").getJSONObject("prf").getJSONObject("results")
    }

    @Test
    fun `secrets of a passkey for an app and for a browser, which may have hashed its inputs, are the same`() = test { phone ->
        val wanted = extensions(create, """{"prf":{}}""")
        val made = JSONObject(phone.provider().createJson(wanted, ask(named).thoroughly(app, wanted, null)))
        assertTrue(made.getJSONObject("clientExtensionResults").getJSONObject("prf").getBoolean("enabled"))
        val id = fromBase64Url(made.getString("rawId"))

        val input = byteArrayOf(1, 2, 3)
        val plain = """{"eval":{"first":"${base64Url(input)}","second":"${base64Url(byteArrayOf(4))}"}}"""
        val ofApp = phone.prf(app, """{"prf":$plain}""", id)
        assertEquals(32, fromBase64Url(ofApp.getString("first")).size)
        assertNotEquals(ofApp.getString("first"), ofApp.getString("second"))

        val salt = sha256("WebAuthn PRF\u0000".toByteArray() + input)
        val ofBrowser = phone.prf(browser, """{"prfAlreadyHashed":{"eval":{"first":"${base64Url(salt)}"}}}""", id)
        assertEquals(ofApp.getString("first"), ofBrowser.getString("first"))
        assertEquals(ofApp.toString(), phone.prf(browser, """{"prf":$plain}""", id).toString())
        val byCredential = """{"prf":{"evalByCredential":{"${made.getString("id")}":{"first":"${base64Url(input)}"}}}}"""
        val naming = JSONObject(get).put("allowCredentials", JSONArray("""[{"type":"public-key","id":"${made.getString("id")}"}]"""))
        val request = extensions(naming.toString(), byCredential)
        val json = phone.provider().getJson(request, ask(named).thoroughly(app, request, null), id)
        val results = JSONObject(json).getJSONObject("clientExtensionResults").getJSONObject("prf").getJSONObject("results")
        assertEquals(ofApp.getString("first"), results.getString("first"))
    }

    /** What an app could compute itself must not pass for what a page asked. */
    @Test
    fun `an app's hashed inputs are passed over`() = test { phone ->
        val made = phone.make(app, named)
        val request = extensions(get, """{"prfAlreadyHashed":{"eval":{"first":"${base64Url(ByteArray(32))}"}}}""")
        val json = phone.provider().getJson(request, ask(named).thoroughly(app, request, null), fromBase64Url(made.getString("rawId")))
        assertFalse(JSONObject(json).getJSONObject("clientExtensionResults").has("prf"))
    }

    /** Results travel in an intent, and all intents of a process at one time share a megabyte of the binder. */
    @Test
    fun `the largest requests are answered in a few kilobytes`() = test { phone ->
        val ids = List(63) { base64Url(ByteArray(64) { _ -> it.toByte() }) }
        val list = ids.joinToString(",") { """{"type":"public-key","id":"$it","transports":["internal","hybrid","usb","nfc","ble"]}""" }
        val wanted = JSONObject(create).put("excludeCredentials", JSONArray("[$list]"))
        wanted.getJSONObject("user").put("name", "a".repeat(64)).put("displayName", "b".repeat(64)).put("id", base64Url(ByteArray(64)))
        val request = extensions(wanted.toString(), """{"credProps":true,"prf":{"eval":{"first":"AAAA","second":"AAAA"}}}""")
        val made = phone.provider().createJson(request, ask(named).thoroughly(app, request, null))
        assertTrue(made.length < 4096, "${made.length}")

        val id = JSONObject(made).getString("id")
        val inputs = (ids + id).joinToString(",") { """"$it":{"first":"${base64Url(ByteArray(512))}"}""" }
        val get = JSONObject(get).put("allowCredentials", JSONArray("""[$list,{"type":"public-key","id":"$id"}]"""))
        val asked = extensions(get.toString(), """{"prf":{"evalByCredential":{$inputs}}}""")
        assertTrue(asked.length > 50_000)
        val answer = phone.provider().getJson(asked, ask(named).thoroughly(app, asked, null), fromBase64Url(id))
        assertTrue(answer.length < 4096, "${answer.length}")
        assertTrue(JSONObject(answer).getJSONObject("clientExtensionResults").getJSONObject("prf").getJSONObject("results").has("first"))
    }

    private suspend fun Phone.signal(signal: SignalCredentialStateRequest, who: CallingAppInfo, links: String? = named) =
        provider().signalJson(kindOf(signal)!!, signal.requestJson, ask(links).thoroughly(who, signal.requestJson, null))

    @Test
    fun `a passkey that its site does not know is hidden, said, and offered again when its owner or the site wants it`() = test { phone ->
        val id = phone.make(app, named).getString("id")
        val unknown = SignalUnknownCredentialRequest("""{"rpId":"example.com","credentialId":"$id"}""")
        val changed = phone.signal(unknown, app)
        assertEquals(R.string.notice_hidden, signalNotice(SignalKind.UNKNOWN_CREDENTIAL, changed)?.title)
        assertNull(signalNotice(SignalKind.UNKNOWN_CREDENTIAL, phone.signal(unknown, app)), "nothing has changed")
        assertTrue(phone.list(app, get).isEmpty())
        val kept = phone.passkeys().list().single()
        assertEquals(listOf(Choice.UNHIDE, Choice.RENAME, Choice.DELETE), choicesFor(kept))

        phone.passkeys().unhide(kept.id)
        assertEquals(1, phone.list(app, get).size)
        assertEquals(listOf(Choice.RENAME, Choice.DELETE), choicesFor(phone.passkeys().list().single()))

        val none = SignalAllAcceptedCredentialIdsRequest("""{"rpId":"example.com","userId":"AQID","allAcceptedCredentialIds":[]}""")
        assertEquals(1, phone.signal(none, browser, links = null).size)
        val all = SignalAllAcceptedCredentialIdsRequest("""{"rpId":"example.com","userId":"AQID","allAcceptedCredentialIds":["$id"]}""")
        val back = signalNotice(SignalKind.ALL_ACCEPTED_CREDENTIAL_IDS, phone.signal(all, browser, links = null))
        assertEquals(Notice(R.string.notice_shown, "example.com", R.string.notice_shown_meaning, "example.com"), back)
    }

    @Test
    fun `an account's new name is kept and said`() = test { phone ->
        phone.make(app, named)
        val details = """{"rpId":"example.com","userId":"AQID","name":"lovelace","displayName":"Ada Lovelace"}"""
        val notice = signalNotice(SignalKind.CURRENT_USER_DETAILS, phone.signal(SignalCurrentUserDetailsRequest(details), app))
        assertEquals(Notice(R.string.notice_renamed, "example.com", R.string.notice_renamed_meaning, "lovelace"), notice)
        assertEquals("lovelace", phone.list(app, get).single().passkey.userName)
    }

    @Test
    fun `an app that may not speak for a site hides nothing of it`() = test { phone ->
        val id = phone.make(app, named).getString("id")
        val unknown = SignalUnknownCredentialRequest("""{"rpId":"example.com","credentialId":"$id"}""")
        assertFailsWith<LatchkeyException.ProviderCallerUntrusted> { phone.signal(unknown, app, links = "[]") }
        assertFailsWith<LatchkeyException.ProviderCallerUntrusted> { phone.signal(unknown, app, links = null) }
        assertEquals(1, phone.list(app, get).size)
    }

    @Test
    fun `a passkey that is made unasked asks nobody, and there is no second one of the account`() = test { phone ->
        val caller = ask(named).thoroughly(app, create, null)
        phone.provider().createJson(create, caller, conditional = true)
        assertFailsWith<LatchkeyException.ProviderLocked> { phone.provider().createJson(create, caller, conditional = true) }
        assertEquals(1, phone.passkeys().list().size)
        assertTrue(prompts.isEmpty())
    }
}
