package org.latchkey.app.screens

import android.app.Activity
import android.app.AlertDialog
import android.os.Build
import android.os.Bundle
import android.text.InputType
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.view.inputmethod.EditorInfo
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.latchkey.ErrorInfo
import org.latchkey.LatchkeyException
import org.latchkey.Phone
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.R

/** A screen of plain views, one below the other, in the sizes of text that the person has set. What it started ends with it. */
abstract class Screen : Activity() {
    protected val app get() = application as LatchkeyApp
    protected lateinit var scope: CoroutineScope
        private set

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        scope = MainScope()
        // What is agreed to here must not be covered by another app's window.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) window.setHideOverlayWindows(true)
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    /** Asks the core away from the main thread: it reads and writes the disk, and has keys of the keystore used. */
    protected suspend fun <T> core(ask: suspend (Phone) -> T): T = withContext(Dispatchers.IO) { ask(app.phone.get()) }

    protected fun show(headline: Int, views: List<View>) {
        setTitle(headline)
        val space = (16 * resources.displayMetrics.density).toInt()
        val column = LinearLayout(this)
        column.orientation = LinearLayout.VERTICAL
        column.setPadding(space, space, space, space)
        views.forEach { column.addView(it, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT)) }
        val scroll = ScrollView(this)
        scroll.fitsSystemWindows = true
        scroll.addView(column)
        setContentView(scroll)
    }

    protected fun text(words: CharSequence): TextView = TextView(this).apply { text = words }

    protected fun text(words: Int): TextView = text(getText(words))

    protected fun button(words: CharSequence, pressed: () -> Unit): Button = Button(this).apply {
        isAllCaps = false
        text = words
        setOnClickListener { pressed() }
    }

    protected fun button(words: Int, pressed: () -> Unit): Button = button(getText(words), pressed)

    /** A field for one line. The keyboard learns nothing from it, and no other app is asked to fill it in. */
    protected fun field(label: Int, type: Int, content: String = ""): EditText = EditText(this).apply {
        setHint(label)
        setText(content)
        inputType = type
        imeOptions = EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING
        importantForAutofill = View.IMPORTANT_FOR_AUTOFILL_NO
    }

    /** Asks for a name. */
    protected fun askName(title: Int, now: String, named: (String) -> Unit) {
        val name = field(R.string.name, InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_CAP_SENTENCES, now)
        AlertDialog.Builder(this)
            .setTitle(title)
            .setView(name)
            .setNegativeButton(R.string.cancel, null)
            .setPositiveButton(R.string.ok) { _, _ -> named(name.text.toString()) }
            .show()
    }

    /** Runs what may fail, and says so in a dialog; then [afterwards]. */
    protected fun attempt(afterwards: () -> Unit = {}, work: suspend () -> Unit): Job = scope.launch {
        try {
            work()
        } catch (failure: LatchkeyException) {
            tell(failure.info(), afterwards)
        }
    }

    protected fun tell(what: ErrorInfo, afterwards: () -> Unit = {}) {
        AlertDialog.Builder(this)
            .setTitle(what.title)
            .setMessage(listOf(what.explanation, what.nextStep).filter(String::isNotEmpty).joinToString("\n\n"))
            .setPositiveButton(R.string.ok, null)
            .setOnDismissListener { afterwards() }
            .show()
    }
}
