import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// My Computers, and the way to everything else.
final class ComputersScreen: ListScreen {
    private let surroundings: Surroundings
    private(set) var work: [Task<Void, Never>] = []
    /// Of what is under way in the core: cancelling a task does not reach there.
    private var cancel = Cancel()

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        super.init(title: "My Computers")
    }

    required init?(coder: NSCoder) { nil }

    override func viewWillAppear(_ animated: Bool) {
        super.viewWillAppear(animated)
        endWork()
        cancel = Cancel()
        attempt { [self] in try await refresh() }
        work = [Task { await finishWhatWasInterrupted() }, Task { await answerComputersThatWait() }]
    }

    override func viewDidDisappear(_ animated: Bool) {
        super.viewDidDisappear(animated)
        endWork()
    }

    private func endWork() {
        work.forEach { $0.cancel() }
        cancel.cancel()
    }

    private func refresh() async throws {
        let computers = try await surroundings.phone.use(shownComputers)
        var rows: [Row] = []
        if !surroundings.network.isOnline() { rows.append(Row(LatchkeyError.HybridNoInternet.info().title)) }
        for shown in computers {
            let computer = shown.computer
            rows.append(Row(
                onOneLine(computer.name), detail: computerDetail(computer, pins: shown.pins),
                choices: choices(computer, shown.way), touched: { [self] in tapped(computer) }))
        }
        if computers.isEmpty {
            rows.append(Row("No computer yet", detail: "Scan the code that a computer shows to pair it with this phone."))
        }
        rows += [
            Row("Scan a code") { [self] in open(ScanScreen(surroundings)) },
            Row("Type a code") { [self] in open(ManualEntryScreen(surroundings)) },
            Row("My Security Keys") { [self] in open(SecurityKeysScreen(surroundings)) },
            Row("Why does it not work?") { [self] in open(ReadinessScreen(surroundings)) },
            Row("Settings") { [self] in open(SettingsScreen(surroundings)) },
        ]
        show(rows)
    }

    private func tapped(_ computer: Computer) {
        attempt { [self] in
            let way = try await surroundings.phone.use { try $0.offlinePins().unlockWay(machineId: computer.machineId) }
            switch Tap(way) {
            case .unlock: open(CeremonyScreen(surroundings, .unlock(machineId: computer.machineId)))
            case .showPin: open(PinScreen(surroundings, computer.machineId))
            case .tellOffline: tell(LatchkeyError.HybridNoInternet)
            }
        }
    }

    private func choices(_ computer: Computer, _ way: UnlockWay) -> [Choice] {
        let pin = Choice("Show an offline PIN") { [weak self] in
            guard let self else { return }
            open(PinScreen(surroundings, computer.machineId))
        }
        let rename = Choice("Rename") { [weak self] in self?.rename(computer) }
        let remove = Choice("Remove", isDestructive: true) { [weak self] in self?.remove(computer) }
        return (way.offersPinInMenu ? [pin] : []) + [rename, remove]
    }

    private func rename(_ computer: Computer) {
        ask("Rename", placeholders: [onOneLine(computer.machineName)], texts: [computer.name]) { [weak self] texts in
            guard let self else { return }
            attempt { [self] in
                let name = texts.first ?? ""
                try await surroundings.phone.use { try $0.computers().rename(machineId: computer.machineId, name: name) }
                try await refresh()
            }
        }
    }

    private func remove(_ computer: Computer) {
        let meaning = "This phone unlocks it no longer. The passkey stays."
        confirm("Remove \(onOneLine(computer.name))?", meaning, "Remove") { [weak self] in
            guard let self else { return }
            attempt { [self] in
                // Where the server could not be told, `resume` does it later.
                _ = try await surroundings.phone.get().computers().remove(machineId: computer.machineId, cancel: cancel)
                try await refresh()
            }
        }
    }

    /// A lost answer, a removal that the server has not heard of: nothing that the person has to know if it has to wait.
    private func finishWhatWasInterrupted() async {
        guard let resumed = try? await surroundings.phone.get().resume(cancel: cancel) else { return }
        if !resumed.paired.isEmpty || resumed.removed > 0 { try? await refresh() }
    }

    /// While this screen is open, computers that wait for this phone are shown as they come.
    private func answerComputersThatWait() async {
        while !Task.isCancelled {
            do {
                let known = try await surroundings.phone.use { try $0.computers().list() }
                if known.isEmpty { return }
                let waiting = try await surroundings.phone.get().computers().waiting(upTo: 25, cancel: cancel)
                if Task.isCancelled { return }
                if let request = waiting.first, let name = known.first(where: { $0.machineId == request.machineId() })?.name {
                    return offer(request, onOneLine(name))
                }
                try await Task.sleep(for: .seconds(1))
            } catch {
                try? await Task.sleep(for: .seconds(30))
            }
        }
    }

    private func offer(_ request: SignInRequest, _ name: String) {
        confirm("\(name) waits for this phone. Sign in?", nil, "Go on") { [weak self] in
            guard let self else { return }
            attempt { [self] in
                let answer = try await surroundings.phone.get().computers().answer(request: request, cancel: cancel)
                if let error = answer.error { throw error }
            }
        }
    }

    private func open(_ screen: UIViewController) {
        navigationController?.pushViewController(screen, animated: true)
    }
}
