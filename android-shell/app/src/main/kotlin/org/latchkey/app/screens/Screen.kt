package org.latchkey.app.screens

import android.app.Activity
import android.app.AlertDialog
import android.os.Bundle
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.latchkey.ErrorInfo
import org.latchkey.LatchkeyException
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.R

/** A screen of plain views, one below the other. What it started ends with it. */
abstract class Screen : Activity() {
    protected val app get() = application as LatchkeyApp
    protected lateinit var scope: CoroutineScope
        private set

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        scope = MainScope()
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

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
