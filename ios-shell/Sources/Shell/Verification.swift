import Latchkey

/// What a code of `LAError` means for a prompt
/// (https://developer.apple.com/documentation/localauthentication/laerror-swift.struct/code).
public func gateError(laErrorCode code: Int) -> GateError {
    switch code {
    case -1: .VerificationFailed  // authenticationFailed
    case -2, -3: .Denied  // userCancel, userFallback
    case -8: .LockedOut  // biometryLockout
    // systemCancel, passcodeNotSet, biometryNotAvailable, biometryNotEnrolled, appCancel, invalidContext, notInteractive
    default: .Unavailable
    }
}
