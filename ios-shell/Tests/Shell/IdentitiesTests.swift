import Foundation
import Latchkey
import Support
import Testing

@testable import LatchkeyShell

struct IdentitiesTests {
    private func passkey(_ id: UInt8, user: String = "ada", discoverable: Bool = true) -> Passkey {
        Passkey(
            id: Data([id]), rpId: "example.com", rpName: nil, userHandle: Data([9]), userName: user,
            userDisplayName: nil, label: nil, discoverable: discoverable, backedUp: true, hardwareKey: false,
            createdAt: Date(timeIntervalSince1970: 0), lastUsedAt: nil)
    }

    @Test func onlyWhatDiffersIsChanged() async throws {
        let store = TestIdentities()
        try await keepInStep(store, with: [passkey(1), passkey(2)])
        try await keepInStep(store, with: [passkey(1), passkey(2)])
        try await keepInStep(store, with: [passkey(2, user: "bob"), passkey(3)])
        #expect(store.calls.now == ["save", "remove", "save"])
        #expect(store.held.now == Set([passkey(2, user: "bob"), passkey(3)].map(Identity.init)))
    }

    @Test func aStoreThatCannotBeChangedInPartIsReplaced() async throws {
        let store = TestIdentities()
        store.incremental.change { $0 = false }
        try await keepInStep(store, with: [passkey(1)])
        try await keepInStep(store, with: [])
        #expect(store.calls.now == ["replace", "replace"])
        #expect(store.held.now.isEmpty)
    }

    @Test func whatCannotBeFoundWithoutAListIsNotOffered() async throws {
        let store = TestIdentities()
        try await keepInStep(store, with: [passkey(1, discoverable: false)])
        #expect(store.held.now.isEmpty)
    }

    @Test func whatIsNoLongerAcceptedIsNotOffered() async throws {
        let store = TestIdentities()
        var hidden = passkey(1)
        hidden.hidden = true
        try await keepInStep(store, with: [hidden, passkey(2)])
        #expect(store.held.now == [Identity(passkey(2))])
    }

    @Test func changesLeadFromOneStateToTheOther() {
        let (one, two, three) = (Identity(passkey(1)), Identity(passkey(2)), Identity(passkey(3)))
        let changes = IdentityChanges(from: [one, two], to: [two, three])
        #expect(changes.remove == [one])
        #expect(changes.save == [three])
    }
}
