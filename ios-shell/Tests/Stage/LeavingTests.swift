import Foundation
import Latchkey
import LatchkeyShell
import Support
import Testing
import UIKit

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@testable import LatchkeyApp
@testable import LatchkeyPlatform

/// Leaving a screen ends what it has under way in the core, also where that waits for somebody who never answers, and the core is
/// ready for the next. Computer and Control Center are the simulator's; the stage is that of the tests of the bindings, from where
/// check/run brings it.
@MainActor @Suite(.serialized, .timeLimit(.minutes(3)))
struct LeavingTests {
    let stage: Stage
    let shell: Shell
    let desk: Desk
    let surroundings: Surroundings
    /// Whether prompts are answered, and how many were given up unanswered.
    let answers = Guarded(true)
    let givenUp = Guarded(0)

    init() async throws {
        let (stage, shell, steps) = (try await Stage(), try Shell(), Steps())
        (self.stage, self.shell) = (stage, shell)
        desk = try await stage.desk("desk")
        let phone = OpenPhone { try await stage.phone(shell, observer: steps) }
        surroundings = Surroundings(phone: phone, identities: TestIdentities(), steps: steps)
        shell.gate.answer.update { $0 = { [answers, givenUp] _ in
            while !answers.get() {
                do {
                    try await Task.sleep(for: .milliseconds(5))
                } catch {
                    givenUp.update { $0 += 1 }
                    throw error
                }
            }
            return Consent(verified: true)
        } }
    }

    @Test func aPromptForAPinEndsWithItsScreenAndUsesUpNone() async throws {
        try await stage.setOffline(true)
        let phone = try await surroundings.phone.get()
        try await desk.pair(phone)
        let serving = try await desk.serve()
        _ = try await phone.computers().unlock(machineId: desk.machineId)
        serving.kill()

        answers.update { $0 = false }
        let screen = PinScreen(surroundings, desk.machineId)
        screen.viewDidAppear(false)
        try await until { isAsked { if case .showPin = $0 { true } else { false } } }
        try await leave(screen, says: .AuthNotFoundOrCanceled)
        #expect(givenUp.get() == 1)
        #expect(try phone.offlinePins().status(machineId: desk.machineId).remaining == 10)

        answers.update { $0 = true }
        let next = PinScreen(surroundings, desk.machineId)
        next.viewDidAppear(false)
        try await until { rows(next).contains("PINs left: 9") }
        next.viewWillDisappear(false)
        await surroundings.phone.close()
    }

    @Test func anUnlockEndsWithItsScreenAndTheComputerStaysLocked() async throws {
        try await desk.pair(surroundings.phone.get())
        let serving = try await desk.serve()
        answers.update { $0 = false }
        let screen = CeremonyScreen(surroundings, .unlock(machineId: desk.machineId))
        screen.viewDidAppear(false)
        try await until { isAsked { if case .unlock = $0 { true } else { false } } }
        // The system's own sheet, or the beginning of a swipe.
        screen.viewWillDisappear(false)
        screen.viewDidAppear(false)
        #expect(givenUp.get() == 0)
        try await leave(screen, says: .AuthNotFoundOrCanceled)
        #expect(givenUp.get() == 1)
        #expect(try await desk.unlockedBy() == nil)

        answers.update { $0 = true }
        let next = CeremonyScreen(surroundings, .unlock(machineId: desk.machineId))
        next.viewDidAppear(false)
        try await until { rows(next) == ["The computer is unlocked"] }
        #expect(try await desk.unlockedBy() == "phone")
        serving.kill()
        await surroundings.phone.close()
    }

    @Test func aPairingEndsWithItsScreenAndNothingIsLeftOfIt() async throws {
        let phone = try await surroundings.phone.get()
        let (showing, text) = try await desk.pairingCode()
        answers.update { $0 = false }
        let screen = CeremonyScreen(surroundings, .approve(try phone.scanner().read(text: text)))
        screen.viewDidAppear(false)
        try await until { isAsked { if case .pair = $0 { true } else { false } } }
        try await leave(screen, says: .RegCanceled)
        #expect(givenUp.get() == 1)
        #expect(try phone.computers().list().isEmpty && phone.passkeys().list().isEmpty)
        showing.kill()

        answers.update { $0 = true }
        try await desk.pair(phone)
        #expect(try phone.computers().list().map(\.machineId) == [desk.machineId])
        await surroundings.phone.close()
    }

