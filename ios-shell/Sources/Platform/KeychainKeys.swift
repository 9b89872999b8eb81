import Foundation
import Latchkey
import Security

/// Keys of the Secure Enclave: one that wraps the vault key, and signing keys. App and extension find the same ones.
/// None asks the person: the core has `PromptGate` do that, once a ceremony.
final class KeychainKeys: KeyVault {
    /// Elliptic-curve encryption with a key of its own for each message, and AES-GCM (X9.63 key derivation over SHA-256).
    private static let wrapping = SecKeyAlgorithm.eciesEncryptionCofactorVariableIVX963SHA256AESGCM
    private static let signing = SecKeyAlgorithm.ecdsaSignatureMessageX962SHA256
    private static let vaultKey = Data("org.latchkey.vault".utf8)

    private let keychain: Keychain

    init(group: String) {
        keychain = Keychain(group: group)
    }

    func wrap(key: Data) throws -> Data {
        guard let enclave = try keychain.key(Self.vaultKey) ?? keychain.makeKey(Self.vaultKey),
            let publicKey = SecKeyCopyPublicKey(enclave)
        else { throw KeyVaultError.Failed }
        var error: Unmanaged<CFError>?
        guard let wrapped = SecKeyCreateEncryptedData(publicKey, Self.wrapping, key as CFData, &error) else {
            throw failure(status(error))
        }
        return wrapped as Data
    }

    func unwrap(wrapped: Data) throws -> Data {
        guard let enclave = try keychain.key(Self.vaultKey) else { throw KeyVaultError.Invalidated }
        var error: Unmanaged<CFError>?
        guard let key = SecKeyCreateDecryptedData(enclave, Self.wrapping, wrapped as CFData, &error) else {
            throw failure(status(error))
        }
        return key as Data
    }

    func createKey() async throws -> HardwareKey? {
        let handle = Data("org.latchkey.passkey.\(UUID().uuidString)".utf8)
        guard let key = try keychain.makeKey(handle) else { return nil }
        guard let publicKey = SecKeyCopyPublicKey(key), let point = SecKeyCopyExternalRepresentation(publicKey, nil),
            !Task.isCancelled
        else {
            try? keychain.deleteKey(handle)
            throw KeyVaultError.Failed
        }
        return HardwareKey(handle: handle, publicKey: point as Data)
    }

    func sign(handle: Data, message: Data) async throws -> Data {
        guard let key = try keychain.key(handle) else { throw KeyVaultError.Invalidated }
        var error: Unmanaged<CFError>?
        guard let signature = SecKeyCreateSignature(key, Self.signing, message as CFData, &error) else {
            throw failure(status(error))
        }
        return signature as Data
    }

    func deleteKey(handle: Data) async throws {
        try keychain.deleteKey(handle)
    }
}
