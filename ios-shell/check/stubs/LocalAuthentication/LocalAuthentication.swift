// Stands for LocalAuthentication.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

/// localauthentication/lapolicy, iOS 8
public enum LAPolicy: Int, Sendable {
    /// .../deviceownerauthentication, iOS 9
    case deviceOwnerAuthentication = 2
}

/// localauthentication/lacontext, iOS 8
open class LAContext: NSObject {
    /// Of the stub alone: what the person does in the next prompts; nothing means that the prompt waits until it is
    /// invalidated.
    nonisolated(unsafe) public static var next: Result<Bool, any Error>? = .success(false)
    /// Of the stub alone.
    private let invalidated = DispatchSemaphore(value: 0)

    /// .../canevaluatepolicy(_:error:), iOS 8 (the error is an `NSErrorPointer` there; only nil is passed here)
    open func canEvaluatePolicy(_ policy: LAPolicy, error: Never?) -> Bool { false }
    /// .../evaluatepolicy(_:localizedreason:reply:), its async twin, iOS 8
    open func evaluatePolicy(_ policy: LAPolicy, localizedReason: String) async throws -> Bool {
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
