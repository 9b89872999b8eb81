package org.latchkey.app.scan

import android.util.Size

/** About as many pixels as a code across a desk needs; more only costs time. */
private const val ENOUGH = 1920 * 1080

/** The largest size of the camera that is not beyond that, or its smallest. Null if it has none. */
fun previewSize(sizes: List<Size>): Size? {
    val pixels = { size: Size -> size.width.toLong() * size.height }
    return sizes.filter { pixels(it) <= ENOUGH }.maxByOrNull(pixels) ?: sizes.minByOrNull(pixels)
}
