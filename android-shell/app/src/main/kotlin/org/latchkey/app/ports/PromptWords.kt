package org.latchkey.app.ports

import android.content.Context
import org.latchkey.PromptKind
import org.latchkey.app.R

/** How a prompt reads: a headline with what it is about, and a line with whose account. */
data class PromptWords(val headline: Int, val subject: String?, val detail: String?) {
    fun title(context: Context): String =
        if (subject == null) context.getString(headline) else context.getString(headline, subject)
}

/** The words for a request. All names come from elsewhere and are shown on one line, without tricks. */
fun promptWords(kind: PromptKind): PromptWords = when (kind) {
    is PromptKind.Register ->
        PromptWords(R.string.prompt_register, onOneLine(kind.rpId), (kind.userName ?: kind.userDisplayName)?.let(::onOneLine))
    is PromptKind.SignIn ->
        PromptWords(R.string.prompt_sign_in, onOneLine(kind.rpId), kind.accounts.singleOrNull()?.let(::accountName))
    is PromptKind.Presence -> kind.rpId
        ?.let { PromptWords(R.string.prompt_presence_at, onOneLine(it), null) }
        ?: PromptWords(R.string.prompt_presence, null, null)
    is PromptKind.Select -> PromptWords(R.string.prompt_select, null, null)
    is PromptKind.Pair -> kind.computer
        ?.let { PromptWords(R.string.prompt_pair, onOneLine(it), onOneLine(kind.account) + ", " + onOneLine(kind.host)) }
        ?: PromptWords(R.string.prompt_set_up, onOneLine(kind.host), onOneLine(kind.account))
    is PromptKind.Unlock -> PromptWords(R.string.prompt_unlock, onOneLine(kind.computer), null)
    is PromptKind.ShowPin -> PromptWords(R.string.prompt_show_pin, onOneLine(kind.computer), null)
}

private const val LONGEST = 64

/** Somebody else's text as it may be shown: no line breaks, nothing that turns the writing around, no more than 64 characters. */
fun onOneLine(text: String): String {
    val kinds = setOf(CharCategory.CONTROL, CharCategory.FORMAT, CharCategory.LINE_SEPARATOR, CharCategory.PARAGRAPH_SEPARATOR)
    val clean = text.filterNot { it.category in kinds }.trim()
    return if (clean.length <= LONGEST) clean else clean.take(LONGEST - 1) + "…"
}
