package org.latchkey.app.provider

import android.Manifest
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
import android.os.Parcelable
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
import androidx.credentials.provider.BiometricPromptData
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
import javax.crypto.Cipher
import kotlin.test.assertEquals
import kotlin.test.assertFalse
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
import org.robolectric.shadows.ShadowActivity
import org.robolectric.shadows.ShadowBiometricManager
import org.robolectric.shadows.ShadowSigningInfo
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

private val certificate = byteArrayOf(1)

/** The app with its own gate and list of browsers, over a core whose keys are in memory. */
class ProviderApp : LatchkeyApp() {
    val core = TestPhone(Files.createTempDirectory("latchkey"))
    override val phone by lazy { OpenPhone(browsers) { core.open(it, gate) } }

    /** Without assets. */
    override fun onCreate() {
        super.onCreate()
        shadowOf(this as Application).grantPermissions(Manifest.permission.HIDE_OVERLAY_WINDOWS)
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
fun signing(certificate: ByteArray): SigningInfo {
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

    /**
     * What the system does with the line that was touched: its intent, with the request filled in, and with what its sheet
     * came to if it has verified the person itself.
     */
    private fun touch(line: PendingIntent, key: String, request: Parcelable, sheet: Pair<String, Int>? = null): Activity {
        val filledIn = Intent().putExtra(key, request)
        sheet?.let { (outcome, code) -> filledIn.putExtra("androidx.credentials.provider.$outcome", code) }
        line.send(app, 0, filledIn)
        val opened = shadowOf(app as Application).nextStartedActivity
        val screen = Class.forName(assertNotNull(opened.component).className).asSubclass(Activity::class.java)
        return Robolectric.buildActivity(screen, opened).setup().get()
    }

    private fun platformApp(signedWith: ByteArray) = PlatformApp("com.example.browser", signing(signedWith), origin)

    private fun data(json: String, kind: String) = Bundle().apply {
        putString("androidx.credentials.BUNDLE_KEY_SUBTYPE", "androidx.credentials.BUNDLE_VALUE_SUBTYPE_$kind")
        putString("androidx.credentials.BUNDLE_KEY_REQUEST_JSON", json)
    }

    private fun touchCreate(
        user: String,
        json: String = create(user),
        signedWith: ByteArray = certificate,
        line: PendingIntent = beginCreate(user).createEntries.single().pendingIntent,
        sheet: Pair<String, Int>? = null,
    ): Activity {
        val data = data(json, "CREATE_PUBLIC_KEY_CREDENTIAL_REQUEST")
        val request = PlatformCreateRequest(platformApp(signedWith), PUBLIC_KEY, data)
        return touch(line, Extras.EXTRA_CREATE_CREDENTIAL_REQUEST, request, sheet)
    }

    private fun touchGet(
        line: PendingIntent,
        signedWith: ByteArray = certificate,
        sheet: Pair<String, Int>? = null,
        data: Bundle = data(get, "GET_PUBLIC_KEY_CREDENTIAL_OPTION"),
    ): Activity {
        val option = CredentialOption.Builder(PUBLIC_KEY, data, data).build()
        return touch(line, Extras.EXTRA_GET_CREDENTIAL_REQUEST, PlatformGetRequest(platformApp(signedWith), listOf(option)), sheet)
    }

    private fun finished(screen: Activity) = soon { screen.takeIf(Activity::isFinishing) }.let { shadowOf(it) }

    private fun make(user: String): JSONObject = made(finished(touchCreate(user)))

    private fun made(screen: ShadowActivity): JSONObject {
        assertEquals(Activity.RESULT_OK, screen.resultCode)
        val made = screen.resultIntent.getParcelableExtra(Extras.EXTRA_CREATE_CREDENTIAL_RESPONSE, CreateCredentialResponse::class.java)
        return JSONObject(assertNotNull(made).data.getString("androidx.credentials.BUNDLE_KEY_REGISTRATION_RESPONSE_JSON").orEmpty())
    }

    private fun lines() = beginGet().credentialEntries.map { it as PublicKeyCredentialEntry }

    private fun clientData(response: JSONObject) = fromBase64Url(response.getString("clientDataJSON"))

    private var last: AlertDialog? = null

    /** The person reads why, and then the screen closes. */
    private fun reads(why: LatchkeyException) {
        val shown: AlertDialog = dialog(after = last)
        last = shown
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

        val signed = signed(finished(touchGet(line.pendingIntent)))
        assertEquals(2, AnsweredPrompt.asked)
        verifies(signed, made)
    }

    private fun signed(screen: ShadowActivity): JSONObject {
        assertEquals(Activity.RESULT_OK, screen.resultCode)
        val result = screen.resultIntent.getParcelableExtra(Extras.EXTRA_GET_CREDENTIAL_RESPONSE, GetCredentialResponse::class.java)
        val json = assertNotNull(result).credential.data.getString("androidx.credentials.BUNDLE_KEY_AUTHENTICATION_RESPONSE_JSON")
        return JSONObject(json.orEmpty())
    }

    /** The answer is of this passkey, for this page, of a person who was verified, and its signature is right. */
    private fun verifies(signed: JSONObject, made: JSONObject) {
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

    private fun cipherOf(data: BiometricPromptData?): Cipher {
        assertEquals(BiometricManager.Authenticators.BIOMETRIC_STRONG, assertNotNull(data).allowedAuthenticators)
        return assertNotNull(data.cryptoObject?.cipher)
    }

    private val verified = "BIOMETRIC_AUTH_RESULT" to BiometricPrompt.AUTHENTICATION_RESULT_TYPE_BIOMETRIC

    private fun failed(code: Int) = "BIOMETRIC_AUTH_ERROR_CODE" to code

    @Test
    fun `whom the system's sheet has verified is not asked again, for a passkey and for a sign-in`() {
        val create = beginCreate("ada").createEntries.single()
        val cipher = cipherOf(create.biometricPromptData)
        val made = made(finished(touchCreate("ada", line = create.pendingIntent, sheet = verified)))
        val data = JSONObject(clientData(made.getJSONObject("response")).decodeToString())
        assertEquals("webauthn.create", data.getString("type"))
        assertEquals(0x05, fromBase64Url(made.getJSONObject("response").getString("authenticatorData"))[32].toInt() and 0x05)
        assertFalse(app.gateKey.proves(cipher), "the cipher was used up by the proof")

        // The phone's code is as good, if the cipher works: the keystore decides.
        for (kind in listOf(BiometricPrompt.AUTHENTICATION_RESULT_TYPE_BIOMETRIC, BiometricPrompt.AUTHENTICATION_RESULT_TYPE_DEVICE_CREDENTIAL)) {
            val line = lines().single()
            val used = cipherOf(line.biometricPromptData)
            verifies(signed(finished(touchGet(line.pendingIntent, sheet = "BIOMETRIC_AUTH_RESULT" to kind))), made)
            assertFalse(app.gateKey.proves(used))
        }
        assertEquals(0, AnsweredPrompt.asked)
    }

    @Test
    fun `a success of the sheet that the keystore knows nothing of is asked again`() {
        val made = make("ada")
        AnsweredPrompt.asked = 0
        val line = lines().single()
        // In the keystore it would fail for want of a verification; here it has been used up.
        cipherOf(line.biometricPromptData).doFinal(ByteArray(1))
        verifies(signed(finished(touchGet(line.pendingIntent, sheet = verified))), made)
        assertEquals(1, AnsweredPrompt.asked)

        // The line of an earlier list: its cipher went with that list.
        val earlier = lines().single()
        lines()
        verifies(signed(finished(touchGet(earlier.pendingIntent, sheet = verified))), made)
        assertEquals(2, AnsweredPrompt.asked)

        // One success answers one prompt.
        val once = lines().single()
        verifies(signed(finished(touchGet(once.pendingIntent, sheet = verified))), made)
        assertEquals(2, AnsweredPrompt.asked)
        verifies(signed(finished(touchGet(once.pendingIntent, sheet = verified))), made)
        assertEquals(3, AnsweredPrompt.asked)
    }

    @Test
    fun `who says no in the system's sheet is not asked again and goes back to the list`() {
        for (no in listOf(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, NEGATIVE_BUTTON)) {
            assertEquals(Activity.RESULT_CANCELED, finished(touchCreate("ada", sheet = failed(no))).resultCode)
        }
        assertTrue(runBlocking { app.phone.get() }.passkeys().list().isEmpty())
        assertEquals(0, AnsweredPrompt.asked)

        make("ada")
        AnsweredPrompt.asked = 0
        for (no in listOf(BiometricPrompt.BIOMETRIC_ERROR_USER_CANCELED, NEGATIVE_BUTTON)) {
            val screen = finished(touchGet(lines().single().pendingIntent, sheet = failed(no)))
            assertEquals(Activity.RESULT_CANCELED, screen.resultCode)
            assertNull(screen.resultIntent)
        }
        assertEquals(0, AnsweredPrompt.asked)
    }

    @Test
    fun `a sheet that nobody answered is an exception, without another prompt`() {
        val late = failed(BiometricPrompt.BIOMETRIC_ERROR_TIMEOUT)
        val creating = touchCreate("ada", sheet = late)
        reads(LatchkeyException.RegTimeout())
        val unmade = finished(creating)
        assertEquals(Activity.RESULT_OK, unmade.resultCode)
        assertEquals(createException(LatchkeyException.RegTimeout().info().androidCreate).type, refusalOf(unmade.resultIntent).type)
        assertTrue(runBlocking { app.phone.get() }.passkeys().list().isEmpty())
        assertEquals(0, AnsweredPrompt.asked)

        make("ada")
        AnsweredPrompt.asked = 0
        val signing = touchGet(lines().single().pendingIntent, sheet = late)
        reads(LatchkeyException.AuthTimeout())
        val unsigned = finished(signing)
        assertEquals(Activity.RESULT_OK, unsigned.resultCode)
        assertEquals(getException(LatchkeyException.AuthTimeout().info().androidGet).type, refusalToSign(unsigned.resultIntent).type)
        assertEquals(0, AnsweredPrompt.asked)
    }

    @Test
    fun `where the sheet could not verify, the phone's code still can`() {
        val made = make("ada")
        AnsweredPrompt.asked = 0
        val failures = listOf(
            BiometricPrompt.BIOMETRIC_ERROR_LOCKOUT, BiometricPrompt.BIOMETRIC_ERROR_NO_BIOMETRICS,
            BiometricPrompt.BIOMETRIC_ERROR_HW_UNAVAILABLE, BiometricPrompt.BIOMETRIC_ERROR_CANCELED,
        )
        for (failure in failures) verifies(signed(finished(touchGet(lines().single().pendingIntent, sheet = failed(failure)))), made)
        assertEquals(failures.size, AnsweredPrompt.asked)
    }

    @Test
    fun `a choice that is no request for a passkey is refused, and nobody is asked`() {
        make("ada")
        AnsweredPrompt.asked = 0
        // The list was made for a request in order; what comes with the choice can be another.
        for (data in listOf(Bundle(), data("{", "GET_PUBLIC_KEY_CREDENTIAL_OPTION"))) {
            val screen = touchGet(lines().single().pendingIntent, data = data)
            reads(LatchkeyException.RequestMalformed())
            val refused = finished(screen)
            assertEquals(Activity.RESULT_OK, refused.resultCode)
            val names = LatchkeyException.RequestMalformed().info().androidGet
            assertEquals(getException(names).type, refusalToSign(refused.resultIntent).type)
        }
        assertEquals(0, AnsweredPrompt.asked)
    }

    @Test
    fun `an account whose name cannot be shown has a line all the same`() {
        for ((name, shown) in listOf("" to "Ada", "\\u202e" to "Ada")) {
            val request = create("ada").replace("\"name\":\"ada\"", "\"name\":\"$name\"").replace("\"displayName\":\"ada\"", "\"displayName\":\"$shown\"")
            made(finished(touchCreate("ada", request)))
            assertEquals(shown, lines().single().username.toString())
        }
        val nameless = create("ada").replace("\"name\":\"ada\"", "\"name\":\"\"").replace("\"displayName\":\"ada\"", "\"displayName\":\"\"")
        made(finished(touchCreate("ada", nameless)))
        assertEquals("example.com", lines().single().username.toString())
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
        assertEquals(getException(names.androidGet).type, refusalToSign(unsigned.resultIntent).type)
        assertNull(unsigned.resultIntent.getParcelableExtra(Extras.EXTRA_GET_CREDENTIAL_RESPONSE, GetCredentialResponse::class.java))
        assertEquals(0, AnsweredPrompt.asked, "nobody is asked for an impostor")
    }

    private fun refusalOf(result: Intent): CreateCredentialException =
        assertNotNull(result.getParcelableExtra(Extras.EXTRA_CREATE_CREDENTIAL_EXCEPTION, CreateCredentialException::class.java))

    private fun refusalToSign(result: Intent): GetCredentialException =
        assertNotNull(result.getParcelableExtra(Extras.EXTRA_GET_CREDENTIAL_EXCEPTION, GetCredentialException::class.java))

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

/** `androidx.biometric.BiometricPrompt.ERROR_NEGATIVE_BUTTON`, which the framework's class does not show. */
private const val NEGATIVE_BUTTON = 13
private const val PUBLIC_KEY = "androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL"
