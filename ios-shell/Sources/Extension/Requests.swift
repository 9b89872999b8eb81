import AuthenticationServices
import Latchkey

// What the system asks, as the core takes it.

extension RegistrationRequest {
    /// Nothing for a request that is not about a passkey.
    init?(_ request: ASPasskeyCredentialRequest, conditional: Bool) {
        guard let identity = request.credentialIdentity as? ASPasskeyCredentialIdentity else { return nil }
        // iOS 17 does not say which passkeys the account has already, and knows no extensions.
        var excluded: [Data] = []
        var prf: PrfRegistrationInput?
        if #available(iOS 18.0, *) {
            excluded = request.excludedCredentials?.map(\.credentialID) ?? []
            if case .registration(let input) = request.extensionInput { prf = input.prf.map(PrfRegistrationInput.init) }
        }
        self.init(
            clientDataHash: request.clientDataHash, rpId: identity.relyingPartyIdentifier, userName: identity.userName,
            userHandle: identity.userHandle, algorithms: request.supportedAlgorithms.map { Int64($0.rawValue) },
            excluded: excluded, conditional: conditional,
            verificationRequired: request.userVerificationPreference == .required, prf: prf)
    }
}

extension AssertionRequest {
    /// For the passkey that was chosen in one of the system's sheets; nothing for a request that is not about one.
    init?(_ request: any ASCredentialRequest) {
        guard let request = request as? ASPasskeyCredentialRequest,
            let identity = request.credentialIdentity as? ASPasskeyCredentialIdentity
        else { return nil }
        var prf: PrfAssertionInput?
        if #available(iOS 18.0, *), case .assertion(let input) = request.extensionInput {
            prf = input.prf.map(PrfAssertionInput.init)
        }
        self.init(
            clientDataHash: request.clientDataHash, rpId: identity.relyingPartyIdentifier,
            allowed: [identity.credentialID], prf: prf,
            verificationDiscouraged: request.userVerificationPreference == .discouraged)
    }

    /// For a list.
    init(_ parameters: ASPasskeyCredentialRequestParameters) {
        var prf: PrfAssertionInput?
        if #available(iOS 18.0, *) { prf = parameters.extensionInput?.prf.map(PrfAssertionInput.init) }
        self.init(
            clientDataHash: parameters.clientDataHash, rpId: parameters.relyingPartyIdentifier,
            allowed: parameters.allowedCredentials, prf: prf)
    }
}
