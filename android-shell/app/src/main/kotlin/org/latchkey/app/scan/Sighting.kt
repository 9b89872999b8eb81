package org.latchkey.app.scan

import org.latchkey.Code
import org.latchkey.LatchkeyException

/** What a look at one frame came to. */
sealed interface Sighting {
    /** Nothing to act on: the next frame may be better. */
    data object Nothing : Sighting

    /** A code for this app. */
    data class Found(val code: Code) : Sighting

    /** A code that this version of the app cannot use, or a phone that cannot look. */
    data class Refused(val failure: LatchkeyException) : Sighting
}

/** Looks once. Web addresses are other people's posters: they are passed over. */
fun sighting(look: () -> Code): Sighting = try {
    when (val code = look()) {
        is Code.Link -> Sighting.Nothing
        else -> Sighting.Found(code)
    }
} catch (_: LatchkeyException.QrInvalid) {
    Sighting.Nothing
} catch (failure: LatchkeyException) {
    Sighting.Refused(failure)
}
