package org.latchkey.app.provider

import androidx.credentials.provider.BeginGetCredentialRequest
import androidx.credentials.provider.BeginGetPublicKeyCredentialOption
import org.latchkey.Caller
import org.latchkey.LatchkeyException
import org.latchkey.Passkey
import org.latchkey.ProviderInterface

/** A line of the system's list. */
class Line(val passkey: Passkey, val option: BeginGetPublicKeyCredentialOption)

/** The most lines of one list: what goes to the system must fit into one transaction of its binder. */
const val MAX_LINES = 30

/**
 * The passkeys that can answer a request, for the system's list. A request that the core does not understand adds
 * nothing; the others are answered all the same.
 */
fun linesFor(
    request: BeginGetCredentialRequest,
    provider: ProviderInterface,
    caller: (clientDataHash: ByteArray?) -> Caller,
): List<Line> {
    val options = request.beginGetCredentialOptions.filterIsInstance<BeginGetPublicKeyCredentialOption>()
    return options.flatMap { option ->
        try {
            provider.entriesJson(option.requestJson, caller(option.clientDataHash)).map { Line(it, option) }
        } catch (_: LatchkeyException.RequestMalformed) {
            emptyList()
        } catch (_: LatchkeyException.RequestListTooLong) {
            emptyList()
        } catch (_: LatchkeyException.ProviderCallerUntrusted) {
            emptyList()
        }
    }.take(MAX_LINES)
}
