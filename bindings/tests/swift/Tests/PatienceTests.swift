import Foundation
import Latchkey
import Testing

/// What takes its time, beside the other tests.
@Suite(.timeLimit(.minutes(2)))
struct PatienceTests {
    final class Silent: KeyVault, Sendable {
        private let wrapping = Keys()
        let left = Guarded(false)

        func wrap(key: Data) throws -> Data { try wrapping.wrap(key: key) }
        func unwrap(wrapped: Data) throws -> Data { try wrapping.unwrap(wrapped: wrapped) }

        func createKey() async throws -> HardwareKey? {
            defer { left.update { $0 = true } }
            _ = try await forever()
            return nil
        }

        func sign(handle: Data, message: Data) async throws -> Data { throw KeyVaultError.Failed }
        func deleteKey(handle: Data) async throws {}
    }

    /// It has a minute.
    @Test func hardwareThatNeverAnswersCostsItsCallOnly() async throws {
        let (shell, keys) = (try Shell(), Silent())
        var config = shell.config
        config.hardwareKeys = true
        let phone = try await Phone.open(config: config, ports: Ports(gate: shell.gate, keys: keys, device: Facts()))
        await #expect(throws: LatchkeyError.AnyInternal) { try await phone.provider().register(request: registration()) }
        // It is told that nobody waits.
        try await eventually("end") { keys.left.get() ? () : nil }
        #expect(try phone.passkeys().list().isEmpty)
        // Ed25519 keys are in no hardware.
        _ = try await phone.provider().register(request: registration(algorithms: [-8]))
        #expect(try phone.passkeys().list().count == 1)
    }
}
