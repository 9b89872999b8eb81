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

    /// Android's way: JSON of WebAuthn, and who calls.
    @Test func anAppSignsInWithJson() async throws {
        let shell = try Shell()
        var config = shell.config
        config.platform = .android
        let phone = try await shell.open(config)
        let certificate = try await Openssl.sha256(Data("certificate".utf8))
        let fingerprint = certificate.map { String(format: "%02X", $0) }.joined(separator: ":")
        let caller = Caller(
            packageName: "com.example.app", certificates: [certificate],
            assetLinks: """
                [{"relation": ["delegate_permission/common.get_login_creds"], "target": {"namespace": "android_app",
                "package_name": "com.example.app", "sha256_cert_fingerprints": ["\(fingerprint)"]}}]
                """)
        let creation = """
            {"rp": {"id": "example.com", "name": "Example"}, "user": {"id": "dXNlcg", "name": "ada", "displayName": "Ada"},
            "challenge": "AAEC", "pubKeyCredParams": [{"type": "public-key", "alg": -7}]}
            """
        /// A member of a WebAuthn response, of base64url.
        func bytes(_ response: String, _ member: String) throws -> Data {
            let members = try #require(try json(Data(response.utf8))["response"] as? [String: Any])
            let text = try #require(members[member] as? String)
            let base64 = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
            return try #require(Data(base64Encoded: base64 + String(repeating: "=", count: (4 - base64.count % 4) % 4)))
        }

        let made = try await phone.provider().createJson(request: creation, caller: caller)
        let attested = try AuthenticatorData(bytes(made, "authenticatorData"))
        #expect(try phone.passkeys().list().map(\.id) == [attested.credentialId])
        let request = #"{"challenge": "AAEC", "rpId": "example.com"}"#
        let signed = try await phone.provider().getJson(request: request, caller: caller)
        let clientData = try bytes(signed, "clientDataJSON")
        let members = try json(clientData)
        #expect(members["type"] as? String == "webauthn.get" && members["challenge"] as? String == "AAEC")
        #expect(members["androidPackageName"] as? String == "com.example.app")
        #expect(try bytes(signed, "userHandle") == Data("user".utf8))
        let (data, signature) = (try bytes(signed, "authenticatorData"), try bytes(signed, "signature"))
        let point = try #require(attested.point)
        #expect(try await Openssl.verifies(signature, of: data + Openssl.sha256(clientData), under: point))
        #expect(try await !Openssl.verifies(signature, of: data + clientDataHash, under: point))
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
        // That there is one already, nobody has agreed to tell.
        for request in [
            registration(conditional: true), registration(user: "other", excluded: [made.credentialId], conditional: true),
        ] {
            await #expect(throws: LatchkeyError.ProviderLocked) { try await provider.register(request: request) }
        }
        #expect(shell.gate.prompts.get().isEmpty)
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
