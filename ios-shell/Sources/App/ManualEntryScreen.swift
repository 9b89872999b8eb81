import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// A typed code in place of one that a camera reads. Opened by itself where the camera cannot be used.
final class ManualEntryScreen: ListScreen {
    private let surroundings: Surroundings
    private let isCameraDenied: Bool
    private var cancel = Cancel()

    init(_ surroundings: Surroundings, isCameraDenied: Bool = false) {
        self.surroundings = surroundings
        self.isCameraDenied = isCameraDenied
        super.init(title: "Type a code")
    }

    required init?(coder: NSCoder) { nil }

    override func viewDidLoad() {
        super.viewDidLoad()
        let denied = LatchkeyError.QrCameraDenied.info()
        show((isCameraDenied ? [Row(denied.title, detail: denied.nextStep)] : []) + [
            Row("Ask the computer for a code to type", detail: "Enter it with the address that is shown beside it."),
            Row("Enter address and code") { [self] in enter() },
        ])
    }

    override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        if isCameraDenied { enter() }
    }

    override func viewWillAppear(_ animated: Bool) {
        super.viewWillAppear(animated)
        cancel.cancel()
        cancel = Cancel()
    }

    override func viewDidDisappear(_ animated: Bool) {
        super.viewDidDisappear(animated)
        cancel.cancel()
    }

    private func enter() {
        ask(title ?? "", placeholders: ["Address", "Code"]) { [weak self] texts in
            guard texts.count == 2 else { return }
            self?.confirmHost(address: texts[0], code: texts[1])
        }
    }

    /// The person sees which server is meant by what they typed before it hears of the code.
    private func confirmHost(address: String, code: String) {
        attempt { [self] in
            let host = try await surroundings.phone.get().hostOf(address: address)
            confirm("Ask \(host) for this code?", nil, "Go on") { [weak self] in self?.lookUp(address: address, code: code) }
        }
    }

    private func lookUp(address: String, code: String) {
        attempt { [self] in
            let found = try await surroundings.phone.get().lookUp(address: address, code: code, cancel: cancel)
            replace(with: CeremonyScreen(surroundings, .approve(found)))
        }
    }
}
