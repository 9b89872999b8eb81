import Foundation
import Latchkey
import LatchkeyShell
import Support
import Testing

struct DecisionsTests {
    @Test func everyErrorHasACodeOfTheSystem() {
        // The codes that the table of errors gives, and `failed` where it gives none.
        let expected: [(LatchkeyError, ExtensionCode)] = [
            (.ProviderLocked, .userInteractionRequired), (.RegCanceled, .userCanceled),
            (.RegAlreadyRegistered, .matchedExcludedCredential), (.AnyInternal, .failed), (.QrInvalid, .failed),
        ]
        for (error, code) in expected {
            #expect(Refusal(error, knowsExcluded: true).code == code, "\(error)")
        }
        #expect(Refusal(CancellationError(), knowsExcluded: true).code == .failed)
        #expect(Refusal(LatchkeyError.ProviderLocked, knowsExcluded: true).reason == "Unlock required")
    }

    @Test func failuresOfTheSystemsPrompt() {
        #expect(gateError(laErrorCode: -2) == .Denied)
        #expect(gateError(laErrorCode: -1) == .VerificationFailed)
        #expect(gateError(laErrorCode: -8) == .LockedOut)
        for code in [-4, -5, -6, -7, -9, -10, -1004, 0] { #expect(gateError(laErrorCode: code) == .Unavailable) }
    }

    @Test func namesFromElsewherePlayNoTricks() {
        #expect(onOneLine(" a\u{202E}b\nc\u{0} ") == "abc")
        #expect(onOneLine(String(repeating: "x", count: 65)) == String(repeating: "x", count: 63) + "…")
        #expect(onOneLine("ada@example.com") == "ada@example.com")
        #expect(PromptWords(.signIn(rpId: "example.com", accounts: [])).detail == nil)
        let pair = PromptWords(.pair(host: "cc.example", computer: "desk\n2", account: "ada"))
        #expect(pair.title == "Pair with desk2")
        #expect(pair.detail == "ada, cc.example")
    }

    @Test func tapsAndMenusFollowTheCore() {
        #expect(Tap(.online(pinOnLongPress: true)) == .unlock)
        #expect(Tap(.offline(pinOnTap: true)) == .showPin)
        #expect(Tap(.offline(pinOnTap: false)) == .tellOffline)
        #expect(UnlockWay.online(pinOnLongPress: true).offersPinInMenu)
        #expect(!UnlockWay.online(pinOnLongPress: false).offersPinInMenu)
        #expect(!UnlockWay.offline(pinOnTap: true).offersPinInMenu)
    }

    @Test func aPinIsHiddenInTimeWhateverTheWallClockDoes() {
        let elapsed = Guarded<TimeInterval>(1000)
        let now = Date(timeIntervalSince1970: 5000)
        let clock = PinClock(hideAt: now + 30, now: now) { elapsed.now }
        #expect(clock.secondsLeft() == 30)
        elapsed.change { $0 += 29.5 }
        #expect(clock.secondsLeft() == 1)
        elapsed.change { $0 += 0.5 }
        #expect(clock.secondsLeft() == 0)
        #expect(PinClock(hideAt: now + 86_400, now: now) { 0 }.secondsLeft() == 300)
        #expect(PinClock(hideAt: now - 1, now: now) { 0 }.secondsLeft() == 0)
    }

    @Test func onlyCodesForThisAppStopTheCamera() async throws {
        let test = try TestPhone()
        let scanner = try await test.phone.get().scanner()
        func sighting(_ text: String) -> Sighting { Sighting { try scanner.read(text: text) } }
        guard case .nothing = sighting("https://example.com/poster") else { Issue.record("a poster"); return }
        guard case .nothing = sighting("nothing to do with us") else { Issue.record("a text"); return }
        guard case .found(.hybrid) = sighting(Self.hybrid) else { Issue.record("a computer"); return }
        guard case .refused(.AnyInternal) = Sighting({ throw CancellationError() }) else { Issue.record("a failure"); return }
    }

    /// From fixtures/hybrid-vectors.json: a code that a browser shows.
    private static let hybrid =
        "FIDO:/162870791865632382552704231438327900152302540348097243854039966655366469794954476199158014113179232779520163209900691930075274801398564434658077048963842109321447142660"

    @Test func theCeremonysWords() throws {
        #expect(try words(for: .answered(answer: Answer(action: .signIn, rpId: nil, error: nil))) == "You are signed in on the computer")
        #expect(throws: LatchkeyError.AuthTimeout) {
            try words(for: .answered(answer: Answer(action: .signIn, rpId: nil, error: .AuthTimeout)))
        }
        #expect(words(for: .answered(status: 0)) == nil)
        #expect(Remedy(.provider) == .provider)
        #expect(Remedy(.network) == nil)
    }
}
