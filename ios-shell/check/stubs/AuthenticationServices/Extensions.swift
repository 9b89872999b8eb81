// Stands for AuthenticationServices: WebAuthn's extensions.
// Each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought it.
import Foundation

/// authenticationservices/aspasskeycredentialextensioninput, iOS 18
public enum ASPasskeyCredentialExtensionInput {
    /// .../assertion(_:), iOS 18
    case assertion(ASPasskeyAssertionCredentialExtensionInput)
    /// .../registration(_:), iOS 18
    case registration(ASPasskeyRegistrationCredentialExtensionInput)
    /// .../none, iOS 18
    case none
}

/// authenticationservices/aspasskeyassertioncredentialextensioninput-swift.struct, iOS 18
public struct ASPasskeyAssertionCredentialExtensionInput {}

/// authenticationservices/aspasskeyregistrationcredentialextensioninput-swift.struct, iOS 18
public struct ASPasskeyRegistrationCredentialExtensionInput {
    /// .../init(largeblob:prf:), iOS 18
    public init(
        largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobRegistrationInput? = nil,
        prf: ASAuthorizationPublicKeyCredentialPRFRegistrationInput? = nil
    ) { (self.largeBlob, self.prf) = (largeBlob, prf) }
    /// .../largeblob, iOS 18
    public let largeBlob: ASAuthorizationPublicKeyCredentialLargeBlobRegistrationInput?
    /// .../prf, iOS 18
    public let prf: ASAuthorizationPublicKeyCredentialPRFRegistrationInput?
}

/// authenticationservices/asauthorizationpublickeycredentiallargeblobregistrationinput-swift.enum, iOS 17
public enum ASAuthorizationPublicKeyCredentialLargeBlobRegistrationInput {
    /// .../supportrequired, iOS 17
    case supportRequired
    /// .../supportpreferred, iOS 17
    case supportPreferred
}

/// authenticationservices/asauthorizationpublickeycredentialprfregistrationinput-swift.struct, iOS 18
public struct ASAuthorizationPublicKeyCredentialPRFRegistrationInput {
    /// .../checkforsupport, iOS 18
    public static var checkForSupport: Self { Self() }
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

/// authenticationservices/asauthorizationpublickeycredentiallargeblobregistrationoutput-swift.struct, iOS 17
public struct ASAuthorizationPublicKeyCredentialLargeBlobRegistrationOutput {
    /// .../issupported, iOS 17
    public let isSupported: Bool
    /// .../unsupported, iOS 18
    public static var unsupported: Self { Self(isSupported: false) }
}

/// authenticationservices/asauthorizationpublickeycredentialprfregistrationoutput-swift.struct, iOS 18
public struct ASAuthorizationPublicKeyCredentialPRFRegistrationOutput {
    /// .../issupported, iOS 18
    public let isSupported: Bool
    /// .../unsupported, iOS 18
    public static var unsupported: Self { Self(isSupported: false) }
}
