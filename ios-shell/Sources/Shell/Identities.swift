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

    /// Whether it can be changed in part.
    func takesChanges() async -> Bool

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

    var isEmpty: Bool { remove.isEmpty && save.isEmpty }

    init(from stored: Set<Identity>, to wanted: Set<Identity>) {
        remove = Array(stored.subtracting(wanted))
        save = Array(wanted.subtracting(stored))
    }
}

/// Has the system offer these passkeys and no others, but for those that their relying party no longer accepts. Only what
/// can be found without an allow list can be offered. They are listed only if the provider is turned on.
public func keepInStep(
    _ store: any IdentityStore, with passkeys: @Sendable @autoclosure () throws -> [Passkey]
) async throws {
    guard await store.isEnabled() else { return }
    let wanted = try Set(passkeys().filter { $0.discoverable && !$0.hidden }.map(Identity.init))
    guard let stored = await store.stored() else { return try await store.replaceAll(Array(wanted)) }
    try await apply(IdentityChanges(from: stored, to: wanted), to: store)
}

/// Tells the system of what has changed. Only a store that cannot be changed in part has the passkeys listed.
func keepInStep(
    _ store: any IdentityStore, after changes: IdentityChanges, of passkeys: @Sendable @autoclosure () throws -> [Passkey]
) async throws {
    if changes.isEmpty { return }
    guard await store.isEnabled() else { return }
    guard await store.takesChanges() else { return try await keepInStep(store, with: passkeys()) }
    try await apply(changes, to: store)
}

private func apply(_ changes: IdentityChanges, to store: any IdentityStore) async throws {
    // First what is gone: of two identities of one passkey the store may keep only one.
    if !changes.remove.isEmpty { try await store.remove(changes.remove) }
    if !changes.save.isEmpty { try await store.save(changes.save) }
}
