package org.latchkey.app.screens

import android.Manifest
import android.app.Activity
import android.app.AlertDialog
import android.app.Application
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.View
import android.view.ViewGroup
import android.view.WindowManager
import android.widget.EditText
import android.widget.TextView
import java.nio.file.Files
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertSame
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.runner.RunWith
import org.latchkey.Caller
import org.latchkey.LatchkeyException
import org.latchkey.SignalKind
import org.latchkey.app.APP
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.OpenPhone
import org.latchkey.app.R
import org.latchkey.app.TestPhone
import org.latchkey.app.Words
import org.latchkey.app.browserList
import org.latchkey.app.dialog
import org.latchkey.app.provider.BrowserList
import org.latchkey.app.sha256
import org.latchkey.app.soon
import org.latchkey.app.words
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog

/** The app over a phone of the tests. */
class OpenScreensApp : LatchkeyApp() {
    private val folder = Files.createTempDirectory("latchkey")
    val list = browserList("com.example.browser", byteArrayOf(1))
    override val phone by lazy {
        OpenPhone(BrowserList(folder.resolve("none").toFile()) { list }) { TestPhone(folder).open(it) }
    }

    override fun onCreate() {
        super.onCreate()
        shadowOf(this as Application).grantPermissions(Manifest.permission.HIDE_OVERLAY_WINDOWS)
    }
}

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = OpenScreensApp::class, shadows = [Words::class])
class OpenScreensTest {
    private val app get() = RuntimeEnvironment.getApplication() as OpenScreensApp

    private fun open(screen: Class<out Activity>, intent: Intent = Intent(app as Application, screen)): Activity =
        Robolectric.buildActivity(screen, intent).setup().get()

    private fun views(view: View): List<View> =
        listOf(view) + if (view is ViewGroup) (0 until view.childCount).flatMap { views(view.getChildAt(it)) } else emptyList()

    private fun views(screen: Activity) = views(screen.window.decorView)

    private fun texts(screen: Activity) = views(screen).filterIsInstance<TextView>().map { it.text.toString() }

    private fun shows(screen: Activity, part: String) = soon { texts(screen).firstOrNull { part in it } }

    /** Whatever can be touched or filled in says what it is. */
    private fun everythingHasWords(screen: Activity) {
        for (view in views(screen).filter { it.isClickable || it is EditText }) {
            val words = listOfNotNull(view.contentDescription, (view as? TextView)?.text, (view as? TextView)?.hint)
            assertTrue(words.any(CharSequence::isNotEmpty), "$view")
        }
    }

    @Test
    fun `the main screen leads everywhere`() {
        val screen = open(MainActivity::class.java)
        shows(screen, words(R.string.no_computers))
        for (way in listOf(R.string.scan, R.string.manual_entry, R.string.security_keys, R.string.readiness, R.string.settings)) {
            shows(screen, words(way))
        }
        assertEquals(words(R.string.computers), screen.title)
        everythingHasWords(screen)
        views(screen).single { (it as? TextView)?.text == words(R.string.security_keys) }.performClick()
        assertEquals(SecurityKeysActivity::class.java.name, shadowOf(screen).nextStartedActivity.component?.className)
    }

    @Test
    fun `a hidden passkey is shown as one, and can be offered again`() {
        val provider = runBlocking { app.phone.get() }.provider()
        val browser = Caller("com.example.browser", listOf(sha256(byteArrayOf(1))), origin = "https://example.com")
        val create = """{"rp":{"id":"example.com","name":"Example"},"user":{"id":"AQID","name":"ada","displayName":"Ada"},
            "challenge":"AAAA","pubKeyCredParams":[{"type":"public-key","alg":-7}]}"""
        runBlocking { provider.createJson(create, browser) }
        val none = """{"rpId":"example.com","userId":"AQID","allAcceptedCredentialIds":[]}"""
        assertEquals(1, provider.signalJson(SignalKind.ALL_ACCEPTED_CREDENTIAL_IDS, none, browser).size)

        val screen = open(SecurityKeysActivity::class.java)
        val line = shows(screen, words(R.string.hidden_security_key))
        assertTrue("ada, example.com" in line, line)
        everythingHasWords(screen)
        views(screen).single { (it as? TextView)?.text.toString() == line }.performClick()
        val menu = dialog()
        assertEquals(
            listOf(R.string.unhide, R.string.rename, R.string.delete).map(::words),
            shadowOf(menu).items.map(CharSequence::toString),
        )
        shadowOf(menu).clickOnItem(0)
        soon { texts(screen).takeIf { all -> all.any { "ada" in it } && all.none { words(R.string.hidden_security_key) in it } } }
        assertTrue(runBlocking { app.phone.get() }.passkeys().list().none { it.hidden })
    }

