package org.latchkey.app.provider

import android.app.KeyguardManager
import android.app.Notification
import android.app.NotificationManager
import android.content.Intent
import android.os.CancellationSignal
import android.os.RemoteException
import androidx.core.os.OutcomeReceiverCompat
import androidx.credentials.CreateCredentialResponse
import androidx.credentials.CreatePublicKeyCredentialRequest
import androidx.credentials.CreatePublicKeyCredentialResponse
import androidx.credentials.SignalAllAcceptedCredentialIdsRequest
import androidx.credentials.SignalCredentialStateRequest
import androidx.credentials.SignalCurrentUserDetailsRequest
import androidx.credentials.SignalUnknownCredentialRequest
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.CreateCredentialNoCreateOptionException
import androidx.credentials.provider.CallingAppInfo
import androidx.credentials.provider.ProviderCreateCredentialRequest
import androidx.credentials.providerevents.CredentialEventsProvider
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateCallback
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateRequest
import java.io.File
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.nio.file.Files
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.latchkey.Caller
import org.latchkey.Passkey
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.OpenPhone
import org.latchkey.app.R
import org.latchkey.app.TestPhone
import org.latchkey.app.Words
import org.latchkey.app.base64Url
import org.latchkey.app.browserList
import org.latchkey.app.fingerprint
import org.latchkey.app.fromBase64Url
import org.latchkey.app.ports.Wishes
import org.latchkey.app.sha256
import org.latchkey.app.soon
import org.latchkey.app.words
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

private val browserCertificate = byteArrayOf(1)
private val appCertificate = byteArrayOf(2)

/** The app over a core whose keys are in memory, and relying parties that say what the test lets them. */
class EventsApp : LatchkeyApp() {
    val core = TestPhone(Files.createTempDirectory("latchkey"))
    var statements: () -> String = { throw IOException() }
    val ended = CountDownLatch(1)
    override val phone by lazy { OpenPhone(browsers) { core.open(it) } }
    override val ask by lazy { Ask(browsers, HttpsText({ Site(it) })) }

    override fun onCreate() {
        super.onCreate()
        File(noBackupFilesDir, "trusted-browsers.json").writeText(browserList("com.example.browser", browserCertificate))
    }

    private inner class Site(url: URL) : HttpURLConnection(url) {
        override fun connect() = Unit

        override fun disconnect() = ended.countDown()

        override fun usingProxy() = false

        override fun getResponseCode() = 200

        override fun getInputStream() = statements().byteInputStream()
    }
}

