import Foundation
import Latchkey
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

private let sendSignal: @Sendable (pid_t, Int32) -> Int32 = kill

/// A program in the background. What it prints goes to files, which are read as they grow.
final class Program: @unchecked Sendable {
    let process = Process()
    private let out: URL
    private let err: URL
    private let read = Guarded(Set<Int>())

    /// A command of `latchkey-sim`.
    static func simulator(_ arguments: [String], in folder: URL) throws -> Program {
        let path = try #require(ProcessInfo.processInfo.environment["LATCHKEY_SIMULATOR"], "where latchkey-sim is")
        return try Program(path, arguments, in: folder)
    }

    init(_ path: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws {
        let name = UUID().uuidString
        out = folder.appendingPathComponent("\(name).out")
        err = folder.appendingPathComponent("\(name).err")
        for file in [out, err] { try Data().write(to: file) }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        // Where the system trusts nobody, these do.
        let trusted = ["SSL_CERT_FILE": folder.appendingPathComponent("ca.pem").path]
        process.environment = ProcessInfo.processInfo.environment.merging(trusted) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        try process.run()
    }

    deinit { kill() }

    var printed: String { (try? String(contentsOf: out, encoding: .utf8)) ?? "" }
    var said: String { (try? String(contentsOf: err, encoding: .utf8)) ?? "" }

    /// Its exit status, once it has ended.
    func ended() async throws -> Int32 {
        try await eventually("the end of \(process.arguments ?? [])") { self.process.isRunning ? nil : () }
        return process.terminationStatus
    }

    /// The JSON object that it printed, once it has ended well.
    func answer() async throws -> [String: Any] {
        let status = try await ended()
        try #require(status == 0, "\(said)")
        return try json(Data(printed.utf8))
    }

    /// What `look` finds in what it has printed and said, once it finds something.
    func shows<T>(_ what: String, _ look: () throws -> T?) async throws -> T {
        try await eventually(what) {
            let running = self.process.isRunning
            if let found = try look() { return found }
            if !running { throw Unexpected(description: "no \(what) before the end: \(self.said)\(self.printed)") }
            return nil
        }
    }

    /// The whole line of what it says that holds `text`, once it is there.
    func line(_ text: String) async throws -> String {
        try await shows("\"\(text)\"") {
            let said = self.said
            return said.split(separator: "\n").dropLast(said.hasSuffix("\n") ? 0 : 1)
                .first { $0.contains(text) }.map(String.init)
        }
    }

    /// What a camera sees of its code, once that is there.
    func code() async throws -> Frame { try await shows("code") { picture(self.said) } }

    /// The next line of JSON that is about this event, once it is there.
    func event(_ name: String) async throws -> [String: Any] {
        try await shows("event \(name)") {
            let printed = self.printed
            let lines = printed.split(separator: "\n").dropLast(printed.hasSuffix("\n") ? 0 : 1)
            for (number, line) in lines.enumerated() where !self.read.get().contains(number) {
                guard let event = try? json(Data(line.utf8)), event["event"] as? String == name else { continue }
                self.read.update { _ = $0.insert(number) }
                return event
            }
            return nil
        }
    }

    /// Ends it, whatever it is doing. A gentler signal might not arrive: threads of the test may have blocked it.
    func kill() {
        if process.isRunning { _ = sendSignal(process.processIdentifier, SIGKILL) }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

/// What `look` finds, once it finds something; an error after 30 seconds.
@discardableResult
func eventually<T>(_ what: String, _ look: () async throws -> T?) async throws -> T {
    for _ in 0..<3000 {
        if let found = try await look() { return found }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Unexpected(description: "still no \(what)")
}

func json(_ data: Data) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
}
