package androidx.credentials.exceptions.domerrors

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/DomError, credentials 1.2.0
 *
 * @constructor #DomError(kotlin.String), 1.2.0
 */
abstract class DomError(internal val type: String)

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/AbortError, credentials 1.2.0
 *
 * @constructor #AbortError(), 1.2.0
 */
class AbortError : DomError("androidx.credentials.TYPE_ABORT_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/ConstraintError, credentials 1.2.0
 *
 * @constructor #ConstraintError(), 1.2.0
 */
class ConstraintError : DomError("androidx.credentials.TYPE_CONSTRAINT_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/DataError, credentials 1.2.0
 *
 * @constructor #DataError(), 1.2.0
 */
class DataError : DomError("androidx.credentials.TYPE_DATA_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/InvalidStateError, credentials 1.2.0
 *
 * @constructor #InvalidStateError(), 1.2.0
 */
class InvalidStateError : DomError("androidx.credentials.TYPE_INVALID_STATE_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/NotAllowedError, credentials 1.2.0
 *
 * @constructor #NotAllowedError(), 1.2.0
 */
class NotAllowedError : DomError("androidx.credentials.TYPE_NOT_ALLOWED_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/NotSupportedError, credentials 1.2.0
 *
 * @constructor #NotSupportedError(), 1.2.0
 */
class NotSupportedError : DomError("androidx.credentials.TYPE_NOT_SUPPORTED_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/QuotaExceededError, credentials 1.2.0
 *
 * @constructor #QuotaExceededError(), 1.2.0
 */
class QuotaExceededError : DomError("androidx.credentials.TYPE_QUOTA_EXCEEDED_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/SecurityError, credentials 1.2.0
 *
 * @constructor #SecurityError(), 1.2.0
 */
class SecurityError : DomError("androidx.credentials.TYPE_SECURITY_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/TimeoutError, credentials 1.2.0
 *
 * @constructor #TimeoutError(), 1.2.0
 */
class TimeoutError : DomError("androidx.credentials.TYPE_TIMEOUT_ERROR")

/**
 * https://developer.android.com/reference/kotlin/androidx/credentials/exceptions/domerrors/UnknownError, credentials 1.2.0
 *
 * @constructor #UnknownError(), 1.2.0
 */
class UnknownError : DomError("androidx.credentials.TYPE_UNKNOWN_ERROR")
