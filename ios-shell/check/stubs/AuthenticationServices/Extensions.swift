// Stands for AuthenticationServices: WebAuthn's extensions. These are Swift types that no header has: they were compared with
// AuthenticationServices.swiftinterface of the SDK of iOS 18.2.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import CryptoKit
import Foundation

/// authenticationservices/aspasskeycredentialextensioninput, iOS 18
public enum ASPasskeyCredentialExtensionInput {
    /// .../none, iOS 18
    case none
    /// .../assertion(_:), iOS 18
    case assertion(ASPasskeyAssertionCredentialExtensionInput)
    /// .../registration(_:), iOS 18
    case registration(ASPasskeyRegistrationCredentialExtensionInput)
}

// MARK: Registration

/// authenticationservices/aspasskeyregistrationcredentialextensioninput-swift.struct, iOS 18
public struct ASPasskeyRegistrationCredentialExtensionInput {
    /// Of the stub alone: there only the system makes one.
    public init(
        largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobRegistrationInput? = nil,
        prf: ASAuthorizationPublicKeyCredentialPRFRegistrationInput? = nil
    ) { (self.largeBlob, self.prf) = (largeBlob, prf) }
    /// .../largeblob, iOS 18
    public let largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobRegistrationInput?
    /// .../prf, iOS 18
    public let prf: ASAuthorizationPublicKeyCredentialPRFRegistrationInput?
}

/// authenticationservices/aspasskeyregistrationcredentialextensionoutput-swift.struct, iOS 18
public struct ASPasskeyRegistrationCredentialExtensionOutput {
    /// .../init(largeblob:prf:), iOS 18
    public init(
        largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobRegistrationOutput? = nil,
        prf: ASAuthorizationPublicKeyCredentialPRFRegistrationOutput? = nil
    ) { (self.largeBlob, self.prf) = (largeBlob, prf) }
    /// .../largeblob, iOS 18
    public let largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobRegistrationOutput?
    /// .../prf, iOS 18
    public let prf: ASAuthorizationPublicKeyCredentialPRFRegistrationOutput?
}

/// authenticationservices/asauthorizationpublickeycredentialprfregistrationinput-swift.struct, iOS 18
public struct ASAuthorizationPublicKeyCredentialPRFRegistrationInput {
    /// .../inputvalues-swift.typealias, iOS 18
    public typealias InputValues = ASAuthorizationPublicKeyCredentialPRFAssertionInput.InputValues
    /// .../checkforsupport, iOS 18
    public static var checkForSupport: Self { Self(shouldCheckForSupport: true, inputValues: nil) }
    /// .../inputvalues(_:), iOS 18
    public static func inputValues(_ inputValues: InputValues) -> Self {
        Self(shouldCheckForSupport: false, inputValues: inputValues)
    }
    /// .../shouldcheckforsupport, iOS 18
    public let shouldCheckForSupport: Bool
    /// .../inputvalues-swift.property, iOS 18
    public let inputValues: InputValues?
}

/// authenticationservices/asauthorizationpublickeycredentialprfregistrationoutput-swift.struct, iOS 18
public struct ASAuthorizationPublicKeyCredentialPRFRegistrationOutput {
    /// .../supported, iOS 18
    public static var supported: Self { Self(isSupported: true) }
    /// .../unsupported, iOS 18
    public static var unsupported: Self { Self(isSupported: false) }
    /// .../init(first:second:), iOS 18
    public init(first: SymmetricKey, second: SymmetricKey?) {
        (isSupported, self.first, self.second) = (true, first, second)
    }
    /// Of the stub alone.
    private init(isSupported: Bool) { (self.isSupported, first, second) = (isSupported, nil, nil) }
    /// .../issupported, iOS 18
    public let isSupported: Bool
    /// .../first, iOS 18
    public let first: SymmetricKey?
    /// .../second, iOS 18
    public let second: SymmetricKey?
}

/// authenticationservices/asauthorizationpublickeycredentiallargeblobregistrationinput-swift.struct, iOS 17
public struct ASAuthorizationPublicKeyCredentialLargeBlobRegistrationInput {
    /// .../supportpreferred, iOS 17
    public static var supportPreferred: Self { Self() }
}

/// authenticationservices/asauthorizationpublickeycredentiallargeblobregistrationoutput-swift.struct, iOS 17
public struct ASAuthorizationPublicKeyCredentialLargeBlobRegistrationOutput {
    /// .../unsupported, iOS 18
    public static var unsupported: Self { Self(isSupported: false) }
    /// .../issupported, iOS 17
    public var isSupported: Bool
}

// MARK: Assertion

