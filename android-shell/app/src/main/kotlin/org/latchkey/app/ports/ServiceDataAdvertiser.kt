package org.latchkey.app.ports

import android.bluetooth.BluetoothManager
import android.bluetooth.le.AdvertiseCallback
import android.bluetooth.le.AdvertiseData
import android.bluetooth.le.AdvertiseSettings
import android.bluetooth.le.BluetoothLeAdvertiser
import android.content.Context
import android.os.ParcelUuid
import java.util.concurrent.ConcurrentHashMap
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.suspendCancellableCoroutine
import org.latchkey.AdvertException
import org.latchkey.BleAdvertiser

/** Sends the advert of the hybrid transport: 20 bytes of service data under 0xFFF9 (CTAP 2.3 section 11.5). */
class ServiceDataAdvertiser(private val context: Context) : BleAdvertiser {
    private class OnAir(val advertiser: BluetoothLeAdvertiser, val callback: AdvertiseCallback)

    private val onAir = ConcurrentHashMap<ULong, OnAir>()

    override suspend fun start(advert: ULong, serviceData: ByteArray) {
        val adapter = context.getSystemService(BluetoothManager::class.java)?.adapter
        if (adapter == null || !adapter.isEnabled) throw AdvertException.Off()
        if (!Permission.BLUETOOTH.isGranted(context)) throw AdvertException.NotPermitted()
        // The radio may have been switched off since, which takes the advertiser away.
        val advertiser = adapter.bluetoothLeAdvertiser ?: throw AdvertException.Off()
        suspendCancellableCoroutine { waiting ->
            val callback = object : AdvertiseCallback() {
                override fun onStartSuccess(settingsInEffect: AdvertiseSettings?) {
                    if (waiting.isActive) waiting.resume(Unit)
                }

                override fun onStartFailure(errorCode: Int) {
                    if (waiting.isActive) waiting.resumeWithException(advertFailure(errorCode))
                }
            }
            // The core stops it by its number also when it was cancelled or has failed.
            onAir[advert] = OnAir(advertiser, callback)
            try {
                advertiser.startAdvertising(SETTINGS, advertOf(serviceData), callback)
            } catch (_: SecurityException) {
                if (waiting.isActive) waiting.resumeWithException(AdvertException.NotPermitted())
            } catch (_: IllegalStateException) {
                // The radio was switched off between two of these lines.
                if (waiting.isActive) waiting.resumeWithException(AdvertException.Off())
            }
        }
    }

    override fun stop(advert: ULong) {
        val (advertiser, callback) = onAir.remove(advert)?.let { it.advertiser to it.callback } ?: return
        try {
            advertiser.stopAdvertising(callback)
        } catch (_: SecurityException) {
            // Somebody who takes the permission back stops the advert as well.
        } catch (_: IllegalStateException) {
            // So does switching the radio off.
        }
    }

    companion object {
        /** The FIDO hybrid transport's UUID. */
        val SERVICE: ParcelUuid = ParcelUuid.fromString("0000fff9-0000-1000-8000-00805f9b34fb")

        /** Low latency and high power, for as long as the core leaves it on the air. */
        private val SETTINGS: AdvertiseSettings by lazy {
            AdvertiseSettings.Builder()
                .setAdvertiseMode(AdvertiseSettings.ADVERTISE_MODE_LOW_LATENCY)
                .setTxPowerLevel(AdvertiseSettings.ADVERTISE_TX_POWER_HIGH)
                .setConnectable(false)
                .setTimeout(0)
                .build()
        }

        /** Nothing but the service data: 24 of the 31 bytes that a legacy advert has. */
        fun advertOf(serviceData: ByteArray): AdvertiseData = AdvertiseData.Builder()
            .addServiceData(SERVICE, serviceData)
            .setIncludeDeviceName(false)
            .setIncludeTxPowerLevel(false)
            .build()

        /** What a code of `AdvertiseCallback.onStartFailure` means. */
        fun advertFailure(code: Int): AdvertException = when (code) {
            AdvertiseCallback.ADVERTISE_FAILED_FEATURE_UNSUPPORTED -> AdvertException.Off()
            else -> AdvertException.Failed()
        }
    }
}
