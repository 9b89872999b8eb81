// Stands for AuthenticationServices: what a provider extension is called with, and answers with.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation
@_exported import UIKit

/// authenticationservices/ascredentialproviderviewcontroller, iOS 12
@MainActor
open class ASCredentialProviderViewController: UIViewController {
    /// .../extensioncontext, iOS 12 (read-only there as here)
    public let extensionContext = ASCredentialProviderExtensionContext()

    /// .../preparecredentiallist(for:), iOS 12
    open func prepareCredentialList(for serviceIdentifiers: [ASCredentialServiceIdentifier]) {}
    /// .../preparecredentiallist(for:requestparameters:), iOS 17
    open func prepareCredentialList(
        for serviceIdentifiers: [ASCredentialServiceIdentifier],
        requestParameters: ASPasskeyCredentialRequestParameters
    ) {}
    /// .../providecredentialwithoutuserinteraction(for:)-3mo23, iOS 17
    open func provideCredentialWithoutUserInteraction(for credentialRequest: any ASCredentialRequest) {}
    /// .../prepareinterfacetoprovidecredential(for:)-68qpo, iOS 17
    open func prepareInterfaceToProvideCredential(for credentialRequest: any ASCredentialRequest) {}
    /// .../prepareinterface(forpasskeyregistration:), iOS 17
    open func prepareInterface(forPasskeyRegistration registrationRequest: any ASCredentialRequest) {}
    /// .../performwithoutuserinteractionifpossible(passkeyregistration:), iOS 18
    open func performWithoutUserInteractionIfPossible(passkeyRegistration registrationRequest: ASPasskeyCredentialRequest) {}
    /// .../prepareinterfaceforextensionconfiguration(), iOS 12
    open func prepareInterfaceForExtensionConfiguration() {}
    /// .../reportpublickeycredentialupdate(forrelyingparty:userhandle:newname:), iOS 26 (the page says 12, as of its class)
    open func reportPublicKeyCredentialUpdate(forRelyingParty relyingParty: String, userHandle: Data, newName: String) {}
    /// .../reportunknownpublickeycredential(forrelyingparty:credentialid:), iOS 26 (the page says 12, as of its class)
    open func reportUnknownPublicKeyCredential(forRelyingParty relyingParty: String, credentialID: Data) {}
    /// .../reportallacceptedpublickeycredentials(forrelyingparty:userhandle:acceptedcredentialids:), iOS 26 (the page says 12, as of its class)
    open func reportAllAcceptedPublicKeyCredentials(
        forRelyingParty relyingParty: String, userHandle: Data, acceptedCredentialIDs: [Data]
    ) {}
}

/// authenticationservices/ascredentialproviderextensioncontext, iOS 12
open class ASCredentialProviderExtensionContext: NSObject {
    /// Of the stub alone: what was answered.
    public private(set) var completed: [Any] = [] { willSet { answering?() } }
    /// Of the stub alone: what was refused.
    public private(set) var cancelled: [any Error] = [] { willSet { answering?() } }
    /// Of the stub alone: what is looked at in the moment of an answer.
    public var answering: (() -> Void)?

    /// .../completeregistrationrequest(using:completionhandler:), iOS 17
    open func completeRegistrationRequest(
        using credential: ASPasskeyRegistrationCredential, completionHandler: (@Sendable (Bool) -> Void)? = nil
    ) { completed.append(credential) }
    /// .../completeassertionrequest(using:completionhandler:), iOS 17
    open func completeAssertionRequest(
        using credential: ASPasskeyAssertionCredential, completionHandler: (@Sendable (Bool) -> Void)? = nil
    ) { completed.append(credential) }
    /// .../completeextensionconfigurationrequest(), iOS 12
    open func completeExtensionConfigurationRequest() { completed.append("configured") }
    /// .../cancelrequest(witherror:), iOS 12
    open func cancelRequest(withError error: any Error) { cancelled.append(error) }
}