    @Test func whoLooksAtAPinMeanwhileUnlocksAllTheSame() async throws {
        try await desk.pair(surroundings.phone.get())
        let serving = try await desk.serve()
        answers.update { $0 = false }
        let screen = CeremonyScreen(surroundings, .unlock(machineId: desk.machineId))
        let navigation = UINavigationController(rootViewController: screen)
        screen.viewDidAppear(false)
        try await until { isAsked { if case .unlock = $0 { true } else { false } } }
        navigation.pushViewController(PinScreen(surroundings, desk.machineId), animated: false)
        screen.viewWillDisappear(false)
        screen.viewDidDisappear(false)
        answers.update { $0 = true }
        try await until { rows(screen) == ["The computer is unlocked"] }
        #expect(givenUp.get() == 0)
        serving.kill()
        await surroundings.phone.close()
    }

    @Test func theListOfComputersAsksNoServerOnceItIsLeft() async throws {
        try await desk.pair(surroundings.phone.get())
        let screen = ComputersScreen(surroundings)
        screen.viewWillAppear(false)
        try await until { rows(screen).first == "desk" }
        // The server keeps the question for 25 seconds.
        try await Task.sleep(for: .seconds(1))
        let left = ContinuousClock.now
        screen.viewDidDisappear(false)
        for work in screen.work { await work.value }
        #expect(ContinuousClock.now - left < .seconds(5))
        await surroundings.phone.close()
    }

    @Test func whatIsLookedAtWhenItDoesNotWorkEndsWithItsScreen() async throws {
        try await desk.pair(surroundings.phone.get())
        // The server takes connections still, and says nothing.
        kill(stage.center.process.processIdentifier, SIGSTOP)
        let screen = ReadinessScreen(surroundings)
        screen.viewDidAppear(false)
        try await Task.sleep(for: .seconds(1))
        #expect(rows(screen) == ["Looking"])
        try await leave(screen, says: .AuthNotFoundOrCanceled)
        kill(stage.center.process.processIdentifier, SIGCONT)
        screen.viewDidAppear(false)
        try await until { rows(screen).count > 1 }
        await surroundings.phone.close()
    }

    @Test func aLookUpAtAServerThatNeverAnswersEndsWithItsScreen() async throws {
        let server = try SilentServer()
        for callers in 1...2 {
            let screen = ManualEntryScreen(surroundings)
            screen.viewDidLoad()
            screen.viewWillAppear(false)
            screen.tableView(screen.tableView, didSelectRowAt: IndexPath(row: 1, section: 0))
            let typed = try #require(screen.presentedViewController as? UIAlertController)
            typed.textFields?[0].text = server.address
            typed.textFields?[1].text = "ABCD-EFGH"
            typed.actions[1].handler?(typed.actions[1])
            try await until { screen.presentedViewController !== typed }
            let question = try #require(screen.presentedViewController as? UIAlertController)
            try #require(question.title == "Ask 127.0.0.1 for this code?")
            question.actions[1].handler?(question.actions[1])
            try await until { server.callers.get() == callers }
            try await leave(screen, says: .RegCanceled)
            try await until { server.gone.get() == callers }
        }
        await surroundings.phone.close()
    }

    /// Leaves a screen; what it began ends with this error, which no window is left to show.
    private func leave(_ screen: UIViewController, says error: LatchkeyError) async throws {
        let shown = screen.presentedViewController
        screen.viewWillDisappear(false)
        screen.viewDidDisappear(false)
        try await until { screen.presentedViewController !== shown }
        #expect((screen.presentedViewController as? UIAlertController)?.title == error.info().title)
    }

    private func isAsked(_ what: (PromptKind) -> Bool) -> Bool {
        shell.gate.prompts.get().last.map { what($0.kind) } ?? false
    }

    private func rows(_ screen: ListScreen) -> [String] {
        (0..<screen.tableView(screen.tableView, numberOfRowsInSection: 0)).compactMap { row in
            let cell = screen.tableView(screen.tableView, cellForRowAt: IndexPath(row: row, section: 0))
            return (cell.contentConfiguration as? UIListContentConfiguration)?.text
        }
    }

    private func until(_ isSo: () throws -> Bool) async throws {
        let waiting = ContinuousClock.now
        while try !isSo() {
            guard ContinuousClock.now - waiting < .seconds(30) else { throw Unexpected(description: "still not so") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
