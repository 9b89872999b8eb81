package org.latchkey.app.ports

import android.content.Context
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import org.latchkey.Network

/** Whether the phone is online. In doubt it is: a network that is not validated yet may still work. */
class Connectivity(private val context: Context) : Network {
    override fun isOnline(): Boolean {
        val manager = context.getSystemService(ConnectivityManager::class.java) ?: return true
        val network = manager.activeNetwork ?: return false
        val capabilities = manager.getNetworkCapabilities(network) ?: return true
        return capabilities.hasCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
    }
}
