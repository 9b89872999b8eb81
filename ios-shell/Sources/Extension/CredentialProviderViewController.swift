import AuthenticationServices
import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// The passkey provider, as the system calls it. Each request ends with one answer, by which time the database is closed.
final class CredentialProviderViewController: ASCredentialProviderViewController {
    private lazy var surroundings = Surroundings { [weak self] in self }
    lazy var door = surroundings.door

    private var cancel = Cancel()
    /// What waits for this view to be on the screen: no prompt can be shown before.
    private var work: (@MainActor () async throws -> Void)?
    private var isShown = false

    // MARK: Registration

    override func prepareInterface(forPasskeyRegistration registrationRequest: any ASCredentialRequest) {
        guard let request = registrationRequest as? ASPasskeyCredentialRequest,
            let registration = RegistrationRequest(request, conditional: false)
        else { return refuse(Refusal(.failed)) }
        onceShown { [self] in complete(try await door.register(registration, cancel: cancel), of: request) }
    }

    /// Conditional registration (iOS 18): its owner has just signed in to the account in another way, and is not asked. iOS
    /// shows nothing, whatever the answer is, and does not call again: `userInteractionRequired` is an error like any other here.
    override func performWithoutUserInteractionIfPossible(passkeyRegistration request: ASPasskeyCredentialRequest) {
        guard let registration = RegistrationRequest(request, conditional: true) else { return refuse(Refusal(.failed)) }
        answer { [self] in complete(try await door.register(registration, cancel: cancel), of: request) }
    }

    private func complete(_ made: Registration, of request: ASPasskeyCredentialRequest) {
        let identity = request.credentialIdentity as? ASPasskeyCredentialIdentity
        let credential = ASPasskeyRegistrationCredential(
            relyingParty: identity?.relyingPartyIdentifier ?? "", clientDataHash: request.clientDataHash,
            credentialID: made.credentialId, attestationObject: made.attestationObject)
        if #available(iOS 18.0, *) { credential.extensionOutput = .init(made, of: request) }
        extensionContext.completeRegistrationRequest(using: credential)
    }

    // MARK: Assertion

    /// Somebody has touched a suggestion. Signs if iOS itself knows who it is, or the relying party does without; what needs
    /// a person who is asked, or told what went wrong, comes again with an interface.
    override func provideCredentialWithoutUserInteraction(for credentialRequest: any ASCredentialRequest) {
        guard let assertion = AssertionRequest(credentialRequest) else { return refuse(Refusal(.credentialIdentityNotFound)) }
        answer { [self] in
            do {
                complete(try await door.signInQuietly(assertion, cancel: cancel), of: assertion)
            } catch {
                let refusal = Refusal(error, knowsExcluded: Self.knowsExcluded)
                refuse(refusal.code == .failed ? Refusal(.userInteractionRequired) : refusal)
            }
        }
    }

    override func prepareInterfaceToProvideCredential(for credentialRequest: any ASCredentialRequest) {
        guard let assertion = AssertionRequest(credentialRequest) else { return refuse(Refusal(.credentialIdentityNotFound)) }
        onceShown { [self] in complete(try await door.signIn(assertion, cancel: cancel), of: assertion) }
    }

    /// The list of passkeys that the request can be answered with.
    override func prepareCredentialList(
        for serviceIdentifiers: [ASCredentialServiceIdentifier],
        requestParameters parameters: ASPasskeyCredentialRequestParameters
    ) {
        let request = AssertionRequest(parameters)
        onceShown { [self] in
            let choices = try await door.choices(rpId: request.rpId, allowed: request.allowed)
            show(choices.map { passkey in
                ListScreen.Row(onOneLine(passkey.userName ?? passkey.userDisplayName ?? "?"), detail: passkey.label) { [self] in
                    var chosen = request
                    chosen.allowed = [passkey.id]
                    onceShown { [self] in complete(try await door.signIn(chosen, cancel: cancel), of: chosen) }
                }
            }, ifNone: "There is no passkey for \(onOneLine(request.rpId)) on this phone.")
        }
    }

    private func complete(_ signed: Assertion, of request: AssertionRequest) {
        let credential = ASPasskeyAssertionCredential(
            userHandle: signed.userHandle, relyingParty: request.rpId, signature: signed.signature,
            clientDataHash: request.clientDataHash, authenticatorData: signed.authenticatorData,
            credentialID: signed.credentialId)
        if #available(iOS 18.0, *) { credential.extensionOutput = .init(signed) }
        extensionContext.completeAssertionRequest(using: credential)
    }

