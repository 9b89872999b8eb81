import Foundation
import Latchkey

/// A passkey as the system's sheets offer it. Personal data: never logged.
public struct Identity: Hashable, Sendable {
    public let relyingParty: String
    public let userName: String
    public let credentialId: Data
    public let userHandle: Data

    public init(relyingParty: String, userName: String, credentialId: Data, userHandle: Data) {
        self.relyingParty = relyingParty
        self.userName = userName
        self.credentialId = credentialId
        self.userHandle = userHandle
    }

    public init(_ passkey: Passkey) {
        self.init(
            relyingParty: passkey.rpId, userName: withoutTricks(passkey.userName ?? passkey.userDisplayName ?? ""),
            credentialId: passkey.id, userHandle: passkey.userHandle)
    }
}

/// The system's store of identities, as far as this app fills it: `ASCredentialIdentityStore`.
public protocol IdentityStore: Sendable {
    /// Whether the person has turned the provider on; nothing can be stored before.
    func isEnabled() async -> Bool

    /// What it holds; nothing if it cannot be told or changed in part.
    func stored() async -> Set<Identity>?

    func save(_ identities: [Identity]) async throws
    func remove(_ identities: [Identity]) async throws
    func replaceAll(_ identities: [Identity]) async throws
}

/// What brings a store from one state to another.
struct IdentityChanges: Equatable {
    let remove: [Identity]
    let save: [Identity]

    init(from stored: Set<Identity>, to wanted: Set<Identity>) {
        remove = Array(stored.subtracting(wanted))
        save = Array(wanted.subtracting(stored))
    }
}

/// Has the system offer these passkeys and no others, but for those that their relying party no longer accepts. Only what
/// can be found without an allow list can be offered.
public func keepInStep(_ store: any IdentityStore, with passkeys: [Passkey]) async throws {
    guard await store.isEnabled() else { return }
    let wanted = Set(passkeys.filter { $0.discoverable && !$0.hidden }.map(Identity.init))
    guard let stored = await store.stored() else { return try await store.replaceAll(Array(wanted)) }
    let changes = IdentityChanges(from: stored, to: wanted)
    // First what is gone: of two identities of one passkey the store may keep only one.
    if !changes.remove.isEmpty { try await store.remove(changes.remove) }
    if !changes.save.isEmpty { try await store.save(changes.save) }
}
