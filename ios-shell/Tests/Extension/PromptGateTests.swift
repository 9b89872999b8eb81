import Foundation
import Latchkey
import LocalAuthentication
import Testing
import UIKit

@testable import LatchkeyPlatform
@testable import Samples

/// One after the other: they share what the system's prompt answers.
@MainActor @Suite(.serialized, .timeLimit(.minutes(1)))
struct PromptGateTests {
    private let screen = UIViewController(nibName: nil, bundle: nil)
    private var gate: PromptGate { PromptGate { [screen] in screen } }
    private let accounts = ["ada", "bob"].map { Account(credentialId: Data($0.utf8), userName: $0, userDisplayName: nil) }

    private func prompt(verify: Bool = true, accounts: Int = 1) -> Prompt {
        Prompt(
            kind: .signIn(rpId: "example.com", accounts: Array(self.accounts.prefix(accounts))), verify: verify, timeout: 30)
    }

    /// Touches the alert that is shown, or will be in a moment.
    private func touch(_ action: Int) async throws {
        while screen.presentedViewController == nil { try await Task.sleep(for: .milliseconds(5)) }
        let alert = try #require(screen.presentedViewController as? UIAlertController)
        screen.dismiss(animated: false)
        alert.actions[action].handler?(alert.actions[action])
    }

    @Test func nobodyIsVerifiedButByTheSystem() async throws {
        LAContext.next = .success(false)
        #expect(try await gate.ask(prompt: prompt()) == Consent(verified: false))
        LAContext.next = .success(true)
        #expect(try await gate.ask(prompt: prompt()) == Consent(verified: true))
    }

    @Test func theGateOfTheGuideBelievesTheSystemAlone() async throws {
        for yes in [false, true] {
            LAContext.next = .success(yes)
            #expect(try await FaceGate().ask(prompt: prompt()) == Consent(verified: yes))
        }
    }

    @Test func aYesWithoutTheSystemIsNoVerification() async throws {
        LAContext.next = .success(true)
        let (gate, prompt) = (gate, prompt(verify: false))
        async let consent = gate.ask(prompt: prompt)
        try await touch(0)
        #expect(try await consent == Consent(verified: false))
    }

    @Test func theAccountThatWasTouchedIsTheAnswer() async throws {
        LAContext.next = .success(true)
        let (gate, prompt) = (gate, prompt(accounts: 2))
        async let consent = gate.ask(prompt: prompt)
        try await touch(1)
        #expect(try await consent == Consent(verified: true, account: 1))
    }

    @Test func whoCancelsHasRefused() async throws {
        let (gate, prompt) = (gate, prompt(accounts: 2))
        let asking = Task { try await gate.ask(prompt: prompt) }
        try await touch(2)
        await #expect(throws: GateError.Denied) { try await asking.value }
        LAContext.next = .failure(NSError(domain: LAErrorDomain, code: -2))
        await #expect(throws: GateError.Denied) { try await gate.ask(prompt: self.prompt()) }
        LAContext.next = .failure(NSError(domain: LAErrorDomain, code: -8))
        await #expect(throws: GateError.LockedOut) { try await gate.ask(prompt: self.prompt()) }
    }

    @Test func promptsDisappearWithTheirCeremony() async throws {
        LAContext.next = nil
        for prompt in [prompt(), prompt(accounts: 2)] {
            let gate = gate
            let asking = Task { try await gate.ask(prompt: prompt) }
            try await Task.sleep(for: .milliseconds(50))
            asking.cancel()
            await #expect(throws: GateError.self) { try await asking.value }
        }
    }

    @Test func withoutAScreenNothingIsAsked() async throws {
        await #expect(throws: GateError.Unavailable) { try await PromptGate { nil }.ask(prompt: self.prompt()) }
    }
}
