import Foundation
import UIKit

/// Where app and extension meet: one folder and one keychain group, named once each in both Info.plist files.
public struct SharedPlace: Sendable {
    /// Files of the App Group.
    public let folder: URL
    /// The keychain access group, with the team's prefix.
    public let keychainGroup: String

    /// Nothing if this process has no right to them: an entitlement is missing.
    public init?(_ bundle: Bundle = .main) {
        guard let appGroup = bundle.object(forInfoDictionaryKey: "LatchkeyAppGroup") as? String,
            let keychainGroup = bundle.object(forInfoDictionaryKey: "LatchkeyKeychainGroup") as? String,
            let container = FileManager.default.containerURL(forSecurityApplicationGroupIdentifier: appGroup)
        else { return nil }
        folder = container.appendingPathComponent("Latchkey", isDirectory: true)
        self.keychainGroup = keychainGroup
    }

    /// The database, in a folder that is there, that can be read while the phone is locked again, and that no backup
    /// carries away from the keys that never leave this phone.
    func database() throws -> URL {
        let protection: [FileAttributeKey: Any] = [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication]
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: protection)
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        var folder = folder
        try folder.setResourceValues(values)
        return folder.appendingPathComponent("vault.db")
    }
}
