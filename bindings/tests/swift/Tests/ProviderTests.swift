import Foundation
import Latchkey
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProviderTests {
    @Test func registerAndSignIn() async throws {
        let shell = try Shell()
        let provider = try await shell.open().provider()
        let made = try await provider.register(request: registration())
        // {"fmt": "none", "attStmt": {}, "authData": ...}; the flags follow the hash of the RP ID.
        let object = made.attestationObject
        let data = try #require(object.range(of: Data("authData".utf8))?.upperBound) + 2
        #expect(object.range(of: Data("fmtdnone".utf8)) != nil)
        #expect(object[data + 32] == 0x5D)

        let signed = try await provider.signIn(request: assertion(allowed: [made.credentialId]))
        #expect(signed.credentialId == made.credentialId)
        #expect(signed.userHandle == Data("user".utf8))
        #expect(signed.authenticatorData[32] == 0x1D)
        #expect(signed.signature.first == 0x30)
        #expect(shell.gate.prompts.get().map(\.verify) == [true, true])
        guard case .register("example.com", nil, "ada", nil) = shell.gate.prompts.get()[0].kind else {
            Issue.record("another prompt")
            return
        }
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
        _ = try await provider.register(request: registration(conditional: true))
        #expect(shell.gate.prompts.get().isEmpty)
        await #expect(throws: LatchkeyError.RegAlreadyRegistered) {
            try await provider.register(request: registration(conditional: true))
        }
    }
}
