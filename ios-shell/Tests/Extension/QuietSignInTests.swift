import AuthenticationServices
import Latchkey
import LatchkeyPlatform
import LocalAuthentication
import Support
import Testing
import UIKit

@testable import LatchkeyProvider
@testable import Samples

/// Where nothing may be shown, over the system's own answer. One after the other: they share how long the phone has been
/// unlocked.
@MainActor @Suite(.serialized, .timeLimit(.minutes(1)))
struct QuietSignInTests {
    private let screen = UIViewController(nibName: nil, bundle: nil)

    private func prompt(quiet: Bool = true) -> Prompt {
        let account = Account(credentialId: Data([1]), userName: "ada", userDisplayName: nil)
        return Prompt(kind: .signIn(rpId: "example.com", accounts: [account]), verify: true, timeout: 3, quiet: quiet)
    }

    @Test(arguments: [true, false])
    func whoHasJustUnlockedThePhoneIsVerified(_ screen: Bool) async throws {
        LAContext.unlocked = 9
        let gate = PromptGate { [self] in screen ? self.screen : nil }
        #expect(try await gate.ask(prompt: prompt()) == Consent(verified: true))
        #expect(self.screen.presentedViewController == nil)
    }

    @Test(arguments: [nil, 11, 300])
    func nobodyElseIs(_ unlocked: TimeInterval?) async throws {
        LAContext.unlocked = unlocked
        let gate = PromptGate { [screen] in screen }
        await #expect(throws: GateError.Unavailable) { try await gate.ask(prompt: self.prompt()) }
        #expect(screen.presentedViewController == nil)
    }

    @Test func thePromptOfTheGuideIsNotShown() async throws {
        LAContext.unlocked = 1
        await #expect(throws: GateError.Unavailable) { try await FaceGate().ask(prompt: self.prompt()) }
    }

    /// The whole way: the system's call, the core, the system's answer about the person.
    @Test(arguments: [(1, 0x1D), (nil, nil)] as [(TimeInterval?, UInt8?)])
    func aSuggestionIsAnsweredAsTheSystemSays(_ unlocked: TimeInterval?, _ flags: UInt8?) async throws {
        LAContext.unlocked = unlocked
        let (test, provider) = (try TestPhone(), CredentialProviderViewController(nibName: nil, bundle: nil))
        let gate = PromptGate { provider }
        test.gate.quietly.change { $0 = { try await gate.ask(prompt: $0) } }
        provider.door = test.door
        let made = try await test.door.register(registration())
        let shown = test.gate.prompts.now.count
        let identity = ASPasskeyCredentialIdentity(
            relyingPartyIdentifier: "example.com", userName: "ada", credentialID: made.credentialId,
            userHandle: Data("handle of ada".utf8))
        provider.provideCredentialWithoutUserInteraction(
            for: ASPasskeyCredentialRequest(
                credentialIdentity: identity, clientDataHash: clientDataHash, userVerificationPreference: .required,
                supportedAlgorithms: []))
        let context = provider.extensionContext
        while context.completed.isEmpty && context.cancelled.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect((context.completed.first as? ASPasskeyAssertionCredential)?.authenticatorData[32] == flags)
        #expect((context.cancelled.first as? NSError)?.code == (flags == nil ? 100 : nil))
        #expect(test.gate.prompts.now.count == shown)
        #expect(provider.presentedViewController == nil)
        #expect(test.isClosed)
    }
}
