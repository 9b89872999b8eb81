import Foundation
import Latchkey

/// How a prompt reads: a headline with what it is about, and a line with whose account. All names come from elsewhere and
/// are shown on one line, without tricks.
public struct PromptWords: Equatable, Sendable {
    public let title: String
    public let detail: String?

    public init(_ kind: PromptKind) {
        switch kind {
        case .register(let rpId, _, let userName, let displayName):
            title = "Make a passkey for \(onOneLine(rpId))"
            detail = (userName ?? displayName).map(onOneLine)
        case .signIn(let rpId, let accounts):
            title = "Sign in to \(onOneLine(rpId))"
            detail = accounts.count == 1 ? accounts.first.map(accountName) : nil
        case .presence(let rpId):
            title = rpId.map { "Answer a request of \(onOneLine($0))" } ?? "Answer a request"
            detail = nil
        case .select:
            title = "Use this phone?"
            detail = nil
        case .pair(let host, let computer, let account):
            title = computer.map { "Pair with \(onOneLine($0))" } ?? "Set up this phone for \(onOneLine(host))"
            detail = computer == nil ? onOneLine(account) : "\(onOneLine(account)), \(onOneLine(host))"
        case .unlock(let computer):
            title = "Unlock \(onOneLine(computer))"
            detail = nil
        case .showPin(let computer):
            title = "Show an offline PIN of \(onOneLine(computer))"
            detail = nil
        }
    }
}

/// An account in a list.
public func accountName(_ account: Account) -> String {
    onOneLine(account.userName ?? account.userDisplayName ?? "?")
}

/// A PIN as it is read out: one character after the other.
public func oneByOne(_ pin: String) -> String {
    pin.map(String.init).joined(separator: ", ")
}

/// Somebody else's text as it may be shown: no line breaks, nothing that turns the writing around, no more than 64
/// characters.
public func onOneLine(_ text: String) -> String {
    let clean = withoutTricks(text)
    return clean.count <= 64 ? clean : clean.prefix(63) + "…"
}

/// The same at any length.
func withoutTricks(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.filter { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    })).trimmingCharacters(in: .whitespaces)
}
