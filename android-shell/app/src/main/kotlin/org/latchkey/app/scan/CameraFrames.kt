package org.latchkey.app.scan

import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.view.Surface
import org.latchkey.Frame

/**
 * The pictures of the back camera, on a thread of their own and one at a time: while [onFrame] looks at one, later ones
 * are dropped. [onFailure] says that there is no camera, or that somebody else has it.
 */
class CameraFrames(
    context: Context,
    private val onFrame: (Frame) -> Unit,
    private val onFailure: () -> Unit,
) : AutoCloseable {
    private val manager = context.getSystemService(CameraManager::class.java)
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)
    private val camera = manager?.let(::backCamera)

    /** What the preview is to be as large as. */
    val size = camera?.let { previewSize(sizes(it)) }

    private var device: CameraDevice? = null
    private var reader: ImageReader? = null
    private var shown: Surface? = null
    private var isClosed = false

    /** Starts; the pictures also go to [preview], which is let go of with the camera. The permission must have been given. */
    fun start(preview: Surface) {
        handler.post {
            shown = preview
            val size = size
            val camera = camera
            if (isClosed) return@post preview.release()
            if (size == null || camera == null) return@post fail()
            val reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, 2)
            this.reader = reader
            reader.setOnImageAvailableListener(::look, handler)
            failing { manager?.openCamera(camera, opened(preview, reader.surface), handler) }
        }
    }

    override fun close() {
        handler.post {
            isClosed = true
            device?.close()
            reader?.close()
            shown?.release()
            thread.quitSafely()
        }
    }

    private fun look(reader: ImageReader) {
        val frame = reader.acquireLatestImage()?.use { image ->
            val luma = image.planes[0]
            frameOf(luma.buffer, image.width, image.height, luma.rowStride)
        }
        if (frame != null && !isClosed) onFrame(frame)
    }

    private fun opened(preview: Surface, frames: Surface) = object : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            device = camera
            if (isClosed) return camera.close()
            val outputs = listOf(OutputConfiguration(preview), OutputConfiguration(frames))
            val session = SessionConfiguration(
                SessionConfiguration.SESSION_REGULAR, outputs, handler::post, streaming(preview, frames)
            )
            failing { camera.createCaptureSession(session) }
        }

        override fun onDisconnected(camera: CameraDevice) {
            camera.close()
            fail()
        }

        override fun onError(camera: CameraDevice, error: Int) {
            camera.close()
            fail()
        }
    }

    private fun streaming(preview: Surface, frames: Surface) = object : CameraCaptureSession.StateCallback() {
        override fun onConfigured(session: CameraCaptureSession) = failing {
            val request = session.device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW)
            request.addTarget(preview)
            request.addTarget(frames)
            request.set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
            session.setRepeatingRequest(request.build(), null, handler)
        }

        override fun onConfigureFailed(session: CameraCaptureSession) = fail()
    }

    /** What goes wrong with a camera that is closed concerns nobody. */
    private fun fail() {
        if (!isClosed) onFailure()
    }

    /** The camera can go away between any two calls. */
    private fun failing(work: () -> Unit) = try {
        work()
    } catch (_: CameraAccessException) {
        fail()
    } catch (_: SecurityException) {
        fail()
    } catch (_: IllegalArgumentException) {
        fail()
    } catch (_: IllegalStateException) {
        fail()
    }

    private fun backCamera(manager: CameraManager): String? = try {
        val facing = { id: String -> manager.getCameraCharacteristics(id).get(CameraCharacteristics.LENS_FACING) }
        manager.cameraIdList.firstOrNull { facing(it) == CameraCharacteristics.LENS_FACING_BACK }
            ?: manager.cameraIdList.firstOrNull()
    } catch (_: CameraAccessException) {
        null
    }

    private fun sizes(camera: String) = try {
        manager?.getCameraCharacteristics(camera)?.get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP)
            ?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty().toList()
    } catch (_: CameraAccessException) {
        emptyList()
    }
}
