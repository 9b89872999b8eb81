package org.latchkey.app.provider

import android.app.Activity
import android.app.AlertDialog
import android.app.Application
import android.app.KeyguardManager
import android.app.PendingIntent
import android.content.Intent
import android.content.pm.Signature
import android.content.pm.SigningInfo
import android.credentials.CreateCredentialException
import android.credentials.CreateCredentialResponse
import android.credentials.CredentialOption
import android.credentials.GetCredentialException
import android.credentials.GetCredentialResponse
import android.hardware.biometrics.BiometricManager
import android.hardware.biometrics.BiometricPrompt
import android.os.Bundle
import android.os.CancellationSignal
import android.os.OutcomeReceiver
import android.service.credentials.BeginGetCredentialOption as PlatformBeginOption
import android.service.credentials.BeginGetCredentialRequest as PlatformBeginGetRequest
import android.service.credentials.BeginGetCredentialResponse as PlatformBeginGetResponse
import android.service.credentials.CallingAppInfo as PlatformApp
import android.service.credentials.CreateCredentialRequest as PlatformCreateRequest
import android.service.credentials.CredentialProviderService as Extras
import android.service.credentials.GetCredentialRequest as PlatformGetRequest
import androidx.credentials.exceptions.domerrors.InvalidStateError
import androidx.credentials.exceptions.publickeycredential.CreatePublicKeyCredentialDomException
import androidx.credentials.provider.BeginCreateCredentialResponse
import androidx.credentials.provider.BeginCreatePublicKeyCredentialRequest
import androidx.credentials.provider.BeginGetCredentialRequest
import androidx.credentials.provider.BeginGetCredentialResponse
import androidx.credentials.provider.BeginGetPublicKeyCredentialOption
import androidx.credentials.provider.CallingAppInfo
import androidx.credentials.provider.PublicKeyCredentialEntry
import java.io.File
import java.nio.file.Files
import java.security.KeyFactory
import java.security.Signature as Verifier
import java.security.spec.X509EncodedKeySpec
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.json.JSONArray
import org.json.JSONObject
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.latchkey.LatchkeyException
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.OpenPhone
import org.latchkey.app.R
import org.latchkey.app.TestPhone
import org.latchkey.app.Words
import org.latchkey.app.base64Url
import org.latchkey.app.browserList
import org.latchkey.app.dialog
import org.latchkey.app.fromBase64Url
import org.latchkey.app.ports.FakeKeystore
import org.latchkey.app.sha256
import org.latchkey.app.soon
import org.latchkey.app.words
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowBiometricManager
import org.robolectric.shadows.ShadowSigningInfo
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

private val certificate = byteArrayOf(1)

/** The app with its own gate and list of browsers, over a core whose keys are in memory. */
class ProviderApp : LatchkeyApp() {
    val core = TestPhone(Files.createTempDirectory("latchkey"))
    override val phone by lazy { OpenPhone(browsers) { core.open(it, gate) } }

    /** Without the native half of Android's trust store, and without assets. */
    override fun onCreate() {
        registerActivityLifecycleCallbacks(this)
        File(noBackupFilesDir, "trusted-browsers.json").writeText(browserList("com.example.browser", certificate))
    }
}

/** The system's prompt, which a person answers. */
@Implements(BiometricPrompt::class)
class AnsweredPrompt {
    @Implementation
    fun authenticate(
        crypto: BiometricPrompt.CryptoObject,
        @Suppress("UNUSED_PARAMETER") close: CancellationSignal,
        executor: Executor,
        callback: BiometricPrompt.AuthenticationCallback,
    ) {
        asked += 1
        val refusal = error
        executor.execute {
            if (refusal != null) callback.onAuthenticationError(refusal, "") else callback.onAuthenticationSucceeded(verified(crypto))
        }
    }

    /** Only the system makes these. */
    private fun verified(crypto: BiometricPrompt.CryptoObject) = ReflectionHelpers.callConstructor(
        BiometricPrompt.AuthenticationResult::class.java,
        ClassParameter.from(BiometricPrompt.CryptoObject::class.java, crypto),
        ClassParameter.from(Int::class.javaPrimitiveType, BiometricPrompt.AUTHENTICATION_RESULT_TYPE_BIOMETRIC),
    )

    companion object {
        var asked = 0
        var error: Int? = null
    }
}

