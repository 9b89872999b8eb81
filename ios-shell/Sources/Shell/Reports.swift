import Foundation
import Latchkey

/// What relying parties have said of passkeys since they were made (WebAuthn Level 3, section 5.1.10; iOS 26). A passkey
/// that is no longer accepted is hidden from the system's sheets and not deleted: the relying party may be mistaken, and
/// may take it back. Personal data: kept in the keychain, never logged.
public struct Reports: Codable, Equatable, Sendable {
    private var names: [Data: String] = [:]
    private var hidden: Set<Data> = []

    public init() {}

    /// The account of these passkeys has a new name.
    mutating func renamed(_ passkeys: [Passkey], to name: String) {
        for passkey in passkeys { names[passkey.id] = name }
    }

    /// The relying party does not know this passkey.
    mutating func unknown(_ passkey: Passkey) {
        hidden.insert(passkey.id)
    }

    /// Of an account's passkeys the relying party accepts these and no others.
    mutating func accepted(_ credentialIds: Set<Data>, of passkeys: [Passkey]) {
        for passkey in passkeys {
            if credentialIds.contains(passkey.id) { hidden.remove(passkey.id) } else { hidden.insert(passkey.id) }
        }
    }

    /// Its owner has just used it.
    mutating func used(_ credentialId: Data) {
        hidden.remove(credentialId)
    }

    /// Forgets what was said of passkeys that are gone.
    mutating func keep(only passkeys: [Passkey]) {
        let ids = Set(passkeys.map(\.id))
        names = names.filter { ids.contains($0.key) }
        hidden.formIntersection(ids)
    }

    public func isHidden(_ passkey: Passkey) -> Bool { hidden.contains(passkey.id) }

    /// The passkey under the name that its relying party last gave to the account.
    public func named(_ passkey: Passkey) -> Passkey {
        guard let name = names[passkey.id] else { return passkey }
        var passkey = passkey
        passkey.userName = name
        return passkey
    }

    /// The passkeys that are to be offered.
    public func offered(_ passkeys: [Passkey]) -> [Passkey] {
        passkeys.filter { !isHidden($0) }.map(named)
    }
}

/// Keeps the reports, where app and extension both find them.
public protocol ReportShelf: Sendable {
    func load() throws -> Reports
    func save(_ reports: Reports) throws
}
