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

    /// Does not wrap or unwrap until it is let go.
    final class Sealed: KeyVault, Sendable {
        private let wrapping = Keys()
        let go = DispatchSemaphore(value: 0)
        let asked = Guarded<[String]>([])

        private func wait(_ call: String) {
            asked.update { $0.append(call) }
            go.wait()
            go.signal()
        }

        func wrap(key: Data) throws -> Data {
            wait("wrap")
            return try wrapping.wrap(key: key)
        }

        func unwrap(wrapped: Data) throws -> Data {
            wait("unwrap")
            return try wrapping.unwrap(wrapped: wrapped)
        }

        func createKey() async throws -> HardwareKey? { nil }
        func sign(handle: Data, message: Data) async throws -> Data { throw KeyVaultError.Failed }
        func deleteKey(handle: Data) async throws {}
    }

    /// The first opening wraps the vault's key, every later one unwraps it.
    @Test(arguments: ["wrap", "unwrap"]) func aVaultKeyThatNeverComesCanBeLeft(call: String) async throws {
        let (shell, keys, cancel) = (try Shell(), Sealed(), Cancel())
        if call == "unwrap" { try await shell.open().shutDown() }
        let opening = Task {
            try await Phone.open(
                config: shell.config, ports: Ports(gate: shell.gate, keys: keys, device: Facts()), cancel: cancel)
        }
        try await eventually("call") { keys.asked.get().isEmpty ? nil : () }
        let clock = ContinuousClock.now
        cancel.cancel()
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) { try await opening.value }
        // Not after the 20 seconds that the key vault has.
        #expect(clock.duration(to: .now) < .seconds(10))
        #expect(keys.asked.get() == [call])
        keys.go.signal()
        let phone = try await shell.open()
        let made = try await phone.provider().register(request: registration())
        #expect(try await phone.provider().signIn(request: assertion()).credentialId == made.credentialId)
    }

    /// Hardware that keeps its keys until it is let go: whoever deletes one waits for ever.
    final class Clinging: KeyVault, Sendable {
        let hardware: Hardware
        let (asked, left) = (Guarded(0), Guarded(0))
        let clings = Guarded(true)

        init(in folder: URL) { hardware = Hardware(in: folder) }

        func wrap(key: Data) throws -> Data { try hardware.wrap(key: key) }
        func unwrap(wrapped: Data) throws -> Data { try hardware.unwrap(wrapped: wrapped) }
        func createKey() async throws -> HardwareKey? { try await hardware.createKey() }

        func sign(handle: Data, message: Data) async throws -> Data {
            try await hardware.sign(handle: handle, message: message)
        }

        func deleteKey(handle: Data) async throws {
            guard clings.get() else { return try await hardware.deleteKey(handle: handle) }
            asked.update { $0 += 1 }
            defer { left.update { $0 += 1 } }
            _ = try await forever()
        }
    }

    /// The passkey is gone at once, left with a token or after five seconds; its key goes with the next one.
    @Test(arguments: [false, true]) func hardwareThatNeverDeletesKeepsNoPasskey(byToken: Bool) async throws {
        let (shell, cancel) = (try Shell(), Cancel())
        let keys = Clinging(in: shell.folder)
        var config = shell.config
        config.hardwareKeys = true
        let phone = try await Phone.open(config: config, ports: Ports(gate: shell.gate, keys: keys, device: Facts()))
        let (provider, passkeys) = (phone.provider(), phone.passkeys())
        let made = try await provider.register(request: registration())
        let other = try await provider.register(request: registration(user: "other"))
        let clock = ContinuousClock.now
        let deleting = Task { try await passkeys.delete(id: made.credentialId, cancel: cancel) }
        try await eventually("call") { keys.asked.get() > 0 ? () : nil }
        #expect(try passkeys.list().map(\.id) == [other.credentialId])
        if byToken { cancel.cancel() }
        try await deleting.value
        if !byToken { #expect(clock.duration(to: .now) > .seconds(4)) }
        // It is told that nobody waits.
        try await eventually("end") { keys.left.get() == keys.asked.get() ? () : nil }
        #expect(keys.hardware.handles.get().count == 2)

        keys.clings.update { $0 = false }
        try await passkeys.delete(id: other.credentialId)
        #expect(keys.hardware.handles.get().isEmpty)
        #expect(try passkeys.list().isEmpty)
    }

    /// A radio that never takes an advert, and never ends one.
    final class Deaf: BleAdvertiser, Sendable {
        let go = DispatchSemaphore(value: 0)
        let (started, left, stopped) = (Guarded<[UInt64]>([]), Guarded<[UInt64]>([]), Guarded<[UInt64]>([]))

        func start(advert: UInt64, serviceData: Data) async throws {
            started.update { $0.append(advert) }
            defer { left.update { $0.append(advert) } }
            _ = try await forever()
        }

        func stop(advert: UInt64) throws {
            stopped.update { $0.append(advert) }
            go.wait()
            go.signal()
        }
    }

    /// It has five seconds; a token ends it at once. Nobody waits for it to stop.
    @Test(arguments: [false, true]) func aRadioThatNeverAnswersCostsItsCeremonyOnly(byToken: Bool) async throws {
        let (stage, shell, radio, cancel) = (try await Stage(), try Shell(), Deaf(), Cancel())
        defer { radio.go.signal() }
        let phone = try await stage.phone(shell, radio: radio)
        let (computer, text) = try await stage.computer("create")
        defer { computer.kill() }
        let code = try phone.scanner().read(text: text)
        let answering = Task { try await phone.approve(code: code, cancel: cancel) }
        try await eventually("advert") { radio.started.get().isEmpty ? nil : () }
        let clock = ContinuousClock.now
        if byToken { cancel.cancel() }
        await #expect(throws: byToken ? LatchkeyError.RegCanceled : .AnyInternal) { try await answering.value }
        #expect(clock.duration(to: .now) < .seconds(20))
        if !byToken { #expect(clock.duration(to: .now) > .seconds(4)) }
        try await eventually("end of the advert") { radio.stopped.get() == radio.started.get() ? () : nil }
        try await eventually("end of the call") { radio.left.get() == radio.started.get() ? () : nil }
        #expect(radio.started.get().count == 1)
        _ = try await phone.provider().register(request: registration())
        #expect(try phone.passkeys().list().count == 1)
    }

    /// Waits until it is let go.
    final class Stuck: Device, Network, Observer, Sendable {
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

        func reached(step: Step) throws { wait() }
    }

    /// The steps wait for it, and nothing else does.
    @Test func anObserverThatNeverReturnsDoesNotHoldUpAnUnlock() async throws {
        let (stage, shell, stuck) = (try await Stage(), try Shell(), Stuck())
        defer { stuck.go.signal() }
        let (desk, phone) = (try await stage.desk("desk"), try await stage.phone(shell, observer: stuck))
        try await desk.pair(phone)
        let serving = try await desk.serve()
        defer { serving.kill() }
        _ = try await phone.computers().unlock(machineId: desk.machineId)
        #expect(try await desk.unlockedBy() == "phone")
        #expect(stuck.asked.get() == ["reached(step:)"])
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