/** Robolectric's class has members of its own, which the constructor does not fill. */
private fun signing(certificate: ByteArray): SigningInfo {
    val signature = Signature(certificate)
    val signing = SigningInfo(3, listOf(signature), emptyList(), listOf(signature))
    val shadow = Shadow.extract<ShadowSigningInfo>(signing)
    shadow.setSignatures(arrayOf(signature))
    shadow.setPastSigningCertificates(arrayOf(signature))
    return signing
}

/** The way of a request through the provider: the service's list, the intent behind a line, the screen that it opens, its result. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = ProviderApp::class, shadows = [Words::class, AnsweredPrompt::class])
class ProviderPathTest {
    private val app get() = RuntimeEnvironment.getApplication() as ProviderApp
    private val service by lazy { Robolectric.buildService(PasskeyService::class.java).create().get() }
    private val keyguard get() = shadowOf(app.getSystemService(KeyguardManager::class.java))
    private val challenge = base64Url(sha256(byteArrayOf(9)))
    private val origin = "https://login.example.com"
    private val get = """{"rpId":"example.com","challenge":"$challenge","userVerification":"required"}"""
    private val browser = CallingAppInfo("com.example.browser", signing(certificate), origin)

    @Before
    fun aPhoneThatCanVerify() {
        FakeKeystore.install()
        AnsweredPrompt.asked = 0
        AnsweredPrompt.error = null
        canVerify(true)
    }

    private fun canVerify(can: Boolean) =
        Shadow.extract<ShadowBiometricManager>(app.getSystemService(BiometricManager::class.java)).setCanAuthenticate(can)

    private fun create(user: String) = """{"rp":{"id":"example.com","name":"Example"},"user":{"id":"${base64Url(user.toByteArray())}",
        "name":"$user","displayName":"$user"},"challenge":"$challenge","pubKeyCredParams":[{"type":"public-key","alg":-7}],
        "authenticatorSelection":{"residentKey":"required","userVerification":"required"}}"""

    private class Answer<T, E : Throwable> : OutcomeReceiver<T, E> {
        private val answer = CompletableFuture<T>()

        override fun onResult(result: T) {
            answer.complete(result)
        }

        override fun onError(error: E) {
            answer.completeExceptionally(error)
        }

        fun get(): T = answer.get(10, TimeUnit.SECONDS)
    }

    private fun beginGet(): BeginGetCredentialResponse {
        val answer = Answer<BeginGetCredentialResponse, androidx.credentials.exceptions.GetCredentialException>()
        val request = BeginGetCredentialRequest(listOf(BeginGetPublicKeyCredentialOption(Bundle(), "option", get)), browser)
        service.onBeginGetCredentialRequest(request, CancellationSignal(), answer)
        return answer.get()
    }

    private fun beginCreate(user: String): BeginCreateCredentialResponse {
        val answer = Answer<BeginCreateCredentialResponse, androidx.credentials.exceptions.CreateCredentialException>()
        val request = BeginCreatePublicKeyCredentialRequest(create(user), browser, Bundle())
        service.onBeginCreateCredentialRequest(request, CancellationSignal(), answer)
        return answer.get()
    }

    /** What the system does with the line that was touched: its intent, with the request filled in. */
    private fun touch(line: PendingIntent, key: String, request: android.os.Parcelable): Activity {
        line.send(app, 0, Intent().putExtra(key, request))
        val opened = shadowOf(app as Application).nextStartedActivity
        val screen = Class.forName(assertNotNull(opened.component).className).asSubclass(Activity::class.java)
        return Robolectric.buildActivity(screen, opened).setup().get()
    }

    private fun platformApp(signedWith: ByteArray) = PlatformApp("com.example.browser", signing(signedWith), origin)

    private fun data(json: String, kind: String) = Bundle().apply {
        putString("androidx.credentials.BUNDLE_KEY_SUBTYPE", "androidx.credentials.BUNDLE_VALUE_SUBTYPE_$kind")
        putString("androidx.credentials.BUNDLE_KEY_REQUEST_JSON", json)
    }

    private fun touchCreate(user: String, json: String = create(user), signedWith: ByteArray = certificate): Activity {
        val data = data(json, "CREATE_PUBLIC_KEY_CREDENTIAL_REQUEST")
        val request = PlatformCreateRequest(platformApp(signedWith), PUBLIC_KEY, data)
        return touch(beginCreate(user).createEntries.single().pendingIntent, Extras.EXTRA_CREATE_CREDENTIAL_REQUEST, request)
    }

    private fun touchGet(line: PendingIntent, signedWith: ByteArray = certificate): Activity {
        val data = data(get, "GET_PUBLIC_KEY_CREDENTIAL_OPTION")
        val option = CredentialOption.Builder(PUBLIC_KEY, data, data).build()
        return touch(line, Extras.EXTRA_GET_CREDENTIAL_REQUEST, PlatformGetRequest(platformApp(signedWith), listOf(option)))
    }

    private fun finished(screen: Activity) = soon { screen.takeIf(Activity::isFinishing) }.let { shadowOf(it) }

    private fun make(user: String): JSONObject {
        val screen = finished(touchCreate(user))
        assertEquals(Activity.RESULT_OK, screen.resultCode)
        val made = screen.resultIntent.getParcelableExtra(Extras.EXTRA_CREATE_CREDENTIAL_RESPONSE, CreateCredentialResponse::class.java)
        return JSONObject(assertNotNull(made).data.getString("androidx.credentials.BUNDLE_KEY_REGISTRATION_RESPONSE_JSON").orEmpty())
    }

    private fun lines() = beginGet().credentialEntries.map { it as PublicKeyCredentialEntry }

    private fun clientData(response: JSONObject) = fromBase64Url(response.getString("clientDataJSON"))

    /** The person reads why, and then the screen closes. */
    private fun reads(why: LatchkeyException) {
        val shown: AlertDialog = dialog()
        assertEquals(why.info().title, shadowOf(shown).title)
        shown.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
    }

    @Test
    fun `a passkey is made and signs in, each after a verified prompt`() {
        val made = make("ada")
        assertEquals(1, AnsweredPrompt.asked)
        val line = lines().single()
        assertEquals("ada", line.username.toString())
        assertNotNull(line.biometricPromptData, "a single line can be verified in the system's sheet")

        val screen = finished(touchGet(line.pendingIntent))
        assertEquals(Activity.RESULT_OK, screen.resultCode)
        assertEquals(2, AnsweredPrompt.asked)
        val result = screen.resultIntent.getParcelableExtra(Extras.EXTRA_GET_CREDENTIAL_RESPONSE, GetCredentialResponse::class.java)
        val json = assertNotNull(result).credential.data.getString("androidx.credentials.BUNDLE_KEY_AUTHENTICATION_RESPONSE_JSON")
        val signed = JSONObject(json.orEmpty())
        assertEquals(made.getString("id"), signed.getString("id"))

        val response = signed.getJSONObject("response")
        val said = JSONObject(clientData(response).decodeToString())
        assertEquals(listOf("webauthn.get", challenge, origin), listOf("type", "challenge", "origin").map(said::getString))
        val authenticatorData = fromBase64Url(response.getString("authenticatorData"))
        assertEquals(0x05, authenticatorData[32].toInt() and 0x05, "present and verified")
        val key = fromBase64Url(made.getJSONObject("response").getString("publicKey"))
        val verifier = Verifier.getInstance("SHA256withECDSA")
        verifier.initVerify(KeyFactory.getInstance("EC").generatePublic(X509EncodedKeySpec(key)))
        verifier.update(authenticatorData + sha256(clientData(response)))
        assertTrue(verifier.verify(fromBase64Url(response.getString("signature"))))
    }

    @Test
    fun `each line has an intent of its own, that the system can fill in and nobody else is opened by`() {
        val ids = listOf("ada", "grace").associateWith { make(it).getString("id") }
        val lines = lines()
        assertEquals(ids.keys, lines.map { it.username.toString() }.toSet())
        val intents = lines.map { shadowOf(it.pendingIntent) }
        assertEquals(2, intents.map { it.requestCode }.toSet().size)
        for (intent in intents) {
            assertNotEquals(0, intent.flags and PendingIntent.FLAG_MUTABLE)
            assertEquals(GetActivity::class.java.name, intent.savedIntent.component?.className)
        }
        // A later list takes nothing from an earlier one: its intents still open what they showed.
        lines()
        for (line in lines) {
            val chosen = Entries.chosenIn(shadowOf(line.pendingIntent).savedIntent)
            assertEquals(ids[line.username.toString()], base64Url(assertNotNull(chosen)))
            assertNull(line.biometricPromptData, "one of several is not verified in the system's sheet")
        }
    }

    @Test
    fun `a refusal is a result with an exception, and nothing is made or signed`() {
        val impostor = byteArrayOf(2)
        val creating = touchCreate("ada", signedWith = impostor)
        reads(LatchkeyException.ProviderCallerUntrusted())
        val refused = finished(creating)
        assertEquals(Activity.RESULT_OK, refused.resultCode)
        val names = LatchkeyException.ProviderCallerUntrusted().info()
        assertEquals(createException(names.androidCreate).type, refusalOf(refused.resultIntent).type)
        assertTrue(runBlocking { app.phone.get() }.passkeys().list().isEmpty())

        make("ada")
        AnsweredPrompt.asked = 0
        val signing = touchGet(lines().single().pendingIntent, signedWith = impostor)
        reads(LatchkeyException.ProviderCallerUntrusted())
        val unsigned = finished(signing)
        assertEquals(Activity.RESULT_OK, unsigned.resultCode)
        val why = unsigned.resultIntent.getParcelableExtra(Extras.EXTRA_GET_CREDENTIAL_EXCEPTION, GetCredentialException::class.java)
        assertEquals(getException(names.androidGet).type, assertNotNull(why).type)
        assertNull(unsigned.resultIntent.getParcelableExtra(Extras.EXTRA_GET_CREDENTIAL_RESPONSE, GetCredentialResponse::class.java))
        assertEquals(0, AnsweredPrompt.asked, "nobody is asked for an impostor")
    }

    private fun refusalOf(result: Intent): CreateCredentialException =
        assertNotNull(result.getParcelableExtra(Extras.EXTRA_CREATE_CREDENTIAL_EXCEPTION, CreateCredentialException::class.java))

    @Test
    fun `a page that excludes what is here is told so`() {
        val id = make("ada").getString("id")
        val again = JSONObject(create("ada")).put("excludeCredentials", JSONArray("""[{"type":"public-key","id":"$id"}]"""))
        val screen = touchCreate("ada", again.toString())
        dialog().getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        val refused = finished(screen)
        assertEquals(Activity.RESULT_OK, refused.resultCode)
        assertEquals(CreatePublicKeyCredentialDomException(InvalidStateError()).type, refusalOf(refused.resultIntent).type)
        assertEquals(1, runBlocking { app.phone.get() }.passkeys().list().size)
    }

    @Test
    fun `a cancelled prompt leads back to the list`() {
        AnsweredPrompt.error = BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED
        assertEquals(Activity.RESULT_CANCELED, finished(touchCreate("ada")).resultCode)
        assertEquals(1, AnsweredPrompt.asked)
        assertTrue(runBlocking { app.phone.get() }.passkeys().list().isEmpty())

        AnsweredPrompt.error = null
        make("ada")
        AnsweredPrompt.error = BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED
        val screen = finished(touchGet(lines().single().pendingIntent))
        assertEquals(Activity.RESULT_CANCELED, screen.resultCode)
        assertNull(screen.resultIntent)
    }

    @Test
    fun `a phone that cannot verify offers no line for a new passkey`() {
        canVerify(false)
        assertTrue(beginCreate("ada").createEntries.isEmpty())
    }

    @Test
    fun `a locked vault has one line, that unlocks the phone and gives the list`() {
        make("ada")
        runBlocking { app.phone.close() }
        app.core.isLocked = true
        val locked = beginGet()
        assertTrue(locked.credentialEntries.isEmpty())
        val line = locked.authenticationActions.single()
        assertEquals(words(R.string.unlock), line.title.toString())

        keyguard.setKeyguardLocked(true)
        keyguard.setIsDeviceLocked(true)
        val option = PlatformBeginOption("option", PUBLIC_KEY, data(get, "GET_PUBLIC_KEY_CREDENTIAL_OPTION"))
        val request = PlatformBeginGetRequest.Builder()
            .setCallingAppInfo(platformApp(certificate)).addBeginGetCredentialOption(option).build()
        val screen = touch(line.pendingIntent, Extras.EXTRA_BEGIN_GET_CREDENTIAL_REQUEST, request)
        assertTrue(!screen.isFinishing, "waits for the person")
        app.core.isLocked = false
        keyguard.setIsDeviceLocked(false)
        keyguard.setKeyguardLocked(false)
        val unlocked = finished(screen)
        assertEquals(Activity.RESULT_OK, unlocked.resultCode)
        val list = unlocked.resultIntent
            .getParcelableExtra(Extras.EXTRA_BEGIN_GET_CREDENTIAL_RESPONSE, PlatformBeginGetResponse::class.java)
        assertEquals("option", assertNotNull(list).credentialEntries.single().beginGetCredentialOptionId)
        assertEquals(1, AnsweredPrompt.asked, "unlocking is not signing in: only the passkey's making asked")
    }
}

private const val PUBLIC_KEY = "androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL"