/// authenticationservices/asextensionerrordomain, iOS 12
public let ASExtensionErrorDomain = "ASExtensionErrorDomain"
/// authenticationservices/asextensionlocalizedfailurereasonerrorkey, iOS 14
public let ASExtensionLocalizedFailureReasonErrorKey = "ASExtensionLocalizedFailureReasonErrorKey"

/// authenticationservices/ascredentialserviceidentifier, iOS 12
open class ASCredentialServiceIdentifier: NSObject {}

/// authenticationservices/ascredentialrequest, iOS 17
public protocol ASCredentialRequest: NSObjectProtocol {
    /// .../credentialidentity, iOS 17
    var credentialIdentity: any ASCredentialIdentity { get }
}

/// authenticationservices/aspasskeycredentialrequest, iOS 17
open class ASPasskeyCredentialRequest: NSObject, ASCredentialRequest {
    /// .../init(credentialidentity:clientdatahash:userverificationpreference:supportedalgorithms:), iOS 17
    public init(
        credentialIdentity: ASPasskeyCredentialIdentity, clientDataHash: Data,
        userVerificationPreference: ASAuthorizationPublicKeyCredentialUserVerificationPreference,
        supportedAlgorithms: [ASCOSEAlgorithmIdentifier]
    ) {
        self.credentialIdentity = credentialIdentity
        self.clientDataHash = clientDataHash
        self.userVerificationPreference = userVerificationPreference
        self.supportedAlgorithms = supportedAlgorithms
        extensionInput = .none
    }
    /// .../init(credentialidentity:clientdatahash:userverificationpreference:supportedalgorithms:extensioninput:), iOS 18; the
    /// one for registrations
    public convenience init(
        credentialIdentity: ASPasskeyCredentialIdentity, clientDataHash: Data,
        userVerificationPreference: ASAuthorizationPublicKeyCredentialUserVerificationPreference,
        supportedAlgorithms: [ASCOSEAlgorithmIdentifier], extensionInput: ASPasskeyRegistrationCredentialExtensionInput?
    ) {
        self.init(
            credentialIdentity: credentialIdentity, clientDataHash: clientDataHash,
            userVerificationPreference: userVerificationPreference, supportedAlgorithms: supportedAlgorithms)
        self.extensionInput = extensionInput.map { .registration($0) } ?? .none
    }
    /// .../init(credentialidentity:clientdatahash:userverificationpreference:supportedalgorithms:extensioninput:), iOS 18; the
    /// one for assertions
    public convenience init(
        credentialIdentity: ASPasskeyCredentialIdentity, clientDataHash: Data,
        userVerificationPreference: ASAuthorizationPublicKeyCredentialUserVerificationPreference,
        supportedAlgorithms: [ASCOSEAlgorithmIdentifier], extensionInput: ASPasskeyAssertionCredentialExtensionInput?
    ) {
        self.init(
            credentialIdentity: credentialIdentity, clientDataHash: clientDataHash,
            userVerificationPreference: userVerificationPreference, supportedAlgorithms: supportedAlgorithms)
        self.extensionInput = extensionInput.map { .assertion($0) } ?? .none
    }
    /// .../credentialidentity, iOS 17
    public let credentialIdentity: any ASCredentialIdentity
    /// .../clientdatahash, iOS 17
    public let clientDataHash: Data
    /// .../userverificationpreference, iOS 17
    public var userVerificationPreference: ASAuthorizationPublicKeyCredentialUserVerificationPreference
    /// .../supportedalgorithms-74mad, iOS 17
    public let supportedAlgorithms: [ASCOSEAlgorithmIdentifier]
    /// .../excludedcredentials, iOS 18 (only the system sets it there)
    public var excludedCredentials: [ASAuthorizationPlatformPublicKeyCredentialDescriptor]?
    /// .../extensioninput, iOS 18
    public private(set) var extensionInput: ASPasskeyCredentialExtensionInput
}

