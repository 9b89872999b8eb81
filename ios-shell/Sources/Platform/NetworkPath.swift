import Foundation
import Latchkey
import Network

/// Whether iOS has a way to the internet. In doubt there is one.
public final class NetworkPath: Latchkey.Network, @unchecked Sendable {
    private let monitor = NWPathMonitor()
    private let lock = NSLock()
    private var hasWay = true

    init() {
        monitor.pathUpdateHandler = { [weak self] path in
            guard let self else { return }
            lock.withLock { self.hasWay = path.status != .unsatisfied }
        }
        monitor.start(queue: DispatchQueue(label: "org.latchkey.network"))
    }

    deinit { monitor.cancel() }

    public func isOnline() -> Bool { lock.withLock { hasWay } }
}
