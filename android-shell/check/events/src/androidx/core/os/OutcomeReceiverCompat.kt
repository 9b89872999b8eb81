package androidx.core.os

/** https://developer.android.com/reference/kotlin/androidx/core/os/OutcomeReceiverCompat, core 1.16.0 */
interface OutcomeReceiverCompat<R, E : Throwable> {
    /** #onResult, 1.16.0 */
    fun onResult(result: R)

    /** #onError, 1.16.0 */
    fun onError(error: E) = Unit
}
