package org.latchkey.app.provider

import java.io.File
import java.io.IOException
import org.json.JSONException
import org.json.JSONObject

/** The browsers that may say whose page asks: the list that came with the app, or a later one. */
class BrowserList(private val update: File, private val shipped: () -> String) {
    /** The list in force, as JSON. */
    fun current(): String = try {
        update.takeIf(File::exists)?.readText() ?: shipped()
    } catch (_: IOException) {
        shipped()
    }

    /** Puts a later list in force from the next time the phone is opened. Returns false, and changes nothing, if it is no such list. */
    fun replace(json: String): Boolean {
        if (!isBrowserList(json)) return false
        val written = File(update.path + ".new")
        return try {
            written.writeText(json)
            written.renameTo(update)
        } catch (_: IOException) {
            false
        }
    }

    /** Back to the list that came with the app. Returns false if that one is in force already. */
    fun discardUpdate(): Boolean = update.delete()

    companion object {
        /** Where Google publishes the list for all providers. */
        const val PUBLISHED = "https://www.gstatic.com/gpm-passkeys-privileged-apps/apps.json"
    }
}

private val FINGERPRINT = Regex("([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}")
private val PACKAGE = Regex("[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)+")

/** Whether a text is a list in the form of `CallingAppInfo.getOrigin`, with at least one app. */
fun isBrowserList(json: String): Boolean = try {
    val apps = JSONObject(json).getJSONArray("apps")
    apps.length() > 0 && (0 until apps.length()).all { isBrowser(apps.getJSONObject(it)) }
} catch (_: JSONException) {
    false
}

private fun isBrowser(app: JSONObject): Boolean {
    if (app.getString("type") != "android") return true
    val info = app.getJSONObject("info")
    val signatures = info.getJSONArray("signatures")
    return PACKAGE.matches(info.getString("package_name")) &&
        signatures.length() > 0 &&
        (0 until signatures.length()).map(signatures::getJSONObject).all { signature ->
            signature.getString("build") in setOf("release", "userdebug") &&
                FINGERPRINT.matches(signature.getString("cert_fingerprint_sha256"))
        }
}
