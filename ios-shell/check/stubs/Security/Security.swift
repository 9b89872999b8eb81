// Stands for Security, and for the few types of Core Foundation in its signatures: Swift turns its own strings,
// dictionaries and data into those on Apple's systems, so here they are the same types. This keychain is kept in memory, and
// its cryptography is none.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

/// corefoundation/cfstring, iOS 2
public typealias CFString = String
/// corefoundation/cfdictionary, iOS 2
public typealias CFDictionary = [CFString: Any]
/// corefoundation/cfdata, iOS 2
public typealias CFData = Data
/// corefoundation/cftyperef, iOS 2
public typealias CFTypeRef = AnyObject
/// corefoundation/cfallocator, iOS 2 (only nil is passed)
public final class CFAllocator {}
/// corefoundation/cferror, iOS 2
public final class CFError {
    /// Of the stub alone.
    let code: OSStatus
    /// Of the stub alone.
    init(_ code: OSStatus) { self.code = code }
}
/// corefoundation/cferrorgetcode(_:), iOS 2
public func CFErrorGetCode(_ error: CFError!) -> Int { Int(error.code) }
/// corefoundation/cfgettypeid(_:), iOS 2
public func CFGetTypeID(_ object: CFTypeRef!) -> UInt { 0 }

/// kernel/osstatus, iOS 2
public typealias OSStatus = Int32
/// security/errsecsuccess, iOS 2
public let errSecSuccess: OSStatus = 0
/// security/errsecunimplemented, iOS 2
public let errSecUnimplemented: OSStatus = -4
/// security/errsecparam, iOS 2
public let errSecParam: OSStatus = -50
/// security/errsecitemnotfound, iOS 2
public let errSecItemNotFound: OSStatus = -25300
/// security/errsecinteractionnotallowed, iOS 2
public let errSecInteractionNotAllowed: OSStatus = -25308

/// security/ksecclass, iOS 2
public let kSecClass: CFString = "class"
/// security/ksecclasskey, iOS 2
public let kSecClassKey: CFString = "keys"
/// security/ksecreturnref, iOS 2
public let kSecReturnRef: CFString = "r_Ref"
/// security/ksecattraccessgroup, iOS 3
public let kSecAttrAccessGroup: CFString = "agrp"
/// security/ksecattraccessibleafterfirstunlockthisdeviceonly, iOS 4
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly: CFString = "cku"
/// security/ksecattrapplicationtag, iOS 2
public let kSecAttrApplicationTag: CFString = "atag"
/// security/ksecattrispermanent, iOS 2
public let kSecAttrIsPermanent: CFString = "perm"
/// security/ksecattrkeytype, iOS 2
public let kSecAttrKeyType: CFString = "type"
/// security/ksecattrkeysizeinbits, iOS 2
public let kSecAttrKeySizeInBits: CFString = "bsiz"
/// security/ksecprivatekeyattrs, iOS 2
public let kSecPrivateKeyAttrs: CFString = "private"
/// security/ksecattrkeytypeecsecprimerandom, iOS 10
public let kSecAttrKeyTypeECSECPrimeRandom: CFString = "73"
/// security/ksecattrtokenid, iOS 9
public let kSecAttrTokenID: CFString = "tkid"
/// security/ksecattrtokenidsecureenclave, iOS 9
public let kSecAttrTokenIDSecureEnclave: CFString = "com.apple.setoken"
/// security/ksecattraccesscontrol, iOS 8
public let kSecAttrAccessControl: CFString = "accc"

/// security/secitemcopymatching(_:_:), iOS 2
public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    if let failure = StubKeychain.failure { return failure }
    guard let key = StubKeychain.find(query) else { return errSecItemNotFound }
    result?.pointee = key
    return errSecSuccess
}
/// security/secitemdelete(_:), iOS 2
public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
    guard let key = StubKeychain.find(query) else { return errSecItemNotFound }
    StubKeychain.keys.removeAll { $0 === key }
    return errSecSuccess
}

