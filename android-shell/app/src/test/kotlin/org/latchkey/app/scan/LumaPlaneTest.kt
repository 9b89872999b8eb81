package org.latchkey.app.scan

import android.util.Size
import com.google.zxing.BarcodeFormat
import com.google.zxing.qrcode.QRCodeWriter
import java.nio.ByteBuffer
import java.nio.file.Path
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.latchkey.Code
import org.latchkey.LatchkeyException
import org.latchkey.app.TestPhone

class LumaPlaneTest {
    @TempDir
    lateinit var folder: Path

    /** A code as a camera lays it into memory: rows further apart than they are long, the last one not padded. */
    private fun plane(text: String, side: Int, padding: Int): ByteBuffer {
        val code = QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, side, side)
        val stride = side + padding
        val luma = ByteBuffer.allocateDirect(stride * (side - 1) + side)
        while (luma.hasRemaining()) luma.put(0x55)
        for (y in 0 until side) for (x in 0 until side) luma.put(y * stride + x, if (code.get(x, y)) 20 else -20)
        luma.rewind()
        return luma
    }

    @Test
    fun `the core reads a code from a plane with padding`() = runBlocking {
        val scanner = TestPhone(folder).open().scanner()
        val text = "FIDO:/13086400838107303667332719012595115747821895775708323557"
        for (padding in listOf(0, 1, 48)) {
            val luma = plane(text, side = 300, padding)
            val frame = assertNotNull(frameOf(luma, 300, 300, 300 + padding))
            val code = assertIs<Sighting.Found>(sighting { scanner.scan(frame) }).code
            assertEquals(text, assertIs<Code.Hybrid>(code).text)
            assertEquals(0, luma.position(), "the camera's buffer is left as it was")
        }
    }

    @Test
    fun `a plane that does not hold its image is no frame`() {
        val luma = ByteBuffer.allocate(100)
        assertNotNull(frameOf(luma, 10, 10, 10))
        assertNotNull(frameOf(ByteBuffer.allocate(9 * 16 + 10), 10, 10, 16))
        assertNull(frameOf(ByteBuffer.allocate(9 * 16 + 9), 10, 10, 16))
        assertNull(frameOf(luma, 10, 10, 9))
        assertNull(frameOf(luma, 0, 10, 10))
        assertNull(frameOf(luma, 10, 0, 10))
        assertNull(frameOf(luma, 10, Int.MAX_VALUE, Int.MAX_VALUE))
    }

    @Test
    fun `the buffer is read from where it stands`() {
        val luma = ByteBuffer.wrap(byteArrayOf(9, 9, 1, 2, 3, 4))
        luma.position(2)
        assertContentEquals(byteArrayOf(1, 2, 3, 4), frameOf(luma.slice(), 2, 2, 2)?.luma)
    }

    @Test
    fun `what was seen`() {
        val code = Code.Hybrid("FIDO:/1")
        assertEquals(Sighting.Found(code), sighting { code })
        assertEquals(Sighting.Nothing, sighting { Code.Link("https://example.com") })
        assertEquals(Sighting.Nothing, sighting { throw LatchkeyException.QrInvalid() })
        assertIs<LatchkeyException.QrUnsupported>(
            assertIs<Sighting.Refused>(sighting { throw LatchkeyException.QrUnsupported() }).failure
        )
    }

    @Test
    fun `a preview is large enough and not larger`() {
        val sizes = listOf(Size(640, 480), Size(4000, 3000), Size(1920, 1080), Size(1280, 720))
        assertEquals(Size(1920, 1080), previewSize(sizes))
        assertEquals(Size(4000, 3000), previewSize(listOf(Size(8000, 6000), Size(4000, 3000))))
        assertNull(previewSize(emptyList()))
    }
}
