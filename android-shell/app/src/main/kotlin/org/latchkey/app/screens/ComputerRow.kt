package org.latchkey.app.screens

import org.latchkey.Computer
import org.latchkey.PinStatus
import org.latchkey.UnlockWay
import org.latchkey.app.ports.onOneLine

/** What happens when the person touches a computer. */
enum class Touch {
    /** It is unlocked online. */
    UNLOCK,

    /** Its next offline PIN is shown. */
    SHOW_PIN,

    /** There is no way to unlock it now: the phone is offline and has no PIN. */
    TELL_OFFLINE,

    /** What can be done with it: rename, remove. */
    MENU,
}

/** What a tap does. */
fun tapped(way: UnlockWay): Touch = when (way) {
    is UnlockWay.Online -> Touch.UNLOCK
    is UnlockWay.Offline -> if (way.pinOnTap) Touch.SHOW_PIN else Touch.TELL_OFFLINE
}

/** What a long press does: somebody online can ask for a PIN with it. */
fun longPressed(way: UnlockWay): Touch = when (way) {
    is UnlockWay.Online -> if (way.pinOnLongPress) Touch.SHOW_PIN else Touch.MENU
    is UnlockWay.Offline -> Touch.MENU
}

/** The lines of a computer in the list. What there is to know about its PINs is said once there have been some. */
fun computerLines(computer: Computer, pins: PinStatus, noticeTitle: String?): String = listOfNotNull(
    onOneLine(computer.name),
    onOneLine(computer.account ?: computer.osUser),
    noticeTitle.takeIf { pins.offered },
).joinToString("\n")
