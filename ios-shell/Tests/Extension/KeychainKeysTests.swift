import Foundation
import Latchkey
import Security
import Testing

@testable import LatchkeyPlatform

/// Which keys are asked of the system, and what becomes of its refusals; the cryptography is Apple's and not here.
@Suite(.serialized)
struct KeychainKeysTests {
    private let keys = KeychainKeys(group: "TEAM.org.latchkey.shared")
    private let vaultKey = Data(repeating: 9, count: 32)

    init() {
        StubKeychain.keys = []
        StubKeychain.failure = nil
        StubKeychain.makingFails = nil
    }

    /// What a key of this app must be: in the Secure Enclave, on this phone only, in the group, and without a prompt.
    private func isOfThisPhoneAlone(_ key: SecKey) -> Bool {
        let own = key.attributes[kSecPrivateKeyAttrs] as? CFDictionary ?? [:]
        let rights = own[kSecAttrAccessControl] as? SecAccessControl
        return key.attributes[kSecAttrTokenID] as? CFString == kSecAttrTokenIDSecureEnclave
            && key.attributes[kSecAttrKeyType] as? CFString == kSecAttrKeyTypeECSECPrimeRandom
            && key.attributes[kSecAttrKeySizeInBits] as? Int == 256
            && own[kSecAttrIsPermanent] as? Bool == true
            && own[kSecAttrAccessGroup] as? CFString == "TEAM.org.latchkey.shared"
            && rights?.protection == kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly && rights?.flags == .privateKeyUsage
    }

    @Test func oneKeyOfTheSecureEnclaveWrapsTheVaultKeyForAppAndExtension() throws {
        let wrapped = try keys.wrap(key: vaultKey)
        #expect(wrapped.range(of: vaultKey) == nil)
        #expect(try keys.unwrap(wrapped: keys.wrap(key: vaultKey)) == vaultKey)
        #expect(try KeychainKeys(group: "TEAM.org.latchkey.shared").unwrap(wrapped: wrapped) == vaultKey)
        #expect(StubKeychain.keys.count == 1)
        #expect(StubKeychain.keys.allSatisfy(isOfThisPhoneAlone))
        #expect(throws: KeyVaultError.Invalidated) { try KeychainKeys(group: "TEAM.other").unwrap(wrapped: wrapped) }
        #expect(throws: KeyVaultError.Failed) { try keys.unwrap(wrapped: Data("another key's".utf8)) }
    }

    @Test func withoutItsKeyTheVaultIsLost() throws {
        let wrapped = try keys.wrap(key: vaultKey)
        StubKeychain.keys = []
        #expect(throws: KeyVaultError.Invalidated) { try keys.unwrap(wrapped: wrapped) }
        // And no new key is made where one is only looked for.
        #expect(StubKeychain.keys.isEmpty)
    }

    @Test func aSigningKeyLivesUntilItIsDeleted() async throws {
        let made = try #require(try await keys.createKey())
        let other = try #require(try await keys.createKey())
        #expect(made.handle != other.handle && made.handle.count <= 256)
        #expect(made.publicKey.count == 65 && made.publicKey.first == 4)
        #expect(StubKeychain.keys.allSatisfy(isOfThisPhoneAlone))
        #expect(try await keys.sign(handle: made.handle, message: Data([1])) != keys.sign(handle: other.handle, message: Data([1])))
        try await keys.deleteKey(handle: made.handle)
        try await keys.deleteKey(handle: made.handle)
        await #expect(throws: KeyVaultError.Invalidated) { try await keys.sign(handle: made.handle, message: Data([1])) }
        #expect(StubKeychain.keys.count == 1)
    }

    @Test func aPhoneThatIsNotUnlockedYetIsToldApart() async throws {
        let wrapped = try keys.wrap(key: vaultKey)
        let made = try #require(try await keys.createKey())
        StubKeychain.failure = errSecInteractionNotAllowed
        #expect(throws: KeyVaultError.Locked) { try keys.wrap(key: vaultKey) }
        #expect(throws: KeyVaultError.Locked) { try keys.unwrap(wrapped: wrapped) }
        await #expect(throws: KeyVaultError.Locked) { try await keys.sign(handle: made.handle, message: Data([1])) }
        StubKeychain.makingFails = errSecInteractionNotAllowed
        await #expect(throws: KeyVaultError.Locked) { try await keys.createKey() }
    }

    @Test func withoutASecureEnclaveThereIsNoHardwareKey() async throws {
        StubKeychain.makingFails = errSecUnimplemented
        #expect(try await keys.createKey() == nil)
        #expect(throws: KeyVaultError.Failed) { try keys.wrap(key: vaultKey) }
    }

    @Test func aKeyThatIsNoLongerWantedIsNotLeftBehind() async throws {
        let keys = keys
        let making = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await keys.createKey()
        }
        await #expect(throws: KeyVaultError.Failed) { try await making.value }
        #expect(StubKeychain.keys.isEmpty)
    }
}
