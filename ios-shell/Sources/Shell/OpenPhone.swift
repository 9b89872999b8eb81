import Latchkey

/// The one phone that is open in this process.
public actor OpenPhone {
    private let open: @Sendable () async throws -> Phone
    private var opening: Task<Phone, any Error>?
    private var turn: Task<Void, Never>?
    /// How often it was closed from outside.
    private var closings = 0

    public init(open: @escaping @Sendable () async throws -> Phone) {
        self.open = open
    }

    /// The phone; opened now if it is not open.
    public func get() async throws -> Phone {
        let opening = opening ?? Task { try await open() }
        self.opening = opening
        do {
            return try await opening.value
        } catch {
            // The next call tries again. Somebody else may already do so.
            if self.opening == opening { self.opening = nil }
            throw error
        }
    }

    /// A synchronous call of the core, away from the main actor: it reads the disk on the thread that calls it, and may wait
    /// there for what the other process writes. The phone stays open.
    public nonisolated func use<Answer: Sendable>(_ call: @Sendable (Phone) throws -> Answer) async throws -> Answer {
        try call(await get())
    }

    /// Opens the phone for one piece of work and closes it after it, whatever came of it. One piece at a time;
    /// what waits for its turn when the phone is closed fails as what is under way does.
    public func once<Answer: Sendable>(_ work: @escaping @Sendable (Phone) async throws -> Answer) async throws -> Answer {
        let (before, closings) = (turn, closings)
        let mine = Task {
            await before?.value
            guard closings == self.closings else { throw LatchkeyError.ProviderLocked }
            do {
                let answer = try await work(get())
                await shut()
                return answer
            } catch {
                await shut()
                throw error
            }
        }
        turn = Task { _ = await mine.result }
        return try await mine.value
    }

    /// Closes it. The system ends a suspended process that holds a file in a shared container (exception 0xdead10cc), so
    /// an extension calls this before it answers, and an app before it is suspended.
    public func close() async {
        closings += 1
        await shut()
    }

    private func shut() async {
        let opening = opening
        self.opening = nil
        try? await opening?.value.shutDown()
    }
}
