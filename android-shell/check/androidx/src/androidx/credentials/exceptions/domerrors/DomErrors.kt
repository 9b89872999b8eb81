package androidx.credentials.exceptions.domerrors

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/DomError */
abstract class DomError(val type: String)

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/AbortError */
class AbortError : DomError("androidx.credentials.TYPE_ABORT_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/ConstraintError */
class ConstraintError : DomError("androidx.credentials.TYPE_CONSTRAINT_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/DataError */
class DataError : DomError("androidx.credentials.TYPE_DATA_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/InvalidStateError */
class InvalidStateError : DomError("androidx.credentials.TYPE_INVALID_STATE_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/NotAllowedError */
class NotAllowedError : DomError("androidx.credentials.TYPE_NOT_ALLOWED_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/NotSupportedError */
class NotSupportedError : DomError("androidx.credentials.TYPE_NOT_SUPPORTED_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/QuotaExceededError */
class QuotaExceededError : DomError("androidx.credentials.TYPE_QUOTA_EXCEEDED_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/SecurityError */
class SecurityError : DomError("androidx.credentials.TYPE_SECURITY_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/TimeoutError */
class TimeoutError : DomError("androidx.credentials.TYPE_TIMEOUT_ERROR")

/** https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/UnknownError */
class UnknownError : DomError("androidx.credentials.TYPE_UNKNOWN_ERROR")
