import AuthenticationServices
import Latchkey
import Support
import Testing

@testable import Samples

/// The guide's provider does what the guide says.
@MainActor @Suite(.timeLimit(.minutes(1)))
struct SamplesTests {
    let test: TestPhone
    let provider = MyProvider(nibName: nil, bundle: nil)

    init() throws {
        test = try TestPhone()
        provider.door = test.door
    }

    private func request(_ credentialId: Data = Data()) -> ASPasskeyCredentialRequest {
        let identity = ASPasskeyCredentialIdentity(
            relyingPartyIdentifier: "example.com", userName: "ada", credentialID: credentialId, userHandle: Data([1]))
        return ASPasskeyCredentialRequest(
            credentialIdentity: identity, clientDataHash: clientDataHash, userVerificationPreference: .required,
            supportedAlgorithms: [.ES256])
    }

    private func answer() async throws -> Any {
        let context = provider.extensionContext
        let before = context.completed.count + context.cancelled.count
        provider.viewDidAppear(false)
        while context.completed.count + context.cancelled.count == before { try await Task.sleep(for: .milliseconds(5)) }
        return context.cancelled.last ?? context.completed.last!
    }

    @Test func itRegistersAndSignsIn() async throws {
        provider.prepareInterface(forPasskeyRegistration: request())
        let made = try #require(try await answer() as? ASPasskeyRegistrationCredential)
        provider.prepareInterfaceToProvideCredential(for: request(made.credentialID))
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.credentialID == made.credentialID)
        #expect(test.isClosed)
        test.gate.answer.change { $0 = { _ in throw GateError.Denied } }
        provider.prepareInterfaceToProvideCredential(for: request(made.credentialID))
        #expect((try await answer() as? NSError)?.domain == ASExtensionErrorDomain)
    }
}