/// security/secaccesscontrol, iOS 8
public final class SecAccessControl {
    /// Of the stub alone.
    public let protection: CFString
    /// Of the stub alone.
    public let flags: SecAccessControlCreateFlags
    /// Of the stub alone.
    init(_ protection: CFString, _ flags: SecAccessControlCreateFlags) { (self.protection, self.flags) = (protection, flags) }
}
/// security/secaccesscontrolcreateflags, iOS 8
public struct SecAccessControlCreateFlags: OptionSet, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: UInt
    /// .../init(rawvalue:), iOS 8
    public init(rawValue: UInt) { self.rawValue = rawValue }
    /// .../privatekeyusage, iOS 9
    public static let privateKeyUsage = Self(rawValue: 1 << 30)
}
/// security/secaccesscontrolcreatewithflags(_:_:_:_:), iOS 8
public func SecAccessControlCreateWithFlags(
    _ allocator: CFAllocator?, _ protection: CFTypeRefOrString, _ flags: SecAccessControlCreateFlags,
    _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> SecAccessControl? { SecAccessControl(protection, flags) }
/// Of the stub alone: `CFTypeRef` there, which a `CFString` is.
public typealias CFTypeRefOrString = CFString

/// security/seckey, iOS 2
public final class SecKey {
    /// Of the stub alone: what it was made with.
    public let attributes: CFDictionary
    /// Of the stub alone.
    let id: Data
    /// Of the stub alone.
    init(_ attributes: CFDictionary, _ id: Data) { (self.attributes, self.id) = (attributes, id) }
}

/// Of the stub alone.
public enum StubKeychain {
    /// What was made.
    nonisolated(unsafe) public static var keys: [SecKey] = []
    /// What looking up, and using, a key fails with.
    nonisolated(unsafe) public static var failure: OSStatus?
    /// What making one fails with.
    nonisolated(unsafe) public static var makingFails: OSStatus?

    /// The key of a query's tag and group.
    static func find(_ query: CFDictionary) -> SecKey? {
        keys.first { key in
            let own = key.attributes[kSecPrivateKeyAttrs] as? CFDictionary ?? [:]
            return own[kSecAttrApplicationTag] as? Data == query[kSecAttrApplicationTag] as? Data
                && own[kSecAttrAccessGroup] as? CFString == query[kSecAttrAccessGroup] as? CFString
        }
    }

    /// Puts an error where the caller looks for it.
    static func fail(_ code: OSStatus, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?) {
        error?.pointee = Unmanaged.passRetained(CFError(code))
    }
}
/// security/seckeygettypeid(), iOS 2
public func SecKeyGetTypeID() -> UInt { 0 }
/// security/seckeycreaterandomkey(_:_:), iOS 10
public func SecKeyCreateRandomKey(_ parameters: CFDictionary, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?) -> SecKey? {
    if let failure = StubKeychain.makingFails {
        StubKeychain.fail(failure, error)
        return nil
    }
    let key = SecKey(parameters, Data(UUID().uuidString.utf8))
    StubKeychain.keys.append(key)
    return key
}
/// security/seckeycopypublickey(_:), iOS 10
public func SecKeyCopyPublicKey(_ key: SecKey) -> SecKey? { SecKey([:], key.id) }
/// security/seckeycopyexternalrepresentation(_:_:), iOS 10
public func SecKeyCopyExternalRepresentation(_ key: SecKey, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?) -> CFData? {
    Data([4]) + key.id + Data(repeating: 0, count: 64 - key.id.count)
}
/// security/seckeyalgorithm, iOS 10
public struct SecKeyAlgorithm: RawRepresentable, Hashable, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: CFString
    /// .../init(rawvalue:), iOS 10
    public init(rawValue: CFString) { self.rawValue = rawValue }
    /// .../eciesencryptioncofactorvariableivx963sha256aesgcm, iOS 11
    public static let eciesEncryptionCofactorVariableIVX963SHA256AESGCM = Self(rawValue: "ecies")
    /// .../ecdsasignaturemessagex962sha256, iOS 10
    public static let ecdsaSignatureMessageX962SHA256 = Self(rawValue: "ecdsa")
}
/// security/seckeycreateencrypteddata(_:_:_:_:), iOS 10
public func SecKeyCreateEncryptedData(
    _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ plaintext: CFData, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? { key.id + Data(plaintext.map { $0 ^ 0x5A }) }
/// security/seckeycreatedecrypteddata(_:_:_:_:), iOS 10
public func SecKeyCreateDecryptedData(
    _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ ciphertext: CFData, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? {
    guard ciphertext.starts(with: key.id) else {
        StubKeychain.fail(errSecParam, error)
        return nil
    }
    return Data(ciphertext.dropFirst(key.id.count).map { $0 ^ 0x5A })
}
/// security/seckeycreatesignature(_:_:_:_:), iOS 10
public func SecKeyCreateSignature(
    _ key: SecKey, _ algorithm: SecKeyAlgorithm, _ dataToSign: CFData, _ error: UnsafeMutablePointer<Unmanaged<CFError>?>?
) -> CFData? { key.id + dataToSign }
