import Foundation
import Latchkey
import Testing

/// A ceremony with a computer nearby: its code on a screen, the tunnel service, and an advert in the air.
@Suite(.timeLimit(.minutes(2)))
struct HybridTests {
    @Test func aComputerGetsAPasskeyMadeAndUsed() async throws {
        let (stage, shell, steps) = (try await Stage(), try Shell(), Steps())
        let radio = Radio(air: stage.air)
        let phone = try await stage.phone(shell, radio: radio, observer: steps)

        func ceremony(_ command: String, _ action: Action) async throws -> [String: Any] {
            let computer = try Program.simulator(["computer", command] + stage.link, in: stage.folder)
            let frame = try await computer.code()
            let code = try phone.scanner().scan(frame: frame)
            guard case .hybrid(let text) = code, text.hasPrefix("FIDO:/") else {
                throw Unexpected(description: "another code")
            }
            guard case .answered(let answer) = try await phone.approve(code: code) else {
                throw Unexpected(description: "another approval")
            }
            #expect(answer.action == action && answer.error == nil && answer.rpId == "example.com")
            // The same code is not served again.
            await #expect(throws: LatchkeyError.QrInvalid) { try await phone.approve(code: code) }
            return try await computer.answer()
        }

        let created = try await ceremony("create", .create)
        let attested = try AuthenticatorData(attested: member("attestationObject", of: created))
        let signedIn = try await ceremony("get", .signIn)
        #expect(created["id"] as? String == signedIn["id"] as? String)
        let data = try member("authenticatorData", of: signedIn)
        let message = try await data + Openssl.sha256(member("clientDataJSON", of: signedIn))
        let signature = try member("signature", of: signedIn)
        #expect(try await Openssl.verifies(signature, of: message, under: #require(attested.point)))

        // One advert of 20 bytes for each ceremony, and none goes on.
        #expect(radio.sent.get().map(\.count) == [20, 20] && Set(radio.sent.get()).count == 2)
        try await eventually("silence") { radio.adverts.get().isEmpty ? () : nil }
        let heard = try await eventually("the end of both") {
            let steps = steps.reached.get()
            return steps.filter { $0 == .closed }.count == 2 ? steps : nil
        }
        #expect(heard.filter { $0 == .computerConnected }.count == 2)
        #expect(heard.contains(.commandReceived(command: 1)) && heard.contains(.commandReceived(command: 2)))
    }

    @Test func aComputerHearsOfARefusal() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let phone = try await stage.phone(shell, radio: Radio(air: stage.air))
        shell.gate.answer.update { $0 = { _ in throw GateError.Denied } }
        let (computer, text) = try await stage.computer("create")
        guard case .answered(let answer) = try await phone.approve(code: phone.scanner().read(text: text)) else {
            throw Unexpected(description: "another approval")
        }
        #expect(answer.error == .RegCanceled)
        #expect(try await computer.ended() == 20)
        #expect(try phone.passkeys().list().isEmpty)
    }

    @Test func anAdvertThatCannotBeSentLeavesTheCodeAsGoodAsBefore() async throws {
        let (stage, shell) = (try await Stage(), try Shell())
        let radio = Radio(air: stage.air)
        let phone = try await stage.phone(shell, radio: radio)
        let (computer, text) = try await stage.computer("create")
        let code = try phone.scanner().read(text: text)
        let failures: [(any Error & Sendable, LatchkeyError)] = [
            (AdvertError.Off, .HybridBluetoothOff), (AdvertError.NotPermitted, .HybridBluetoothOff),
            (AdvertError.Failed, .AnyInternal), (Mistake(), .AnyInternal),
        ]
        for (failure, error) in failures {
            radio.failure.update { $0 = failure }
            await #expect(throws: error) { try await phone.approve(code: code) }
        }
        radio.failure.update { $0 = nil }
        guard case .answered(let answer) = try await phone.approve(code: code) else {
            throw Unexpected(description: "another approval")
        }
        #expect(answer.error == nil)
        _ = try await computer.answer()
    }

    /// Bytes in base64url from the `response` of a credential in JSON (WebAuthn section 5.1).
    private func member(_ name: String, of credential: [String: Any]) throws -> Data {
        let response = try #require(credential["response"] as? [String: Any])
        var text = try #require(response[name] as? String)
        text = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        return try #require(Data(base64Encoded: text))
    }
}
