// Stands for LocalAuthentication.
// Each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought it.
import Foundation

/// localauthentication/lapolicy, iOS 8
public enum LAPolicy: Int, Sendable {
    /// .../deviceownerauthentication, iOS 9
    case deviceOwnerAuthentication = 2
}

/// localauthentication/lacontext, iOS 8
open class LAContext: NSObject {
    /// .../canevaluatepolicy(_:error:), iOS 8 (the error is an `NSErrorPointer` there; only nil is passed here)
    open func canEvaluatePolicy(_ policy: LAPolicy, error: Never?) -> Bool { false }
    /// .../evaluatepolicy(_:localizedreason:reply:), its async twin, iOS 8
    open func evaluatePolicy(_ policy: LAPolicy, localizedReason: String) async throws -> Bool { false }
    /// .../invalidate(), iOS 9
    open func invalidate() {}
}
