import Foundation
import Latchkey
import Testing

/// A phone, and those whom it meets.
final class Scene: Sendable {
    let stage: Stage
    let shell: Shell

    init() async throws { (stage, shell) = (try await Stage(), try Shell()) }

    /// A phone that is paired with Ada's account, and the workstation.
    func paired(keys: KeyVault? = nil, _ change: (inout PhoneConfig) -> Void = { _ in }) async throws -> (Phone, Desk) {
        let phone = try await stage.phone(shell, keys: keys, change)
        let desk = try await stage.desk("desk")
        try await desk.pair(phone)
        return (phone, desk)
    }

    /// The same, unlocked once: the phone has ten offline PINs. The workstation goes on serving as long as `serving` is.
    func provisioned() async throws -> (phone: Phone, desk: Desk, serving: Program) {
        try await stage.setOffline(true)
        let (phone, desk) = try await paired()
        let serving = try await desk.serve()
        try #require(try await phone.computers().unlock(machineId: desk.machineId).pins == .replenished)
        return (phone, desk, serving)
    }

    /// Shows so many PINs, each when the last one's time is over: where they stand then.
    func shown(_ count: Int, of desk: Desk, after phone: Phone) async throws -> PinStatus {
        var (phone, pins, status) = (phone, Set<String>(), PinStatus?.none)
        for number in 1...count {
            phone.shutDown()
            phone = try await stage.phone(shell) { $0.clockAhead = TimeInterval(16 * number) }
            let shown = try await phone.offlinePins().display(machineId: desk.machineId)
            pins.insert(shown.pin)
            status = shown.status
        }
        try #require(pins.count == count)
        return try #require(status)
    }

    /// The phone answers a computer nearby.
    func answers(
        _ text: String, radio: BleAdvertiser? = nil, network: Network? = nil, _ change: (inout PhoneConfig) -> Void = { _ in }
    ) async throws {
        let phone = try await stage.phone(shell, radio: radio, network: network, change)
        _ = try await phone.approve(code: phone.scanner().read(text: text))
    }
}

