package org.latchkey.app.ports

import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.SharedFlow
import org.latchkey.Observer
import org.latchkey.Step

/** The steps of ceremonies, for the screen that shows them. */
class Progress : Observer {
    private val reached = MutableSharedFlow<Step>(extraBufferCapacity = 32, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    val steps: SharedFlow<Step> = reached

    override fun reached(step: Step) {
        reached.tryEmit(step)
    }
}
