package org.latchkey.app.ports

import android.bluetooth.le.AdvertiseCallback
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import org.junit.jupiter.api.Test
import org.latchkey.AdvertException
import org.latchkey.Availability
import org.latchkey.app.ports.ServiceDataAdvertiser.Companion.advertFailure
import org.latchkey.app.ports.ServiceDataAdvertiser.Companion.advertOf

class DeviceTest {
    @Test
    fun `an advert carries its twenty bytes and nothing else`() {
        val data = ByteArray(20) { it.toByte() }
        val advert = advertOf(data)
        assertEquals(setOf(ServiceDataAdvertiser.SERVICE), advert.serviceData.keys)
        assertContentEquals(data, advert.serviceData[ServiceDataAdvertiser.SERVICE])
        assertEquals("0000fff9-0000-1000-8000-00805f9b34fb", ServiceDataAdvertiser.SERVICE.toString())
        assertEquals(emptyList(), advert.serviceUuids.orEmpty())
        assertFalse(advert.includeDeviceName || advert.includeTxPowerLevel)
    }

    @Test
    fun `why an advert failed`() {
        assertIs<AdvertException.Off>(advertFailure(AdvertiseCallback.ADVERTISE_FAILED_FEATURE_UNSUPPORTED))
        for (code in 1..4) assertIs<AdvertException.Failed>(advertFailure(code))
    }

    @Test
    fun `a permission that nobody was asked for was not refused`() {
        assertEquals(Availability.OFF, availability(isThere = false, isGranted = true, wasAsked = true))
        assertEquals(Availability.READY, availability(isThere = true, isGranted = true, wasAsked = false))
        assertEquals(Availability.NOT_PERMITTED, availability(isThere = true, isGranted = false, wasAsked = true))
        assertEquals(Availability.UNKNOWN, availability(isThere = true, isGranted = false, wasAsked = false))
    }

    @Test
    fun `Android's version is a number`() {
        assertEquals("14", androidVersion("14", 34))
        assertEquals("8.1.0", androidVersion("8.1.0", 27))
        assertEquals("16", androidVersion("Baklava", 36))
        assertEquals("15", androidVersion("15.0.0.1", 35))
    }
}
