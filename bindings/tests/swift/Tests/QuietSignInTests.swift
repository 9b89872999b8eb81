import Foundation
import Latchkey
import Testing

/// Signing in where nothing may be shown: the system has offered the passkey itself.
@Suite(.timeLimit(.minutes(2)))
struct QuietSignInTests {
    @Test func theAnswerSaysWhoWasVerifiedAndNothingIsShown() async throws {
        let shell = try Shell()
        let provider = try await shell.open().provider()
        let made = try await provider.register(request: registration())
        let point = try #require(try AuthenticatorData(attested: made.attestationObject).point)
        shell.gate.prompts.update { $0.removeAll() }
        var request = assertion(allowed: [made.credentialId])

        func flags() async throws -> UInt8 {
            let signed = try await provider.signInQuietly(request: request)
            #expect(signed.credentialId == made.credentialId && signed.userHandle == Data("user".utf8))
            let message = signed.authenticatorData + clientDataHash
            #expect(try await Openssl.verifies(signed.signature, of: message, under: point))
            return try AuthenticatorData(signed.authenticatorData).flags
        }
        let present = AuthenticatorData.userPresent | AuthenticatorData.backupEligible | AuthenticatorData.backedUp

        // Nobody is known: iOS calls again with an interface, unless the relying party does without.
        shell.gate.answer.update { $0 = { _ in throw GateError.Unavailable } }
        await #expect(throws: LatchkeyError.ProviderLocked) { try await flags() }
        #expect(LatchkeyError.ProviderLocked.info().ios == [100])
        request.verificationDiscouraged = true
        #expect(try await flags() == present)

        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        for discouraged in [false, true] {
            request.verificationDiscouraged = discouraged
            #expect(try await flags() == present | AuthenticatorData.userVerified)
        }
        #expect(shell.gate.prompts.get().map(\.quiet) == [true, true, true, true])

        // A token ends it like any other.
        let cancel = Cancel()
        shell.gate.answer.update { $0 = { _ in cancel.cancel(); return try await forever() } }
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) {
            try await provider.signInQuietly(request: request, cancel: cancel)
        }

        // With an interface the person is asked.
        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        _ = try await provider.signIn(request: request)
        #expect(shell.gate.prompts.get().last?.quiet == false)

        // The offer of one that is hidden is out of date.
        _ = try provider.signalUnknown(rpId: "example.com", credentialId: made.credentialId)
        await #expect(throws: LatchkeyError.AuthCredentialUnusable) { try await flags() }
        #expect(LatchkeyError.AuthCredentialUnusable.info().ios == [101])
    }
}
