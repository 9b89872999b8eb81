import AuthenticationServices
import Latchkey
import LatchkeyShell
import Support
import Testing

@testable import LatchkeyProvider

/// The extension as the system calls it, over the core itself.
@MainActor @Suite(.timeLimit(.minutes(2)))
struct ProviderTests {
    let test: TestPhone
    let provider = CredentialProviderViewController(nibName: nil, bundle: nil)

    init() throws {
        test = try TestPhone()
        provider.door = test.door
    }

    private func identity(_ credentialId: Data) -> ASPasskeyCredentialIdentity {
        ASPasskeyCredentialIdentity(
            relyingPartyIdentifier: "example.com", userName: "ada", credentialID: credentialId,
            userHandle: Data("handle of ada".utf8))
    }

    private func request(
        _ credentialId: Data = Data(), excluded: [Data] = [], asking: ASPasskeyRegistrationCredentialExtensionInput? = nil
    ) -> ASPasskeyCredentialRequest {
        let request = ASPasskeyCredentialRequest(
            credentialIdentity: identity(credentialId), clientDataHash: Support.clientDataHash,
            userVerificationPreference: .required, supportedAlgorithms: [.ES256], extensionInput: asking)
        request.excludedCredentials = excluded.map(ASAuthorizationPlatformPublicKeyCredentialDescriptor.init)
        return request
    }

    /// The answer to what has just been asked for.
    private func answer() async throws -> Any {
        let context = provider.extensionContext
        let before = context.completed.count + context.cancelled.count
        provider.viewDidAppear(false)
        while context.completed.count + context.cancelled.count == before { try await Task.sleep(for: .milliseconds(5)) }
        return context.completed.count + context.cancelled.count > before && context.cancelled.isEmpty
            ? context.completed.last! : context.cancelled.last!
    }

    private func register() async throws -> ASPasskeyRegistrationCredential {
        provider.prepareInterface(forPasskeyRegistration: request())
        return try #require(try await answer() as? ASPasskeyRegistrationCredential)
    }

    @Test func registrationThenAssertionWithAnInterface() async throws {
        let made = try await register()
        #expect(made.relyingParty == "example.com")
        #expect(made.clientDataHash == clientDataHash)
        #expect(made.extensionOutput == nil)
        provider.prepareInterfaceToProvideCredential(for: request(made.credentialID))
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.credentialID == made.credentialID)
        #expect(signed.userHandle == Data("handle of ada".utf8))
        #expect(signed.authenticatorData[32] == 0x1D)
        #expect(signed.signature.first == 0x30)
        #expect(test.isClosed)
    }

    @Test func nothingIsAskedBeforeTheViewIsThere() async throws {
        provider.prepareInterface(forPasskeyRegistration: request())
        try await Task.sleep(for: .milliseconds(100))
        #expect(test.gate.prompts.now.isEmpty)
        #expect(try await answer() is ASPasskeyRegistrationCredential)
    }

    @Test func withoutInteractionAnInterfaceIsAskedFor() async throws {
        let made = try await register()
        provider.provideCredentialWithoutUserInteraction(for: request(made.credentialID))
        #expect((try await answer() as? NSError)?.code == 100)
        #expect(test.gate.prompts.now.count == 1)
    }

    @Test func withoutInteractionAPasskeyThatIsGoneIsNotFound() async throws {
        provider.provideCredentialWithoutUserInteraction(for: request(Data([1])))
        let error = try #require(try await answer() as? NSError)
        #expect(error.domain == ASExtensionErrorDomain)
        #expect(error.code == 101)
    }

    @Test func anExcludedPasskeyHasItsOwnCode() async throws {
        let made = try await register()
        provider.prepareInterface(forPasskeyRegistration: request(excluded: [made.credentialID]))
        let error = try #require(try await answer() as? NSError)
        #expect(error.code == 102)
        let reason = error.userInfo[ASExtensionLocalizedFailureReasonErrorKey] as? String
        #expect(reason == LatchkeyError.RegAlreadyRegistered.info().title)
    }

    @Test func aFailureIsReadBeforeTheSystemHearsOfIt() async throws {
        test.gate.answer.change { $0 = { _ in Consent(verified: false) } }
        provider.prepareInterface(forPasskeyRegistration: request())
        provider.viewDidAppear(false)
        while provider.presentedViewController == nil { try await Task.sleep(for: .milliseconds(5)) }
        let alert = try #require(provider.presentedViewController as? UIAlertController)
        #expect(alert.title == LatchkeyError.AuthUvFailed.info().title)
        #expect(provider.extensionContext.cancelled.isEmpty)
        #expect(test.isClosed)
        alert.actions[0].handler?(alert.actions[0])
        #expect((provider.extensionContext.cancelled.first as? NSError)?.code == 0)
    }

    @Test func aConditionalRegistrationShowsNothing() async throws {
        provider.performWithoutUserInteractionIfPossible(passkeyRegistration: request())
        #expect(try await answer() is ASPasskeyRegistrationCredential)
        #expect(test.gate.prompts.now.isEmpty)
        #expect(provider.children.isEmpty)
    }

    @Test func whatCannotBeDoneForAnExtensionIsSaid() async throws {
        provider.prepareInterface(
            forPasskeyRegistration: request(asking: .init(largeBlob: .supportPreferred, prf: .checkForSupport)))
        let made = try #require(try await answer() as? ASPasskeyRegistrationCredential)
        #expect(made.extensionOutput?.prf?.isSupported == false)
        #expect(made.extensionOutput?.largeBlob?.isSupported == false)
    }

    @Test func theListSignsInWithWhatIsTouched() async throws {
        let made = try await register()
        _ = try await test.door.register(registration(user: "bob"))
        provider.prepareCredentialList(for: [], requestParameters: Parameters())
        while provider.children.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let navigation = try #require(provider.children.first as? UINavigationController)
        let list = try #require(navigation.topViewController as? UITableViewController)
        #expect(list.tableView(list.tableView, numberOfRowsInSection: 0) == 2)
        let row = (0..<2).first { text(list, $0) == "ada" }
        list.tableView(list.tableView, didSelectRowAt: IndexPath(row: try #require(row), section: 0))
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.credentialID == made.credentialID)
    }

    @Test func reportsArriveThoughTheMethodReturnedAtOnce() async throws {
        let made = try await register()
        provider.reportUnknownPublicKeyCredential(forRelyingParty: "example.com", credentialID: made.credentialID)
        while !test.identities.held.now.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        provider.reportAllAcceptedPublicKeyCredentials(
            forRelyingParty: "example.com", userHandle: Data("handle of ada".utf8), acceptedCredentialIDs: [made.credentialID])
        provider.reportPublicKeyCredentialUpdate(
            forRelyingParty: "example.com", userHandle: Data("handle of ada".utf8), newName: "lovelace")
        while test.identities.held.now.map(\.userName) != ["lovelace"] { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func text(_ list: UITableViewController, _ row: Int) -> String? {
        let cell = list.tableView(list.tableView, cellForRowAt: IndexPath(row: row, section: 0))
        return (cell.contentConfiguration as? UIListContentConfiguration)?.text
    }
}

private final class Parameters: ASPasskeyCredentialRequestParameters {
    override var relyingPartyIdentifier: String { "example.com" }
    override var clientDataHash: Data { Support.clientDataHash }
}
