package org.latchkey.app.ports

import android.app.Dialog

/**
 * Lets a touch count only where no window of another app lies over the dialog. From Android 12 on such windows are hidden
 * while a screen of this app is open; before, this is all there is.
 */
internal fun <T : Dialog> T.uncovered(): T = apply { window?.decorView?.filterTouchesWhenObscured = true }
