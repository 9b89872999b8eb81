import Foundation
import Latchkey
import Testing

let ada = "ada@example.com"
let workstationApp = "HYPRDefaultWorkstationApplication"

/// A Control Center, a tunnel service and an air, as processes of their own, and a folder for everybody's state.
final class Stage: Sendable {
    let folder: URL
    let center: Program
    let tunnel: Program
    let address: String
    private let token: String
    private let tunnelPort: UInt16

    init() async throws {
        // Short: the paths of sockets are.
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString.prefix(8).lowercased())
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let state = folder.appendingPathComponent("center").path
        let listen = ["--listen", "127.0.0.1:0"]
        let center = try Program.simulator(["control-center", "--state", state, "--json"] + listen, in: folder)
        let authority = folder.appendingPathComponent("tunnel.pem")
        tunnel = try Program.simulator(["tunnel", "--ca-out", authority.path] + listen, in: folder)
        self.center = center

        let place = try await center.shows("address") { try? json(Data(center.printed.utf8)) }
        address = try #require(place["baseUrl"] as? String)
        token = try String(contentsOfFile: #require(place["adminTokenFile"] as? String), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let port = try await tunnel.line("tunnel service on").split(separator: ":").last
        tunnelPort = try #require(port.flatMap { UInt16($0) })
        // One file of authorities, for both services.
        let authorities = try [#require(place["caFile"] as? String), authority.path].map {
            try String(contentsOfFile: $0, encoding: .utf8)
        }
        try authorities.joined(separator: "\n").write(to: authorityFile, atomically: true, encoding: .utf8)
    }

    deinit {
        for program in [center, tunnel] { program.kill() }
        try? FileManager.default.removeItem(at: folder)
    }

    var authorityFile: URL { folder.appendingPathComponent("ca.pem") }
    var air: URL { folder.appendingPathComponent("air") }
    var tunnelAddress: String { "localhost:\(tunnelPort)" }
    var link: [String] { ["--air", air.path, "--tunnel", tunnelAddress, "--ca-file", authorityFile.path] }

    /// A call of the administrator's, as `latchkey-sim control-center --help` has it.
    @discardableResult
    func call(_ path: String, method: String = "POST", _ body: [String: Any]) async throws -> [String: Any] {
        let body = try String(decoding: JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        let arguments = [
            "--silent", "--show-error", "--fail-with-body", "--cacert", authorityFile.path, "--request", method,
            "--header", "Authorization: Bearer \(token)", "--json", body, address + path,
        ]
        let curl = try Program("/usr/bin/curl", arguments, in: folder)
        let status = try await curl.ended()
        try #require(status == 0, "\(curl.said)\(curl.printed)")
        return curl.printed.isEmpty ? [:] : try json(Data(curl.printed.utf8))
    }

    /// Allows offline PINs or not; what is not given is as short as it may be.
    func setOffline(_ enabled: Bool, thresholdPct: Int = 20) async throws {
        let offline: [String: Any] = [
            "enabled": enabled, "length": 10, "count": 10, "validDays": 7, "displaySecs": 15,
            "promptThresholdPct": thresholdPct, "maxFailures": 3,
        ]
        try await call(
            "/cc/api/appconfig/workstation?rpAppId=\(workstationApp)", method: "PUT",
            ["requireUserPresenceForRegistration": false, "offline": offline])
    }

    /// A workstation that is enrolled.
    func desk(_ name: String) async throws -> Desk {
        let body: [String: Any] = ["scope": ["WSINSTALL"], "rpAppId": workstationApp, "expiresInSecs": 600]
        let token = try #require(try await call("/rp/api/token/endpoint", body)["token"] as? String)
        return try await Desk(self, name, token)
    }

    /// A phone that lives with these services; `change` has the last word on how it is set up.
    func phone(
        _ shell: Shell, keys: KeyVault? = nil, device: Device = Facts(), radio: BleAdvertiser? = nil,
        observer: Observer? = nil, network: Network? = nil, _ change: (inout PhoneConfig) -> Void = { _ in }
    ) async throws -> Phone {
        var config = shell.config
        config.tunnel = TunnelAddress(host: "localhost", port: tunnelPort)
        config.extraCa = try Data(contentsOf: authorityFile)
        config.developer = true
        change(&config)
        return try await Phone.open(
            config: config,
            ports: Ports(
                gate: shell.gate, keys: keys ?? shell.keys, device: device, network: network, advertiser: radio,
                observer: observer))
    }

    /// A computer nearby that wants a passkey made (`create`) or used (`get`), and its code.
    func computer(_ ceremony: String, _ arguments: String...) async throws -> (Program, String) {
        try await showing(["computer", ceremony] + link + arguments)
    }

    /// Starts a command that shows a code; the command and the code's text.
    func showing(_ arguments: [String]) async throws -> (Program, String) {
        let file = folder.appendingPathComponent("\(UUID().uuidString).txt")
        let program = try Program.simulator(arguments + ["--qr", file.path, "--no-terminal-qr"], in: folder)
        // Written before the line is said.
        _ = try await program.line("scan ")
        return (program, try String(contentsOf: file, encoding: .utf8))
    }
}

/// A workstation, which is what its commands make of a folder.
final class Desk: Sendable {
    private let stage: Stage
    private let state: URL
    let machineId: String

