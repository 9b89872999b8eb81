import Foundation
import Latchkey
import Testing

extension ErrorsTests {
    /// What a phone meets by itself.
    static let alone: [Provoked<Shell>] = [
        Provoked(.ProviderLocked) { shell in
            shell.keys.failure.update { $0 = .Locked }
            _ = try await shell.open()
        },
        Provoked(.AuthCredentialUnusable) { shell in
            _ = try await shell.open()
            shell.keys.failure.update { $0 = .Invalidated }
            _ = try await shell.open()
        },
        Provoked(.AnyInternal) { shell in
            var config = shell.config
            config.database = "/nowhere/vault.sqlite"
            _ = try await shell.open(config)
        },
        Provoked(.RegCanceled) { try await prompted($0, GateError.Denied) { _ = try await $0.register(request: registration()) } },
        Provoked(.AuthNotFoundOrCanceled) { _ = try await $0.open().provider().signIn(request: assertion()) },
        Provoked(.AuthUvFailed) { try await prompted($0, GateError.LockedOut) { _ = try await $0.register(request: registration()) } },
        Provoked(.AuthUvFailed) {
            try await prompted($0, GateError.VerificationFailed) { _ = try await $0.signIn(request: assertion()) }
        },
        Provoked(.ProviderLocked) { try await prompted($0, GateError.Unavailable) { _ = try await $0.signIn(request: assertion()) } },
        Provoked(.ProviderLocked) { try await prompted($0, Mistake()) { _ = try await $0.signIn(request: assertion()) } },
        Provoked(.RegTimeout) { try await late($0) { _ = try await $0.register(request: registration()) } },
        Provoked(.AuthTimeout) { try await late($0) { _ = try await $0.signIn(request: assertion()) } },
        Provoked(.ProviderBiometricsMissing) { shell in
            shell.gate.enrolled.update { $0 = false }
            _ = try await shell.open().provider().signIn(request: assertion())
        },
        Provoked(.ProviderNotEnabled) { try await found($0, .provider) { $0.provider = .off } },
        Provoked(.QrCameraDenied) { try await found($0, .camera) { $0.camera = .notPermitted } },
        Provoked(.HybridBluetoothOff) { try await found($0, .bluetooth) { $0.bluetooth = .notPermitted } },
        Provoked(.AnyNotSupported) { try await found($0, .systemVersion) { $0.systemVersion = "13" } },
        Provoked(.AnyNotSupported) { _ = try await $0.open().provider().register(request: registration(algorithms: [-257])) },
        Provoked(.ProviderCallerUntrusted) { shell in
            var config = shell.config
            config.platform = .android
            let caller = Caller(packageName: "org.browser", certificates: [clientDataHash], origin: "https://example.com")
            let request = #"{"challenge": "AAEC", "rpId": "example.com"}"#
            _ = try await shell.open(config).provider().getJson(request: request, caller: caller)
        },
        Provoked(.RegAlreadyRegistered) { shell in
            let provider = try await shell.open().provider()
            let made = try await provider.register(request: registration())
            _ = try await provider.register(request: registration(user: "other", excluded: [made.credentialId]))
        },
        Provoked(.ProviderEntraPasskeyExists) { shell in
            let provider = try await shell.open().provider()
            for user in ["first", "second"] {
                var request = registration(user: user)
                request.rpId = "login.microsoft.com"
                _ = try await provider.register(request: request)
            }
        },
        Provoked(.RequestBusy) { shell in
            let provider = try await shell.open().provider()
            shell.gate.answer.update { $0 = { _ in try await forever() } }
            let cancel = Cancel()
            async let first = try? provider.register(request: registration(), cancel: cancel)
            try await eventually("prompt") { shell.gate.prompts.get().isEmpty ? nil : () }
            defer { cancel.cancel() }
            _ = try await provider.register(request: registration())
            _ = await first
        },
        Provoked(.RequestMalformed) { shell in
            var request = registration()
            request.clientDataHash = Data("short".utf8)
            _ = try await shell.open().provider().register(request: request)
        },
        Provoked(.RequestMalformed) { _ = try await $0.open().provider().register(request: registration(user: "")) },
        Provoked(.RequestListTooLong) { shell in
            let excluded = Array(repeating: Data([1]), count: 65)
            _ = try await shell.open().provider().register(request: registration(excluded: excluded))
        },
        Provoked(.QrInvalid) { _ = try await $0.open().scanner().read(text: "WIFI:S:home;;") },
        Provoked(.QrUnsupported) { _ = try await $0.open().scanner().read(text: #"{"v":2}"#) },
        Provoked(.CodeBadAddress) { _ = try await $0.open().lookUp(address: "http://example.com", code: "ABCDEF") },
        Provoked(.CodeNotFound) { _ = try await $0.open().lookUp(address: "https://example.com", code: "?") },
        Provoked(.AnyNoDevice) { _ = try await $0.open().computers().unlock(machineId: "nobody") },
    ]
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

/// What readiness finds is the error that the person would meet.
@Sendable func found(_ shell: Shell, _ check: Check, _ change: (inout DeviceFacts) -> Void) async throws {
    let device = Facts(change)
    let phone = try await Phone.open(config: shell.config, ports: Ports(gate: shell.gate, keys: shell.keys, device: device))
    let finding = try #require(try await phone.readiness().first { $0.check == check })
    #expect(finding.state == .attention)
    throw try #require(finding.error)
}
