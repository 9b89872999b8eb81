package org.latchkey.app.ports

import android.app.Application
import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.latchkey.app.R
import org.latchkey.app.screens.SecurityKeysActivity
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], manifest = Config.NONE, application = Application::class)
class NoticesTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val manager = assertNotNull(app.getSystemService(NotificationManager::class.java))
    private val notices = Notices(app) { id, name -> "$id $name" }

    @Test
    fun `says what changed, and on a locked screen no names`() {
        notices.show(Notice(R.string.notice_hidden, "example.com\n", R.string.notice_hidden_meaning, "example.com"))
        val shown = shadowOf(manager).allNotifications.single()
        assertEquals("${R.string.notice_hidden} example.com", shown.extras.getString(Notification.EXTRA_TITLE))
        assertEquals(Notification.VISIBILITY_PRIVATE, shown.visibility)
        val onLockedScreen = assertNotNull(shown.publicVersion).extras
        for (key in listOf(Notification.EXTRA_TITLE, Notification.EXTRA_TEXT)) {
            assertFalse(onLockedScreen.getString(key).orEmpty().contains("example"))
        }
        val opened = shadowOf(shown.contentIntent)
        assertEquals(SecurityKeysActivity::class.java.name, opened.savedIntent.component?.className)
        assertTrue(opened.isImmutable)
    }

    @Test
    fun `each is one of its own`() {
        repeat(2) { notices.show(Notice(R.string.notice_made, "example.com", R.string.notice_made_meaning, "")) }
        assertEquals(2, shadowOf(manager).size())
    }

    @Test
    fun `are not seen where the app or the kind is silenced`() {
        assertTrue(notices.areSeen())
        manager.createNotificationChannel(NotificationChannel(Notices.CHANNEL, "", NotificationManager.IMPORTANCE_NONE))
        assertFalse(notices.areSeen())
        manager.deleteNotificationChannel(Notices.CHANNEL)
        shadowOf(manager).setNotificationsEnabled(false)
        assertFalse(notices.areSeen())
    }
}
