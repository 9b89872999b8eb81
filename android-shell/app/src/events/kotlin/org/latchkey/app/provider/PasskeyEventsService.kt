package org.latchkey.app.provider

import android.app.KeyguardManager
import android.content.Intent
import android.os.BadParcelableException
import android.os.CancellationSignal
import android.os.IBinder
import android.os.RemoteException
import androidx.core.os.OutcomeReceiverCompat
import androidx.credentials.CreateCredentialResponse
import androidx.credentials.CreatePublicKeyCredentialRequest
import androidx.credentials.CreatePublicKeyCredentialResponse
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.CreateCredentialNoCreateOptionException
import androidx.credentials.provider.ProviderCreateCredentialRequest
import androidx.credentials.providerevents.CredentialEventsProvider
import androidx.credentials.providerevents.service.CredentialProviderEventsService
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateCallback
import androidx.credentials.providerevents.signal.ProviderSignalCredentialStateRequest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.latchkey.LatchkeyException
import org.latchkey.app.LatchkeyApp
import org.latchkey.app.ports.Notices
import org.latchkey.app.ports.Wishes

/** What relying parties say about passkeys while nobody looks: conditional registration and signals. Nothing is shown but notifications. */
class PasskeyEventsService : CredentialProviderEventsService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val app get() = application as LatchkeyApp
    private val notices by lazy { Notices(this) }

    /** The service is open to every app, and the library makes an instance of the class that its caller names: here of none but its own. */
    override fun onBind(intent: Intent?): IBinder? {
        val named = try {
            intent?.getStringExtra(CredentialEventsProvider.EVENTS_SERVICE_PROVIDER_KEY)
        } catch (_: BadParcelableException) {
            null
        }
        return if (named == PLAY_SERVICES) super.onBind(intent) else null
    }

    override fun onCreateCredentialRequest(
        request: ProviderCreateCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiverCompat<CreateCredentialResponse, CreateCredentialException>,
    ) {
        var made: CreateCredentialResponse? = null
        val job = scope.launch {
            try {
                made = makeUnasked(request)
            } catch (_: LatchkeyException) {
                // Nobody has agreed that the app learns more, such as that there is a passkey already.
                return@launch
            }
        }
        job.invokeOnCompletion {
            tell { made?.let(callback::onResult) ?: callback.onError(CreateCredentialNoCreateOptionException()) }
        }
        cancellationSignal.setOnCancelListener { job.cancel() }
    }

    private suspend fun makeUnasked(request: ProviderCreateCredentialRequest): CreateCredentialResponse? {
        val wanted = request.callingRequest as? CreatePublicKeyCredentialRequest
        if (wanted == null || !unasked(wanted).isAllowed) return null
        val caller = app.ask.thoroughly(request.callingAppInfo, wanted.requestJson, wanted.clientDataHash)
        val provider = app.phone.get().provider()
        // Whoever cancels now is too late: there is no passkey without its notification.
        return withContext(NonCancellable) {
            val json = provider.createJson(wanted.requestJson, caller, conditional = true)
            notices.show(madeNotice(wanted.requestJson, caller.origin))
            CreatePublicKeyCredentialResponse(json)
        }
    }

    /** Says that the signal is done with also where it was refused: the app that sent it does not hear of either. */
    override fun onSignalCredentialStateRequest(
        request: ProviderSignalCredentialStateRequest,
        callback: ProviderSignalCredentialStateCallback,
    ) {
        val job = scope.launch {
            try {
                consume(request)
            } catch (_: LatchkeyException) {
                // Nothing has changed.
                return@launch
            }
        }
        job.invokeOnCompletion { tell(callback::onSignalConsumed) }
    }

    private suspend fun consume(request: ProviderSignalCredentialStateRequest) {
        val signal = request.callingRequest
        val kind = kindOf(signal) ?: return
        val caller = app.ask.thoroughly(request.callingAppInfo, signal.requestJson, clientDataHash = null)
        val changed = app.phone.get().provider().signalJson(kind, signal.requestJson, caller)
        signalNotice(kind, changed)?.let(notices::show)
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

    /** Play services may be gone by now. */
    private fun tell(outcome: () -> Unit) = try {
        outcome()
    } catch (_: RemoteException) {
        Unit
    }

    private companion object {
        /** What Play services names; by that name the library looks for it. */
        const val PLAY_SERVICES = "androidx.credentials.providerevents.playservices.CredentialEventsProviderPlayServices"
    }
}
