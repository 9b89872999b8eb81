import Foundation
import Testing

/// A comment over each declaration of the stubs, alone or with its neighbours, names its page and the iOS that brought it, so
/// that they can be compared.
struct StubsTests {
    @Test func everyDeclarationNamesItsPage() throws {
        let stubs = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../check/stubs").standardized
        let files = try #require(FileManager.default.enumerator(at: stubs, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        #expect(files.count > 10)
        for file in files {
            // What stands together, up to a blank line, may share one comment.
            for group in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n\n") {
                var named = false
                for line in group.components(separatedBy: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
                    if line.hasPrefix("///") {
                        named = named || line.contains(#/\/[a-z].*iOS \d/#) || line.contains("Of the stub alone")
                    } else if line.contains(#/\b(public|open) /#), !line.hasPrefix("//") {
                        #expect(named, "\(file.lastPathComponent): \(line)")
                    }
                }
            }
        }
    }
}
