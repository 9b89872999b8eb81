import Foundation
import Latchkey
import Testing

/// One thing that happens, and what is thrown.
struct Provoked<Scene: Sendable>: Sendable, CustomTestStringConvertible {
    let error: LatchkeyError
    let provoke: @Sendable (Scene) async throws -> Void
    var testDescription: String { "\(error)" }

    init(_ error: LatchkeyError, _ provoke: @escaping @Sendable (Scene) async throws -> Void) {
        (self.error, self.provoke) = (error, provoke)
    }
}

/// Each error reaches Swift as itself, from its true cause, with its words and with nothing else.
@Suite(.timeLimit(.minutes(2)))
struct ErrorsTests {
    @Test(arguments: alone)
    func whatAPhoneMeetsAloneIsThrown(_ row: Provoked<Shell>) async throws {
        let shell = try Shell()
        await #expect(throws: row.error) { try await row.provoke(shell) }
        try await isAsGoodAsBefore(shell)
    }

    @Test(arguments: met)
    func whatAPhoneMeetsWithOthersIsThrown(_ row: Provoked<Scene>) async throws {
        let scene = try await Scene()
        await #expect(throws: row.error) { try await row.provoke(scene) }
        try await isAsGoodAsBefore(scene.shell)
    }

    func isAsGoodAsBefore(_ shell: Shell) async throws {
        shell.keys.failure.update { $0 = nil }
        shell.gate.enrolled.update { $0 = true }
        shell.gate.answer.update { $0 = { Consent(verified: $0.verify) } }
        let made = try await shell.open().provider().register(request: registration(user: "afterwards", algorithms: [-8]))
        #expect(made.credentialId.count == 32)
    }

    @Test func everyIdHasItsWords() throws {
        let rows = try #require(try fixture("errors.json")["errors"] as? [[String: Any]])
        #expect(rows.count == LatchkeyError.allCases.count)
        for error in LatchkeyError.allCases {
            let info = error.info()
            let row = try #require(rows.first { $0["id"] as? String == info.id }, "\(info.id)")
            #expect(info.title == row["title"] as? String && info.ios == row["ios"] as? [Int32])
            #expect(info.retry == row["retry"] as? Bool && info.warning == (row["severity"] as? String == "warning"))
            #expect(!info.explanation.isEmpty && !info.nextStep.isEmpty)
            let words = info.id.split(whereSeparator: { "._".contains($0) }).map { $0.prefix(1).uppercased() + $0.dropFirst() }
            #expect("\(error)" == words.joined())
        }
    }

    @Test func everyIdIsProvokedOrCannotBe() throws {
        let provoked = Set((Self.alone.map(\.error) + Self.met.map(\.error)).map { $0.info().id })
        let never = try fixture("errors-not-provoked.json")
        #expect(never.values.allSatisfy { ($0 as? String)?.isEmpty == false })
        #expect(provoked.isDisjoint(with: never.keys))
        #expect(provoked.union(never.keys) == Set(LatchkeyError.allCases.map { $0.info().id }))
    }

    func fixture(_ name: String) throws -> [String: Any] {
        try json(Data(contentsOf: URL(fileURLWithPath: "fixtures").appendingPathComponent(name)))
    }
}

struct Mistake: Error {}

/// Does not come back before it is cancelled.
func forever() async throws -> Consent {
    try await Task.sleep(for: .seconds(3600))
    return Consent(verified: false)
}
