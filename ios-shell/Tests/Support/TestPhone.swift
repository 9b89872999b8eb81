import Foundation
import Latchkey
import LatchkeyShell

/// A value behind a lock: ports are called from any thread.
public final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    public init(_ value: Value) { self.value = value }

    public var now: Value { lock.withLock { value } }
    public func change(_ change: (inout Value) -> Void) { lock.withLock { change(&value) } }
}

/// Answers as `answer` says: a yes with the verification that was asked for, unless a test changes it. Where nothing may be
/// shown, it does as `quietly` says: it knows nobody.
public final class TestGate: UserGate, Sendable {
    /// What was shown.
    public let prompts = Guarded<[Prompt]>([])
    public let answer = Guarded<@Sendable (Prompt) async throws -> Consent>({ Consent(verified: $0.verify) })
    public let quietly = Guarded<@Sendable (Prompt) async throws -> Consent>({ _ in throw GateError.Unavailable })

    public let enrolled = Guarded(true)

    public func canVerify() throws -> Bool { enrolled.now }

    public func ask(prompt: Prompt) async throws -> Consent {
        if prompt.quiet { return try await quietly.now(prompt) }
        prompts.change { $0.append(prompt) }
        return try await answer.now(prompt)
    }
}

final class TestKeys: KeyVault, Sendable {
    private func xor(_ data: Data) -> Data { Data(data.map { $0 ^ 0x5A }) }
    func wrap(key: Data) throws -> Data { xor(key) }
    func unwrap(wrapped: Data) throws -> Data { xor(wrapped) }
    func createKey() async throws -> HardwareKey? { nil }
    func sign(handle: Data, message: Data) async throws -> Data { throw KeyVaultError.Invalidated }
    func deleteKey(handle: Data) async throws {}
}

final class TestDevice: Device {
    func facts() throws -> DeviceFacts {
        DeviceFacts(
            name: "phone", systemVersion: "18.0", appVersion: "1.0", provider: .ready, camera: .ready, bluetooth: .unknown)
    }
}

/// The system's store, in memory. Changes that no system would take are refused.
public final class TestIdentities: IdentityStore, Sendable {
    public let enabled = Guarded(true)
    public let incremental = Guarded(true)
    public let held = Guarded<Set<Identity>>([])
    public let calls = Guarded<[String]>([])
    /// While it is, the store does not answer; `waiting` counts who waits for it.
    public let hangs = Guarded(false)
    public let waiting = Guarded(0)

    public init() {}
    public func isEnabled() async -> Bool {
        if hangs.now { waiting.change { $0 += 1 } }
        while hangs.now { try? await Task.sleep(for: .milliseconds(5)) }
        return enabled.now
    }
    public func takesChanges() async -> Bool { incremental.now }
    public func stored() async -> Set<Identity>? { incremental.now ? held.now : nil }

    public func save(_ identities: [Identity]) async throws {
        calls.change { $0.append("save") }
        held.change { $0.formUnion(identities) }
    }

    public func remove(_ identities: [Identity]) async throws {
        calls.change { $0.append("remove") }
        held.change { $0.subtract(identities) }
    }

    public func replaceAll(_ identities: [Identity]) async throws {
        calls.change { $0.append("replace") }
        held.change { $0 = Set(identities) }
    }
}

/// A real phone over a database that goes with it, behind the provider's door.
public final class TestPhone: Sendable {
    public let gate = TestGate()
    public let identities = TestIdentities()
    public let opened = Guarded<[Phone]>([])
    public let phone: OpenPhone
    public let door: ProviderDoor
    private let folder: URL

    public init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder
        let (gate, opened) = (gate, opened)
        phone = OpenPhone {
            let config = PhoneConfig(database: folder.appendingPathComponent("vault.db").path, platform: .ios, developer: true)
            let phone = try await Phone.open(
                config: config, ports: Ports(gate: gate, keys: TestKeys(), device: TestDevice()))
            opened.change { $0.append(phone) }
            return phone
        }
        door = ProviderDoor(phone: phone, identities: identities)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Whether every phone that was opened is closed.
    public var isClosed: Bool {
        opened.now.allSatisfy { phone in
            do {
                _ = try phone.passkeys().list()
                return false
            } catch {
                return error as? LatchkeyError == .ProviderLocked
            }
        }
    }
}

public let clientDataHash = Data(repeating: 7, count: 32)

public func registration(user: String = "ada", excluded: [Data] = [], conditional: Bool = false) -> RegistrationRequest {
    RegistrationRequest(
        clientDataHash: clientDataHash, rpId: "example.com", userName: user, userHandle: Data("handle of \(user)".utf8),
        algorithms: [-7], excluded: excluded, conditional: conditional)
}

public func assertion(_ allowed: [Data] = [], discouraged: Bool = false) -> AssertionRequest {
    AssertionRequest(
        clientDataHash: clientDataHash, rpId: "example.com", allowed: allowed, verificationDiscouraged: discouraged)
}
