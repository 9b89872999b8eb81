import Foundation
import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// One offline PIN, for as long as it may be seen, and not while the screen is recorded or mirrored. It is gone before iOS
/// takes its picture of the app; a screenshot by its owner cannot be prevented.
final class PinScreen: ListScreen {
    private let surroundings: Surroundings
    private let machineId: String
    private let cancel = Cancel()
    private var watch: (any NSObjectProtocol)?
    private var countdown: Task<Void, Never>?

    init(_ surroundings: Surroundings, _ machineId: String) {
        self.surroundings = surroundings
        self.machineId = machineId
        super.init(title: "Offline PIN")
    }

    required init?(coder: NSCoder) { nil }

    override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        // No PIN is used up for it.
        if isRecorded { return show([Row("This screen is recorded or mirrored", detail: "Stop that to see an offline PIN.")]) }
        Task {
            do {
                let shown = try await surroundings.phone.get().offlinePins().display(machineId: machineId, cancel: cancel)
                count(down: shown)
            } catch {
                tell(error) { [weak self] in _ = self?.navigationController?.popViewController(animated: true) }
            }
        }
    }

    override func viewWillDisappear(_ animated: Bool) {
        super.viewWillDisappear(animated)
        hide()
    }

    override func viewDidDisappear(_ animated: Bool) {
        super.viewDidDisappear(animated)
        cancel.cancel()
        hide()
    }

    private var isRecorded: Bool { traitCollection.sceneCaptureState == .active }

    func count(down shown: ShownPin) {
        let clock = PinClock(hideAt: shown.hideAt, now: Date()) { ProcessInfo.processInfo.systemUptime }
        watch = NotificationCenter.default.addObserver(
            forName: UIApplication.willResignActiveNotification, object: nil, queue: .main
        ) { [weak self] _ in MainActor.assumeIsolated { self?.hide() } }
        countdown = Task { [weak self] in
            var displayed = 0
            while clock.secondsLeft() > 0, !Task.isCancelled, self?.isRecorded == false {
                let left = clock.secondsLeft()
                if left != displayed { self?.display(shown, secondsLeft: left) }
                displayed = left
                try? await Task.sleep(for: .milliseconds(250))
            }
            self?.hide()
        }
    }

    private func display(_ shown: ShownPin, secondsLeft: Int) {
        let notice = shown.status.notice?.info()
        show([
            Row("Type it on the computer's lock screen", detail: "It works once."),
            Row(shown.pin, detail: "Hidden in \(secondsLeft) s", spoken: oneByOne(shown.pin), isLarge: true),
            Row("PINs left: \(shown.status.remaining)", detail: notice.map { $0.title + "\n" + $0.nextStep }),
        ])
    }

    private func hide() {
        guard let watch else { return }
        self.watch = nil
        NotificationCenter.default.removeObserver(watch)
        countdown?.cancel()
        show([Row("The PIN is hidden")])
        announce("The PIN is hidden")
    }
}
