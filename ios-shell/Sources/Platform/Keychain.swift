import Foundation
import Latchkey
import Security

/// Keys of one keychain group that stay on this phone and can be used once it has been unlocked since it was started.
struct Keychain: Sendable {
    let group: String

    /// A private key of the Secure Enclave; nothing if it is not there.
    func key(_ tag: Data) throws -> SecKey? {
        var found: CFTypeRef?
        let status = SecItemCopyMatching(key(tag, [kSecReturnRef: true]) as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        try check(status)
        guard let found, CFGetTypeID(found) == SecKeyGetTypeID() else { throw KeyVaultError.Failed }
        // A cast that cannot fail: Core Foundation's types are told apart by their IDs alone.
        return (found as! SecKey)
    }

    /// Makes a P-256 key in the Secure Enclave; nothing on a device without one.
    func makeKey(_ tag: Data) throws -> SecKey? {
        let rights = SecAccessControlCreateWithFlags(
            nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage, nil)
        guard let rights else { throw KeyVaultError.Failed }
        let attributes: [CFString: Any] = [
            kSecAttrKeyType: kSecAttrKeyTypeECSECPrimeRandom, kSecAttrKeySizeInBits: 256,
            kSecAttrTokenID: kSecAttrTokenIDSecureEnclave,
            kSecPrivateKeyAttrs: [
                kSecAttrIsPermanent: true, kSecAttrApplicationTag: tag, kSecAttrAccessGroup: group,
                kSecAttrAccessControl: rights,
            ] as [CFString: Any],
        ]
        var error: Unmanaged<CFError>?
        if let key = SecKeyCreateRandomKey(attributes as CFDictionary, &error) { return key }
        switch status(error) {
        case errSecUnimplemented, errSecParam: return nil
        case let status: throw failure(status)
        }
    }

    func deleteKey(_ tag: Data) throws {
        let status = SecItemDelete(key(tag, [:]) as CFDictionary)
        if status != errSecItemNotFound { try check(status) }
    }

    private func key(_ tag: Data, _ more: [CFString: Any]) -> [CFString: Any] {
        [kSecClass: kSecClassKey, kSecAttrApplicationTag: tag, kSecAttrAccessGroup: group].merging(more) { _, more in more }
    }
}

func check(_ status: OSStatus) throws {
    if status != errSecSuccess { throw failure(status) }
}

/// The status behind an error of the Security framework, which is handed over with it.
func status(_ error: Unmanaged<CFError>?) -> OSStatus {
    error.map { OSStatus(truncatingIfNeeded: CFErrorGetCode($0.takeRetainedValue())) } ?? errSecParam
}

func failure(_ status: OSStatus) -> KeyVaultError {
    switch status {
    case errSecInteractionNotAllowed: .Locked
    case errSecItemNotFound: .Invalidated
    default: .Failed
    }
}
