import AuthenticationServices
import LatchkeyShell

/// The system's store of identities: what its sheets offer.
struct SystemIdentities: IdentityStore {
    func isEnabled() async -> Bool {
        await ASCredentialIdentityStore.shared.state().isEnabled
    }

    func takesChanges() async -> Bool {
        await ASCredentialIdentityStore.shared.state().supportsIncrementalUpdates
    }

    func stored() async -> Set<Identity>? {
        guard #available(iOS 17.4, *), await takesChanges() else { return nil }
        let stored = await ASCredentialIdentityStore.shared.credentialIdentities()
        return Set(stored.compactMap { ($0 as? ASPasskeyCredentialIdentity).map(Identity.init) })
    }

    func save(_ identities: [Identity]) async throws {
        try await ASCredentialIdentityStore.shared.saveCredentialIdentities(identities.map(\.forSystem))
    }

    func remove(_ identities: [Identity]) async throws {
        try await ASCredentialIdentityStore.shared.removeCredentialIdentities(identities.map(\.forSystem))
    }

    func replaceAll(_ identities: [Identity]) async throws {
        try await ASCredentialIdentityStore.shared.replaceCredentialIdentities(identities.map(\.forSystem))
    }
}

extension Identity {
    init(_ identity: ASPasskeyCredentialIdentity) {
        self.init(
            relyingParty: identity.relyingPartyIdentifier, userName: identity.userName,
            credentialId: identity.credentialID, userHandle: identity.userHandle)
    }

    var forSystem: any ASCredentialIdentity {
        ASPasskeyCredentialIdentity(
            relyingPartyIdentifier: relyingParty, userName: userName, credentialID: credentialId, userHandle: userHandle,
            recordIdentifier: nil)
    }
}
