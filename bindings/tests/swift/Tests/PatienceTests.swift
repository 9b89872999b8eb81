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

    /// Makes keys; for the first time that it is asked to sign, it does not come back.
    final class Mute: KeyVault, Sendable {
        private let hardware: Hardware
        let (asked, left) = (Guarded(false), Guarded(false))

        init(in folder: URL) { hardware = Hardware(in: folder) }

        func wrap(key: Data) throws -> Data { try hardware.wrap(key: key) }
        func unwrap(wrapped: Data) throws -> Data { try hardware.unwrap(wrapped: wrapped) }
        func createKey() async throws -> HardwareKey? { try await hardware.createKey() }

        func sign(handle: Data, message: Data) async throws -> Data {
            let again = asked.update { asked in
                defer { asked = true }
                return asked
            }
            if again { return try await hardware.sign(handle: handle, message: message) }
            defer { left.update { $0 = true } }
            _ = try await forever()
            return Data()
        }

        func deleteKey(handle: Data) async throws { try await hardware.deleteKey(handle: handle) }
    }

    /// The same minute.
    @Test func hardwareThatNeverSignsCostsItsCallOnly() async throws {
        let shell = try Shell()
        let keys = Mute(in: shell.folder)
        var config = shell.config
        config.hardwareKeys = true
        let phone = try await Phone.open(config: config, ports: Ports(gate: shell.gate, keys: keys, device: Facts()))
        let made = try await phone.provider().register(request: registration())
        await #expect(throws: LatchkeyError.AnyInternal) { try await phone.provider().signIn(request: assertion()) }
        try await eventually("end") { keys.left.get() ? () : nil }
        #expect(try await phone.provider().signIn(request: assertion()).credentialId == made.credentialId)
    }

    /// Waits until it is let go.
    final class Stuck: Device, Network, Sendable {
        let go = DispatchSemaphore(value: 0)
        let asked = Guarded<[String]>([])

        private func wait(_ call: String = #function) {
            asked.update { $0.append(call) }
            go.wait()
            go.signal()
        }

        func facts() throws -> DeviceFacts {
            wait()
            return try Facts().facts()
        }

        func isOnline() throws -> Bool {
            wait()
            return false
        }
    }

    /// In doubt the phone is online, and nothing is known about it.
    @Test func factsAndNetworkThatNeverAnswerAreNotWaitedFor() async throws {
        let (shell, stuck) = (try Shell(), Stuck())
        let phone = try await Phone.open(
            config: shell.config, ports: Ports(gate: shell.gate, keys: shell.keys, device: stuck, network: stuck))
        func states() async throws -> [CheckState?] {
            let findings = try await phone.readiness()
            return [Check.camera, .network].map { check in findings.first { $0.check == check }?.state }
        }
        #expect(try await states() == [.unknown, .ok])
        #expect(stuck.asked.get() == ["facts()", "isOnline()"])
        stuck.go.signal()
        #expect(try await states() == [.ok, .attention])
    }
}
