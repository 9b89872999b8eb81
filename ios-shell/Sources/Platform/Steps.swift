import Foundation
import Latchkey

/// Passes the steps of a ceremony on to the screen that shows them.
public final class Steps: Observer, @unchecked Sendable {
    private let lock = NSLock()
    private var listener: (@MainActor @Sendable (Step) -> Void)?

    init() {}

    /// From now on `listener` hears of the steps, and nobody else.
    public func listen(_ listener: (@MainActor @Sendable (Step) -> Void)?) {
        lock.withLock { self.listener = listener }
    }

    public func reached(step: Step) {
        guard let listener = lock.withLock({ self.listener }) else { return }
        Task { @MainActor in listener(step) }
    }
}
