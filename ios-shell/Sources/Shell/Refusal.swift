import Latchkey

/// A code of `ASExtensionError`, under its number.
public enum ExtensionCode: Int, Sendable {
    case failed = 0
    case userCanceled = 1
    case userInteractionRequired = 100
    case credentialIdentityNotFound = 101
    /// Known from iOS 18 on.
    case matchedExcludedCredential = 102
}

/// How an error is answered to the system.
public struct Refusal: Error, Equatable {
    public let code: ExtensionCode
    /// What the system may show to the person.
    public let reason: String

    /// - Parameter knowsExcluded: the system is iOS 18 or later.
    public init(_ error: any Error, knowsExcluded: Bool) {
        let error = error as? LatchkeyError ?? .AnyInternal
        let info = error.info()
        // The preferred code first, then what stands for it on systems that do not know that one.
        let codes = info.ios.compactMap { ExtensionCode(rawValue: Int($0)) }
        code = codes.first { knowsExcluded || $0 != .matchedExcludedCredential } ?? .failed
        reason = info.title
    }

    public init(_ code: ExtensionCode, reason: String = "") {
        self.code = code
        self.reason = reason
    }
}
