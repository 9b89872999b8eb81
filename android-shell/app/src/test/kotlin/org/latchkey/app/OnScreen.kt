package org.latchkey.app

import android.app.AlertDialog
import android.content.res.Resources
import android.os.Looper
import javax.xml.parsers.DocumentBuilderFactory
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.annotation.RealObject
import org.robolectric.shadow.api.Shadow
import org.robolectric.shadows.ShadowAlertDialog
import org.robolectric.shadows.ShadowResources
import org.robolectric.util.ReflectionHelpers.ClassParameter

/** The app's words from strings.xml: what Android packs resources with is not here. */
@Implements(Resources::class)
class Words : ShadowResources() {
    @RealObject
    lateinit var real: Resources

    @Implementation
    fun getText(id: Int): CharSequence = words[id] ?: passOn("getText", id)

    @Implementation
    fun getBoolean(id: Int): Boolean = if (id == R.bool.has_events) true else passOn("getBoolean", id)

    private fun <T> passOn(method: String, id: Int): T =
        Shadow.directlyOn(real, Resources::class.java, method, ClassParameter.from(Int::class.javaPrimitiveType, id))

    companion object {
        val words: Map<Int, String> by lazy {
            val file = APP.resolve("main/res/values/strings.xml").toFile()
            val found = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).getElementsByTagName("string")
            (0 until found.length).map(found::item).associate {
                val id = R.string::class.java.getField(it.attributes.getNamedItem("name").nodeValue).getInt(null)
                id to it.textContent.replace("\\'", "'")
            }
        }
    }
}

fun words(id: Int): String = Words.words.getValue(id)

/** What the core does on its threads comes back to this one, which is the main thread. */
fun <T> soon(what: () -> T?): T {
    // Half a minute: a server may be behind it, and the machine busy.
    repeat(3000) {
        shadowOf(Looper.getMainLooper()).idle()
        what()?.let { return it }
        Thread.sleep(10)
    }
    error("nothing came; the last dialog: ${ShadowAlertDialog.getLatestAlertDialog()?.let { shadowOf(it).title }}")
}

/** The dialog that is open, or will be. */
fun dialog(after: AlertDialog? = null): AlertDialog =
    soon { ShadowAlertDialog.getLatestAlertDialog()?.takeIf { it.isShowing && it !== after } }
