package org.latchkey.app.screens

import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.SurfaceTexture
import android.os.Bundle
import android.view.Gravity
import android.view.Surface
import android.view.TextureView
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.view.WindowManager
import android.widget.FrameLayout
import org.latchkey.Code
import org.latchkey.Frame
import org.latchkey.ScannerInterface
import org.latchkey.app.R
import org.latchkey.app.ports.Permission
import org.latchkey.app.scan.CameraFrames
import org.latchkey.app.scan.Sighting
import org.latchkey.app.scan.sighting

/** Looks for a code with the camera. Where there is no camera to look with, a code can be typed instead. */
class ScanActivity : Screen(), TextureView.SurfaceTextureListener {
    private var scanner: ScannerInterface? = null
    private var camera: CameraFrames? = null
    private var preview: TextureView? = null
    private var isDone = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setTitle(R.string.scan)
        // The code in the picture is a secret of the computer's. Nobody touches the phone while it is held before the screen.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE or WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        if (Permission.CAMERA.isGranted(this)) return look()
        Permission.CAMERA.noteAsked(this)
        requestPermissions(arrayOf(Permission.CAMERA.systemName), 0)
    }

    override fun onRequestPermissionsResult(code: Int, permissions: Array<out String>, results: IntArray) {
        super.onRequestPermissionsResult(code, permissions, results)
        if (results.firstOrNull() == PackageManager.PERMISSION_GRANTED) look() else typeInPlaceOfCamera()
    }

    private fun look() {
        attempt(::finish) {
            scanner = core { it.scanner() }
            val preview = TextureView(this)
            this.preview = preview
            preview.surfaceTextureListener = this
            preview.contentDescription = getText(R.string.scan_meaning)
            val both = FrameLayout(this)
            both.fitsSystemWindows = true
            both.addView(preview, FrameLayout.LayoutParams(MATCH_PARENT, MATCH_PARENT))
            val below = FrameLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT, Gravity.BOTTOM or Gravity.CENTER_HORIZONTAL)
            both.addView(button(R.string.type_instead) { type(Intent(this, ManualEntryActivity::class.java)) }, below)
            setContentView(both)
        }
    }

    /** The system takes the camera away from an app that nobody sees: it is given back before, and taken again after. */
    override fun onStart() {
        super.onStart()
        preview?.surfaceTexture?.let(::look)
    }

    override fun onStop() {
        camera?.close()
        super.onStop()
    }

    override fun onSurfaceTextureAvailable(surface: SurfaceTexture, width: Int, height: Int) = look(surface)

    private fun look(surface: SurfaceTexture) {
        if (isDone) return
        camera?.close()
        val camera = CameraFrames(this, ::onFrame) { runOnUiThread(::typeInPlaceOfCamera) }
        this.camera = camera
        camera.size?.let { surface.setDefaultBufferSize(it.width, it.height) }
        camera.start(Surface(surface))
    }

    /** On the camera's thread. */
    private fun onFrame(frame: Frame) {
        val scanner = scanner ?: return
        when (val sighting = sighting { scanner.scan(frame) }) {
            is Sighting.Nothing -> Unit
            is Sighting.Found -> once { act(sighting.code) }
            is Sighting.Refused -> once { tell(sighting.failure.info(), ::finish) }
        }
    }

    /** The first code counts, though frames of it go on coming. */
    private fun once(work: () -> Unit) = runOnUiThread {
        if (isDone || isDestroyed) return@runOnUiThread
        isDone = true
        camera?.close()
        work()
    }

    private fun act(code: Code) {
        app.code = code
        startActivity(Intent(this, CeremonyActivity::class.java))
        finish()
    }

    private fun typeInPlaceOfCamera() = type(ManualEntryActivity.inPlaceOfCamera(this))

    private fun type(instead: Intent) {
        if (isFinishing) return
        startActivity(instead)
        finish()
    }

    override fun onSurfaceTextureDestroyed(surface: SurfaceTexture): Boolean {
        camera?.close()
        return true
    }

    override fun onSurfaceTextureSizeChanged(surface: SurfaceTexture, width: Int, height: Int) = Unit

    override fun onSurfaceTextureUpdated(surface: SurfaceTexture) = Unit
}
