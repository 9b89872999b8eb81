import Foundation
import Latchkey
import LatchkeyShell
import Support
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ProviderDoorTests {
    let test: TestPhone
    init() throws { test = try TestPhone() }

    @Test func aRegistrationIsAnsweredClosedAndOffered() async throws {
        let made = try await test.door.register(registration())
        #expect(test.isClosed)
        #expect(test.identities.held.now == [
            Identity(
                relyingParty: "example.com", userName: "ada", credentialId: made.credentialId,
                userHandle: Data("handle of ada".utf8))
        ])
        // Attestation `none`; UP, UV, BE, BS, AT and ED as iOS demands.
        let flags = try #require(made.attestationObject.range(of: Data("authData".utf8))?.upperBound) + 2 + 32
        #expect(made.attestationObject.range(of: Data("fmtdnone".utf8)) != nil)
        #expect(made.attestationObject[flags] == 0x5D)
    }

    @Test func aSignInSaysThatThePersonWasVerifiedAndClosesTheDatabase() async throws {
        let made = try await test.door.register(registration())
        let signed = try await test.door.signIn(assertion([made.credentialId]))
        #expect(signed.authenticatorData[32] == 0x1D)
        #expect(test.gate.prompts.now.map(\.verify) == [true, true])
        #expect(test.isClosed)
    }

    @Test func whoWasNotVerifiedDoesNotSignIn() async throws {
        let made = try await test.door.register(registration())
        test.gate.answer.change { $0 = { _ in Consent(verified: false) } }
        await #expect(throws: LatchkeyError.self) { try await test.door.signIn(assertion([made.credentialId])) }
        #expect(test.isClosed)
    }

    @Test func whoRefusesLeavesNothingBehind() async throws {
        test.gate.answer.change { $0 = { _ in throw GateError.Denied } }
        let refusal = await refusal { try await test.door.register(registration()) }
        #expect(refusal?.code == .userCanceled)
        #expect(test.identities.held.now.isEmpty)
        #expect(test.isClosed)
    }

    @Test func anExcludedPasskeyIsToldFromIOS18On() async throws {
        let made = try await test.door.register(registration())
        do {
            _ = try await test.door.register(registration(excluded: [made.credentialId]))
            Issue.record("it was made")
        } catch {
            #expect(Refusal(error, knowsExcluded: true).code == .matchedExcludedCredential)
            #expect(Refusal(error, knowsExcluded: false).code == .failed)
        }
    }

    @Test func aConditionalRegistrationAsksNobodyAndTellsOfNoPasskey() async throws {
        let made = try await test.door.register(registration(conditional: true))
        for request in [
            registration(conditional: true), registration(user: "eve", excluded: [made.credentialId], conditional: true),
        ] {
            let refusal = await refusal { try await test.door.register(request) }
            #expect(refusal?.code == .userInteractionRequired)
            #expect(test.isClosed)
        }
        #expect(test.gate.prompts.now.isEmpty)
        #expect(test.identities.held.now.map(\.credentialId) == [made.credentialId])
    }

    @Test func closingTheSheetEndsTheCeremony() async throws {
        let cancel = Cancel()
        test.gate.answer.change {
            $0 = { _ in
                cancel.cancel()
                try await Task.sleep(for: .seconds(60))
                return Consent(verified: true)
            }
        }
        let refusal = await refusal { try await test.door.register(registration(), cancel: cancel) }
        #expect(refusal?.code == .userCanceled)
        #expect(test.isClosed)
    }

    @Test func aQuietSignInShowsNothingAndClosesTheDatabase() async throws {
        let made = try await test.door.register(registration())
        let locked = await refusal { try await test.door.signInQuietly(assertion([made.credentialId])) }
        #expect(locked?.code == .userInteractionRequired)
        #expect(test.isClosed)
        let signed = try await test.door.signInQuietly(assertion([made.credentialId], discouraged: true))
        #expect(signed.authenticatorData[32] == 0x19)
        #expect(test.isClosed)
        #expect(test.gate.prompts.now.count == 1)
        #expect(test.identities.held.now.count == 1)
    }

    @Test(arguments: [false, true])
    func anOfferOfAPasskeyThatIsGoneOrHiddenIsTakenBack(_ hidden: Bool) async throws {
        let made = try await test.door.register(registration())
        try await test.phone.once { phone in
            guard hidden else { return try await phone.passkeys().delete(id: made.credentialId) }
            _ = try phone.provider().signalUnknown(rpId: "example.com", credentialId: made.credentialId)
        }
        #expect(test.identities.held.now.count == 1)
        let refusal = await refusal {
            try await test.door.signInQuietly(assertion([made.credentialId], discouraged: true))
        }
        #expect(refusal?.code == .credentialIdentityNotFound)
        #expect(test.identities.held.now.isEmpty)
        #expect(test.isClosed)
    }

    @Test func requestsThatComeTogetherAreAllAnswered() async throws {
        let door = test.door
        let users = (0..<8).map { "user \($0)" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for user in users { group.addTask { _ = try await door.register(registration(user: user)) } }
            try await group.waitForAll()
        }
        #expect(Set(test.identities.held.now.map(\.userName)) == Set(users))
        #expect(test.isClosed)
    }

    @Test func aProviderThatIsTurnedOnLaterOffersWhatThereIs() async throws {
        test.identities.enabled.change { $0 = false }
        _ = try await test.door.register(registration())
        #expect(test.identities.calls.now.isEmpty)
        test.identities.enabled.change { $0 = true }
        try await test.door.offer()
        #expect(test.identities.held.now.count == 1)
    }

    private func refusal<Answer>(_ work: () async throws -> Answer) async -> Refusal? {
        do {
            _ = try await work()
            return nil
        } catch {
            return Refusal(error, knowsExcluded: true)
        }
    }
}
