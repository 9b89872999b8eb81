import AuthenticationServices
import CryptoKit
import Latchkey

// WebAuthn's extensions (iOS 18): PRF is answered by the core. Its salts arrive hashed, its outputs leave as keys. Large
// blobs are not kept.

@available(iOS 18.0, *)
extension PrfValues {
    init(_ salts: ASAuthorizationPublicKeyCredentialPRFAssertionInput.InputValues) {
        self.init(first: salts.saltInput1, second: salts.saltInput2)
    }

    var firstKey: SymmetricKey { SymmetricKey(data: first) }
    var secondKey: SymmetricKey? { second.map { SymmetricKey(data: $0) } }
}

@available(iOS 18.0, *)
extension PrfRegistrationInput {
    init(_ input: ASAuthorizationPublicKeyCredentialPRFRegistrationInput) {
        self = input.inputValues.map { .evaluate(salts: PrfValues($0)) } ?? .checkForSupport
    }
}

@available(iOS 18.0, *)
extension PrfAssertionInput {
    init(_ input: ASAuthorizationPublicKeyCredentialPRFAssertionInput) {
        self.init(
            salts: input.inputValues.map { PrfValues($0) },
            perCredential: (input.perCredentialInputValues ?? [:]).mapValues { PrfValues($0) })
    }
}

@available(iOS 18.0, *)
extension ASPasskeyRegistrationCredentialExtensionOutput {
    /// Nothing if nothing was asked for.
    init?(_ made: Registration, of request: ASPasskeyCredentialRequest) {
        guard case .registration(let input) = request.extensionInput, made.prf != nil || input.largeBlob != nil else {
            return nil
        }
        self.init(
            largeBlob: input.largeBlob == nil ? nil : .unsupported,
            prf: made.prf.map { prf in
                guard prf.isSupported else { return .unsupported }
                guard let outputs = prf.outputs else { return .supported }
                return .init(first: outputs.firstKey, second: outputs.secondKey)
            })
    }
}

@available(iOS 18.0, *)
extension ASPasskeyAssertionCredentialExtensionOutput {
    /// Nothing if nothing was asked for, or there were no salts for this passkey.
    init?(_ signed: Assertion) {
        guard let outputs = signed.prf else { return nil }
        self.init(prf: .init(first: outputs.firstKey, second: outputs.secondKey))
    }
}
