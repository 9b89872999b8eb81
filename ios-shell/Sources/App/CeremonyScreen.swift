import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// Does what a code asks for, or unlocks a computer, and shows how far it is. Leaving the screen ends it.
final class CeremonyScreen: ListScreen {
    enum Request {
        case approve(Code)
        case unlock(machineId: String)
    }

    private let surroundings: Surroundings
    private let request: Request
    private let cancel = Cancel()
    private var hasBegun = false

    init(_ surroundings: Surroundings, _ request: Request) {
        self.surroundings = surroundings
        self.request = request
        super.init(title: "Computer nearby")
    }

    required init?(coder: NSCoder) { nil }

    override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        // Coming back from the PIN's screen.
        if hasBegun { return }
        hasBegun = true
        say("Connecting")
        surroundings.steps.listen { [weak self] in self?.reached($0) }
        Task {
            do {
                say(try await carryOut())
            } catch {
                tell(error) { [weak self] in _ = self?.navigationController?.popViewController(animated: true) }
            }
            surroundings.steps.listen(nil)
        }
    }

    /// Not before: whoever begins to swipe back may stay.
    override func viewDidDisappear(_ animated: Bool) {
        super.viewDidDisappear(animated)
        // Whoever looks at a PIN still waits for the computer: whichever comes first unlocks it.
        if !(navigationController?.topViewController is PinScreen) { cancel.cancel() }
    }

    /// What the person reads at the end.
    private func carryOut() async throws -> String {
        let phone = try await surroundings.phone.get()
        switch request {
        case .unlock(let machineId):
            return try words(for: .unlocked(unlocked: await phone.computers().unlock(machineId: machineId, cancel: cancel)))
        case .approve(.hybrid(let text)):
            // On iOS the system meets computers nearby, and asks the providers that are turned on like any other app does.
            guard await surroundings.identities.isEnabled() else { throw LatchkeyError.ProviderNotEnabled }
            guard let url = URL(string: text), await UIApplication.shared.open(url) else {
                return "Scan this code with the Camera app"
            }
            return "iOS goes on from here"
        case .approve(let code):
            return try words(for: await phone.approve(code: code, cancel: cancel))
        }
    }

    private func reached(_ step: Step) {
        guard case .unlock(let machineId) = request, case .offerPin = step else {
            if let text = words(for: step) { say(text) }
            return
        }
        announce("An offline PIN can be shown")
        show([Row("Calling the computer"), Row("Show an offline PIN") { [self] in
            navigationController?.pushViewController(PinScreen(surroundings, machineId), animated: true)
        }])
    }

    private func say(_ text: String) {
        show([Row(text)])
        announce(text)
    }
}