extension ErrorsTests {
    /// What it takes others for; the first takes a minute.
    static let met: [Provoked<Scene>] = [
        Provoked(.HybridPeerNotNear) { scene in
            let (computer, text) = try await scene.stage.computer("create")
            defer { computer.kill() }
            try await scene.answers(text, radio: Radio(air: scene.stage.folder.appendingPathComponent("another air")))
        },
        Provoked(.HybridBluetoothOff) { scene in
            let (computer, text) = try await scene.stage.computer("create")
            defer { computer.kill() }
            try await scene.answers(text)
        },
        Provoked(.HybridNoInternet) { scene in
            let (computer, text) = try await scene.stage.computer("create")
            defer { computer.kill() }
            let network = Switch()
            network.online.update { $0 = false }
            try await scene.answers(text, radio: Radio(air: scene.stage.air), network: network)
        },
        Provoked(.HybridTunnelFailed) { scene in
            let (computer, text) = try await scene.stage.computer("create")
            defer { computer.kill() }
            try await scene.answers(text, radio: Radio(air: scene.stage.air)) {
                $0.tunnel = TunnelAddress(host: "localhost", port: 9)
            }
        },
        Provoked(.HybridPeerCanceled) { scene in
            let (computer, text) = try await scene.stage.computer("create")
            scene.shell.gate.answer.update {
                $0 = { _ in
                    computer.kill()
                    return try await forever()
                }
            }
            try await scene.answers(text, radio: Radio(air: scene.stage.air))
        },
        // The code names a computer of this phone, with a key that is not the one it was paired with.
        Provoked(.HybridHandshakeFailed) { scene in
            let (phone, desk) = try await scene.paired()
            let other = try await scene.stage.desk("other")
            let ((mine, text), (theirs, foreign)) = (try await desk.signInCode(), try await other.signInCode())
            defer { for program in [mine, theirs] { program.kill() } }
            var code = try json(Data(text.utf8))
            code["pk"] = try json(Data(foreign.utf8))["pk"]
            let changed = try String(decoding: JSONSerialization.data(withJSONObject: code), as: UTF8.self)
            _ = try await phone.approve(code: phone.scanner().read(text: changed))
        },
        Provoked(.CodeNotFound) { scene in
            _ = try await scene.stage.phone(scene.shell).lookUp(address: scene.stage.address, code: "ABCDEF")
        },
        Provoked(.CodeRateLimited) { scene in
            let phone = try await scene.stage.phone(scene.shell)
            for _ in 1...5 {
                await #expect(throws: LatchkeyError.CodeNotFound) {
                    try await phone.lookUp(address: scene.stage.address, code: "ABCDEF")
                }
            }
            _ = try await phone.lookUp(address: scene.stage.address, code: "ABCDEF")
        },
        // A code of an organisation that the phone is not registered with.
        Provoked(.PairingWrongAccount) { scene in
            let (unlocking, text) = try await scene.stage.desk("desk").signInCode()
            defer { unlocking.kill() }
            let phone = try await scene.stage.phone(scene.shell)
            _ = try await phone.approve(code: phone.scanner().read(text: text))
        },
        Provoked(.PairingExpired) { scene in
            let (pairing, text) = try await scene.stage.desk("desk").pairingCode()
            let first = try await scene.stage.phone(Shell())
            _ = try await first.approve(code: first.scanner().read(text: text))
            _ = try await pairing.answer()
            let second = try await scene.stage.phone(scene.shell)
            _ = try await second.approve(code: second.scanner().read(text: text))
        },
        // A code lives for a minute.
        Provoked(.PairingExpired) { scene in
            let (pairing, text) = try await scene.stage.desk("desk").pairingCode()
            defer { pairing.kill() }
            let phone = try await scene.stage.phone(scene.shell) { $0.clockAhead = 70 }
            _ = try await phone.approve(code: phone.scanner().read(text: text))
        },
        // An account has five passkeys at most.
        Provoked(.RegLimitReached) { scene in
            for number in 1...5 { try await scene.stage.desk("\(number)").pair(scene.stage.phone(Shell())) }
            _ = try await scene.paired()
        },
        Provoked(.RegUnavailable) { scene in
            let (pairing, text) = try await scene.stage.desk("desk").pairingCode()
            defer { pairing.kill() }
            let phone = try await scene.stage.phone(scene.shell)
            scene.stage.center.kill()
            _ = try await phone.approve(code: phone.scanner().read(text: text))
        },
        Provoked(.RegActivationFailed) { scene in
            scene.shell.gate.answer.update {
                $0 = { prompt in
                    scene.stage.center.kill()
                    _ = try await scene.stage.center.ended()
                    return Consent(verified: prompt.verify)
                }
            }
            _ = try await scene.paired()
        },
        Provoked(.AuthUnavailable) { scene in
            let (phone, desk) = try await scene.paired()
            scene.stage.center.kill()
            _ = try await scene.stage.center.ended()
            _ = try await phone.computers().unlock(machineId: desk.machineId)
        },
        Provoked(.AnySessionExpired) { scene in
            let (phone, desk) = try await scene.paired()
            let serving = try await desk.serve()
            defer { serving.kill() }
            try await scene.stage.call("/cc/api/versioned/rpUser/\(ada)", method: "DELETE", [:])
            _ = try await phone.computers().unlock(machineId: desk.machineId)
        },
        // The hardware signs with another key than the one that it showed.
        Provoked(.AnySignatureRejected) { scene in
            let hardware = Hardware(in: scene.shell.folder)
            let (phone, desk) = try await scene.paired(keys: hardware) { $0.hardwareKeys = true }
            try #require(hardware.handles.get().count == 1)
            hardware.dishonest.update { $0 = true }
            let serving = try await desk.serve()
            defer { serving.kill() }
            _ = try await phone.computers().unlock(machineId: desk.machineId)
        },
        Provoked(.AuthCredentialUnusable) { scene in
            let (phone, desk) = try await scene.paired()
            for passkey in try phone.passkeys().list() { try await phone.passkeys().delete(id: passkey.id) }
            let serving = try await desk.serve()
            defer { serving.kill() }
            _ = try await phone.computers().unlock(machineId: desk.machineId)
        },
        Provoked(.OfflineNotProvisioned) { scene in
            let (phone, desk) = try await scene.paired()
            _ = try await phone.offlinePins().display(machineId: desk.machineId)
        },
        Provoked(.OfflineDisabled) { scene in
            let (phone, desk, serving) = try await scene.provisioned()
            defer { serving.kill() }
            try await scene.stage.setOffline(false)
            try #require(try await phone.computers().unlock(machineId: desk.machineId).pins == .off)
            _ = try await phone.offlinePins().display(machineId: desk.machineId)
        },
        // A warning: the PIN is shown.
        Provoked(.OfflineLow) { scene in
            let (phone, desk, serving) = try await scene.provisioned()
            serving.kill()
            let status = try await scene.shown(8, of: desk, after: phone)
            try #require(status.remaining == 2)
            throw try #require(status.notice)
        },
        Provoked(.OfflineExhausted) { scene in
            let (phone, desk, serving) = try await scene.provisioned()
            serving.kill()
            try #require(try await scene.shown(10, of: desk, after: phone).remaining == 0)
            phone.shutDown()
            let later = try await scene.stage.phone(scene.shell) { $0.clockAhead = 16 * 11 }
            _ = try await later.offlinePins().display(machineId: desk.machineId)
        },
        Provoked(.OfflineExpired) { scene in
            let (phone, desk, serving) = try await scene.provisioned()
            serving.kill()
            phone.shutDown()
            let later = try await scene.stage.phone(scene.shell) { $0.clockAhead = 8 * 86_400 }
            _ = try await later.offlinePins().display(machineId: desk.machineId)
        },
    ]
}