    @Test
    fun `a PIN's screen is secure, and says why there is none`() {
        val screen = open(PinActivity::class.java, PinActivity.of("no computer", app))
        val secure = WindowManager.LayoutParams.FLAG_SECURE
        assertEquals(secure, screen.window.attributes.flags and secure)
        // Only once the screen has its answer: the same question, asked on the thread that the screen needs, would wait for it.
        val shown = shadowOf(dialog())
        val pins = runBlocking { app.phone.get() }.offlinePins()
        val why = assertFailsWith<LatchkeyException> { runBlocking { pins.display("no computer") } }.info()
        assertEquals(why.title, shown.title)
        assertTrue(why.nextStep in shown.message)
    }

    @Test
    fun `what others must not see is in a secure window, and nothing of theirs lies over ours`() {
        val secure = WindowManager.LayoutParams.FLAG_SECURE
        for (screen in listOf(ManualEntryActivity::class.java, ScanActivity::class.java)) {
            assertEquals(secure, open(screen).window.attributes.flags and secure, screen.simpleName)
        }
        val hidesOverlays = WindowManager.LayoutParams::class.java.getField("privateFlags").getInt(open(MainActivity::class.java).window.attributes)
        // SYSTEM_FLAG_HIDE_NON_SYSTEM_OVERLAY_WINDOWS
        assertEquals(0x00080000, hidesOverlays and 0x00080000)
    }

    @Test
    fun `a ceremony or a PIN that the system brings back is not begun again`() {
        val intent = CeremonyActivity.unlocking("no computer", app)
        val begun = Robolectric.buildActivity(CeremonyActivity::class.java, intent).setup()
        assertFalse(begun.get().isFinishing)
        val said = dialog()
        assertEquals(0, begun.get().window.attributes.flags and WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON, "it is over")
        val saved = Bundle().also { begun.saveInstanceState(it).pause().stop().destroy() }

        val restored = Robolectric.buildActivity(CeremonyActivity::class.java, intent).setup(saved).get()
        assertTrue(restored.isFinishing)
        val pin = Robolectric.buildActivity(PinActivity::class.java, PinActivity.of("no computer", app)).setup(Bundle()).get()
        assertTrue(pin.isFinishing)
        // Long enough for a question to the core, which would fail and say so.
        Thread.sleep(500)
        soon { true }
        assertSame(said, ShadowAlertDialog.getLatestAlertDialog(), "nothing was tried")
    }

    @Test
    fun `typing, readiness and settings have words for everything`() {
        val typing = open(ManualEntryActivity::class.java, ManualEntryActivity.inPlaceOfCamera(app))
        shows(typing, LatchkeyException.QrCameraDenied().info().title)
        val readiness = open(ReadinessActivity::class.java)
        soon { views(readiness).firstOrNull { it.contentDescription?.startsWith("In order: ") == true } }
        val settings = open(SettingsActivity::class.java)
        shows(settings, words(R.string.make_unasked))
        listOf(typing, readiness, settings).forEach(::everythingHasWords)
    }

    @Test
    fun `a link is asked about before anything is done, and one that is something else is refused with a reason`() {
        val link = { text: String -> Intent(Intent.ACTION_VIEW, Uri.parse(text), app, FidoLinkActivity::class.java) }
        val code = "FIDO:/13086400838107303667332719012595115747821895775708323557"
        val screen = open(FidoLinkActivity::class.java, link(code))
        val question = dialog()
        assertTrue(assertNotNull(question.window).decorView.filterTouchesWhenObscured)
        assertEquals(words(R.string.fido_link), shadowOf(question).title)
        question.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        val started = soon { shadowOf(screen).nextStartedActivity }
        assertEquals(CeremonyActivity::class.java.name, started.component?.className)

        open(FidoLinkActivity::class.java, link("https://example.com"))
        val refusal = shadowOf(dialog(after = question))
        assertEquals(LatchkeyException.QrInvalid().info().title, refusal.title)
        assertTrue(LatchkeyException.QrInvalid().info().nextStep in refusal.message)
    }
}
