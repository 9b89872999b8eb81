package org.latchkey.app.provider

import androidx.credentials.SignalAllAcceptedCredentialIdsRequest
import androidx.credentials.SignalCredentialStateRequest
import androidx.credentials.SignalCurrentUserDetailsRequest
import androidx.credentials.SignalUnknownCredentialRequest
import org.latchkey.Passkey
import org.latchkey.SignalKind
import org.latchkey.app.R
import org.latchkey.app.ports.Notice

/** Which signal it is; null for one that came later than this app. */
fun kindOf(signal: SignalCredentialStateRequest): SignalKind? = when (signal) {
    is SignalUnknownCredentialRequest -> SignalKind.UNKNOWN_CREDENTIAL
    is SignalAllAcceptedCredentialIdsRequest -> SignalKind.ALL_ACCEPTED_CREDENTIAL_IDS
    is SignalCurrentUserDetailsRequest -> SignalKind.CURRENT_USER_DETAILS
    else -> null
}

/** What the person reads about the passkeys that a signal changed; nothing about one that changed none. */
fun signalNotice(kind: SignalKind, changed: List<Passkey>): Notice? {
    // Of a passkey that is gone from their lists people wonder; of one that came back or was renamed less.
    val first = changed.firstOrNull { it.hidden } ?: changed.firstOrNull() ?: return null
    val rpId = first.rpId
    return when {
        kind == SignalKind.CURRENT_USER_DETAILS ->
            Notice(R.string.notice_renamed, rpId, R.string.notice_renamed_meaning, first.userName ?: first.userDisplayName ?: rpId)
        first.hidden -> Notice(R.string.notice_hidden, rpId, R.string.notice_hidden_meaning, rpId)
        else -> Notice(R.string.notice_shown, rpId, R.string.notice_shown_meaning, rpId)
    }
}
