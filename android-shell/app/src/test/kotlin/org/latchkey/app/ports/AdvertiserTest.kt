package org.latchkey.app.ports

import android.Manifest
import android.app.Application
import android.bluetooth.BluetoothAdapter
import android.bluetooth.le.AdvertiseCallback
import android.bluetooth.le.AdvertiseData
import android.bluetooth.le.AdvertiseSettings
import android.bluetooth.le.BluetoothLeAdvertiser
import android.os.Looper
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.latchkey.AdvertException
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowBluetoothLeAdvertiser

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = Application::class)
class AdvertiserTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val advertiser = ServiceDataAdvertiser(app)
    private val data = ByteArray(20) { it.toByte() }

    @Suppress("DEPRECATION")
    private val adapter = BluetoothAdapter.getDefaultAdapter()

    @Before
    fun allow() {
        shadowOf(adapter).setState(BluetoothAdapter.STATE_ON)
        shadowOf(app).grantPermissions(Manifest.permission.BLUETOOTH_ADVERTISE)
    }

    /** The radio answers on the main thread, which is this one. */
    private fun start(advert: ULong) {
        val starting = CoroutineScope(Dispatchers.IO).async { advertiser.start(advert, data) }
        repeat(200) {
            shadowOf(Looper.getMainLooper()).idle()
            if (!starting.isCompleted) Thread.sleep(10)
        }
        runBlocking { withTimeout(1000) { starting.await() } }
    }

    @Test
    fun `is on the air until it is stopped`() {
        val radio = shadowOf(adapter.bluetoothLeAdvertiser) as ShadowBluetoothLeAdvertiser
        start(1u)
        start(2u)
        assertEquals(2, radio.advertisementRequestCount)
        advertiser.stop(1u)
        advertiser.stop(1u)
        advertiser.stop(9u)
        assertEquals(1, radio.advertisementRequestCount)
    }

    @Test
    fun `a radio that is off, or not allowed, says so`() {
        shadowOf(adapter).setState(BluetoothAdapter.STATE_OFF)
        assertFailsWith<AdvertException.Off> { start(1u) }
        shadowOf(adapter).setState(BluetoothAdapter.STATE_ON)
        shadowOf(app).denyPermissions(Manifest.permission.BLUETOOTH_ADVERTISE)
        assertFailsWith<AdvertException.NotPermitted> { start(2u) }
    }

    /** The framework throws for a radio that is switched off between the look at it and the start. */
    @Implements(BluetoothLeAdvertiser::class)
    class SwitchedOff {
        @Implementation
        fun startAdvertising(
            @Suppress("UNUSED_PARAMETER") settings: AdvertiseSettings?,
            @Suppress("UNUSED_PARAMETER") data: AdvertiseData?,
            @Suppress("UNUSED_PARAMETER") callback: AdvertiseCallback?,
        ): Unit = throw IllegalStateException("BT Adapter is not turned ON")
    }

    @Test
    @Config(shadows = [SwitchedOff::class])
    fun `a radio that is switched off just then says so`() {
        assertFailsWith<AdvertException.Off> { start(1u) }
    }
}
