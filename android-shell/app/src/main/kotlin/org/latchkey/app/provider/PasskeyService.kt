package org.latchkey.app.provider

import android.annotation.TargetApi
import android.os.Build
import android.os.CancellationSignal
import android.os.OutcomeReceiver
import androidx.credentials.exceptions.ClearCredentialException
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.GetCredentialException
import androidx.credentials.provider.BeginCreateCredentialRequest
import androidx.credentials.provider.BeginCreateCredentialResponse
import androidx.credentials.provider.BeginCreatePublicKeyCredentialRequest
import androidx.credentials.provider.BeginGetCredentialRequest
import androidx.credentials.provider.BeginGetCredentialResponse
import androidx.credentials.provider.CredentialProviderService
import androidx.credentials.provider.ProviderClearCredentialStateRequest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.latchkey.LatchkeyException
import org.latchkey.Phone
import org.latchkey.app.LatchkeyApp

/** What the system asks for its lists. Nothing is shown here, nobody is asked and no key is used. */
@TargetApi(Build.VERSION_CODES.UPSIDE_DOWN_CAKE)
class PasskeyService : CredentialProviderService() {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.IO)
    private val app get() = application as LatchkeyApp
    private val entries by lazy { Entries(app) }

    /** Always one line for a new passkey: whether one exists already is only told to the person behind it. */
    override fun onBeginCreateCredentialRequest(
        request: BeginCreateCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<BeginCreateCredentialResponse, CreateCredentialException>,
    ) = cancellationSignal.ends {
        try {
            val canMake = request is BeginCreatePublicKeyCredentialRequest && app.gate.canVerify()
            callback.onResult(BeginCreateCredentialResponse(if (canMake) listOf(entries.forNewPasskey()) else listOf()))
        } catch (failure: LatchkeyException) {
            callback.onError(createException(failure.info().androidCreate))
        }
    }

    override fun onBeginGetCredentialRequest(
        request: BeginGetCredentialRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<BeginGetCredentialResponse, GetCredentialException>,
    ) = cancellationSignal.ends {
        try {
            callback.onResult(entries.forPasskeys(linesFor(request, app.phone.get(), app.ask)))
        } catch (_: LatchkeyException.ProviderLocked) {
            callback.onResult(entries.forUnlocking())
        } catch (failure: LatchkeyException) {
            callback.onError(getException(failure.info().androidGet))
        }
    }

    /** Signing out of an app forgets nothing: no state of a sign-in outlives it here, and passkeys stay. */
    override fun onClearCredentialStateRequest(
        request: ProviderClearCredentialStateRequest,
        cancellationSignal: CancellationSignal,
        callback: OutcomeReceiver<Void?, ClearCredentialException>,
    ) = callback.onResult(null)

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private fun CancellationSignal.ends(work: suspend () -> Unit) {
        val job = scope.launch { work() }
        setOnCancelListener { job.cancel() }
    }
}

/** The lines for a request. */
internal fun linesFor(request: BeginGetCredentialRequest, phone: Phone, ask: Ask): List<Line> {
    val asking = request.callingAppInfo ?: return emptyList()
    return linesFor(request, phone.provider()) { hash -> ask.quickly(asking, hash) }
}
