import Foundation
import Latchkey

/// What the system asks of a provider. Every answer leaves with the database closed and the system's store of identities
/// in step with it.
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
            let made = try await phone.provider().register(request: request, cancel: cancel)
            await bringInStep(phone)
            return made
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
        try await report { try $0.signalUserDetails(rpId: rpId, userHandle: userHandle, name: name) }
    }

    /// The relying party does not know a passkey: it is hidden.
    public func reportUnknown(rpId: String, credentialId: Data) async throws {
        try await report { try $0.signalUnknown(rpId: rpId, credentialId: credentialId) }
    }

    /// The relying party said which passkeys of an account it accepts: the others are hidden.
    public func reportAccepted(rpId: String, userHandle: Data, credentialIds: [Data]) async throws {
        try await report { try $0.signalAccepted(rpId: rpId, userHandle: userHandle, credentialIds: credentialIds) }
    }

    /// Closes the database under whatever is under way, which fails: the system is about to suspend the process.
    public func close() async {
        await phone.close()
    }

    /// The system hears only of what a report has changed.
    private func report(_ signal: @escaping @Sendable (Provider) throws -> [Passkey]) async throws {
        try await phone.once { phone in
            if try !signal(phone.provider()).isEmpty { await bringInStep(phone) }
        }
    }

    /// Comes after the answer: where it fails, the next answer or the next start of the app makes up for it.
    private func bringInStep(_ phone: Phone) async {
        try? await keepInStep(identities, with: phone.passkeys().list())
    }
}
