package org.latchkey.app.ports

/** The vault key as AES-GCM leaves it: one byte that says how long the nonce is, the nonce, ciphertext and tag. */
class WrappedKey(val nonce: ByteArray, val sealed: ByteArray) {
    operator fun component1() = nonce

    operator fun component2() = sealed

    fun encode(): ByteArray = byteArrayOf(nonce.size.toByte()) + nonce + sealed

    companion object {
        const val TAG_BITS = 128
        private const val NONCE = 12

        /** Undoes [encode]; null for what it cannot have made. */
        fun decode(bytes: ByteArray): WrappedKey? {
            if (bytes.size <= 1 + NONCE + TAG_BITS / 8 || bytes[0].toInt() != NONCE) return null
            return WrappedKey(bytes.copyOfRange(1, 1 + NONCE), bytes.copyOfRange(1 + NONCE, bytes.size))
        }
    }
}
