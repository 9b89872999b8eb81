package androidx.credentials.providerevents

/** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/CredentialEventsProvider, providerevents 1.0.0-beta01 */
interface CredentialEventsProvider {
    /** https://developer.android.com/reference/kotlin/androidx/credentials/providerevents/CredentialEventsProvider.Companion, providerevents 1.0.0-beta01 */
    companion object {
        /** #EVENTS_SERVICE_PROVIDER_KEY(), 1.0.0-beta01 */
        const val EVENTS_SERVICE_PROVIDER_KEY = "androidx.credentials.providerevents.service.EVENTS_SERVICE_PROVIDER_KEY"
    }
}
