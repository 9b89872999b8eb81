package org.latchkey.app.provider

import org.latchkey.LatchkeyException

/**
 * What androidx reads from the intent of a screen. An app can send parts that differ between the list and the choice, and
 * androidx throws for what it cannot read: both are refused.
 */
internal inline fun <T : Any> understood(retrieve: () -> T?): T = try {
    retrieve()
} catch (_: IllegalArgumentException) {
    null
} ?: throw LatchkeyException.RequestMalformed()
