import Foundation
import Latchkey
import LatchkeyShell
import Support
import Testing

@Suite(.timeLimit(.minutes(2)))
struct OpenPhoneTests {
    @Test func whoeverComesTogetherGetsOnePhone() async throws {
        let test = try TestPhone()
        let phone = test.phone
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await phone.get() } }
            try await group.waitForAll()
        }
        #expect(test.opened.now.count == 1)
        await phone.close()
        #expect(test.isClosed)
        _ = try await phone.get()
        #expect(test.opened.now.count == 2)
    }

    @Test func whatDidNotOpenIsTriedAgain() async throws {
        let tries = Guarded(0)
        let phone = OpenPhone {
            tries.change { $0 += 1 }
            throw LatchkeyError.ProviderLocked
        }
        for _ in 0..<2 { await #expect(throws: LatchkeyError.ProviderLocked) { try await phone.get() } }
        #expect(tries.now == 2)
    }

    @Test func workThatFailsClosesThePhoneToo() async throws {
        let test = try TestPhone()
        await #expect(throws: LatchkeyError.QrInvalid) { try await test.phone.once { _ in throw LatchkeyError.QrInvalid } }
        #expect(test.opened.now.count == 1)
        #expect(test.isClosed)
    }
}
