import Foundation
import Latchkey
import Support
import Testing

@testable import LatchkeyShell

struct IdentitiesTests {
    private func passkey(
        _ id: UInt8, user: String = "ada", discoverable: Bool = true, hidden: Bool = false
    ) -> Passkey {
        Passkey(
            id: Data([id]), rpId: "example.com", rpName: nil, userHandle: Data([9]), userName: user,
            userDisplayName: nil, label: nil, discoverable: discoverable, hidden: hidden, backedUp: true, hardwareKey: false,
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

    @Test func aProviderThatIsTurnedOffListsNothing() async throws {
        let store = TestIdentities()
        let listed = Guarded(0)
        @Sendable func list() -> [Passkey] {
            listed.change { $0 += 1 }
            return [passkey(1)]
        }
        store.enabled.change { $0 = false }
        try await keepInStep(store, with: list())
        let changes = IdentityChanges(from: [], to: [Identity(passkey(1))])
        try await keepInStep(store, after: changes, of: list())
        #expect(store.calls.now.isEmpty)
        #expect(listed.now == 0)
        store.enabled.change { $0 = true }
        try await keepInStep(store, after: changes, of: list())
        #expect(store.calls.now == ["save"])
        #expect(listed.now == 0)
        // One that is told all or nothing.
        store.incremental.change { $0 = false }
        try await keepInStep(store, after: changes, of: list())
        #expect(store.calls.now == ["save", "replace"])
        #expect(listed.now == 1)
    }

    @Test func whatCannotBeFoundWithoutAListIsNotOffered() async throws {
        let store = TestIdentities()
        try await keepInStep(store, with: [passkey(1, discoverable: false)])
        #expect(store.held.now.isEmpty)
    }

    @Test func whatIsNoLongerAcceptedIsNotOffered() async throws {
        let store = TestIdentities()
        try await keepInStep(store, with: [passkey(1, hidden: true), passkey(2)])
        #expect(store.held.now == [Identity(passkey(2))])
    }

    @Test func changesLeadFromOneStateToTheOther() {
        let (one, two, three) = (Identity(passkey(1)), Identity(passkey(2)), Identity(passkey(3)))
        let changes = IdentityChanges(from: [one, two], to: [two, three])
        #expect(changes.remove == [one])
        #expect(changes.save == [three])
    }
}
