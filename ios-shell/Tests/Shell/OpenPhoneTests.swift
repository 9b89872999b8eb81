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

    @Test func whatWaitsWhenItIsClosedDoesNotOpenItAgain() async throws {
        let test = try TestPhone()
        let (phone, isOver) = (test.phone, Guarded(false))
        let first = Task {
            try await phone.once { _ in while !isOver.now { try await Task.sleep(for: .milliseconds(5)) } }
        }
        while test.opened.now.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let second = Task { try await phone.once { _ in } }
        try await Task.sleep(for: .milliseconds(50))
        await phone.close()
        #expect(test.isClosed)
        isOver.change { $0 = true }
        try await first.value
        await #expect(throws: LatchkeyError.ProviderLocked) { try await second.value }
        #expect(test.opened.now.count == 1)
        // Who comes later is served.
        try await phone.once { _ in }
        #expect(test.opened.now.count == 2 && test.isClosed)
    }
}
