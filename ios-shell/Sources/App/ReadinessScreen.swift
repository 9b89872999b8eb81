import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// Why does it not work? Each finding leads to where it can be mended, if there is such a place.
final class ReadinessScreen: ListScreen {
    private let surroundings: Surroundings
    private var cancel = Cancel()

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        super.init(title: "Why does it not work?")
    }

    required init?(coder: NSCoder) { nil }

    override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        cancel.cancel()
        cancel = Cancel()
        show([Row("Looking")])
        attempt { [self] in
            let findings = try await surroundings.phone.get().readiness(cancel: cancel)
            show(findings.map(row))
        }
    }

    override func viewDidDisappear(_ animated: Bool) {
        super.viewDidDisappear(animated)
        cancel.cancel()
    }

    private func row(_ finding: Finding) -> Row {
        let (mark, spoken) = switch finding.state {
        case .ok: ("✓ ", "All right: ")
        case .attention: ("! ", "To be looked at: ")
        case .unknown: ("? ", "Not known: ")
        }
        let detail = [finding.explanation, finding.nextStep].filter { !$0.isEmpty }.joined(separator: "\n")
        guard finding.state != .ok, let remedy = Remedy(finding.check) else {
            return Row(mark + finding.title, detail: detail, spoken: spoken + finding.title)
        }
        return Row(mark + finding.title, detail: detail, spoken: spoken + finding.title) { [weak self] in self?.mend(remedy) }
    }

    private func mend(_ remedy: Remedy) {
        attempt {
            switch remedy {
            case .provider: try await turnOnProvider()
            case .appSettings:
                guard let url = URL(string: UIApplication.openSettingsURLString) else { return }
                _ = await UIApplication.shared.open(url)
            }
        }
    }
}
