import Foundation
import Latchkey
import Testing

/// A phone and a workstation meet through a real Control Center. What the phone is told is compared with what the
/// workstation says of itself.
@Suite(.timeLimit(.minutes(2)))
struct WorkstationTests {
    @Test func pairsByTheCameraAndUnlocks() async throws {
        let (stage, shell, steps) = (try await Stage(), try Shell(), Steps())
        let desk = try await stage.desk("desk")
        let phone = try await stage.phone(shell, observer: steps)
        #expect(try phone.computers().list().isEmpty)
        #expect(try await phone.readiness().first { $0.check == .account }?.state == .unknown)

        let (pairing, frame) = try await desk.show("pair", "--user", ada)
        let code = try phone.scanner().scan(frame: frame)
        guard case .controlCenter(let what) = code else { throw Unexpected(description: "another code") }
        #expect(what.pairs() && what.computer() == "desk")
        guard case .paired(let paired) = try await phone.approve(code: code) else { throw Unexpected(description: "another approval") }
        #expect(paired.account == ada && paired.tenant == stage.address && paired.machineId == desk.machineId)
        #expect(try await pairing.answer()["account"] as? String == ada)
        guard case .pair("localhost", "desk", ada) = shell.gate.prompts.get()[0].kind else {
            throw Unexpected(description: "another prompt")
        }

        // Both sides name each other.
        let phones = try #require(try await desk.status()["phones"] as? [[String: Any]])
        #expect(phones.map { $0["account"] as? String } == [ada])
        #expect(phones.map { $0["deviceName"] as? String } == ["phone"])
        let computer = try #require(try phone.computers().list().first)
        #expect(computer.machineId == desk.machineId && computer.machineName == "desk" && computer.account == ada)
        #expect(computer.credentialId == paired.credentialId && computer.lastOnlineAt == nil)
        let passkey = try #require(try phone.passkeys().list().first)
        #expect(passkey.id == paired.credentialId && passkey.rpId == "login.microsoft.com" && passkey.userName == ada)
        #expect(try await phone.readiness().first { $0.check == .account }?.state == .ok)

        #expect(try await desk.unlockedBy() == nil)
        let serving = try await desk.serve()
        let unlocked = try await phone.computers().unlock(machineId: desk.machineId)
        #expect(unlocked.machineId == desk.machineId && unlocked.pins == .off)
        #expect(try await desk.unlockedBy() == "phone")
        #expect(try await serving.event("served")["account"] as? String == ada)
        guard case .unlock("desk") = shell.gate.prompts.get()[1].kind else { throw Unexpected(description: "another prompt") }
        // Told on a thread of its own.
        try await eventually("three steps") { steps.reached.get().count < 3 ? nil : () }
        #expect(steps.reached.get() == [.contactingComputer, .computerReached, .unlocked])
        #expect(try phone.computers().list().first?.lastOnlineAt != nil)
    }

