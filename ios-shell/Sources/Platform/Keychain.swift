import Foundation
import Latchkey
import Security

/// Items of one keychain group that stay on this phone and can be used once it has been unlocked since it was started.
struct Keychain: Sendable {
    let group: String

    /// The bytes that an item holds; nothing if it is not there.
    func bytes(_ name: String) throws -> Data? {
        var found: CFTypeRef?
        let query = item(name, [kSecReturnData: true])
        let status = SecItemCopyMatching(query as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        try check(status)
        return found as? Data
    }

    func store(_ bytes: Data, as name: String) throws {
        let change: [CFString: Any] = [kSecValueData: bytes]
        let status = SecItemUpdate(item(name, [:]) as CFDictionary, change as CFDictionary)
        guard status == errSecItemNotFound else { return try check(status) }
        let added = item(name, [
            kSecValueData: bytes, kSecAttrAccessible: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ])
        try check(SecItemAdd(added as CFDictionary, nil))
    }

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

    private func item(_ name: String, _ more: [CFString: Any]) -> [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrService: "org.latchkey", kSecAttrAccount: name, kSecAttrAccessGroup: group]
            .merging(more) { _, more in more }
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
