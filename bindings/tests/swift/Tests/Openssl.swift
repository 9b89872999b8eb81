import Foundation
import Latchkey
import Testing

/// Cryptography that is not the core's own.
enum Openssl {
    static func run(_ arguments: String..., in folder: URL) async throws -> Int32 {
        try await Program("/usr/bin/openssl", arguments, in: folder).ended()
    }

    /// Works in a folder that goes afterwards.
    static func work<T>(_ work: (URL) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await work(folder)
    }

    static func sha256(_ data: Data) async throws -> Data {
        try await work { folder in
            let (input, output) = (folder.appendingPathComponent("in"), folder.appendingPathComponent("out"))
            try data.write(to: input)
            try #require(try await run("dgst", "-sha256", "-binary", "-out", output.path, input.path, in: folder) == 0)
            return try Data(contentsOf: output)
        }
    }

    /// Whether an ES256 signature verifies under a point (X9.63).
    static func verifies(_ signature: Data, of message: Data, under point: Data) async throws -> Bool {
        try await work { folder in
            // SubjectPublicKeyInfo of a P-256 key, RFC 5480.
            let head = Data([
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ])
            let base64 = (head + point).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            let files = ["key", "signature", "message"].map { folder.appendingPathComponent($0) }
            try Data("-----BEGIN PUBLIC KEY-----\n\(base64)\n-----END PUBLIC KEY-----\n".utf8).write(to: files[0])
            try signature.write(to: files[1])
            try message.write(to: files[2])
            let key = try Program(
                "/usr/bin/openssl",
                ["dgst", "-sha256", "-verify", files[0].path, "-signature", files[1].path, files[2].path], in: folder)
            let status = try await key.ended()
            // A key that is none is no signature that does not verify.
            try #require(key.printed.hasPrefix("Verified OK") || key.printed.hasPrefix("Verification"), "\(key.said)")
            return status == 0
        }
    }
}

/// Signing keys outside the core, as in a secure element.
final class Hardware: KeyVault, Sendable {
    private let folder: URL
    private let wrapping = Keys()
    let handles = Guarded<[Data]>([])
    /// How many keys there ever were.
    let made = Guarded(0)
    /// Signs with another key than the one that it showed.
    let dishonest = Guarded(false)

    init(in folder: URL) { self.folder = folder }

    func wrap(key: Data) throws -> Data { try wrapping.wrap(key: key) }
    func unwrap(wrapped: Data) throws -> Data { try wrapping.unwrap(wrapped: wrapped) }

    private func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func generate(_ name: String) async throws {
        let made = try await Openssl.run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file(name), in: folder)
        try #require(made == 0)
    }

    func createKey() async throws -> HardwareKey? {
        let name = UUID().uuidString
        try await generate(name)
        let public_ = ["ec", "-in", file(name), "-pubout", "-outform", "DER", "-out", file("\(name).public")]
        try #require(try await Program("/usr/bin/openssl", public_, in: folder).ended() == 0)
        let point = try Data(contentsOf: URL(fileURLWithPath: file("\(name).public"))).suffix(65)
        handles.update { $0.append(Data(name.utf8)) }
        made.update { $0 += 1 }
        return HardwareKey(handle: Data(name.utf8), publicKey: Data(point))
    }

    func sign(handle: Data, message: Data) async throws -> Data {
        guard handles.get().contains(handle) else { throw KeyVaultError.Invalidated }
        var name = String(decoding: handle, as: UTF8.self)
        if dishonest.get() {
            name += ".other"
            try await generate(name)
        }
        let (input, output) = (file(UUID().uuidString), file(UUID().uuidString))
        try message.write(to: URL(fileURLWithPath: input))
        let signed = try await Openssl.run("dgst", "-sha256", "-sign", file(name), "-out", output, input, in: folder)
        try #require(signed == 0)
        return try Data(contentsOf: URL(fileURLWithPath: output))
    }

    func deleteKey(handle: Data) async throws { handles.update { $0.removeAll { $0 == handle } } }
}
