import Foundation
import Latchkey
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProviderTests {
    @Test(arguments: [false, true])
    func registerAndSignIn(inHardware: Bool) async throws {
        let shell = try Shell()
        let hardware = Hardware(in: shell.folder)
        var config = shell.config
        config.hardwareKeys = inHardware
        let phone = try await Phone.open(
            config: config, ports: Ports(gate: shell.gate, keys: inHardware ? hardware : shell.keys, device: Facts()))
        let provider = phone.provider()
        let made = try await provider.register(request: registration())
        let attested = try AuthenticatorData(attested: made.attestationObject)
        // iOS takes no others.
        let flags =
            AuthenticatorData.userPresent | AuthenticatorData.userVerified | AuthenticatorData.backupEligible
            | AuthenticatorData.backedUp
        #expect(attested.flags == flags | 0x40)
        #expect(try await attested.rpIdHash == Openssl.sha256(Data("example.com".utf8)))
        #expect(attested.credentialId == made.credentialId && made.credentialId.count == 32)
        #expect(hardware.handles.get().count == (inHardware ? 1 : 0))

        let signed = try await provider.signIn(request: assertion(allowed: [made.credentialId]))
        #expect(signed.credentialId == made.credentialId)
        #expect(signed.userHandle == Data("user".utf8))
        let asserted = try AuthenticatorData(signed.authenticatorData)
        #expect(asserted.flags == flags && asserted.rpIdHash == attested.rpIdHash)
        let point = try #require(attested.point)
        let message = signed.authenticatorData + clientDataHash
        #expect(try await Openssl.verifies(signed.signature, of: message, under: point))
        let other = signed.authenticatorData + Data(repeating: 8, count: 32)
        #expect(try await !Openssl.verifies(signed.signature, of: other, under: point))

        #expect(shell.gate.prompts.get().map(\.verify) == [true, true])
        guard case .register("example.com", nil, "ada", nil) = shell.gate.prompts.get()[0].kind,
            case .signIn("example.com", let accounts) = shell.gate.prompts.get()[1].kind
        else {
            throw Unexpected(description: "another prompt")
        }
        #expect(accounts.map(\.credentialId) == [made.credentialId])
        let passkey = try #require(try phone.passkeys().list().first)
        #expect(passkey.hardwareKey == inHardware && passkey.lastUsedAt != nil)
        try await phone.passkeys().delete(id: made.credentialId)
        #expect(hardware.handles.get().isEmpty)
        #expect(try provider.entries(rpId: "example.com").isEmpty)
    }

    @Test func thePersonChoosesTheAccount() async throws {
        let shell = try Shell()
        let provider = try await shell.open().provider()
        for user in ["first", "second"] { _ = try await provider.register(request: registration(user: user)) }
        shell.gate.answer.update { $0 = { _ in Consent(verified: true, account: 1) } }
        #expect(try await provider.signIn(request: assertion()).userHandle == Data("first".utf8))
        guard case .signIn(_, let accounts) = shell.gate.prompts.get().last?.kind else {
            throw Unexpected(description: "another prompt")
        }
        #expect(accounts.count == 2)
    }

    @Test func listsShowWhatCanSignIn() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let made = try await phone.provider().register(request: registration())
        _ = try await phone.provider().register(request: registration(user: "other"))
        #expect(try phone.provider().entries(rpId: "example.com").count == 2)
        #expect(try phone.provider().entries(rpId: "example.com", allowed: [made.credentialId]).map(\.id) == [made.credentialId])
        #expect(try phone.provider().entries(rpId: "example.org").isEmpty)
        #expect(try phone.passkeys().list().allSatisfy { $0.createdAt.timeIntervalSinceNow < 1 && $0.backedUp })
    }

    @Test func aConditionalRegistrationAsksNobody() async throws {
        let shell = try Shell()
        let provider = try await shell.open().provider()
        let made = try await provider.register(request: registration(conditional: true))
        #expect(shell.gate.prompts.get().isEmpty)
        let attested = try AuthenticatorData(attested: made.attestationObject)
        #expect(attested.flags & (AuthenticatorData.userPresent | AuthenticatorData.userVerified) == AuthenticatorData.userPresent)
        await #expect(throws: LatchkeyError.RegAlreadyRegistered) {
            try await provider.register(request: registration(conditional: true))
        }
    }

    @Test func pagesDeriveKeysFromAPasskey() async throws {
        let shell = try Shell()
        let provider = try await shell.open().provider()
        let (one, two) = (Data(repeating: 1, count: 32), Data(repeating: 2, count: 32))
        var request = registration()
        request.prf = .evaluate(salts: PrfValues(first: one, second: two))
        let made = try await provider.register(request: request)
        let keys = try #require(made.prf?.outputs)
        #expect(made.prf?.isSupported == true)
        #expect(keys.first.count == 32 && keys.second?.count == 32 && keys.first != keys.second)

        var use = assertion(allowed: [made.credentialId])
        #expect(try await provider.signIn(request: use).prf == nil)
        use.prf = PrfAssertionInput(salts: PrfValues(first: one, second: two))
        #expect(try await provider.signIn(request: use).prf == keys)
        // Salts of its own come before those of all.
        use.prf?.perCredential = [made.credentialId: PrfValues(first: two)]
        #expect(try await provider.signIn(request: use).prf == PrfValues(first: #require(keys.second)))
        use.prf = PrfAssertionInput(salts: PrfValues(first: Data("short".utf8)))
        await #expect(throws: LatchkeyError.RequestMalformed) { try await provider.signIn(request: use) }
    }

    @Test func whatARelyingPartySignalsIsHiddenAndNotDeleted() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let provider = phone.provider()
        let made = try await provider.register(request: registration())
        let other = try await provider.register(request: registration(user: "other"))
        func offered() throws -> Set<Data> { try Set(provider.entries(rpId: "example.com").map(\.id)) }

        let hidden = try provider.signalUnknown(rpId: "example.com", credentialId: made.credentialId)
        #expect(hidden.map(\.id) == [made.credentialId] && hidden.allSatisfy(\.hidden))
        #expect(try offered() == [other.credentialId] && phone.passkeys().list().count == 2)
        try phone.passkeys().unhide(id: made.credentialId)
        #expect(try offered() == [made.credentialId, other.credentialId])

        let user = Data("user".utf8)
        #expect(try provider.signalAccepted(rpId: "example.com", userHandle: user, credentialIds: []).count == 1)
        #expect(try offered() == [other.credentialId])
        let again = try provider.signalAccepted(rpId: "example.com", userHandle: user, credentialIds: [made.credentialId])
        #expect(again.map(\.hidden) == [false])
        let renamed = try provider.signalUserDetails(rpId: "example.com", userHandle: user, name: "lovelace")
        #expect(renamed.map(\.userName) == ["lovelace"])
        #expect(try provider.signalUnknown(rpId: "example.org", credentialId: made.credentialId).isEmpty)
        #expect(try offered() == [made.credentialId, other.credentialId])
    }
}
