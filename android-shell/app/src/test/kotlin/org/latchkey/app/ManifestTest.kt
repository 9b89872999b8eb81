package org.latchkey.app

import android.app.Activity
import android.app.Application
import android.app.Service
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.w3c.dom.Element

/** What the manifest and the files beside it promise to the system. */
class ManifestTest {
    private val manifest = xml("AndroidManifest.xml")

    private fun xml(path: String, set: String = "main"): Element {
        val factory = DocumentBuilderFactory.newInstance().apply { isNamespaceAware = true }
        return factory.newDocumentBuilder().parse(APP.resolve(set).resolve(path).toFile()).documentElement
    }

    private fun Element.all(name: String): List<Element> =
        getElementsByTagName(name).let { found -> (0 until found.length).map { found.item(it) as Element } }

    private fun Element.android(name: String) = getAttributeNS("http://schemas.android.com/apk/res/android", name)

    @Test
    fun `every class that is named is there, and every screen is named`() {
        val kinds = mapOf("application" to Application::class, "activity" to Activity::class, "service" to Service::class)
        for ((name, kind) in kinds) for (element in manifest.all(name)) {
            assertTrue(kind.java.isAssignableFrom(Class.forName(element.android("name"), false, javaClass.classLoader)))
        }
        val sources = APP.resolve("main/kotlin").toFile().walk().filter { it.name.endsWith("Activity.kt") }
        assertEquals(
            sources.map { it.nameWithoutExtension }.toSet(),
            manifest.all("activity").map { it.android("name").substringAfterLast('.') }.toSet(),
        )
    }

    @Test
    fun `other apps open the main screen, links and settings, and only the system the provider`() {
        val open = (manifest.all("activity") + manifest.all("service")).filter { it.android("exported") != "false" }
        assertEquals(
            mapOf(
                "MainActivity" to "",
                "FidoLinkActivity" to "",
                "SettingsActivity" to "",
                "PasskeyService" to "android.permission.BIND_CREDENTIAL_PROVIDER_SERVICE",
            ),
            open.associate { it.android("name").substringAfterLast('.') to it.android("permission") },
        )
    }

    @Test
    fun `the provider offers passkeys and nothing else`() {
        val service = manifest.all("service").single()
        assertEquals(
            android.service.credentials.CredentialProviderService.SERVICE_INTERFACE,
            service.all("action").single().android("name"),
        )
        val data = service.all("meta-data").single()
        assertEquals(android.service.credentials.CredentialProviderService.SERVICE_META_DATA, data.android("name"))
        assertEquals("@xml/provider", data.android("resource"))
        val provider = xml("res/xml/provider.xml")
        assertEquals("androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL", provider.all("capability").single().getAttribute("name"))
        assertEquals("org.latchkey.app.screens.SettingsActivity", provider.android("settingsActivity"))
    }

    @Test
    fun `events are heard of by the service that the provider names, and only in their own build`() {
        val events = xml("AndroidManifest.xml", "events")
        val service = events.all("service").single()
        assertEquals("android.credentials.EVENTS_SERVICE_ACTION", service.all("action").single().android("name"))
        val provider = xml("res/xml/provider.xml", "events")
        assertEquals(service.android("name"), provider.all("events-service").single().getAttribute("class-name"))
        assertTrue(APP.resolve("events/kotlin/${service.android("name").replace('.', '/')}.kt").toFile().isFile)
        // Apart from that it is the provider of every build.
        val main = xml("res/xml/provider.xml")
        assertTrue(main.all("events-service").isEmpty())
        assertEquals(main.android("settingsActivity"), provider.android("settingsActivity"))
        assertEquals(main.all("capability").map { it.getAttribute("name") }, provider.all("capability").map { it.getAttribute("name") })
        assertEquals("false", xml("res/values/bools.xml").all("bool").single().textContent)
        assertEquals("true", xml("res/values/bools.xml", "events").all("bool").single().textContent)
        assertEquals(listOf("android.permission.POST_NOTIFICATIONS"), events.all("uses-permission").map { it.android("name") })
    }

