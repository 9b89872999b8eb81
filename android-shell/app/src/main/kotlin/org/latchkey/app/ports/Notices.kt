package org.latchkey.app.ports

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import java.util.concurrent.atomic.AtomicInteger
import org.latchkey.app.R
import org.latchkey.app.screens.SecurityKeysActivity

/** What the person is to read about passkeys that changed while nobody looked at this app. */
data class Notice(val title: Int, val rpId: String, val meaning: Int, val detail: String)

/** Shows them. On a locked screen they name neither sites nor accounts. */
class Notices(
    private val context: Context,
    private val words: (id: Int, name: String) -> String = { id, name -> context.getString(id, name) },
) {
    private val manager: NotificationManager? = context.getSystemService(NotificationManager::class.java)

    /** Whether the person would see one. */
    fun areSeen(): Boolean {
        if (manager == null || !manager.areNotificationsEnabled()) return false
        return manager.getNotificationChannel(CHANNEL)?.importance != NotificationManager.IMPORTANCE_NONE
    }

    fun show(notice: Notice) {
        val channel = NotificationChannel(CHANNEL, words(R.string.notices, ""), NotificationManager.IMPORTANCE_DEFAULT)
        manager?.createNotificationChannel(channel)
        val shown = builder()
            .setContentTitle(words(notice.title, onOneLine(notice.rpId)))
            .setContentText(words(notice.meaning, onOneLine(notice.detail)))
            .setVisibility(Notification.VISIBILITY_PRIVATE)
            .setPublicVersion(builder().setContentTitle(words(R.string.notice_public, "")).build())
            .setContentIntent(opens())
            .setAutoCancel(true)
            .build()
        manager?.notify(numbers.incrementAndGet(), shown)
    }

    private fun builder() = Notification.Builder(context, CHANNEL).setSmallIcon(R.drawable.app_icon_front)

    private fun opens(): PendingIntent {
        val intent = Intent(context, SecurityKeysActivity::class.java)
        return PendingIntent.getActivity(context, 0, intent, PendingIntent.FLAG_IMMUTABLE)
    }

    internal companion object {
        const val CHANNEL = "passkeys"
        private val numbers = AtomicInteger()
    }
}
