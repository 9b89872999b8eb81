// Stands for Network.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Dispatch

/// network/nwpath, iOS 12
public struct NWPath: Sendable {
    /// .../status-swift.enum, iOS 12
    public enum Status: Sendable {
        /// .../satisfied, .../unsatisfied, .../requiresconnection, iOS 12
        case satisfied, unsatisfied, requiresConnection
    }
    /// .../status-swift.property, iOS 12
    public let status: Status
}

/// network/nwpathmonitor, iOS 12
public final class NWPathMonitor: @unchecked Sendable {
    /// .../init(), iOS 12
    public init() {}
    /// .../pathupdatehandler, iOS 12
    public var pathUpdateHandler: (@Sendable (NWPath) -> Void)?
    /// .../start(queue:), iOS 12
    public func start(queue: DispatchQueue) {}
    /// .../cancel(), iOS 12
    public func cancel() {}
}
