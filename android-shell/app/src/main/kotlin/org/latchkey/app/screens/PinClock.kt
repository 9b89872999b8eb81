package org.latchkey.app.screens

import java.time.Duration
import java.time.Instant

/** The longest time that a PIN stays on the screen, whatever the clocks say. */
private val LONGEST: Duration = Duration.ofMinutes(5)

/**
 * When to hide a PIN. The time is given by the wall clock, which somebody may set back while the PIN is shown; from the
 * first look on it runs by a clock that nobody sets ([elapsed], in milliseconds).
 */
class PinClock(hideAt: Instant, now: Instant, private val elapsed: () -> Long) {
    private val deadline = elapsed() + Duration.between(now, hideAt).coerceIn(Duration.ZERO, LONGEST).toMillis()

    /** Whole seconds for which the PIN may still be seen; 0: hide it. */
    fun secondsLeft(): Int = ((deadline - elapsed() + 999) / 1000).coerceAtLeast(0).toInt()
}
