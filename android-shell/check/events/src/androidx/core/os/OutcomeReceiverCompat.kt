package androidx.core.os

/** https://developer.android.com/reference/kotlin/androidx/core/os/OutcomeReceiverCompat */
interface OutcomeReceiverCompat<R, E : Throwable> {
    fun onResult(result: R)

    fun onError(error: E) = Unit
}
