package org.latchkey.app.screens

import android.Manifest
import android.app.Activity
import android.app.AlertDialog
import android.app.Application
import android.content.Intent
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import java.nio.file.Files
import java.time.Duration
import kotlin.reflect.KClass
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.latchkey.ADA
import org.latchkey.PromptKind
import org.latchkey.Stage
import org.latchkey.app.APP
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.OpenPhone
import org.latchkey.app.R
import org.latchkey.app.TestPhone
import org.latchkey.app.Words
import org.latchkey.app.dialog
import org.latchkey.app.provider.BrowserList
import org.latchkey.app.soon
import org.latchkey.app.words
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.shadows.ShadowToast

/** The app over a phone of the tests that meets the simulator's Control Center and its workstations. */
class ComputersApp : LatchkeyApp() {
    val stage = Stage()
    private val folder = Files.createTempDirectory("latchkey")
    val core = TestPhone(folder)
    override val phone by lazy {
        val shipped = APP.resolve("main/assets/trusted-browsers.json").toFile()
        OpenPhone(BrowserList(folder.resolve("none").toFile(), shipped::readText)) {
            core.open(it, network = network, observer = progress, stage = stage)
        }
    }

    override fun onCreate() {
        super.onCreate()
        shadowOf(this as Application).grantPermissions(Manifest.permission.HIDE_OVERLAY_WINDOWS)
    }
}

/** A computer's way through the screens, with a real workstation at its end. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = ComputersApp::class, shadows = [Words::class])
class ComputerScreensTest {
    private val app get() = RuntimeEnvironment.getApplication() as ComputersApp
    private val stage get() = app.stage

    @After
    fun theCurtainFalls() = stage.close()

    private fun online(isOnline: Boolean) {
        val connectivity = requireNotNull(app.getSystemService(ConnectivityManager::class.java))
        val capabilities = ShadowNetworkCapabilities.newInstance()
        if (isOnline) shadowOf(capabilities).addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
        shadowOf(connectivity).setNetworkCapabilities(connectivity.activeNetwork, capabilities)
    }

    private fun views(view: View): List<View> =
        listOf(view) + if (view is ViewGroup) (0 until view.childCount).flatMap { views(view.getChildAt(it)) } else emptyList()

    private fun texts(screen: Activity) = views(screen.window.decorView).filterIsInstance<TextView>()

    private fun shows(screen: Activity, part: String): TextView = soon { texts(screen).firstOrNull { part in it.text } }

    private fun open(intent: Intent): ActivityController<out Activity> {
        val screen = Class.forName(requireNotNull(intent.component).className).asSubclass(Activity::class.java)
        return Robolectric.buildActivity(screen, intent).setup()
    }

    /** What the screen leads to. */
    private fun next(from: Activity, expected: KClass<out Activity>): ActivityController<out Activity> {
        val intent = soon { shadowOf(from).nextStartedActivity }
        assertEquals(expected.java.name, intent.component?.className)
        return open(intent)
    }

    private fun AlertDialog.agree() = getButton(AlertDialog.BUTTON_POSITIVE).performClick()

    private fun field(screen: Activity, hint: Int) = texts(screen).single { it is EditText && it.hint == words(hint) }

    /** Types a code that the workstation shows, and reads that it is paired. */
    private fun pair(desk: Stage.Workstation) {
        val shown = desk.pair(ADA, "--code")
        val typed = shown.process.says("type this code on it: (\\w+)")
        val typing = open(Intent(app, ManualEntryActivity::class.java)).get()
        field(typing, R.string.address).text = stage.address
        field(typing, R.string.activation_code).text = typed
        shows(typing, words(R.string.go_on)).performClick()
        val question = dialog()
        assertTrue("localhost" in shadowOf(question).title)
        question.agree()
        val ceremony = next(typing, CeremonyActivity::class).get()
        assertTrue(typing.isFinishing)
        shows(ceremony, words(R.string.done_paired))
        assertEquals(ADA, shown.process.ends()["account"].asString)
        assertEquals(PromptKind.Pair("localhost", "desk", ADA), app.core.prompts.single().kind)
        ceremony.finish()
    }

    private fun menuOf(screen: Activity, name: String, item: Int) {
        val before = ShadowAlertDialog.getLatestAlertDialog()
        soon { views(screen.window.decorView).firstOrNull { it.contentDescription == words(R.string.more).format(name) } }.performClick()
        val menu = dialog(after = before)
        assertEquals(listOf(R.string.rename, R.string.remove).map(::words), shadowOf(menu).items.map(CharSequence::toString))
        shadowOf(menu).clickOnItem(item)
    }

    @Test
    fun `a computer is paired by a typed code, unlocked, renamed and removed, and its PINs are shown for their time`() {
        online(true)
        stage.allowOfflinePins()
        val desk = stage.Workstation()
        pair(desk)
        val main = open(Intent(app, MainActivity::class.java)).get()
        assertEquals("desk\n$ADA", shows(main, "desk").text.toString())

        menuOf(main, "desk", 0)
        val naming = soon { ShadowAlertDialog.getLatestAlertDialog()?.takeIf { shadowOf(it).title == words(R.string.rename) } }
        views(requireNotNull(naming.window).decorView).filterIsInstance<EditText>().single().setText("Ada's desk")
        naming.agree()
        val row = shows(main, "Ada's desk")

        val serving = desk.serve()
        row.performClick()
        val ceremony = next(main, CeremonyActivity::class).get()
        shows(ceremony, words(R.string.done_unlocked))
        assertEquals("phone", desk.unlockedBy())
        assertEquals(PromptKind.Unlock("Ada's desk"), app.core.prompts.last().kind)
        serving.says("\"offlinePins\":\"confirmed\"")
        serving.kill()

        pins(main, desk)
        remove(main, desk)
    }

    private fun pin(screen: Activity): String {
        shows(screen, words(R.string.offline_pin_meaning))
        return texts(screen).single { it.contentDescription == spoken(it.text.toString()) }.text.toString()
    }

    private fun pins(main: Activity, desk: Stage.Workstation) {
        // Online it takes a long press, offline a tap.
        shows(main, "Ada's desk").performLongClick()
        val left = next(main, PinActivity::class)
        assertEquals(10, pin(left.get()).length)
        shows(left.get(), words(R.string.pins_left).format(9))
        left.pause().stop()
        assertTrue(left.get().isFinishing, "a PIN does not wait for its owner")

        online(false)
        shows(main, "Ada's desk").performClick()
        val seen = next(main, PinActivity::class).get()
        val pin = pin(seen)
        assertEquals(PromptKind.ShowPin("Ada's desk"), app.core.prompts.last().kind)
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(16))
        shows(seen, words(R.string.pin_hidden))
        assertTrue(texts(seen).none { pin in it.text || it.contentDescription == spoken(pin) })
        desk.lock()
        assertEquals("pin", desk.typePin(pin).ends()["by"].asString)
        online(true)
    }

    private fun remove(main: Activity, desk: Stage.Workstation) {
        menuOf(main, "Ada's desk", 1)
        val asked = words(R.string.remove_computer).format("Ada's desk")
        soon { ShadowAlertDialog.getLatestAlertDialog()?.takeIf { shadowOf(it).title == asked } }.agree()
        shows(main, words(R.string.no_computers))
        assertTrue(runBlocking { app.phone.get() }.computers().list().isEmpty())
        assertNull(ShadowToast.getLatestToast(), "the server was told")
        desk.serve().says("\"removed\":1")
        assertEquals(0, desk.status()["phones"].asJsonArray.size())
    }
}