    /// A list for passwords, of which there are none here.
    override func prepareCredentialList(for serviceIdentifiers: [ASCredentialServiceIdentifier]) {
        refuse(Refusal(.credentialIdentityNotFound))
    }

    // MARK: Configuration

    /// The person has turned the provider on.
    override func prepareInterfaceForExtensionConfiguration() {
        onceShown { [self] in
            try await door.offer()
            show([.init("Latchkey is on", detail: "Apps and pages offer to make passkeys and to sign in with them."),
                .init("Done") { [self] in extensionContext.completeExtensionConfigurationRequest() }])
        }
    }

    // MARK: Reports of relying parties (iOS 26)

    override func reportPublicKeyCredentialUpdate(
        forRelyingParty relyingParty: String, userHandle: Data, newName: String
    ) {
        inBackground { [door] in try await door.reportRenamed(rpId: relyingParty, userHandle: userHandle, to: newName) }
    }

    override func reportUnknownPublicKeyCredential(forRelyingParty relyingParty: String, credentialID: Data) {
        inBackground { [door] in try await door.reportUnknown(rpId: relyingParty, credentialId: credentialID) }
    }

    override func reportAllAcceptedPublicKeyCredentials(
        forRelyingParty relyingParty: String, userHandle: Data, acceptedCredentialIDs: [Data]
    ) {
        inBackground { [door] in
            try await door.reportAccepted(rpId: relyingParty, userHandle: userHandle, credentialIds: acceptedCredentialIDs)
        }
    }

    // MARK: One answer to each request

    override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        isShown = true
        if let work { onceShown(work) }
        work = nil
    }

    /// Somebody who closes the sheet has refused. After an answer this changes nothing.
    override func viewWillDisappear(_ animated: Bool) {
        super.viewWillDisappear(animated)
        isShown = false
        cancel.cancel()
        cancel = Cancel()
    }

    /// Answers a request that has a screen to ask and to tell on.
    private func onceShown(_ work: @escaping @MainActor () async throws -> Void) {
        guard isShown else { return self.work = work }
        Task {
            do { try await work() } catch { fail(error) }
        }
    }

    /// Answers a request that may show nothing, not even why it is refused.
    private func answer(_ work: @escaping @MainActor () async throws -> Void) {
        Task {
            do { try await work() } catch { refuse(Refusal(Refusal(error, knowsExcluded: Self.knowsExcluded).code)) }
        }
    }

    /// Where the system could only say that it failed, the person reads why and what to do. There is no other screen to ask
    /// for from here.
    private func fail(_ error: any Error) {
        let refusal = Refusal(error, knowsExcluded: Self.knowsExcluded)
        let isToBeTold = refusal.code == .failed || refusal.code == .userInteractionRequired
        guard isToBeTold, isShown else { return refuse(refusal) }
        tell(error) { [weak self] in self?.refuse(Refusal(.failed, reason: refusal.reason)) }
    }

    private func refuse(_ refusal: Refusal) {
        extensionContext.cancelRequest(withError: NSError(
            domain: ASExtensionErrorDomain, code: refusal.code.rawValue,
            userInfo: refusal.reason.isEmpty ? [:] : [ASExtensionLocalizedFailureReasonErrorKey: refusal.reason]))
    }

    /// The system counts a report as handled when the method returns: it must not suspend the process before the work is done.
    /// Where it no longer waits it calls the block again, beside the first call, and suspends once both have returned.
    private func inBackground(_ work: @escaping @Sendable () async throws -> Void) {
        let (door, done) = (door, DispatchSemaphore(value: 0))
        ProcessInfo.processInfo.performExpiringActivity(withReason: "org.latchkey.report") { isExpired in
            Task {
                // A relying party that is not heard now will say it again.
                if isExpired { await door.close() } else { try? await work() }
                done.signal()
                // The first call waits no longer, whatever its work hangs at.
                if isExpired { done.signal() }
            }
            done.wait()
        }
    }

    private func show(_ rows: [ListScreen.Row], ifNone: String = "") {
        let list = ListScreen(title: "Latchkey")
        list.show(rows.isEmpty ? [.init(ifNone)] : rows)
        list.navigationItem.leftBarButtonItem = UIBarButtonItem(
            systemItem: .cancel, primaryAction: UIAction { [weak self] _ in self?.refuse(Refusal(.userCanceled)) })
        let child = UINavigationController(rootViewController: list)
        addChild(child)
        child.view.frame = view.bounds
        view.addSubview(child.view)
        child.didMove(toParent: self)
    }

    private static var knowsExcluded: Bool {
        if #available(iOS 18.0, *) { true } else { false }
    }
}
