import Foundation
import Latchkey

/// What the system asks of a provider. Every answer leaves with the database closed, and the system's store of identities
/// has heard of what it changed.
public struct ProviderDoor: Sendable {
    private let phone: OpenPhone
    private let identities: any IdentityStore

    public init(phone: OpenPhone, identities: any IdentityStore) {
        self.phone = phone
        self.identities = identities
    }

    /// Makes a passkey.
    public func register(_ request: RegistrationRequest, cancel: Cancel? = nil) async throws -> Registration {
        try await phone.once { phone in
            try await tellingOfChanges(at: request.rpId, phone) {
                try await phone.provider().register(request: request, cancel: cancel)
            }
        }
    }

    /// Signs in.
    public func signIn(_ request: AssertionRequest, cancel: Cancel? = nil) async throws -> Assertion {
        try await phone.once { try await $0.provider().signIn(request: request, cancel: cancel) }
    }

    /// Signs in with a passkey that the system has offered, and shows nothing. The offer of one that is gone or hidden is
    /// taken back: the system's store was out of step.
    public func signInQuietly(_ request: AssertionRequest, cancel: Cancel? = nil) async throws -> Assertion {
        try await phone.once { phone in
            do {
                return try await phone.provider().signInQuietly(request: request, cancel: cancel)
            } catch LatchkeyError.AuthCredentialUnusable {
                await bringInStep(phone)
                throw LatchkeyError.AuthCredentialUnusable
            }
        }
    }

    /// The passkeys to choose from.
    public func choices(rpId: String, allowed: [Data]) async throws -> [Passkey] {
        try await phone.once { try $0.provider().entries(rpId: rpId, allowed: allowed) }
    }

    /// Has the system offer what is on this phone, as when the provider was just turned on.
    public func offer() async throws {
        try await phone.once { try await keepInStep(identities, with: $0.passkeys().list()) }
    }

    /// The relying party gave an account a new name.
    public func reportRenamed(rpId: String, userHandle: Data, to name: String) async throws {
        try await report(rpId) { _ = try $0.signalUserDetails(rpId: rpId, userHandle: userHandle, name: name) }
    }

    /// The relying party does not know a passkey: it is hidden.
    public func reportUnknown(rpId: String, credentialId: Data) async throws {
        try await report(rpId) { _ = try $0.signalUnknown(rpId: rpId, credentialId: credentialId) }
    }

    /// The relying party said which passkeys of an account it accepts: the others are hidden.
    public func reportAccepted(rpId: String, userHandle: Data, credentialIds: [Data]) async throws {
        try await report(rpId) {
            _ = try $0.signalAccepted(rpId: rpId, userHandle: userHandle, credentialIds: credentialIds)
        }
    }

    /// Closes the database under whatever is under way, which fails: the system is about to suspend the process.
    public func close() async {
        await phone.close()
    }

    private func report(_ rpId: String, _ signal: @escaping @Sendable (Provider) throws -> Void) async throws {
        try await phone.once { phone in
            try await tellingOfChanges(at: rpId, phone) { try signal(phone.provider()) }
        }
    }

    /// The system hears only of what the work has changed, at one relying party: to list every passkey takes more memory
    /// than all else that an extension does. What the store has missed before, the app brings in step.
    private func tellingOfChanges<Answer: Sendable>(
        at rpId: String, _ phone: Phone, _ work: () async throws -> Answer
    ) async throws -> Answer {
        func offered() throws -> Set<Identity> { try Set(phone.provider().entries(rpId: rpId).map(Identity.init)) }
        let before = try offered()
        let answer = try await work()
        if let after = try? offered() {
            let changes = IdentityChanges(from: before, to: after)
            try? await keepInStep(identities, after: changes, of: phone.passkeys().list())
        }
        return answer
    }

    /// Comes after the answer: where it fails, the next answer or the next start of the app makes up for it.
    private func bringInStep(_ phone: Phone) async {
        try? await keepInStep(identities, with: phone.passkeys().list())
    }
}