    init(_ stage: Stage, _ name: String, _ token: String) async throws {
        self.stage = stage
        state = stage.folder.appendingPathComponent(name)
        let arguments = ["--address", stage.address, "--token", token, "--name", name]
        let enrolled = try await Self.start("enroll", arguments, state, stage).answer()
        machineId = try #require(enrolled["machineId"] as? String)
    }

    private static func arguments(_ command: String, _ more: [String], _ state: URL, _ stage: Stage) -> [String] {
        // What asks no server takes no authority.
        let link = ["lock", "status"].contains(command) ? [] : ["--ca-file", stage.authorityFile.path]
        return ["workstation", command, "--state", state.path, "--json"] + link + more
    }

    private static func start(_ command: String, _ more: [String], _ state: URL, _ stage: Stage) throws -> Program {
        try Program.simulator(arguments(command, more, state, stage), in: stage.folder)
    }

    /// Starts one of its commands.
    func start(_ command: String, _ arguments: String...) throws -> Program {
        try Self.start(command, arguments, state, stage)
    }

    /// Starts one that shows a code; the command and what a camera sees.
    func show(_ command: String, _ arguments: String...) async throws -> (Program, Frame) {
        let program = try Self.start(command, arguments, state, stage)
        return (program, try await program.code())
    }

    /// The text of a code that pairs a phone, and the command that shows it.
    func pairingCode() async throws -> (Program, String) { try await showing("pair", "--user", ada) }

    /// The text of a code that unlocks for any phone that is registered, and the command that shows it.
    func signInCode() async throws -> (Program, String) { try await showing("unlock", "--scan-code") }

    private func showing(_ command: String, _ arguments: String...) async throws -> (Program, String) {
        try await stage.showing(Self.arguments(command, arguments, state, stage))
    }

    /// Serves the phones that it is paired with; new PINs cost next to nothing here.
    func serve() async throws -> Program {
        let serving = try start("run", "--argon2-memory", "8", "--argon2-iterations", "1")
        _ = try await serving.event("online")
        return serving
    }

    func status() async throws -> [String: Any] { try await start("status").answer() }

    /// How it was unlocked; nothing while it is locked.
    func unlockedBy() async throws -> String? {
        let lock = try #require(try await status()["lock"] as? [String: Any])
        let locked = try #require(lock["locked"] as? Bool)
        return locked ? nil : try #require(lock["by"] as? String)
    }

    func lock() async throws {
        _ = try await start("lock").answer()
        try #require(try await unlockedBy() == nil)
    }

    /// Types a PIN; the exit status.
    func type(pin: String) async throws -> Int32 { try await start("unlock", "--pin", pin).ended() }

    /// Pairs a phone, by its camera.
    @discardableResult
    func pair(_ phone: Phone, for user: String = ada) async throws -> Paired {
        let (pairing, frame) = try await show("pair", "--user", user)
        guard case .paired(let paired) = try await phone.approve(code: phone.scanner().scan(frame: frame)) else {
            throw Unexpected(description: "something else than a pairing")
        }
        try #require(try await pairing.answer()["account"] as? String == user)
        return paired
    }
}
