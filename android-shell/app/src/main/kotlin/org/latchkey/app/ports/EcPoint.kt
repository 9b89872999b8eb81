package org.latchkey.app.ports

import java.math.BigInteger
import java.security.spec.ECPoint

/** A point of P-256 in X9.63's uncompressed form: 0x04, then x and y of 32 bytes each. */
fun uncompressedPoint(point: ECPoint): ByteArray =
    byteArrayOf(4) + fieldElement(point.affineX) + fieldElement(point.affineY)

/** 32 bytes, big endian; BigInteger drops leading zeros and may add one for its sign. */
private fun fieldElement(number: BigInteger): ByteArray {
    val bytes = number.toByteArray().dropWhile { it == 0.toByte() }.toByteArray()
    return ByteArray(32 - bytes.size) + bytes
}