/// authenticationservices/aspasskeyassertioncredentialextensioninput-swift.struct, iOS 18
public struct ASPasskeyAssertionCredentialExtensionInput {
    /// .../init(largeblob:prf:), iOS 18
    public init(
        largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobAssertionInput? = nil,
        prf: ASAuthorizationPublicKeyCredentialPRFAssertionInput? = nil
    ) { (self.largeBlob, self.prf) = (largeBlob, prf) }
    /// .../largeblob, iOS 18
    public let largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobAssertionInput?
    /// .../prf, iOS 18
    public let prf: ASAuthorizationPublicKeyCredentialPRFAssertionInput?
}

/// authenticationservices/aspasskeyassertioncredentialextensionoutput-swift.struct, iOS 18
public struct ASPasskeyAssertionCredentialExtensionOutput {
    /// .../init(largeblob:prf:), iOS 18
    public init(
        largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobAssertionOutput? = nil,
        prf: ASAuthorizationPublicKeyCredentialPRFAssertionOutput? = nil
    ) { (self.largeBlob, self.prf) = (largeBlob, prf) }
    /// .../largeblob, iOS 18
    public let largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobAssertionOutput?
    /// .../prf, iOS 18
    public let prf: ASAuthorizationPublicKeyCredentialPRFAssertionOutput?
}

/// authenticationservices/asauthorizationpublickeycredentialprfassertioninput-swift.struct, iOS 18
public struct ASAuthorizationPublicKeyCredentialPRFAssertionInput {
    /// .../inputvalues-swift.struct, iOS 18
    public struct InputValues {
        /// .../init(saltinput1:saltinput2:), iOS 18
        public init(saltInput1: Data, saltInput2: Data? = nil) {
            (self.saltInput1, self.saltInput2) = (saltInput1, saltInput2)
        }
        /// .../saltinput1, iOS 18
        public var saltInput1: Data
        /// .../saltinput2, iOS 18
        public var saltInput2: Data?
    }
    /// .../inputvalues(_:percredentialinputvalues:), iOS 18
    public static func inputValues(
        _ inputValues: InputValues, perCredentialInputValues: [Data: InputValues]? = nil
    ) -> Self { Self(inputValues: inputValues, perCredentialInputValues: perCredentialInputValues) }
    /// .../percredentialinputvalues(_:), iOS 18
    public static func perCredentialInputValues(_ perCredentialInputValues: [Data: InputValues]) -> Self {
        Self(inputValues: nil, perCredentialInputValues: perCredentialInputValues)
    }
    /// .../inputvalues-swift.property, iOS 18
    public let inputValues: InputValues?
    /// .../percredentialinputvalues, iOS 18
    public let perCredentialInputValues: [Data: InputValues]?
}

/// authenticationservices/asauthorizationpublickeycredentialprfassertionoutput-swift.struct, iOS 18
public struct ASAuthorizationPublicKeyCredentialPRFAssertionOutput {
    /// .../init(first:second:), iOS 18
    public init(first: SymmetricKey, second: SymmetricKey?) { (self.first, self.second) = (first, second) }
    /// .../first, iOS 18
    public let first: SymmetricKey
    /// .../second, iOS 18
    public let second: SymmetricKey?
}

/// authenticationservices/asauthorizationpublickeycredentiallargeblobassertioninput-swift.struct, iOS 17
public struct ASAuthorizationPublicKeyCredentialLargeBlobAssertionInput {
    /// .../read, iOS 17
    public static var read: Self { Self(operation: .read) }
    /// .../write(_:), iOS 17
    public static func write(_ data: Data) -> Self { Self(operation: .write(data)) }
    /// .../operation-swift.enum, iOS 17
    public enum Operation {
        /// .../read, iOS 17
        case read
        /// .../write(_:), iOS 17
        case write(Data)
    }
    /// .../operation-swift.property, iOS 17
    public var operation: Operation
}

/// authenticationservices/asauthorizationpublickeycredentiallargeblobassertionoutput-swift.struct, iOS 17
public struct ASAuthorizationPublicKeyCredentialLargeBlobAssertionOutput {
    /// .../read(data:), iOS 18
    public static func read(data: Data?) -> Self { Self(result: .read(data: data)) }
    /// .../write(success:), iOS 18
    public static func write(success: Bool) -> Self { Self(result: .write(success: success)) }
    /// .../operationresult, iOS 17
    public enum OperationResult {
        /// .../read(data:), iOS 17
        case read(data: Data?)
        /// .../write(success:), iOS 17
        case write(success: Bool)
    }
    /// .../result, iOS 17
    public var result: OperationResult
}
