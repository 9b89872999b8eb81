// Stands for AuthenticationServices: the system's store of identities, and its settings.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

/// authenticationservices/ascredentialidentity, iOS 17
public protocol ASCredentialIdentity: NSObjectProtocol {}

/// authenticationservices/aspasskeycredentialidentity, iOS 17
open class ASPasskeyCredentialIdentity: NSObject, ASCredentialIdentity {
    /// .../init(relyingpartyidentifier:username:credentialid:userhandle:recordidentifier:), iOS 17
    public init(
        relyingPartyIdentifier: String, userName: String, credentialID: Data, userHandle: Data,
        recordIdentifier: String? = nil
    ) {
        (self.relyingPartyIdentifier, self.userName) = (relyingPartyIdentifier, userName)
        (self.credentialID, self.userHandle) = (credentialID, userHandle)
    }
    /// .../relyingpartyidentifier, iOS 17
    public let relyingPartyIdentifier: String
    /// .../username, iOS 17
    public let userName: String
    /// .../credentialid, iOS 17
    public let credentialID: Data
    /// .../userhandle, iOS 17
    public let userHandle: Data
}

/// authenticationservices/ascredentialidentitystorestate, iOS 12
open class ASCredentialIdentityStoreState: NSObject, @unchecked Sendable {
    /// .../isenabled, iOS 12
    public let isEnabled = false
    /// .../supportsincrementalupdates, iOS 12
    public let supportsIncrementalUpdates = false
}

/// authenticationservices/ascredentialidentitystore, iOS 12
open class ASCredentialIdentityStore: NSObject, @unchecked Sendable {
    /// .../shared, iOS 12
    public static let shared = ASCredentialIdentityStore()

    /// .../getstate(_:), iOS 12
    open func getState(_ completion: @escaping @Sendable (ASCredentialIdentityStoreState) -> Void) {
        completion(ASCredentialIdentityStoreState())
    }
    /// .../getstate(_:), its async twin, iOS 12
    open func state() async -> ASCredentialIdentityStoreState { ASCredentialIdentityStoreState() }
    /// .../credentialidentities(forservice:credentialidentitytypes:), iOS 17.4
    open func credentialIdentities(
        forService serviceIdentifier: ASCredentialServiceIdentifier? = nil, credentialIdentityTypes: IdentityTypes = []
    ) async -> [any ASCredentialIdentity] { [] }
    /// .../savecredentialidentities(_:completion:)-1bbx6, its async twin, iOS 17
    open func saveCredentialIdentities(_ identities: [any ASCredentialIdentity]) async throws {}
    /// .../removecredentialidentities(_:completion:), its async twin, iOS 17
    open func removeCredentialIdentities(_ identities: [any ASCredentialIdentity]) async throws {}
    /// .../replacecredentialidentities(_:completion:), its async twin, iOS 17
    open func replaceCredentialIdentities(_ identities: [any ASCredentialIdentity]) async throws {}

    /// .../identitytypes, iOS 17.4
    public struct IdentityTypes: OptionSet, Sendable {
        /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
        public let rawValue: UInt
        /// .../init(rawvalue:), iOS 17.4
        public init(rawValue: UInt) { self.rawValue = rawValue }
    }
}

/// authenticationservices/assettingshelper, iOS 17
public enum ASSettingsHelper {
    /// .../requesttoturnoncredentialproviderextension(completionhandler:), its async twin, iOS 18
    public static func requestToTurnOnCredentialProviderExtension() async -> Bool { false }
    /// .../opencredentialproviderappsettings(completionhandler:), its async twin, iOS 17
    public static func openCredentialProviderAppSettings() async throws {}
}