/** Signals and conditional registrations as Play services hands them over, through the service to the core and back. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = EventsApp::class, shadows = [Words::class])
class PasskeyEventsServiceTest {
    private val app get() = RuntimeEnvironment.getApplication() as EventsApp
    private val controller = Robolectric.buildService(PasskeyEventsService::class.java).create()
    private val service get() = controller.get()
    private val challenge = base64Url(sha256(byteArrayOf(9)))
    private val browser = CallingAppInfo("com.example.browser", signing(browserCertificate), "https://login.example.com")
    private val named = """[{"relation":["delegate_permission/common.get_login_creds"],"target":{
        "namespace":"android_app","package_name":"com.example.app",
        "sha256_cert_fingerprints":["${fingerprint(appCertificate)}"]}}]"""
    private val ownApp = CallingAppInfo("com.example.app", signing(appCertificate))

    /** What no one caught would end the app. */
    private val uncaught = CopyOnWriteArrayList<Throwable>()
    private val handler = Thread.getDefaultUncaughtExceptionHandler()

    @Before
    fun watch() = Thread.setDefaultUncaughtExceptionHandler { _, failure -> uncaught += failure }

    @After
    fun nothingEscapes() {
        Thread.setDefaultUncaughtExceptionHandler(handler)
        assertEquals(emptyList(), uncaught)
    }

    private fun create(user: String, rpId: String = "example.com", verification: String = "preferred") =
        """{"rp":{"id":"$rpId","name":"Example"},"user":{"id":"${handle(user)}","name":"$user","displayName":"$user"},
        "challenge":"$challenge","pubKeyCredParams":[{"type":"public-key","alg":-7}],
        "authenticatorSelection":{"residentKey":"required","userVerification":"$verification"}}"""

    private fun handle(user: String) = base64Url(user.toByteArray())

    /** A passkey that its owner has made; its credential ID. */
    private fun make(user: String, rpId: String = "example.com"): String = runBlocking {
        val page = Caller("com.example.browser", listOf(sha256(browserCertificate)), origin = "https://$rpId")
        JSONObject(app.phone.get().provider().createJson(create(user, rpId), page)).getString("id")
    }

    private fun passkeys(): List<Passkey> = runBlocking { app.phone.get() }.passkeys().list()

    /** Each passkey by its account's name: whether it is hidden. */
    private fun hidden() = passkeys().associate { it.userName to it.hidden }

    private fun notifications() = shadowOf(app.getSystemService(NotificationManager::class.java)).allNotifications

    private fun titles() = notifications().map { it.extras.getString(Notification.EXTRA_TITLE) }

    private fun said(words: Int, name: String) = String.format(words(words), name)

    private class Consumed(private val then: () -> Unit = {}) : ProviderSignalCredentialStateCallback {
        val times = AtomicInteger()

        override fun onSignalConsumed() {
            times.incrementAndGet()
            then()
        }
    }

    /** Long enough for a second call to be seen. */
    private fun AtomicInteger.isOnce() {
        soon { get().takeIf { it > 0 } }
        Thread.sleep(50)
        assertEquals(1, get())
    }

    private fun send(signal: SignalCredentialStateRequest, who: CallingAppInfo, heard: Consumed = Consumed()): Consumed {
        service.onSignalCredentialStateRequest(ProviderSignalCredentialStateRequest(signal, who), heard)
        return heard
    }

    private fun signal(signal: SignalCredentialStateRequest, who: CallingAppInfo = browser) = send(signal, who).times.isOnce()

    private fun unknown(id: String, rpId: String = "example.com") =
        SignalUnknownCredentialRequest("""{"rpId":"$rpId","credentialId":"$id"}""")

    private fun accepted(user: String, vararg ids: String) = SignalAllAcceptedCredentialIdsRequest(
        """{"rpId":"example.com","userId":"${handle(user)}","allAcceptedCredentialIds":[${ids.joinToString(",") { "\"$it\"" }}]}"""
    )

    private fun details(user: String, name: String) = SignalCurrentUserDetailsRequest(
        """{"rpId":"example.com","userId":"${handle(user)}","name":"$name","displayName":"Ada Lovelace"}"""
    )

    @Test
    fun `a passkey that its site does not know is hidden, and its owner told once`() {
        val ada = make("ada")
        make("grace")
        signal(unknown(ada))
        assertEquals(mapOf("ada" to true, "grace" to false), hidden().mapKeys { it.key.orEmpty() })
        assertEquals(listOf(said(R.string.notice_hidden, "example.com")), titles())
        signal(unknown(ada))
        signal(unknown(base64Url(ByteArray(16))))
        assertEquals(1, notifications().size, "nothing has changed")
    }

    @Test
    fun `a list of what is accepted hides what it leaves out, and shows again what it names of its own account`() {
        val ada = make("ada")
        val grace = make("grace")
        make("eve", rpId = "example.org")
        signal(accepted("ada"))
        assertEquals(listOf(true, false, false), listOf("ada", "grace", "eve").map { hidden()[it] })
        signal(unknown(grace))
        signal(accepted("ada", grace))
        assertEquals(listOf(true, true, false), listOf("ada", "grace", "eve").map { hidden()[it] }, "not in ada's name")
        signal(accepted("ada", ada, grace))
        assertEquals(listOf(false, true, false), listOf("ada", "grace", "eve").map { hidden()[it] })
        assertEquals(said(R.string.notice_shown, "example.com"), titles().last())
    }

    @Test
    fun `an account's new name is kept, and its owner told`() {
        make("ada")
        make("grace")
        signal(details("ada", "lovelace"))
        assertEquals(setOf("lovelace", "grace"), passkeys().map { it.userName }.toSet())
        assertEquals("Ada Lovelace", passkeys().single { it.userName == "lovelace" }.userDisplayName)
        val told = notifications().single().extras
        assertEquals(said(R.string.notice_renamed, "example.com"), told.getString(Notification.EXTRA_TITLE))
        assertEquals(said(R.string.notice_renamed_meaning, "lovelace"), told.getString(Notification.EXTRA_TEXT))
    }

    @Test
    fun `an app that its relying party names may speak for it`() {
        val ada = make("ada")
        app.statements = { named }
        signal(unknown(ada), ownApp)
        assertEquals(mapOf<String?, Boolean>("ada" to true), hidden())
    }

    @Test
    fun `whoever may not speak for a site changes nothing, and hears no more than others`() {
        val ada = make("ada")
        val impostor = CallingAppInfo("com.example.browser", signing(appCertificate), "https://login.example.com")
        val elsewhere = CallingAppInfo("com.example.browser", signing(browserCertificate), "https://example.org")
        val callers = listOf<Pair<CallingAppInfo, () -> String>>(
            impostor to { named },
            elsewhere to { named },
            ownApp to { "[]" },
            ownApp to { named.replace("example.app", "example.other") },
            ownApp to { "<html>" },
            ownApp to { throw IOException() },
        )
        for ((who, statements) in callers) for (signal in listOf(unknown(ada), accepted("ada"), details("ada", "eve"))) {
            app.statements = statements
            signal(signal, who)
            assertEquals(mapOf<String?, Boolean>("ada" to false), hidden())
        }
        assertTrue(notifications().isEmpty())
    }

    /** androidx refuses some of what is no request itself, the stand-ins nothing. */
    private fun <T> unlessRefused(make: () -> T): T? = try {
        make()
    } catch (_: IllegalArgumentException) {
        null
    }

    @Test
    fun `what is no signal is refused, and nothing changes`() {
        val ada = make("ada")
        val texts = listOf(
            "", "{", "null", "[]", "{}", "7", "\"x\"", """{"rpId":"example.com"}""", """{"rpId":7,"credentialId":"$ada"}""",
            """{"rpId":"","credentialId":"$ada"}""", """{"rpId":"example.com","credentialId":"*"}""",
            """{"rpId":"example.com","credentialId":["$ada"]}""", """{"rpId":"https://example.com","credentialId":"$ada"}""",
            """{"rpId":"example.com","userId":"${handle("ada")}","allAcceptedCredentialIds":"$ada"}""",
            """{"rpId":"example.com","userId":"${handle("ada")}","allAcceptedCredentialIds":[7]}""",
            """{"rpId":"example.com","userId":"${handle("ada")}","name":7,"displayName":"x"}""",
            "{\"rpId\":\"example.com\",\"credentialId\":" + "[".repeat(100_000),
        )
        app.statements = { named }
        val before = passkeys().map { it.toString() }
        for (text in texts) {
            val signals = listOfNotNull(
                unlessRefused { SignalUnknownCredentialRequest(text) },
                unlessRefused { SignalAllAcceptedCredentialIdsRequest(text) },
                unlessRefused { SignalCurrentUserDetailsRequest(text) },
            )
            for (signal in signals) for (who in listOf(browser, ownApp)) signal(signal, who)
        }
        assertEquals(before, passkeys().map { it.toString() })
        assertTrue(notifications().isEmpty())
    }

    @Test
    fun `a locked vault changes nothing, and the signal is done with`() {
        val ada = make("ada")
        runBlocking { app.phone.close() }
        app.core.isLocked = true
        signal(unknown(ada))
        app.core.isLocked = false
        assertEquals(mapOf<String?, Boolean>("ada" to false), hidden())
    }

    @Test
    fun `a service that is ended waits for nobody`() {
        val ada = make("ada")
        app.statements = {
            app.ended.await()
            throw IOException()
        }
        val heard = send(unknown(ada), ownApp)
        Thread.sleep(50)
        assertEquals(0, heard.times.get(), "still asks the relying party")
        controller.destroy()
        heard.times.isOnce()
        val late = send(unknown(ada), browser)
        late.times.isOnce()
        assertEquals(mapOf<String?, Boolean>("ada" to false), hidden())
    }

    @Test
    fun `a caller that is gone ends nothing`() {
        val ada = make("ada")
        send(unknown(ada), browser, Consumed { throw RemoteException() }).times.isOnce()
        // Long enough for what escapes to be heard of.
        Thread.sleep(1_000)
        assertEquals(mapOf<String?, Boolean>("ada" to true), hidden())
    }

    private class Created : OutcomeReceiverCompat<CreateCredentialResponse, CreateCredentialException> {
        val times = AtomicInteger()

        @Volatile
        var outcome: Any? = null

        override fun onResult(result: CreateCredentialResponse) {
            outcome = result
            times.incrementAndGet()
        }

        override fun onError(error: CreateCredentialException) {
            outcome = error
            times.incrementAndGet()
        }
    }

    private fun wanted(json: String, isConditional: Boolean = true) = CreatePublicKeyCredentialRequest(json, isConditional = isConditional)

    private fun makeUnasked(
        wanted: CreatePublicKeyCredentialRequest,
        who: CallingAppInfo = browser,
        signal: CancellationSignal = CancellationSignal(),
    ): Any? {
        val created = Created()
        service.onCreateCredentialRequest(ProviderCreateCredentialRequest(wanted, who), signal, created)
        created.times.isOnce()
        return created.outcome
    }

    private fun isRefused(wanted: CreatePublicKeyCredentialRequest, who: CallingAppInfo = browser) {
        assertIs<CreateCredentialNoCreateOptionException>(makeUnasked(wanted, who))
    }

    @Test
    fun `a passkey is made unasked where its owner wants it so, and said`() {
        Wishes(app).makeUnasked = true
        val response = assertIs<CreatePublicKeyCredentialResponse>(makeUnasked(wanted(create("ada"))))
        val made = JSONObject(response.registrationResponseJson).getJSONObject("response")
        val flags = fromBase64Url(made.getString("authenticatorData"))[32].toInt()
        assertEquals(0x01, flags and 0x05, "a person is there, and nobody was verified")
        assertEquals(listOf("ada"), passkeys().map { it.userName })
        assertEquals(listOf(said(R.string.notice_made, "example.com")), titles())
        assertTrue(app.core.prompts.isEmpty())
        isRefused(wanted(create("ada")))
        val known = JSONObject(response.registrationResponseJson).getString("id")
        val excluding = JSONObject(create("eve")).put("excludeCredentials", JSONArray("""[{"type":"public-key","id":"$known"}]"""))
        isRefused(wanted(excluding.toString()))
        assertEquals(1, passkeys().size, "there is no second one of an account, and none beside one that is excluded")
        assertEquals(1, notifications().size)
    }

    @Test
    fun `no passkey is made unasked that its owner does not want, or would not hear of`() {
        val notices = shadowOf(app.getSystemService(NotificationManager::class.java))
        val keyguard = shadowOf(app.getSystemService(KeyguardManager::class.java))
        isRefused(wanted(create("ada")))
        Wishes(app).makeUnasked = true
        isRefused(wanted(create("ada"), isConditional = false))
        notices.setNotificationsEnabled(false)
        isRefused(wanted(create("ada")))
        notices.setNotificationsEnabled(true)
        keyguard.setIsDeviceLocked(true)
        isRefused(wanted(create("ada")))
        keyguard.setIsDeviceLocked(false)
        isRefused(wanted(create("ada", verification = "required")))
        isRefused(wanted(create("ada")), ownApp)
        unlessRefused { wanted("{") }?.let { isRefused(it) }
        assertTrue(passkeys().isEmpty())
        assertTrue(notifications().isEmpty())
    }

    @Test
    fun `a cancelled registration makes nothing and is answered once`() {
        Wishes(app).makeUnasked = true
        app.statements = {
            app.ended.await()
            throw IOException()
        }
        val signal = CancellationSignal()
        val created = Created()
        service.onCreateCredentialRequest(ProviderCreateCredentialRequest(wanted(create("ada")), ownApp), signal, created)
        Thread.sleep(50)
        assertEquals(0, created.times.get(), "still asks the relying party")
        signal.cancel()
        created.times.isOnce()
        assertIs<CreateCredentialNoCreateOptionException>(created.outcome)
        assertTrue(passkeys().isEmpty())
    }

    @Test
    fun `only what Play services asks for is bound`() {
        val key = CredentialEventsProvider.EVENTS_SERVICE_PROVIDER_KEY
        val library = "androidx.credentials.providerevents.playservices.CredentialEventsProviderPlayServices"
        assertNotNull(service.onBind(Intent().putExtra(key, library)))
        assertNull(service.onBind(null))
        assertNull(service.onBind(Intent()))
        // The library would make an instance of these, and fail.
        for (other in listOf("java.lang.Object", LatchkeyApp::class.java.name, "nothing.at.All", "")) {
            assertNull(service.onBind(Intent().putExtra(key, other)))
        }
    }
}
