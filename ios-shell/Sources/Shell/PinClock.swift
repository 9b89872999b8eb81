import Foundation

/// When to hide a PIN. The time is given by the wall clock, which somebody may set back while the PIN is shown; from the
/// first look on it runs by a clock that nobody sets (`elapsed`, in seconds).
public struct PinClock: Sendable {
    /// The longest time that a PIN stays on the screen, whatever the clocks say: five minutes.
    private static let longest: TimeInterval = 300

    private let elapsed: @Sendable () -> TimeInterval
    private let deadline: TimeInterval

    public init(hideAt: Date, now: Date, elapsed: @escaping @Sendable () -> TimeInterval) {
        self.elapsed = elapsed
        deadline = elapsed() + min(max(hideAt.timeIntervalSince(now), 0), Self.longest)
    }

    /// Whole seconds for which the PIN may still be seen; 0: hide it.
    public func secondsLeft() -> Int { max(0, Int((deadline - elapsed()).rounded(.up))) }
}
