// Slices are deprecated; the lines of credential providers still are slices.
@file:Suppress("DEPRECATION")

package androidx.credentials.provider

import android.app.slice.Slice
import android.app.slice.SliceSpec
import android.content.Intent
import android.credentials.Credential as PlatformCredential
import android.credentials.CreateCredentialException as PlatformCreateException
import android.credentials.CreateCredentialResponse as PlatformCreateResponse
import android.credentials.GetCredentialException as PlatformGetException
import android.credentials.GetCredentialResponse as PlatformGetResponse
import android.net.Uri
import android.os.Bundle
import android.service.credentials.BeginGetCredentialOption as PlatformOption
import android.service.credentials.BeginGetCredentialRequest as PlatformBeginGetRequest
import android.service.credentials.BeginGetCredentialResponse as PlatformBeginGetResponse
import android.service.credentials.CallingAppInfo as PlatformApp
import android.service.credentials.CreateCredentialRequest as PlatformCreateRequest
import android.service.credentials.CredentialEntry as PlatformEntry
import android.service.credentials.CredentialProviderService as Extras
import android.service.credentials.GetCredentialRequest as PlatformGetRequest
import androidx.credentials.CreateCredentialResponse
import androidx.credentials.CreatePublicKeyCredentialRequest
import androidx.credentials.CreatePublicKeyCredentialResponse
import androidx.credentials.GetCredentialResponse
import androidx.credentials.GetPublicKeyCredentialOption
import androidx.credentials.PublicKeyCredential
import androidx.credentials.exceptions.CreateCredentialException
import androidx.credentials.exceptions.GetCredentialException

private const val PUBLIC_KEY = "androidx.credentials.TYPE_PUBLIC_KEY_CREDENTIAL"
private const val REQUEST = "androidx.credentials.BUNDLE_KEY_REQUEST_JSON"
private const val HASH = "androidx.credentials.BUNDLE_KEY_CLIENT_DATA_HASH"
private const val REGISTRATION = "androidx.credentials.BUNDLE_KEY_REGISTRATION_RESPONSE_JSON"
private const val SHEET_RESULT = "androidx.credentials.provider.BIOMETRIC_AUTH_RESULT"
private const val SHEET_ERROR = "androidx.credentials.provider.BIOMETRIC_AUTH_ERROR_CODE"
private const val AUTHENTICATION = "androidx.credentials.BUNDLE_KEY_AUTHENTICATION_RESPONSE_JSON"

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/provider/PendingIntentHandler, credentials 1.2.0
 *
 * For the tests of the provider's screens: reads and writes the extras that the framework documents, for requests about passkeys.
 * Beside them are those in which the system's sheet says whether it verified the person (`Constants.kt` of AOSP's CredentialManager).
 * The lines of a list are empty slices, of which only the number is right.
 *
 * @constructor #PendingIntentHandler(), 1.2.0
 */
