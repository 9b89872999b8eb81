import Foundation
import LatchkeyShell

/// The reports of relying parties, in one item of the shared keychain group.
struct KeychainReports: ReportShelf {
    private static let name = "reports"
    private let keychain: Keychain

    init(group: String) {
        keychain = Keychain(group: group)
    }

    func load() throws -> Reports {
        guard let bytes = try keychain.bytes(Self.name) else { return Reports() }
        // What cannot be read was written by a later version, or is damaged: relying parties report again.
        return (try? JSONDecoder().decode(Reports.self, from: bytes)) ?? Reports()
    }

    func save(_ reports: Reports) throws {
        try keychain.store(JSONEncoder().encode(reports), as: Self.name)
    }
}
