import Foundation
import Latchkey

/// What the system asks of a provider. Every answer leaves with the database closed and the system's store of identities
/// in step with it.
public struct ProviderDoor: Sendable {
    private let phone: OpenPhone
    private let identities: any IdentityStore
    private let shelf: any ReportShelf

    public init(phone: OpenPhone, identities: any IdentityStore, shelf: any ReportShelf) {
        self.phone = phone
        self.identities = identities
        self.shelf = shelf
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
        try await phone.once { phone in
            let signed = try await phone.provider().signIn(request: request, cancel: cancel)
            await note(phone) { $0.used(signed.credentialId) }
            return signed
        }
    }

    /// The passkeys to choose from. Those that the relying party no longer accepts are not among them.
    public func choices(rpId: String, allowed: [Data]) async throws -> [Passkey] {
        try await phone.once { phone in
            let entries = try phone.provider().entries(rpId: rpId, allowed: allowed)
            return try shelf.load().offered(entries)
        }
    }

    /// Whether a passkey that the system offered is still here. Where it is not, the system's store was out of step.
    public func holds(_ credentialId: Data, rpId: String) async throws -> Bool {
        try await phone.once { phone in
            let isHere = try !phone.provider().entries(rpId: rpId, allowed: [credentialId]).isEmpty
            if !isHere { await bringInStep(phone) }
            return isHere
        }
    }

    /// Has the system offer what is on this phone, as when the provider was just turned on.
    public func offer() async throws {
        try await phone.once { try await keepInStep(identities, with: shelf.load().offered($0.passkeys().list())) }
    }

    /// The relying party gave an account a new name.
    public func reportRenamed(rpId: String, userHandle: Data, to name: String) async throws {
        try await phone.once { phone in
            let passkeys = try phone.provider().entries(rpId: rpId).filter { $0.userHandle == userHandle }
            await note(phone) { $0.renamed(passkeys, to: onOneLine(name)) }
        }
    }

    /// The relying party does not know a passkey. It can only speak of its own.
    public func reportUnknown(rpId: String, credentialId: Data) async throws {
        try await phone.once { phone in
            guard let passkey = try phone.provider().entries(rpId: rpId, allowed: [credentialId]).first else { return }
            await note(phone) { $0.unknown(passkey) }
        }
    }

    /// The relying party said which passkeys of an account it accepts.
    public func reportAccepted(rpId: String, userHandle: Data, credentialIds: [Data]) async throws {
        try await phone.once { phone in
            let passkeys = try phone.provider().entries(rpId: rpId).filter { $0.userHandle == userHandle }
            await note(phone) { $0.accepted(Set(credentialIds), of: passkeys) }
        }
    }

    /// The system's store and the reports come after the answer: where they fail, the next answer or the next start of the
    /// app makes up for it.
    private func note(_ phone: Phone, _ change: (inout Reports) -> Void) async {
        do {
            let passkeys = try phone.passkeys().list()
            let before = try shelf.load()
            var reports = before
            change(&reports)
            reports.keep(only: passkeys)
            if reports != before { try shelf.save(reports) }
            try await keepInStep(identities, with: reports.offered(passkeys))
        } catch {
            return
        }
    }

    private func bringInStep(_ phone: Phone) async {
        await note(phone) { _ in }
    }
}
