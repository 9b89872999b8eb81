// Stands for LocalAuthentication.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

/// localauthentication/lapolicy, iOS 8
public enum LAPolicy: Int, Sendable {
    /// .../deviceownerauthenticationwithbiometrics, iOS 8
    case deviceOwnerAuthenticationWithBiometrics = 1
    /// .../deviceownerauthentication, iOS 9
    case deviceOwnerAuthentication = 2
}

/// localauthentication/lacontext, iOS 8
open class LAContext: NSObject {
    /// Of the stub alone: what the person does in the next prompts; nothing means that the prompt waits until it is
    /// invalidated.
    nonisolated(unsafe) public static var next: Result<Bool, any Error>? = .success(false)
    /// Of the stub alone: how many seconds ago a face or a finger unlocked the phone; nothing if neither did.
    nonisolated(unsafe) public static var unlocked: TimeInterval?
    /// Of the stub alone.
    private let invalidated = DispatchSemaphore(value: 0)

    /// .../interactionnotallowed, iOS 11
    open var interactionNotAllowed = false
    /// .../touchidauthenticationallowablereuseduration, iOS 9 (also of Face ID, as the header says; 0 reuses nothing)
    open var touchIDAuthenticationAllowableReuseDuration: TimeInterval = 0
    /// .../canevaluatepolicy(_:error:), iOS 8 (the error is an `NSErrorPointer` there; only nil is passed here)
    open func canEvaluatePolicy(_ policy: LAPolicy, error: Never?) -> Bool { false }
    /// .../evaluatepolicy(_:localizedreason:reply:), its async twin, iOS 8
    open func evaluatePolicy(_ policy: LAPolicy, localizedReason: String) async throws -> Bool {
        if let unlocked = Self.unlocked, unlocked < touchIDAuthenticationAllowableReuseDuration { return true }
        // notInteractive
        if interactionNotAllowed { throw NSError(domain: LAErrorDomain, code: -1004) }
        if let next = Self.next { return try next.get() }
        await withCheckedContinuation { over in
            DispatchQueue.global().async { [invalidated] in
                invalidated.wait()
                over.resume()
            }
        }
        throw NSError(domain: LAErrorDomain, code: -9)
    }
    /// .../invalidate(), iOS 9
    open func invalidate() { invalidated.signal() }
}

/// localauthentication/laerrordomain, iOS 8
public let LAErrorDomain = "com.apple.LocalAuthentication"
