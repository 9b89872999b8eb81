import Foundation
import Latchkey
import Testing

/// Whatever a shell does, the core stays whole.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RobustnessTests {
    /// Whether the system tells about this process there.
    static let hasProc = FileManager.default.fileExists(atPath: "/proc/self/status")

    func works(_ phone: Phone, _ gate: Gate) async throws {
        gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        let made = try await phone.provider().register(request: registration(user: "afterwards"))
        let signed = try await phone.provider().signIn(request: assertion(allowed: [made.credentialId]))
        #expect(signed.credentialId == made.credentialId)
    }

    /// Cancelling a task does not end a call in Swift: the token does.
    @Test func aTokenEndsACall() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let disappeared = Guarded(false)
        shell.gate.answer.update {
            $0 = { _ in
                defer { disappeared.update { $0 = true } }
                return try await forever()
            }
        }
        let cancel = Cancel()
        let call = Task { try await phone.provider().register(request: registration(), cancel: cancel) }
        try await eventually("prompt") { shell.gate.prompts.get().isEmpty ? nil : () }
        cancel.cancel()
        await #expect(throws: LatchkeyError.RegCanceled) { try await call.value }
        try await eventually("end of the prompt") { disappeared.get() ? () : nil }
        #expect(try phone.passkeys().list().isEmpty)
        try await works(phone, shell.gate)
    }

    @Test func aTokenThatIsCancelledBeforeTheCallEndsItBeforeItBegins() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let cancel = Cancel()
        cancel.cancel()
        await #expect(throws: LatchkeyError.RegCanceled) {
            try await phone.provider().register(request: registration(), cancel: cancel)
        }
        #expect(shell.gate.prompts.get().isEmpty)
        let made = try await phone.provider().register(request: registration())
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) {
            try await phone.passkeys().delete(id: made.credentialId, cancel: cancel)
        }
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) {
            try await phone.computers().remove(machineId: "desk", cancel: cancel)
        }
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) { try await phone.readiness(cancel: cancel) }
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) { try await shell.open(cancel: cancel) }
        #expect(try phone.passkeys().list().count == 1)
        try await works(phone, shell.gate)
    }

    /// Hardware that works when it is let go.
    final class Slow: KeyVault, Sendable {
        let hardware: Hardware
        let (asked, go) = (Guarded(false), Guarded(false))

        init(in folder: URL) { hardware = Hardware(in: folder) }

        func wrap(key: Data) throws -> Data { try hardware.wrap(key: key) }
        func unwrap(wrapped: Data) throws -> Data { try hardware.unwrap(wrapped: wrapped) }

        func createKey() async throws -> HardwareKey? {
            asked.update { $0 = true }
            while !go.get() { try await Task.sleep(for: .milliseconds(10)) }
            return try await hardware.createKey()
        }

        func sign(handle: Data, message: Data) async throws -> Data {
            try await hardware.sign(handle: handle, message: message)
        }

        func deleteKey(handle: Data) async throws { try await hardware.deleteKey(handle: handle) }
    }

    /// Shut down or cancelled, the call does not wait for the key, which is deleted once it is there.
    @Test(arguments: [false, true]) func aKeyThatNobodyWaitsForIsDeleted(shutDown: Bool) async throws {
        let shell = try Shell()
        let keys = Slow(in: shell.folder)
        var config = shell.config
        config.hardwareKeys = true
        let phone = try await Phone.open(config: config, ports: Ports(gate: shell.gate, keys: keys, device: Facts()))
        let cancel = Cancel()
        let call = Task { try await phone.provider().register(request: registration(), cancel: cancel) }
        try await eventually("call of the hardware") { keys.asked.get() ? () : nil }
        if shutDown { phone.shutDown() } else { cancel.cancel() }
        await #expect(throws: shutDown ? LatchkeyError.ProviderLocked : .RegCanceled) { try await call.value }
        #expect(keys.hardware.made.get() == 0)
        keys.go.update { $0 = true }
        try await eventually("key") { keys.hardware.made.get() == 1 ? () : nil }
        try await eventually("end of the key") { keys.hardware.handles.get().isEmpty ? () : nil }
    }

    /// The call goes on, for Swift does not drop the future; the person's answer counts.
    @Test func aCancelledTaskDoesNotEndItsCall() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let answered = Guarded(false)
        shell.gate.answer.update {
            $0 = { prompt in
                while !answered.get() { try await Task.sleep(for: .milliseconds(10)) }
                return Consent(verified: prompt.verify)
            }
        }
        let call = Task { try await phone.provider().register(request: registration()) }
        try await eventually("prompt") { shell.gate.prompts.get().isEmpty ? nil : () }
        call.cancel()
        await #expect(throws: LatchkeyError.RequestBusy) { try await phone.provider().register(request: registration()) }
        answered.update { $0 = true }
        let made = try await call.value
        #expect(call.isCancelled)
        #expect(try phone.passkeys().list().map(\.id) == [made.credentialId])
        try await works(phone, shell.gate)
    }

    /// How a shell ends a call with its task.
    @Test func aTaskCancelsThroughAToken() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        shell.gate.answer.update { $0 = { _ in try await forever() } }
        let call = Task {
            let cancel = Cancel()
            return try await withTaskCancellationHandler {
                try await phone.provider().register(request: registration(), cancel: cancel)
            } onCancel: {
                cancel.cancel()
            }
        }
        try await eventually("prompt") { shell.gate.prompts.get().isEmpty ? nil : () }
        call.cancel()
        await #expect(throws: LatchkeyError.RegCanceled) { try await call.value }
        #expect(try phone.passkeys().list().isEmpty)
        try await works(phone, shell.gate)
    }

    final class Throwing: UserGate, KeyVault, Device, Network, Observer, BleAdvertiser {
        /// The names of the functions that were called.
        let called = Guarded<Set<String>>([])

        private func mistake(_ call: String = #function) -> Mistake {
            called.update { _ = $0.insert(call) }
            return Mistake()
        }

        func canVerify() throws -> Bool { throw mistake() }
        func ask(prompt: Prompt) async throws -> Consent { throw mistake() }
        func wrap(key: Data) throws -> Data { throw mistake() }
        func unwrap(wrapped: Data) throws -> Data { throw mistake() }
        func createKey() async throws -> HardwareKey? { throw mistake() }
        func sign(handle: Data, message: Data) async throws -> Data { throw mistake() }
        func deleteKey(handle: Data) async throws { throw mistake() }
        func facts() throws -> DeviceFacts { throw mistake() }
        func isOnline() throws -> Bool { throw mistake() }
        func reached(step: Step) throws { throw mistake() }
        func start(advert: UInt64, serviceData: Data) async throws { throw mistake() }
        func stop(advert: UInt64) throws { throw mistake() }
    }

    /// Keys that this process wraps, over hardware that can be exchanged.
    final class Mixed: KeyVault, Sendable {
        private let wrapping = Keys()
        let hardware: Guarded<any KeyVault>

        init(_ hardware: any KeyVault) { self.hardware = Guarded(hardware) }

        func wrap(key: Data) throws -> Data { try wrapping.wrap(key: key) }
        func unwrap(wrapped: Data) throws -> Data { try wrapping.unwrap(wrapped: wrapped) }
        func createKey() async throws -> HardwareKey? { try await hardware.get().createKey() }
        func sign(handle: Data, message: Data) async throws -> Data {
            try await hardware.get().sign(handle: handle, message: message)
        }
        func deleteKey(handle: Data) async throws { try await hardware.get().deleteKey(handle: handle) }
    }

    @Test func portsThatThrowAreFailuresOfTheirs() async throws {
        let (stage, shell, broken) = (try await Stage(), try Shell(), Throwing())

        // The vault's key, to wrap and to unwrap; then everything else.
        await #expect(throws: LatchkeyError.AnyInternal) { try await stage.phone(shell, keys: broken) }
        _ = try await shell.open()
        await #expect(throws: LatchkeyError.AnyInternal) { try await stage.phone(shell, keys: broken) }
        let phone = try await stage.phone(shell, device: broken, radio: broken, observer: broken, network: broken)
        let findings = try await phone.readiness()
        #expect(findings.first { $0.check == .camera }?.state == .unknown)
        #expect(findings.first { $0.check == .network }?.state == .ok)
        let (computer, text) = try await stage.computer("create")
        defer { computer.kill() }
        await #expect(throws: LatchkeyError.AnyInternal) {
            try await phone.approve(code: phone.scanner().read(text: text))
        }

        // Hardware that refuses when it makes a key and when it signs, and that cannot delete.
        let keys = Mixed(Hardware(in: shell.folder))
        let careful = try await stage.phone(shell, keys: keys) { $0.hardwareKeys = true }
        let made = try await careful.provider().register(request: registration())
        keys.hardware.update { $0 = broken }
        await #expect(throws: LatchkeyError.AnyInternal) {
            try await careful.provider().register(request: registration(user: "other"))
        }
        await #expect(throws: LatchkeyError.AnyInternal) {
            try await careful.provider().signIn(request: assertion(allowed: [made.credentialId]))
        }
        try await careful.passkeys().delete(id: made.credentialId)

        // A person who cannot be asked.
        let asked = try await Phone.open(
            config: shell.config, ports: Ports(gate: broken, keys: shell.keys, device: Facts()))
        await #expect(throws: LatchkeyError.ProviderBiometricsMissing) {
            try await asked.provider().register(request: registration())
        }
        shell.gate.answer.update { $0 = { try await broken.ask(prompt: $0) } }
        await #expect(throws: LatchkeyError.ProviderLocked) {
            try await phone.provider().register(request: registration())
        }

        try await eventually("call of each of 12 functions") { broken.called.get().count == 12 ? () : nil }
        try await works(phone, shell.gate)
    }

    final class Blocking: UserGate {
        let go = DispatchSemaphore(value: 0)

        func canVerify() throws -> Bool {
            go.wait()
            go.signal()
            return true
        }

        func ask(prompt: Prompt) async throws -> Consent { Consent(verified: true) }
    }

    @Test func aPortThatNeverAnswersCostsItsCallOnly() async throws {
        let shell = try Shell()
        let gate = Blocking()
        let phone = try await Phone.open(config: shell.config, ports: Ports(gate: gate, keys: shell.keys, device: Facts()))
        await #expect(throws: LatchkeyError.ProviderBiometricsMissing) {
            try await phone.provider().register(request: registration())
        }
        gate.go.signal()
        #expect(try await phone.provider().register(request: registration()).credentialId.count == 32)
    }

    @Test func twoHundredCallsAtOnce() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let made = try await phone.provider().register(request: registration())
        let done = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    if number % 2 == 1 { return try phone.provider().entries(rpId: "example.com").count == 1 }
                    while true {
                        do {
                            let signed = try await phone.provider().signIn(request: assertion(allowed: [made.credentialId]))
                            return signed.credentialId == made.credentialId
                        } catch LatchkeyError.RequestBusy {
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(done == Array(repeating: true, count: 200))
    }

    /// The second process runs this same test, and finds there that it is the second.
    @Test(.enabled(if: RobustnessTests.hasProc, "no /proc, which says which program this is"))
    func appAndExtensionShareOneDatabase() async throws {
        let shell = try Shell()
        if let database = ProcessInfo.processInfo.environment["LATCHKEY_OTHER_PROCESS"] {
            var config = shell.config
            config.database = database
            let phone = try await shell.open(config)
            try await make(0..<20, named: "extension", on: phone)
            try await eventually("passkey of the app") { try names(phone).contains("app0") ? () : nil }
            try await make(20..<40, named: "extension", on: phone)
            return
        }
        let child = try Program(
            URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path,
            CommandLine.arguments.dropFirst() + ["--filter", "appAndExtensionShareOneDatabase"], in: shell.folder,
            environment: ["LATCHKEY_OTHER_PROCESS": shell.config.database])
        let phone = try await shell.open()
        // Both write at the same time.
        try await eventually("passkey of the extension") { try names(phone).contains("extension0") ? () : nil }
        try await make(0..<40, named: "app", on: phone)
        #expect(try await child.ended() == 0, "\(child.printed)")
        #expect(try names(phone) == Set(["app", "extension"].flatMap { name in (0..<40).map { "\(name)\($0)" } }))
    }

    func names(_ phone: Phone) throws -> Set<String> {
        try Set(phone.passkeys().list().map { String(decoding: $0.userHandle, as: UTF8.self) })
    }

    func make(_ numbers: Range<Int>, named name: String, on phone: Phone) async throws {
        for number in numbers {
            _ = try await phone.provider().register(request: registration(user: "\(name)\(number)"))
        }
    }

    @Test func shutDownAndOpenAgain() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let made = try await phone.provider().register(request: registration())
        phone.shutDown()
        phone.shutDown()
        #expect(throws: LatchkeyError.ProviderLocked) { try phone.passkeys().list() }
        await #expect(throws: LatchkeyError.ProviderLocked) { try await phone.provider().signIn(request: assertion()) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: shell.folder.path) == ["vault.sqlite"])
        #expect(try await shell.open().provider().signIn(request: assertion()).credentialId == made.credentialId)
    }

    @Test func shutDownEndsTheOpenPrompt() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        _ = try await phone.provider().register(request: registration())
        let disappeared = Guarded(false)
        shell.gate.prompts.update { $0.removeAll() }
        shell.gate.answer.update {
            $0 = { _ in
                defer { disappeared.update { $0 = true } }
                return try await forever()
            }
        }
        let call = Task { _ = try await phone.provider().register(request: registration(user: "other")) }
        try await eventually("prompt") { shell.gate.prompts.get().isEmpty ? nil : () }
        phone.shutDown()
        await #expect(throws: LatchkeyError.ProviderLocked) { try await call.value }
        try await eventually("end of the prompt") { disappeared.get() ? () : nil }

        // The next phone does not mind.
        let again = try await shell.open()
        try await works(again, shell.gate)
        #expect(try names(again) == ["user", "afterwards"])
    }

    @Test(.enabled(if: RobustnessTests.hasProc, "no /proc, which says how much memory is used"))
    func memoryIsStableOver10000Calls() async throws {
        let shell = try Shell()
        let phone = try await shell.open()
        let made = try await phone.provider().register(request: registration())
        let request = assertion(allowed: [made.credentialId])
        var unknown = assertion()
        unknown.rpId = "example.org"
        func calls(_ count: Int) async throws -> Int {
            for number in 0..<count {
                if number % 5 == 0 {
                    _ = try await phone.provider().signIn(request: request)
                } else if number % 5 == 1 {
                    do {
                        _ = try await phone.provider().signIn(request: unknown)
                        throw Unexpected(description: "a passkey for nobody")
                    } catch LatchkeyError.AuthNotFoundOrCanceled {}
                } else {
                    _ = try phone.provider().entries(rpId: "example.com")
                }
                shell.gate.prompts.update { $0.removeAll() }
            }
            return try resident()
        }
        // What leaks grows in every round; the allocator grows and shrinks in some.
        var before = try await calls(2_000)
        var changes: [Int] = []
        repeat {
            let after = try await calls(10_000)
            changes.append(after - before)
            before = after
        } while abs(changes.last!) >= 1024 && changes.count < 8
        print("memory: \(before) KiB, after each 10,000 calls \(changes) KiB more")
        #expect(abs(changes.last!) < 1024, "changed by \(changes) KiB, in every round")
    }

    /// Resident memory of this process in KiB.
    func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS") })
        return try #require(Int(line.filter(\.isNumber)))
    }
}