/// authenticationservices/aspasskeycredentialrequestparameters, iOS 17
open class ASPasskeyCredentialRequestParameters: NSObject {
    /// .../relyingpartyidentifier, iOS 17
    open var relyingPartyIdentifier: String { "" }
    /// .../clientdatahash, iOS 17
    open var clientDataHash: Data { Data() }
    /// .../allowedcredentials, iOS 17
    open var allowedCredentials: [Data] { [] }
    /// .../extensioninput-2edlv, iOS 18 (only the system sets it there)
    public var extensionInput: ASPasskeyAssertionCredentialExtensionInput?
}

/// authenticationservices/asauthorizationpublickeycredentialuserverificationpreference, iOS 15
public struct ASAuthorizationPublicKeyCredentialUserVerificationPreference: RawRepresentable, Hashable, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: String
    /// .../init(rawvalue:), iOS 15
    public init(rawValue: String) { self.rawValue = rawValue }
    /// .../preferred, iOS 15
    public static let preferred = Self(rawValue: "preferred")
    /// .../required, iOS 15
    public static let required = Self(rawValue: "required")
    /// .../discouraged, iOS 15
    public static let discouraged = Self(rawValue: "discouraged")
}

/// authenticationservices/ascosealgorithmidentifier, iOS 15
public struct ASCOSEAlgorithmIdentifier: RawRepresentable, Hashable, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: Int
    /// .../init(rawvalue:), iOS 15
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// .../es256, iOS 15
    public static let ES256 = Self(rawValue: -7)
}

/// authenticationservices/asauthorizationplatformpublickeycredentialdescriptor, iOS 15
open class ASAuthorizationPlatformPublicKeyCredentialDescriptor: NSObject {
    /// .../init(credentialid:), iOS 15
    public init(credentialID: Data) { self.credentialID = credentialID }
    /// .../credentialid, iOS 15
    public var credentialID: Data
}

/// authenticationservices/aspasskeyregistrationcredential, iOS 17
open class ASPasskeyRegistrationCredential: NSObject {
    /// .../init(relyingparty:clientdatahash:credentialid:attestationobject:), iOS 17
    public init(relyingParty: String, clientDataHash: Data, credentialID: Data, attestationObject: Data) {
        (self.relyingParty, self.clientDataHash) = (relyingParty, clientDataHash)
        (self.credentialID, self.attestationObject) = (credentialID, attestationObject)
    }
    /// .../relyingparty, iOS 17
    public let relyingParty: String
    /// .../clientdatahash, iOS 17
    public let clientDataHash: Data
    /// .../credentialid, iOS 17
    public let credentialID: Data
    /// .../attestationobject, iOS 17
    public let attestationObject: Data
    /// .../extensionoutput, iOS 18
    public var extensionOutput: ASPasskeyRegistrationCredentialExtensionOutput?
}

/// authenticationservices/aspasskeyassertioncredential, iOS 17
open class ASPasskeyAssertionCredential: NSObject {
    /// .../init(userhandle:relyingparty:signature:clientdatahash:authenticatordata:credentialid:), iOS 17
    public init(
        userHandle: Data, relyingParty: String, signature: Data, clientDataHash: Data, authenticatorData: Data,
        credentialID: Data
    ) {
        (self.userHandle, self.relyingParty, self.signature) = (userHandle, relyingParty, signature)
        (self.clientDataHash, self.authenticatorData, self.credentialID) = (clientDataHash, authenticatorData, credentialID)
    }
    /// .../userhandle, iOS 17
    public let userHandle: Data
    /// .../relyingparty, iOS 17
    public let relyingParty: String
    /// .../signature, iOS 17
    public let signature: Data
    /// .../clientdatahash, iOS 17
    public let clientDataHash: Data
    /// .../authenticatordata, iOS 17
    public let authenticatorData: Data
    /// .../credentialid, iOS 17
    public let credentialID: Data
    /// .../extensionoutput-7t6rn, iOS 18
    public var extensionOutput: ASPasskeyAssertionCredentialExtensionOutput?
}
