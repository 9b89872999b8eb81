import Foundation
import Latchkey
import LatchkeyShell
import LocalAuthentication
import UIKit

/// Asks the person on the screen that is open: which account, and then Face ID, Touch ID or the passcode.
public final class PromptGate: UserGate {
    private let screen: @MainActor @Sendable () -> UIViewController?

    public init(screen: @escaping @MainActor @Sendable () -> UIViewController?) {
        self.screen = screen
    }

    public func canVerify() throws -> Bool {
        LAContext().canEvaluatePolicy(.deviceOwnerAuthentication, error: nil)
    }

    public func ask(prompt: Prompt) async throws -> Consent {
        let words = PromptWords(prompt.kind)
        if prompt.quiet { return Consent(verified: try await recognise(words)) }
        guard let screen = await screen() else { throw GateError.Unavailable }
        let account = try await choose(screen, words, prompt.kind)
        if prompt.verify {
            return Consent(verified: try await evaluate(LAContext(), .deviceOwnerAuthentication, words), account: account)
        }
        guard try await pick(screen, words, ["Allow"]) == 0 else { throw GateError.Denied }
        return Consent(verified: false, account: account)
    }

    /// The choice among several accounts; there is no question about a single one.
    private func choose(_ screen: UIViewController, _ words: PromptWords, _ kind: PromptKind) async throws -> UInt32 {
        guard case .signIn(_, let accounts) = kind, accounts.count > 1 else { return 0 }
        return UInt32(try await pick(screen, words, accounts.map(accountName)))
    }

    /// Whether the system knows who is there without asking: a face or a finger has just unlocked this phone. No prompt of
    /// this app or of another counts, and none is shown.
    private func recognise(_ words: PromptWords) async throws -> Bool {
        let context = LAContext()
        context.interactionNotAllowed = true
        // Enough to unlock the phone at a page that asks, and to touch its suggestion; hardly enough for another to take the
        // phone and do it. iOS would allow five minutes.
        context.touchIDAuthenticationAllowableReuseDuration = 10
        return try await evaluate(context, .deviceOwnerAuthenticationWithBiometrics, words)
    }

    /// Whether the system verified the person, for this ceremony alone: the context is made for it.
    private func evaluate(_ made: LAContext, _ policy: LAPolicy, _ words: PromptWords) async throws -> Bool {
        nonisolated(unsafe) let context = made
        let reason = [words.title, words.detail].compactMap { $0 }.joined(separator: "\n")
        return try await withTaskCancellationHandler {
            do {
                return try await context.evaluatePolicy(policy, localizedReason: reason)
            } catch {
                throw gateError(laErrorCode: (error as NSError).code)
            }
        } onCancel: {
            context.invalidate()
        }
    }

    /// The index of the title that was touched.
    @MainActor
    private func pick(_ screen: UIViewController, _ words: PromptWords, _ titles: [String]) async throws -> Int {
        let alert = UIAlertController(title: words.title, message: words.detail, preferredStyle: .alert)
        let answer = Answer()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiting in
                answer.waiting = waiting
                for (index, title) in titles.enumerated() {
                    alert.addAction(UIAlertAction(title: title, style: .default) { _ in answer.give(.success(index)) })
                }
                alert.addAction(UIAlertAction(title: "Cancel", style: .cancel) { _ in
                    answer.give(.failure(GateError.Denied))
                })
                screen.present(alert, animated: true)
            }
        } onCancel: {
            Task { @MainActor in
                alert.dismiss(animated: false)
                answer.give(.failure(GateError.Denied))
            }
        }
    }
}

/// Given once, whoever comes first.
@MainActor
private final class Answer {
    var waiting: CheckedContinuation<Int, any Error>?

    func give(_ answer: Result<Int, any Error>) {
        waiting?.resume(with: answer)
        waiting = nil
    }
}
