import Latchkey

/// Where the person can mend what a check found.
public enum Remedy: Equatable, Sendable {
    /// The system's switch for passkey providers.
    case provider
    /// The system's page of this app, with its permissions.
    case appSettings

    /// The place for a check; nothing where iOS lets an app open none, or where only other people or an update can help.
    public init?(_ check: Check) {
        switch check {
        case .provider: self = .provider
        case .camera: self = .appSettings
        default: return nil
        }
    }
}