class PendingIntentHandler {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/provider/PendingIntentHandler, credentials 1.2.0 */
    companion object {
        /** #retrieveBeginGetCredentialRequest(android.content.Intent), 1.2.0 */
        fun retrieveBeginGetCredentialRequest(intent: Intent): BeginGetCredentialRequest? =
            intent.getParcelableExtra(Extras.EXTRA_BEGIN_GET_CREDENTIAL_REQUEST, PlatformBeginGetRequest::class.java)?.run {
                val options = beginGetCredentialOptions.map {
                    val data = it.candidateQueryData
                    BeginGetPublicKeyCredentialOption(data, it.id.orEmpty(), data.json(), data.getByteArray(HASH))
                }
                BeginGetCredentialRequest(options, callingAppInfo?.let(::calling))
            }

        /** #retrieveProviderCreateCredentialRequest(android.content.Intent), 1.2.0 */
        fun retrieveProviderCreateCredentialRequest(intent: Intent): ProviderCreateCredentialRequest? =
            intent.getParcelableExtra(Extras.EXTRA_CREATE_CREDENTIAL_REQUEST, PlatformCreateRequest::class.java)?.run {
                val wanted = CreatePublicKeyCredentialRequest(data.json(), data.getByteArray(HASH))
                ProviderCreateCredentialRequest(wanted, calling(callingAppInfo), sheet(intent))
            }

        /** #retrieveProviderGetCredentialRequest(android.content.Intent), 1.2.0 */
        fun retrieveProviderGetCredentialRequest(intent: Intent): ProviderGetCredentialRequest? =
            intent.getParcelableExtra(Extras.EXTRA_GET_CREDENTIAL_REQUEST, PlatformGetRequest::class.java)?.run {
                val options = credentialOptions.map {
                    val data = it.credentialRetrievalData
                    GetPublicKeyCredentialOption(data.json(), data.getByteArray(HASH))
                }
                ProviderGetCredentialRequest(options, calling(callingAppInfo), sheet(intent))
            }

        /** #setBeginGetCredentialResponse(android.content.Intent,androidx.credentials.provider.BeginGetCredentialResponse), 1.2.0 */
        fun setBeginGetCredentialResponse(intent: Intent, response: BeginGetCredentialResponse) {
            val list = PlatformBeginGetResponse.Builder()
            for (entry in response.credentialEntries) {
                val slice = Slice.Builder(Uri.EMPTY, SliceSpec(PUBLIC_KEY, 1)).build()
                val option = entry.beginGetCredentialOption
                list.addCredentialEntry(PlatformEntry(PlatformOption(option.id, option.type, option.candidateQueryData), slice))
            }
            intent.putExtra(Extras.EXTRA_BEGIN_GET_CREDENTIAL_RESPONSE, list.build())
        }

        /** #setCreateCredentialException(android.content.Intent,androidx.credentials.exceptions.CreateCredentialException), 1.2.0 */
        fun setCreateCredentialException(intent: Intent, exception: CreateCredentialException) {
            intent.putExtra(Extras.EXTRA_CREATE_CREDENTIAL_EXCEPTION, PlatformCreateException(exception.type, exception.message))
        }

        /** #setCreateCredentialResponse(android.content.Intent,androidx.credentials.CreateCredentialResponse), 1.2.0 */
        fun setCreateCredentialResponse(intent: Intent, response: CreateCredentialResponse) {
            val json = (response as CreatePublicKeyCredentialResponse).registrationResponseJson
            intent.putExtra(Extras.EXTRA_CREATE_CREDENTIAL_RESPONSE, PlatformCreateResponse(bundle(REGISTRATION, json)))
        }

        /** #setGetCredentialException(android.content.Intent,androidx.credentials.exceptions.GetCredentialException), 1.2.0 */
        fun setGetCredentialException(intent: Intent, exception: GetCredentialException) {
            intent.putExtra(Extras.EXTRA_GET_CREDENTIAL_EXCEPTION, PlatformGetException(exception.type, exception.message))
        }

        /** #setGetCredentialResponse(android.content.Intent,androidx.credentials.GetCredentialResponse), 1.2.0 */
        fun setGetCredentialResponse(intent: Intent, response: GetCredentialResponse) {
            val json = (response.credential as PublicKeyCredential).authenticationResponseJson
            val credential = PlatformCredential(PUBLIC_KEY, bundle(AUTHENTICATION, json))
            intent.putExtra(Extras.EXTRA_GET_CREDENTIAL_RESPONSE, PlatformGetResponse(credential))
        }
    }
}

private fun calling(app: PlatformApp) = CallingAppInfo(app.packageName, app.signingInfo, app.origin)

private fun sheet(intent: Intent): BiometricPromptResult? = when {
    intent.hasExtra(SHEET_RESULT) -> BiometricPromptResult(AuthenticationResult(intent.getIntExtra(SHEET_RESULT, 0)))
    intent.hasExtra(SHEET_ERROR) -> BiometricPromptResult(AuthenticationError(intent.getIntExtra(SHEET_ERROR, 0)))
    else -> null
}

private fun Bundle.json(): String = requireNotNull(getString(REQUEST))

private fun bundle(key: String, json: String) = Bundle().apply { putString(key, json) }
