import Foundation
import Latchkey
import Testing

/// One thing that happens, and what is thrown.
struct Provoked: Sendable, CustomTestStringConvertible {
    let error: LatchkeyError
    let provoke: @Sendable (Shell) async throws -> Void
    var testDescription: String { "\(error)" }
}

@Suite(.timeLimit(.minutes(2)))
struct ErrorsTests {
    static let provoked: [Provoked] = [
        Provoked(error: .ProviderLocked) { shell in
            shell.keys.failure.update { $0 = .Locked }
            _ = try await shell.open()
        },
        Provoked(error: .AuthCredentialUnusable) { shell in
            _ = try await shell.open()
            shell.keys.failure.update { $0 = .Invalidated }
            _ = try await shell.open()
        },
        Provoked(error: .AnyInternal) { shell in
            var config = shell.config
            config.database = "/nowhere/vault.sqlite"
            _ = try await shell.open(config)
        },
        Provoked(error: .RegCanceled) { try await prompted($0, GateError.Denied) { _ = try await $0.register(request: registration()) } },
        Provoked(error: .AuthNotFoundOrCanceled) { _ = try await $0.open().provider().signIn(request: assertion()) },
        Provoked(error: .AuthUvFailed) { try await prompted($0, GateError.LockedOut) { _ = try await $0.signIn(request: assertion()) } },
        Provoked(error: .ProviderLocked) { try await prompted($0, GateError.Unavailable) { _ = try await $0.signIn(request: assertion()) } },
        Provoked(error: .ProviderLocked) { try await prompted($0, Mistake()) { _ = try await $0.signIn(request: assertion()) } },
        Provoked(error: .RegTimeout) { try await late($0) { _ = try await $0.register(request: registration()) } },
        Provoked(error: .AuthTimeout) { try await late($0) { _ = try await $0.signIn(request: assertion()) } },
        Provoked(error: .ProviderBiometricsMissing) { shell in
            shell.gate.enrolled.update { $0 = false }
            _ = try await shell.open().provider().signIn(request: assertion())
        },
        Provoked(error: .RegAlreadyRegistered) { shell in
            let provider = try await shell.open().provider()
            let made = try await provider.register(request: registration())
            _ = try await provider.register(request: registration(user: "other", excluded: [made.credentialId]))
        },
        Provoked(error: .ProviderEntraPasskeyExists) { shell in
            let provider = try await shell.open().provider()
            for user in ["first", "second"] {
                var request = registration(user: user)
                request.rpId = "login.microsoft.com"
                _ = try await provider.register(request: request)
            }
        },
        Provoked(error: .RequestBusy) { shell in
            let provider = try await shell.open().provider()
            shell.gate.answer.update { $0 = { _ in try await forever() } }
            let cancel = Cancel()
            async let first = try? provider.register(request: registration(), cancel: cancel)
            while shell.gate.prompts.get().isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            defer { cancel.cancel() }
            _ = try await provider.register(request: registration())
            _ = await first
        },
        Provoked(error: .AnyNotSupported) { _ = try await $0.open().provider().register(request: registration(algorithms: [-257])) },
        Provoked(error: .RequestMalformed) { shell in
            var request = registration()
            request.clientDataHash = Data("short".utf8)
            _ = try await shell.open().provider().register(request: request)
        },
        Provoked(error: .RequestListTooLong) { shell in
            let excluded = Array(repeating: Data([1]), count: 65)
            _ = try await shell.open().provider().register(request: registration(excluded: excluded))
        },
        Provoked(error: .QrInvalid) { _ = try await $0.open().scanner().read(text: "WIFI:S:home;;") },
        Provoked(error: .QrUnsupported) { _ = try await $0.open().scanner().read(text: #"{"v":2}"#) },
        Provoked(error: .CodeBadAddress) { _ = try await $0.open().lookUp(address: "http://example.com", code: "ABCDEF") },
        Provoked(error: .CodeNotFound) { _ = try await $0.open().lookUp(address: "https://example.com", code: "?") },
        Provoked(error: .AnyNoDevice) { _ = try await $0.open().computers().unlock(machineId: "nobody") },
    ]

    @Test(arguments: provoked)
    func whatHappensIsWhatIsThrown(_ row: Provoked) async throws {
        let shell = try Shell()
        await #expect(throws: row.error) { try await row.provoke(shell) }
        let info = row.error.info()
        #expect(!info.title.isEmpty && !info.explanation.isEmpty && !info.nextStep.isEmpty)
        // The core is as good as before.
        shell.keys.failure.update { $0 = nil }
        shell.gate.enrolled.update { $0 = true }
        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        let made = try await shell.open().provider().register(request: registration(user: "afterwards"))
        #expect(made.credentialId.count == 32)
    }

    @Test func everyIdHasItsWords() throws {
        let fixture = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: "fixtures/errors.json")))
        let rows = try #require((fixture as? [String: Any])?["errors"] as? [[String: Any]])
        let ids = Set(LatchkeyError.allCases.map { $0.info().id })
        #expect(ids == Set(rows.compactMap { $0["id"] as? String }))
        #expect(LatchkeyError.RegAlreadyRegistered.info().ios == [102])
        #expect(LatchkeyError.ProviderLocked.info().ios == [100])
    }
}

struct Mistake: Error {}

/// Does not come back, even when its task is cancelled late.
func forever() async throws -> Consent {
    try await Task.sleep(for: .seconds(3600))
    return Consent(verified: false)
}

@Sendable func prompted(_ shell: Shell, _ error: any Error & Sendable, _ call: (Provider) async throws -> Void) async throws {
    let provider = try await shell.open().provider()
    shell.gate.answer.update { $0 = { _ in throw error } }
    try await call(provider)
}

@Sendable func late(_ shell: Shell, _ call: (Provider) async throws -> Void) async throws {
    var config = shell.config
    config.promptTimeout = 0.2
    let provider = try await shell.open(config).provider()
    shell.gate.answer.update { $0 = { _ in try await forever() } }
    try await call(provider)
}