    @Test
    fun `every attribute and style of Android that is named is one`() {
        val files = listOf("main", "events").flatMap { APP.resolve(it).toFile().walk().filter { file -> file.extension == "xml" } }
        val attributes = files.flatMap { Regex("""\bandroid:(\w+)\s*=|<item name="android:(\w+)"""").findAll(it.readText()) }
            .map { it.groupValues.drop(1).first(String::isNotEmpty) }.toSet()
        assertTrue("settingsSubtitle" in attributes && "windowIsTranslucent" in attributes)
        val known = android.R.attr::class.java.fields.map { it.name }.toSet()
        assertEquals(emptySet(), attributes - known)
        val styles = files.flatMap { Regex("@android:style/([\\w.]+)").findAll(it.readText()) }.map { it.groupValues[1].replace('.', '_') }
        assertEquals(emptySet(), styles.toSet() - android.R.style::class.java.fields.map { it.name }.toSet())
        assertTrue("Theme_DeviceDefault_DayNight" in styles)
    }

    /** https://developer.android.com/guide/topics/manifest/uses-feature-element#permissions */
    @Test
    fun `no feature that a permission stands for is required`() {
        val implied = mapOf(
            "CAMERA" to listOf("camera", "camera.autofocus"), "BLUETOOTH" to listOf("bluetooth"), "BLUETOOTH_ADMIN" to listOf("bluetooth"),
        )
        val asked = manifest.all("uses-permission").map { it.android("name").substringAfterLast('.') }
        assertTrue(asked.containsAll(implied.keys))
        val optional = manifest.all("uses-feature").filter { it.android("required") == "false" }.map { it.android("name") }
        for (feature in implied.values.flatten()) assertTrue("android.hardware.$feature" in optional, feature)
        assertEquals(manifest.all("uses-feature").size, optional.size)
    }

    @Test
    fun `what is under way goes on when the phone is turned, folded, docked or darkened`() {
        val under = listOf("ManualEntryActivity", "ScanActivity", "PinActivity", "CeremonyActivity", "GetActivity", "CreateActivity", "UnlockActivity")
        for (activity in manifest.all("activity")) {
            val changes = activity.android("configChanges").split('|').toSet()
            val all = setOf(
                "orientation", "screenSize", "smallestScreenSize", "screenLayout", "density", "keyboard", "keyboardHidden", "navigation",
                "uiMode", "colorMode",
            )
            val expected = if (activity.android("name").substringAfterLast('.') in under) all else setOf("")
            assertEquals(expected, changes, activity.android("name"))
        }
    }

    @Test
    fun `codes are opened in capitals and in small letters`() {
        val link = manifest.all("activity").single { it.android("name").endsWith("FidoLinkActivity") }
        assertEquals(setOf("FIDO", "fido"), link.all("data").map { it.android("scheme") }.toSet())
    }

    @Test
    fun `nothing of the app is copied to another phone or to the cloud`() {
        val application = manifest.all("application").single()
        assertEquals("false", application.android("allowBackup"))
        assertEquals("false", application.android("fullBackupContent"))
        val rules = xml("res/xml/data_extraction_rules.xml")
        for (way in listOf("cloud-backup", "device-transfer")) {
            val excluded = rules.all(way).single().all("exclude").map { it.getAttribute("domain") }.toSet()
            assertTrue(excluded.containsAll(listOf("root", "file", "database", "sharedpref", "external", "device_root")))
        }
        assertTrue(rules.all("include").isEmpty())
    }

    @Test
    fun `nothing goes over the network in the clear but what the verifier of certificates brings`() {
        // Lists of revoked certificates come over http. An own configuration would hide the verifier's, which names their hosts,
        // and servers whose certificates name no other way would pass for revoked.
        val application = manifest.all("application").single()
        assertEquals("", application.android("networkSecurityConfig"))
        assertEquals("", application.android("usesCleartextTraffic"))
        assertTrue(APP.resolve("main/res/xml").toFile().list()!!.none { it.startsWith("network_security") })
    }
}
