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
        // A file that is still open when the process is suspended costs it its life.
        provider.extensionContext.answering = { [test] in #expect(test.isClosed) }
    }

    private func identity(_ credentialId: Data) -> ASPasskeyCredentialIdentity {
        ASPasskeyCredentialIdentity(
            relyingPartyIdentifier: "example.com", userName: "ada", credentialID: credentialId,
            userHandle: Data("handle of ada".utf8))
    }

    private func request(
        _ credentialId: Data = Data(), excluded: [Data] = [], asking: ASPasskeyRegistrationCredentialExtensionInput? = nil,
        verification: ASAuthorizationPublicKeyCredentialUserVerificationPreference = .preferred
    ) -> ASPasskeyCredentialRequest {
        let request = ASPasskeyCredentialRequest(
            credentialIdentity: identity(credentialId), clientDataHash: Support.clientDataHash,
            userVerificationPreference: verification, supportedAlgorithms: [.ES256], extensionInput: asking)
        request.excludedCredentials = excluded.map(ASAuthorizationPlatformPublicKeyCredentialDescriptor.init)
        return request
    }

    /// The answer to what has just been asked for.
    private func answer() async throws -> Any {
        let context = provider.extensionContext
        let (completed, cancelled) = (context.completed.count, context.cancelled.count)
        provider.viewDidAppear(false)
        while context.completed.count == completed, context.cancelled.count == cancelled {
            try await Task.sleep(for: .milliseconds(5))
        }
        return context.completed.count > completed ? context.completed.last! : context.cancelled.last!
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

    @Test(arguments: [ASAuthorizationPublicKeyCredentialUserVerificationPreference.preferred, .required])
    func withoutInteractionAnInterfaceIsAskedFor(
        _ verification: ASAuthorizationPublicKeyCredentialUserVerificationPreference
    ) async throws {
        let made = try await register()
        let request = request(made.credentialID, verification: verification)
        provider.provideCredentialWithoutUserInteraction(for: request)
        #expect((try await answer() as? NSError)?.code == 100)
        #expect(test.gate.prompts.now.count == 1)
        // The system comes again, with an interface.
        provider.prepareInterfaceToProvideCredential(for: request)
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.authenticatorData[32] == 0x1D)
        #expect(test.gate.prompts.now.count == 2)
    }

    @Test func withoutInteractionOneWhoIsKnownIsVerified() async throws {
        let made = try await register()
        test.gate.quietly.change { $0 = { _ in Consent(verified: true) } }
        provider.provideCredentialWithoutUserInteraction(for: request(made.credentialID, verification: .required))
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.credentialID == made.credentialID)
        #expect(signed.authenticatorData[32] == 0x1D)
        #expect(test.gate.prompts.now.count == 1)
    }

    @Test func withoutInteractionTheChoiceIsEnoughWhereVerificationIsDiscouraged() async throws {
        let made = try await register()
        provider.provideCredentialWithoutUserInteraction(for: request(made.credentialID, verification: .discouraged))
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.userHandle == Data("handle of ada".utf8))
        #expect(signed.authenticatorData[32] == 0x19)
        #expect(test.gate.prompts.now.count == 1)
        #expect(provider.presentedViewController == nil)
        #expect(provider.children.isEmpty)
    }

    @Test func withoutInteractionThereAreNoKeysOfPrf() async throws {
        let made = try await register()
        let request = ASPasskeyCredentialRequest(
            credentialIdentity: identity(made.credentialID), clientDataHash: Support.clientDataHash,
            userVerificationPreference: .discouraged, supportedAlgorithms: [],
            extensionInput: ASPasskeyAssertionCredentialExtensionInput(prf: .inputValues(salts(1))))
        provider.provideCredentialWithoutUserInteraction(for: request)
        #expect((try await answer() as? NSError)?.code == 100)
    }

    @Test func whatFailsInSilenceIsToldWithAnInterface() async throws {
        let made = try await register()
        test.gate.enrolled.change { $0 = false }
        let request = request(made.credentialID, verification: .discouraged)
        provider.provideCredentialWithoutUserInteraction(for: request)
        #expect((try await answer() as? NSError)?.code == 100)
        #expect(provider.presentedViewController == nil)
        provider.prepareInterfaceToProvideCredential(for: request)
        while provider.presentedViewController == nil { try await Task.sleep(for: .milliseconds(5)) }
        let alert = try #require(provider.presentedViewController as? UIAlertController)
        #expect(alert.title == LatchkeyError.ProviderBiometricsMissing.info().title)
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

    @Test(arguments: [
        (nil, LatchkeyError.AuthUvFailed), (GateError.Unavailable, .ProviderLocked), (.LockedOut, .AuthUvFailed),
    ])
    func aFailureIsReadBeforeTheSystemHearsOfIt(_ failure: GateError?, _ expected: LatchkeyError) async throws {
        test.gate.answer.change {
            $0 = { _ in
                if let failure { throw failure }
                return Consent(verified: false)
            }
        }
        provider.prepareInterface(forPasskeyRegistration: request())
        provider.viewDidAppear(false)
        while provider.presentedViewController == nil { try await Task.sleep(for: .milliseconds(5)) }
        let alert = try #require(provider.presentedViewController as? UIAlertController)
        #expect(alert.title == expected.info().title)
        #expect(alert.message == expected.info().explanation + "\n" + expected.info().nextStep)
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

    @Test func whoMustBeVerifiedCannotBeRegisteredInSilence() async throws {
        provider.performWithoutUserInteractionIfPossible(passkeyRegistration: request(verification: .required))
        #expect((try await answer() as? NSError)?.code == 100)
        #expect(test.gate.prompts.now.isEmpty)
        #expect(test.identities.held.now.isEmpty)
    }

    @Test func inSilenceNobodyLearnsThatThereIsAPasskey() async throws {
        let made = try await register()
        let requests = [request(), request(excluded: [made.credentialID]), request(verification: .required)]
        for request in requests {
            provider.performWithoutUserInteractionIfPossible(passkeyRegistration: request)
            let error = try #require(try await answer() as? NSError)
            #expect(error.code == 100)
            #expect(error.userInfo.isEmpty)
        }
        #expect(test.gate.prompts.now.count == 1)
        #expect(test.identities.held.now.map(\.credentialId) == [made.credentialID])
        #expect(provider.children.isEmpty)
        #expect(provider.presentedViewController == nil)
    }

    @Test func extensionsThatAreAskedForAreAnswered() async throws {
        provider.prepareInterface(
            forPasskeyRegistration: request(asking: .init(largeBlob: .supportPreferred, prf: .checkForSupport)))
        let output = try #require(try await answer() as? ASPasskeyRegistrationCredential).extensionOutput
        #expect(output?.prf?.isSupported == true)
        #expect(output?.prf?.first == nil)
        #expect(output?.largeBlob?.isSupported == false)
        provider.prepareInterface(forPasskeyRegistration: request(asking: .init(largeBlob: .supportPreferred)))
        #expect(try #require(try await answer() as? ASPasskeyRegistrationCredential).extensionOutput?.prf == nil)
    }

    @Test func oneSaltGivesOneKeyWhereverItIsAskedFor() async throws {
        provider.prepareInterface(forPasskeyRegistration: request(asking: .init(prf: .inputValues(salts(1, 2)))))
        let made = try #require(try await answer() as? ASPasskeyRegistrationCredential)
        let atBirth = try #require(made.extensionOutput?.prf)
        let first = try #require(atBirth.first)
        #expect(first.bitCount == 256)
        #expect(atBirth.second != nil && atBirth.second != first)

        let again = try await keys(made.credentialID, .inputValues(salts(1, 2)))
        #expect(again?.first == first)
        #expect(again?.second == atBirth.second)
        let turned = try await keys(made.credentialID, .inputValues(salts(2)))
        #expect(turned?.first == atBirth.second)
        #expect(turned?.second == nil)
    }

    @Test func aPasskeysOwnSaltsGoBeforeThoseForAll() async throws {
        let made = try await register()
        let other = try await test.door.register(registration(user: "bob")).credentialId
        let (own, all) = (salts(1), salts(2))
        let ofOwn = try #require(try await keys(made.credentialID, .inputValues(own)))
        let ofAll = try #require(try await keys(made.credentialID, .inputValues(all)))
        #expect(ofOwn.first != ofAll.first)
        let both = ASAuthorizationPublicKeyCredentialPRFAssertionInput.inputValues(
            all, perCredentialInputValues: [made.credentialID: own])
        #expect(try await keys(made.credentialID, both)?.first == ofOwn.first)
        // Salts for another passkey are none for this one, which falls back on those for all, if there are some.
        let others = ASAuthorizationPublicKeyCredentialPRFAssertionInput.inputValues(
            all, perCredentialInputValues: [other: own])
        #expect(try await keys(made.credentialID, others)?.first == ofAll.first)
        #expect(try await keys(made.credentialID, .perCredentialInputValues([other: own])) == nil)
        // And no two passkeys have a key in common.
        #expect(try await keys(other, .inputValues(own))?.first != ofOwn.first)
    }

    @Test func aListAnswersExtensionsToo() async throws {
        let made = try await register()
        let alone = try #require(try await keys(made.credentialID, .inputValues(salts(1))))
        let parameters = Parameters()
        parameters.extensionInput = ASPasskeyAssertionCredentialExtensionInput(prf: .inputValues(salts(1)))
        provider.prepareCredentialList(for: [], requestParameters: parameters)
        let list = try await list()
        list.tableView(list.tableView, didSelectRowAt: IndexPath(row: 0, section: 0))
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.extensionOutput?.prf?.first == alone.first)
    }

    private func salts(_ first: UInt8, _ second: UInt8? = nil) -> ASAuthorizationPublicKeyCredentialPRFAssertionInput.InputValues {
        .init(saltInput1: Data(repeating: first, count: 32), saltInput2: second.map { Data(repeating: $0, count: 32) })
    }

    /// What a sign-in answers to PRF.
    private func keys(
        _ credentialId: Data, _ input: ASAuthorizationPublicKeyCredentialPRFAssertionInput
    ) async throws -> ASAuthorizationPublicKeyCredentialPRFAssertionOutput? {
        provider.prepareInterfaceToProvideCredential(
            for: ASPasskeyCredentialRequest(
                credentialIdentity: identity(credentialId), clientDataHash: Support.clientDataHash,
                userVerificationPreference: .required, supportedAlgorithms: [],
                extensionInput: ASPasskeyAssertionCredentialExtensionInput(prf: input)))
        return try #require(try await answer() as? ASPasskeyAssertionCredential).extensionOutput?.prf
    }

    @Test func theListSignsInWithWhatIsTouched() async throws {
        let made = try await register()
        _ = try await test.door.register(registration(user: "bob"))
        provider.prepareCredentialList(for: [], requestParameters: Parameters())
        let list = try await list()
        #expect(list.tableView(list.tableView, numberOfRowsInSection: 0) == 2)
        let row = (0..<2).first { text(list, $0) == "ada" }
        list.tableView(list.tableView, didSelectRowAt: IndexPath(row: try #require(row), section: 0))
        let signed = try #require(try await answer() as? ASPasskeyAssertionCredential)
        #expect(signed.credentialID == made.credentialID)
    }

    @Test func whoClosesTheSheetHasRefusedAndMayComeAgain() async throws {
        test.gate.answer.change {
            $0 = { _ in
                try await Task.sleep(for: .seconds(60))
                return Consent(verified: true)
            }
        }
        provider.prepareInterface(forPasskeyRegistration: request())
        provider.viewDidAppear(false)
        while test.gate.prompts.now.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        provider.viewWillDisappear(false)
        while provider.extensionContext.cancelled.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        #expect((provider.extensionContext.cancelled.last as? NSError)?.code == 1)
        test.gate.answer.change { $0 = { Consent(verified: $0.verify) } }
        provider.prepareInterface(forPasskeyRegistration: request())
        provider.viewDidAppear(false)
        while provider.extensionContext.completed.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aProviderThatIsTurnedOnSaysSoAndOffersWhatThereIs() async throws {
        test.identities.enabled.change { $0 = false }
        _ = try await test.door.register(registration())
        test.identities.enabled.change { $0 = true }
        provider.prepareInterfaceForExtensionConfiguration()
        let list = try await list()
        #expect(text(list, 0) == "Latchkey is on")
        #expect(test.identities.held.now.count == 1)
        list.tableView(list.tableView, didSelectRowAt: IndexPath(row: 1, section: 0))
        #expect(provider.extensionContext.completed.last as? String == "configured")
    }

    @Test func whatIsNotAboutPasskeysIsRefused() async throws {
        provider.prepareCredentialList(for: [])
        #expect((provider.extensionContext.cancelled.last as? NSError)?.code == 101)
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

    @Test func aReportThatHangsHoldsNothingOpenOnceItsTimeIsOver() async throws {
        let made = try await register()
        test.identities.hangs.change { $0 = true }
        let blocks = Guarded<[@Sendable (Bool) -> Void]>([])
        StubActivity.$begun.withValue({ block in blocks.change { $0.append(block) } }) {
            provider.reportUnknownPublicKeyCredential(forRelyingParty: "example.com", credentialID: made.credentialID)
        }
        while test.identities.waiting.now == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(!test.isClosed)
        let expire = try #require(blocks.now.first)
        await withCheckedContinuation { over in
            DispatchQueue.global().async {
                expire(true)
                over.resume()
            }
        }
        #expect(test.isClosed)
        test.identities.hangs.change { $0 = false }
    }

    private func list() async throws -> UITableViewController {
        provider.viewDidAppear(false)
        while provider.children.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let navigation = try #require(provider.children.first as? UINavigationController)
        return try #require(navigation.topViewController as? UITableViewController)
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
