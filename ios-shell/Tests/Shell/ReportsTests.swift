import Foundation
import Latchkey
import LatchkeyShell
import Support
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ReportsTests {
    let test: TestPhone
    init() throws { test = try TestPhone() }

    private func choices(_ allowed: [Data] = []) async throws -> [String?] {
        try await test.door.choices(rpId: "example.com", allowed: allowed).map(\.userName)
    }

    @Test func anUnknownPasskeyIsHiddenAndNotDeleted() async throws {
        let made = try await test.door.register(registration())
        try await test.door.reportUnknown(rpId: "example.com", credentialId: made.credentialId)
        #expect(test.identities.held.now.isEmpty)
        #expect(try await choices().isEmpty)
        // Where it is named it works, and stays hidden until it is accepted.
        _ = try await test.door.signIn(assertion([made.credentialId]))
        #expect(try await choices().isEmpty)
        #expect(test.identities.held.now.isEmpty)
        try await test.door.reportAccepted(
            rpId: "example.com", userHandle: Data("handle of ada".utf8), credentialIds: [made.credentialId])
        #expect(try await choices() == ["ada"])
        #expect(test.identities.held.now.count == 1)
    }

    @Test func aRelyingPartySpeaksOnlyOfItsOwn() async throws {
        let made = try await test.door.register(registration())
        try await test.door.reportUnknown(rpId: "evil.example", credentialId: made.credentialId)
        try await test.door.reportAccepted(rpId: "evil.example", userHandle: Data("handle of ada".utf8), credentialIds: [])
        try await test.door.reportRenamed(rpId: "evil.example", userHandle: Data("handle of ada".utf8), to: "mallory")
        #expect(try await choices() == ["ada"])
        #expect(test.identities.held.now.map(\.userName) == ["ada"])
    }

    @Test func whatIsAcceptedIsSaidOfOneAccountAlone() async throws {
        _ = try await test.door.register(registration(user: "ada"))
        let other = try await test.door.register(registration(user: "bob"))
        try await test.door.reportAccepted(rpId: "example.com", userHandle: Data("handle of bob".utf8), credentialIds: [])
        #expect(try await choices() == ["ada"])
        try await test.door.reportAccepted(
            rpId: "example.com", userHandle: Data("handle of bob".utf8), credentialIds: [other.credentialId])
        #expect(try await Set(choices()) == ["ada", "bob"])
    }

    @Test func aNewNameIsOfferedOnOneLine() async throws {
        _ = try await test.door.register(registration())
        try await test.door.reportRenamed(
            rpId: "example.com", userHandle: Data("handle of ada".utf8), to: "ada\nlovelace\u{202E}")
        #expect(test.identities.held.now.map(\.userName) == ["adalovelace"])
    }

    @Test func itsOwnerCanHaveItOfferedAgain() async throws {
        let made = try await test.door.register(registration())
        try await test.door.reportUnknown(rpId: "example.com", credentialId: made.credentialId)
        let detail = try await test.phone.once { phone in
            let passkeys = phone.passkeys()
            let detail = try passkeys.list().map { passkeyDetail($0) { _ in "today" } }
            try passkeys.unhide(id: made.credentialId)
            return detail
        }
        #expect(detail.first?.hasSuffix("so it is not offered") == true)
        #expect(try await choices() == ["ada"])
    }

    /// The new passkey of an account takes the place of the one before. What is offered of others is left as it is, and
    /// with it what the app has to bring in step.
    @Test func theSystemHearsOnlyOfWhatARegistrationHasChanged() async throws {
        let other = Identity(relyingParty: "example.org", userName: "ada", credentialId: Data([1]), userHandle: Data([1]))
        test.identities.held.change { $0 = [other] }
        _ = try await test.door.register(registration())
        let made = try await test.door.register(registration())
        #expect(test.identities.calls.now == ["save", "remove", "save"])
        #expect(Set(test.identities.held.now.map(\.credentialId)) == [made.credentialId, other.credentialId])
        try await test.door.offer()
        #expect(test.identities.held.now.map(\.credentialId) == [made.credentialId])
    }

    @Test func theSystemHearsOnlyOfWhatAReportHasChanged() async throws {
        let made = try await test.door.register(registration())
        let before = test.identities.calls.now
        try await test.door.reportUnknown(rpId: "example.com", credentialId: Data([1, 2, 3]))
        try await test.door.reportAccepted(
            rpId: "example.com", userHandle: Data("handle of ada".utf8), credentialIds: [made.credentialId])
        #expect(test.identities.calls.now == before)
        #expect(test.isClosed)
    }
}
