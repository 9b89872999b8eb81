import AuthenticationServices
import Latchkey

extension RegistrationRequest {
    /// Nothing for a request that is not about a passkey.
    init?(_ request: ASPasskeyCredentialRequest, conditional: Bool) {
        guard let identity = request.credentialIdentity as? ASPasskeyCredentialIdentity else { return nil }
        // iOS 17 does not say which passkeys the account has already.
        var excluded: [Data] = []
        if #available(iOS 18.0, *) { excluded = request.excludedCredentials?.map(\.credentialID) ?? [] }
        self.init(
            clientDataHash: request.clientDataHash, rpId: identity.relyingPartyIdentifier, userName: identity.userName,
            userHandle: identity.userHandle, algorithms: request.supportedAlgorithms.map { Int64($0.rawValue) },
            excluded: excluded, conditional: conditional)
    }
}

/// What a registration answers to WebAuthn's extensions, if it was asked: the core evaluates no PRF and keeps no large
/// blobs, and says so.
@available(iOS 18.0, *)
func extensionOutput(for request: ASPasskeyCredentialRequest) -> ASPasskeyRegistrationCredentialExtensionOutput? {
    guard case .registration(let input) = request.extensionInput, input.prf != nil || input.largeBlob != nil else { return nil }
    return ASPasskeyRegistrationCredentialExtensionOutput(
        largeBlob: input.largeBlob == nil ? nil : .unsupported, prf: input.prf == nil ? nil : .unsupported)
}
