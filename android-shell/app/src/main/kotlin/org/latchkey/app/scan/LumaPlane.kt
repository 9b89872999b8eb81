package org.latchkey.app.scan

import java.nio.ByteBuffer
import org.latchkey.Frame

/**
 * The Y plane of a camera's YUV_420_888 image as the core's scanner takes it. The rows of a plane are [rowStride] bytes
 * apart, which is often more than the width, and the last row may end without its padding. Null for a plane that does not
 * hold the image that it says.
 */
fun frameOf(luma: ByteBuffer, width: Int, height: Int, rowStride: Int): Frame? {
    if (width <= 0 || height <= 0 || rowStride < width) return null
    val needed = rowStride.toLong() * (height - 1) + width
    if (luma.remaining() < needed) return null
    val bytes = ByteArray(needed.toInt())
    luma.duplicate().get(bytes)
    return Frame(width.toUInt(), height.toUInt(), rowStride.toUInt(), bytes)
}
