import Foundation
import Latchkey

/// A value behind a lock: ports are called from any thread.
final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func get() -> Value { lock.withLock { value } }

    func update<R>(_ change: (inout Value) -> R) -> R { lock.withLock { change(&value) } }
}

/// Says yes, or does what `answer` does with the prompt.
final class Gate: UserGate, Sendable {
    let prompts = Guarded<[Prompt]>([])
    let enrolled = Guarded(true)
    let answer = Guarded<@Sendable (Prompt) async throws -> Consent>({ Consent(verified: $0.verify) })

    func canVerify() throws -> Bool { enrolled.get() }

    func ask(prompt: Prompt) async throws -> Consent {
        prompts.update { $0.append(prompt) }
        return try await answer.get()(prompt)
    }
}

/// Wraps with a key of its own.
final class Keys: KeyVault, Sendable {
    let failure = Guarded<KeyVaultError?>(nil)
    private let mask = Data((0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) })

    private func xor(_ data: Data) -> Data { Data(zip(data, mask).map { $0 ^ $1 }) }

    func wrap(key: Data) throws -> Data {
        if let failure = failure.get() { throw failure }
        return xor(key)
    }

    func unwrap(wrapped: Data) throws -> Data {
        if let failure = failure.get() { throw failure }
        return xor(wrapped)
    }

    func createKey() async throws -> HardwareKey? { nil }
    func sign(handle: Data, message: Data) async throws -> Data { throw KeyVaultError.Invalidated }
    func deleteKey(handle: Data) async throws {}
}

/// A phone on which everything works, but for what was changed.
final class Facts: Device {
    private let now: DeviceFacts

    init(_ change: (inout DeviceFacts) -> Void = { _ in }) {
        var now = DeviceFacts(
            name: "phone", systemVersion: "18.0", appVersion: "10.5.0", provider: .ready, camera: .ready, bluetooth: .ready)
        change(&now)
        self.now = now
    }

    func facts() throws -> DeviceFacts { now }
}

/// Opens phones over one database, which goes with it.
final class Shell: Sendable {
    let folder: URL
    let gate = Gate()
    let keys = Keys()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var config: PhoneConfig {
        PhoneConfig(database: folder.appendingPathComponent("vault.sqlite").path, platform: .ios)
    }

    func open(_ config: PhoneConfig? = nil, cancel: Cancel? = nil) async throws -> Phone {
        let ports = Ports(gate: gate, keys: keys, device: Facts())
        return try await Phone.open(config: config ?? self.config, ports: ports, cancel: cancel)
    }
}

let clientDataHash = Data(repeating: 7, count: 32)

func registration(
    user: String = "user", algorithms: [Int64] = [-7], excluded: [Data] = [], conditional: Bool = false
) -> RegistrationRequest {
    RegistrationRequest(
        clientDataHash: clientDataHash, rpId: "example.com", userName: "ada", userHandle: Data(user.utf8),
        algorithms: algorithms, excluded: excluded, conditional: conditional)
}

func assertion(allowed: [Data] = []) -> AssertionRequest {
    AssertionRequest(clientDataHash: clientDataHash, rpId: "example.com", allowed: allowed)
}
