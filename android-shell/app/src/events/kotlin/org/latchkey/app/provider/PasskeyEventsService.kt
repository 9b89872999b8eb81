package org.latchkey.app.provider

import android.app.KeyguardManager
import android.os.CancellationSignal
import androidx.core.os.OutcomeReceiverCompat
import androidx.credentials.CreateCredentialResponse
import androidx.credentials.CreatePublicKeyCredentialRequest
import androidx.credentials.CreatePublicKeyCredentialResponse
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.CreateCredentialNoCreateOptionException
import androidx.credentials.provider.ProviderCreateCredentialRequest
import androidx.credentials.providerevents.service.CredentialProviderEventsService
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateCallback
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateRequest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.latchkey.LatchkeyException
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.ports.Notices
import org.latchkey.app.ports.Wishes

/** What relying parties say about passkeys while nobody looks: conditional registration and signals. Nothing is shown but notifications. */
class PasskeyEventsService : CredentialProviderEventsService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val app get() = application as LatchkeyApp
    private val notices by lazy { Notices(this) }

    override fun onCreateCredentialRequest(
        request: ProviderCreateCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiverCompat<CreateCredentialResponse, CreateCredentialException>,
    ) {
        val wanted = request.callingRequest as? CreatePublicKeyCredentialRequest
        if (wanted == null || !unasked(wanted).isAllowed) return callback.onError(CreateCredentialNoCreateOptionException())
        val job = scope.launch {
            try {
                val caller = app.ask.thoroughly(request.callingAppInfo, wanted.requestJson, wanted.clientDataHash)
                val provider = app.phone.get().provider()
                val json = provider.createJson(wanted.requestJson, caller, conditional = true)
                notices.show(madeNotice(wanted.requestJson, caller.origin))
                callback.onResult(CreatePublicKeyCredentialResponse(json))
            } catch (_: LatchkeyException) {
                // Nobody has agreed that the app learns more, such as that there is a passkey already.
                callback.onError(CreateCredentialNoCreateOptionException())
            }
        }
        cancellationSignal.setOnCancelListener { job.cancel() }
    }

    override fun onSignalCredentialStateRequest(
        request: ProviderSignalCredentialStateRequest,
        callback: ProviderSignalCredentialStateCallback,
    ) {
        val signal = request.callingRequest
        val kind = kindOf(signal) ?: return
        scope.launch {
            try {
                val caller = app.ask.thoroughly(request.callingAppInfo, signal.requestJson, clientDataHash = null)
                val changed = app.phone.get().provider().signalJson(kind, signal.requestJson, caller)
                signalNotice(kind, changed)?.let(notices::show)
                callback.onSignalConsumed()
            } catch (_: LatchkeyException) {
                // The app that asked learns nothing either way, and nothing has changed.
                return@launch
            }
        }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private fun unasked(wanted: CreatePublicKeyCredentialRequest) = Unasked(
        isConditional = wanted.isConditional,
        isWanted = Wishes(this).makeUnasked,
        isUnlocked = getSystemService(KeyguardManager::class.java)?.isDeviceLocked == false,
        canNotify = notices.areSeen(),
    )
}