    @Test func aPersonWhoSaysNoLeavesTheWorkstationLocked() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let (desk, phone) = (try await stage.desk("desk"), try await stage.phone(shell))
        shell.gate.answer.update { $0 = { _ in throw GateError.Denied } }
        let (_, frame) = try await desk.show("pair", "--user", ada)
        let code = try phone.scanner().scan(frame: frame)
        await #expect(throws: LatchkeyError.RegCanceled) { try await phone.approve(code: code) }
        #expect(try phone.passkeys().list().isEmpty && phone.computers().list().isEmpty)
        #expect((try await desk.status()["phones"] as? [Any])?.isEmpty == true)

        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        try await desk.pair(phone)
        let serving = try await desk.serve()
        shell.gate.answer.update { $0 = { _ in throw GateError.Denied } }
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) {
            try await phone.computers().unlock(machineId: desk.machineId)
        }
        #expect(try await desk.unlockedBy() == nil)
        shell.gate.answer.update { $0 = { _ in Consent(verified: false) } }
        await #expect(throws: LatchkeyError.AuthUvFailed) {
            try await phone.computers().unlock(machineId: desk.machineId)
        }
        #expect(try await desk.unlockedBy() == nil)
        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        _ = try await phone.computers().unlock(machineId: desk.machineId)
        #expect(try await desk.unlockedBy() == "phone")
        serving.kill()
    }

    @Test func aTypedCodeStandsForThePicture() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let (desk, phone) = (try await stage.desk("desk"), try await stage.phone(shell))
        #expect(try phone.hostOf(address: stage.address) == "localhost")
        let (pairing, _) = try await desk.show("pair", "--user", ada, "--code")
        let typed = try await pairing.line("or type this code").split(separator: " ").last.map(String.init)
        let code = try await phone.lookUp(address: stage.address, code: #require(typed).lowercased().uppercased())
        guard case .controlCenter(let what) = code else { throw Unexpected(description: "another code") }
        #expect(what.pairs())
        _ = try await phone.approve(code: code)
        _ = try await pairing.answer()
        #expect(try phone.computers().list().map(\.machineId) == [desk.machineId])
        // It was good for one phone.
        let other = try Shell()
        let second = try await stage.phone(other)
        await #expect(throws: LatchkeyError.PairingExpired) { try await second.approve(code: code) }
    }

    @Test func aCodeOnTheLockScreenUnlocksAComputerNeverPairedWith() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let phone = try await stage.phone(shell)
        try await stage.desk("desk").pair(phone)
        let other = try await stage.desk("meeting room")
        let (unlocking, frame) = try await other.show("unlock", "--scan-code")
        guard case .unlocked(let unlocked) = try await phone.approve(code: phone.scanner().scanPhoto(frame: frame)) else {
            throw Unexpected(description: "another approval")
        }
        #expect(unlocked.machineId == other.machineId)
        #expect(try await unlocking.answer()["by"] as? String == "code")
        #expect(try await other.unlockedBy() == "code")
        #expect(try phone.computers().list().map(\.machineName) == ["desk", "meeting room"])
    }

    @Test func aPinIsGoodOnce() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let (desk, phone) = (try await stage.desk("desk"), try await stage.phone(shell))
        try await stage.setOffline(true)
        try await desk.pair(phone)
        let pins = phone.offlinePins()
        #expect(try pins.status(machineId: desk.machineId).notice == .OfflineNotProvisioned)
        #expect(try pins.unlockWay(machineId: desk.machineId) == .online(pinOnLongPress: false))
        let serving = try await desk.serve()
        #expect(try await phone.computers().unlock(machineId: desk.machineId).pins == .replenished)
        #expect(try await serving.event("served")["offlinePins"] as? String == "confirmed")
        let full = try pins.status(machineId: desk.machineId)
        #expect(full.offered && full.remaining == 10 && full.total == 10 && full.notice == nil)
        #expect(try #require(full.expiresAt).timeIntervalSinceNow > 6.9 * 86_400)
        #expect(try pins.unlockWay(machineId: desk.machineId) == .online(pinOnLongPress: true))
        serving.kill()
        try await desk.lock()

        // Who refuses burns nothing.
        shell.gate.answer.update { $0 = { _ in throw GateError.Denied } }
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) { try await pins.display(machineId: desk.machineId) }
        #expect(try pins.status(machineId: desk.machineId).remaining == 10)
        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }

        let shown = try await pins.display(machineId: desk.machineId)
        #expect(shown.pin.count == 10 && shown.status.remaining == 9)
        #expect((1...16).contains(shown.hideAt.timeIntervalSinceNow))
        guard case .showPin("desk") = shell.gate.prompts.get().last?.kind else { throw Unexpected(description: "another prompt") }
        // While it is shown it is the same one.
        #expect(try await pins.display(machineId: desk.machineId).pin == shown.pin)

        #expect(try await desk.type(pin: shown.pin) == 0)
        #expect(try await desk.unlockedBy() == "pin")
        try await desk.lock()
        #expect(try await desk.type(pin: shown.pin) == 20)
        #expect(try await desk.unlockedBy() == nil)
        let ready = try #require(try await desk.status()["offlinePins"] as? [[String: Any]])
        #expect(ready.map { $0["attemptsLeft"] as? Int } == [2])
        #expect(try pins.status(machineId: desk.machineId).remaining == 9)

        // They are erased when the administrator takes them back.
        try await stage.setOffline(false)
        let again = try await desk.serve()
        #expect(try await phone.computers().unlock(machineId: desk.machineId).pins == .off)
        again.kill()
        await #expect(throws: LatchkeyError.OfflineDisabled) { try await pins.display(machineId: desk.machineId) }
    }

    @Test func aComputerThatWaitsIsAnsweredOverTheRadio() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let radio = Radio(air: stage.air)
        let (desk, phone) = (try await stage.desk("desk"), try await stage.phone(shell, radio: radio))
        try await desk.pair(phone)
        let serving = try await desk.serve()
        _ = try await phone.computers().unlock(machineId: desk.machineId)
        #expect(try await phone.computers().waiting().isEmpty)

        let signingIn = try desk.start("sign-in", "--air", stage.air.path, "--tunnel", stage.tunnelAddress)
        let waiting = try await phone.computers().waiting(upTo: 20)
        let request = try #require(waiting.first)
        #expect(waiting.count == 1 && request.machineId() == desk.machineId)
        #expect(request.expiresAt() > Date())
        let answer = try await phone.computers().answer(request: request)
        #expect(answer.action == .signIn && answer.error == nil && answer.rpId == "login.microsoft.com")
        #expect(try await signingIn.answer()["signedInBy"] as? String == "session passkey")
        #expect(radio.sent.get().count == 1)
        try await eventually("silence") { radio.adverts.get().isEmpty ? () : nil }
        serving.kill()
    }

    @Test func namesAreTheOwnersAndRemovalIsTold() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let (desk, phone) = (try await stage.desk("desk"), try await stage.phone(shell))
        let paired = try await desk.pair(phone)
        let computers = phone.computers()
        try computers.rename(machineId: desk.machineId, name: "At the window")
        #expect(try computers.list().map(\.name) == ["At the window"])
        #expect(throws: LatchkeyError.self) { try computers.rename(machineId: desk.machineId, name: String(repeating: "x", count: 65)) }
        #expect(try computers.list().map(\.name) == ["At the window"])
        try computers.rename(machineId: desk.machineId, name: "")
        #expect(try computers.list().map(\.name) == ["desk"])

        try phone.passkeys().rename(id: paired.credentialId, name: "work")
        #expect(try phone.passkeys().list().map(\.label) == ["work"])
        #expect(try phone.passkeys().damaged() == 0)

        // Removed here, gone there once the workstation asks.
        #expect((try await desk.status()["phones"] as? [Any])?.count == 1)
        #expect(try await computers.remove(machineId: desk.machineId))
        #expect(try computers.list().isEmpty && phone.passkeys().list().count == 1)
        let serving = try await desk.serve()
        #expect(try await serving.event("synced")["removed"] as? Int == 1)
        #expect((try await desk.status()["phones"] as? [Any])?.isEmpty == true)
        serving.kill()
        await #expect(throws: LatchkeyError.AnyNoDevice) { try await computers.unlock(machineId: desk.machineId) }

        try await phone.passkeys().delete(id: paired.credentialId)
        #expect(try phone.passkeys().list().isEmpty)
    }

    @Test func whatWasCutOffIsResumed() async throws {
        let (stage, shell, network) = (try await Stage(), try Shell(), Switch())
        let desk = try await stage.desk("desk")
        var phone = try await stage.phone(shell, network: network)
        try await desk.pair(phone)
        network.online.update { $0 = false }
        #expect(try phone.offlinePins().unlockWay(machineId: desk.machineId) == .offline(pinOnTap: false))
        #expect(try await phone.computers().remove(machineId: desk.machineId) == false)
        #expect(try phone.computers().list().isEmpty)
        await #expect(throws: LatchkeyError.HybridNoInternet) { try await phone.resume() }
        phone.shutDown()

        // The app was ended in between.
        network.online.update { $0 = true }
        phone = try await stage.phone(shell, network: network)
        let resumed = try await phone.resume()
        #expect(resumed.removed == 1 && resumed.open == 0 && resumed.givenUp == 0 && resumed.paired.isEmpty)
        let serving = try await desk.serve()
        #expect(try await serving.event("synced")["removed"] as? Int == 1)
        #expect((try await desk.status()["phones"] as? [Any])?.isEmpty == true)
    }

    @Test func aTokenEndsAnUnlockAndAPairing() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let (desk, phone) = (try await stage.desk("desk"), try await stage.phone(shell))
        let pairing = Cancel()
        shell.gate.answer.update { $0 = { _ in pairing.cancel(); return try await forever() } }
        let (shown, text) = try await desk.pairingCode()
        await #expect(throws: LatchkeyError.RegCanceled) {
            try await phone.approve(code: phone.scanner().read(text: text), cancel: pairing)
        }
        #expect(try phone.passkeys().list().isEmpty && phone.computers().list().isEmpty)
        shown.kill()

        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        try await desk.pair(phone)
        let serving = try await desk.serve()
        let unlocking = Cancel()
        shell.gate.answer.update { $0 = { _ in unlocking.cancel(); return try await forever() } }
        await #expect(throws: LatchkeyError.AuthNotFoundOrCanceled) {
            try await phone.computers().unlock(machineId: desk.machineId, cancel: unlocking)
        }
        #expect(try await desk.unlockedBy() == nil)
        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        _ = try await phone.computers().unlock(machineId: desk.machineId)
        #expect(try await desk.unlockedBy() == "phone")
        serving.kill()
    }
}

/// Says whether the phone is online.
final class Switch: Network, Sendable {
    let online = Guarded(true)

    func isOnline() throws -> Bool { online.get() }
}

/// Remembers the steps that were reached.
final class Steps: Observer, Sendable {
    let reached = Guarded<[Step]>([])

    func reached(step: Step) throws { reached.update { $0.append(step) } }
}
