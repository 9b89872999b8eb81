// What Foundation has on Apple's systems alone.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

extension FileManager {
    /// foundation/filemanager/containerurl(forsecurityapplicationgroupidentifier:), iOS 7
    public func containerURL(forSecurityApplicationGroupIdentifier identifier: String) -> URL? { nil }
}

extension ProcessInfo {
    /// foundation/processinfo/performexpiringactivity(withreason:using:), iOS 8.2
    public func performExpiringActivity(withReason reason: String, using block: @escaping @Sendable (Bool) -> Void) {
        StubActivity.begun?(block)
        DispatchQueue.global().async { block(false) }
    }
}

/// Of the stub alone.
public enum StubActivity {
    /// Gets the block of each activity that begins, to call it again when the time is over.
    @TaskLocal public static var begun: (@Sendable (@escaping @Sendable (Bool) -> Void) -> Void)?
}
