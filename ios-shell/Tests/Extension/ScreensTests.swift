import AVFoundation
import Foundation
import Latchkey
import LatchkeyShell
import Support
import Testing
import UIKit

@testable import LatchkeyApp
@testable import LatchkeyPlatform

/// The app's screens, over the core itself, as somebody sees or hears them.
@MainActor @Suite(.serialized, .timeLimit(.minutes(2)))
struct ScreensTests {
    let test: TestPhone
    let surroundings: Surroundings

    init() throws {
        test = try TestPhone()
        surroundings = Surroundings(phone: test.phone, identities: test.identities)
    }

    private func cell(_ screen: ListScreen, _ row: Int) -> UITableViewCell {
        screen.tableView(screen.tableView, cellForRowAt: IndexPath(row: row, section: 0))
    }

    private func text(_ screen: ListScreen, _ row: Int) -> String? {
        (cell(screen, row).contentConfiguration as? UIListContentConfiguration)?.text
    }

    private func wait(for screen: ListScreen, toSay text: String) async throws {
        while screen.tableView(screen.tableView, numberOfRowsInSection: 0) == 0 || self.text(screen, 0) != text {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func whatALongPressOffersIsAmongVoiceOversActions() {
        var chosen = 0
        let screen = ListScreen(title: "")
        screen.show([.init("a", choices: [.init("Rename") { chosen += 1 }]), .init("b") {}])
        let action = cell(screen, 0).accessibilityCustomActions?.first
        #expect(action?.name == "Rename")
        #expect(action.flatMap { $0.actionHandler?($0) } == true)
        #expect(chosen == 1)
        #expect(cell(screen, 0).accessibilityTraits == .staticText)
        #expect(cell(screen, 1).accessibilityTraits == .button)
    }

    @Test func aPinIsReadOneByOne() {
        let screen = ListScreen(title: "")
        screen.show([.init("A7K9", detail: "Hidden in 9 s", spoken: oneByOne("A7K9"), isLarge: true)])
        #expect(cell(screen, 0).accessibilityLabel == "A, 7, K, 9\nHidden in 9 s")
        let content = cell(screen, 0).contentConfiguration as? UIListContentConfiguration
        #expect(content?.textProperties.adjustsFontForContentSizeCategory == true)
    }

    @Test func aPasskeyIsDeletedAfterAQuestion() async throws {
        _ = try await test.door.register(registration())
        let screen = SecurityKeysScreen(surroundings)
        screen.viewWillAppear(false)
        try await wait(for: screen, toSay: "example.com")
        let delete = try #require(cell(screen, 0).accessibilityCustomActions?.first { $0.name == "Delete" })
        #expect(delete.actionHandler?(delete) == true)
        let question = try #require(screen.presentedViewController as? UIAlertController)
        question.actions[1].handler?(question.actions[1])
        try await wait(for: screen, toSay: "No passkey yet")
        #expect(test.identities.held.now.isEmpty)
        await test.phone.close()
    }

    @Test func aHiddenPasskeyCanBeOfferedAgain() async throws {
        let made = try await test.door.register(registration())
        try await test.door.reportUnknown(rpId: "example.com", credentialId: made.credentialId)
        #expect(test.identities.held.now.isEmpty)
        let screen = SecurityKeysScreen(surroundings)
        screen.viewWillAppear(false)
        try await wait(for: screen, toSay: "example.com")
        #expect(cell(screen, 0).accessibilityCustomActions?.first?.name == "Offer it again")
        screen.tableView(screen.tableView, didSelectRowAt: IndexPath(row: 0, section: 0))
        let question = try #require(screen.presentedViewController as? UIAlertController)
        question.actions[1].handler?(question.actions[1])
        while test.identities.held.now.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        while cell(screen, 0).accessibilityTraits == .button { try await Task.sleep(for: .milliseconds(5)) }
        await test.phone.close()
    }

    @Test func aComputersCodeGoesToTheSystem() async throws {
        let screen = CeremonyScreen(surroundings, .approve(.hybrid(text: "FIDO:/1")))
        screen.viewDidAppear(false)
        // Here nothing opens such an address.
        try await wait(for: screen, toSay: "Scan this code with the Camera app")
        #expect(UIAccessibility.announcements.contains("Scan this code with the Camera app"))
        await test.phone.close()
    }

    @Test func whileTheProviderIsOffTheSystemIsNotAsked() async throws {
        test.identities.enabled.change { $0 = false }
        let screen = CeremonyScreen(surroundings, .approve(.hybrid(text: "FIDO:/1")))
        screen.viewDidAppear(false)
        while screen.presentedViewController == nil { try await Task.sleep(for: .milliseconds(5)) }
        let alert = try #require(screen.presentedViewController as? UIAlertController)
        let info = LatchkeyError.ProviderNotEnabled.info()
        #expect(alert.title == info.title)
        #expect(alert.message == info.explanation + "\n" + info.nextStep)
        await test.phone.close()
    }

    @Test func noPinIsShownToARecording() async throws {
        let screen = PinScreen(surroundings, "a computer")
        screen.traitCollection = UITraitCollection(sceneCaptureState: .active)
        screen.viewDidAppear(false)
        #expect(text(screen, 0) == "This screen is recorded or mirrored")
        // Nobody has even opened the phone for it.
        try await Task.sleep(for: .milliseconds(50))
        #expect(test.opened.now.isEmpty)
    }

    @Test func aPinIsShownAndHiddenWhenItsTimeIsOver() async throws {
        let screen = PinScreen(surroundings, "a computer")
        screen.count(down: pin(seconds: 3))
        try await wait(for: screen, toSay: "Type it on the computer's lock screen")
        #expect(text(screen, 1) == "A7K9QX")
        #expect(text(screen, 2) == "PINs left: 4")
        try await wait(for: screen, toSay: "The PIN is hidden")
        #expect(rows(screen) == ["The PIN is hidden"])
        #expect(UIAccessibility.announcements.contains("The PIN is hidden"))
    }

    @Test func aPinIsHiddenWhenItsScreenGoesAwayOrIsRecorded() async throws {
        for hide in [{ $0.viewWillDisappear(false) }, { $0.traitCollection = UITraitCollection(sceneCaptureState: .active) }]
            as [@MainActor (PinScreen) -> Void]
        {
            let screen = PinScreen(surroundings, "a computer")
            screen.count(down: pin(seconds: 60))
            try await wait(for: screen, toSay: "Type it on the computer's lock screen")
            hide(screen)
            try await wait(for: screen, toSay: "The PIN is hidden")
            #expect(rows(screen) == ["The PIN is hidden"])
        }
    }

    private func pin(seconds: TimeInterval) -> ShownPin {
        ShownPin(
            pin: "A7K9QX", hideAt: Date() + seconds,
            status: PinStatus(offered: true, remaining: 4, total: 5, expiresAt: nil, notice: nil))
    }

    @Test func withoutAComputerTheListSaysHowToPairOneAndLeadsToEverythingElse() async throws {
        let screen = ComputersScreen(surroundings)
        let navigation = UINavigationController(rootViewController: screen)
        screen.viewWillAppear(false)
        try await wait(for: screen, toSay: "No computer yet")
        let ways: [(String, UIViewController.Type)] = [
            ("Scan a code", ScanScreen.self), ("Type a code", ManualEntryScreen.self),
            ("My Security Keys", SecurityKeysScreen.self), ("Why does it not work?", ReadinessScreen.self),
            ("Settings", SettingsScreen.self),
        ]
        #expect(rows(screen) == ["No computer yet"] + ways.map(\.0))
        for (row, way) in ways.enumerated() {
            touch(screen, row + 1)
            #expect(type(of: try #require(navigation.topViewController)) == way.1)
            navigation.popViewController(animated: false)
        }
        screen.viewWillDisappear(false)
        await test.phone.close()
    }

    @Test func withoutTheCameraACodeIsTyped() async throws {
        let screen = ScanScreen(surroundings)
        let navigation = UINavigationController(rootViewController: screen)
        screen.viewDidLoad()
        screen.viewDidAppear(false)
        while navigation.topViewController === screen { try await Task.sleep(for: .milliseconds(5)) }
        let typing = try #require(navigation.topViewController as? ManualEntryScreen)
        typing.viewDidLoad()
        #expect(text(typing, 0) == LatchkeyError.QrCameraDenied.info().title)
        typing.viewDidAppear(false)
        #expect((typing.presentedViewController as? UIAlertController)?.textFields?.count == 2)
    }

    @Test func aPictureKeepsTheLengthOfItsRows() throws {
        AVCaptureDevice.stub = AVCaptureDevice()
        defer { AVCaptureDevice.stub = nil }
        let seen = Guarded<[Frame]>([])
        let camera = try #require(CameraFrames { frame in seen.change { $0.append(frame) } })
        // Three wide and two high; each row is filled up to four.
        let picture = CVBuffer(width: 3, height: 2, rows: [[1, 2, 3, 0xEE], [4, 5, 6, 0xEE]])
        camera.captureOutput(AVCaptureOutput(), didOutput: CMSampleBuffer(picture), from: AVCaptureConnection())
        camera.captureOutput(AVCaptureOutput(), didOutput: CMSampleBuffer(nil), from: AVCaptureConnection())
        #expect(seen.now == [Frame(width: 3, height: 2, stride: 4, luma: Data([1, 2, 3, 0xEE, 4, 5, 6, 0xEE]))])
        #expect(picture.locks == 0)
    }

    @Test func settingsSayWhetherTheProviderIsOn() async throws {
        for (isOn, said) in [(false, "Turn on Latchkey for passkeys"), (true, "Latchkey provides passkeys on this phone")] {
            test.identities.enabled.change { $0 = isOn }
            let screen = SettingsScreen(surroundings)
            screen.viewWillAppear(false)
            try await wait(for: screen, toSay: said)
            #expect(cell(screen, 0).accessibilityTraits == (isOn ? .staticText : .button))
        }
    }

    @Test func theDatabaseIsClosedBeforeTheSystemsStoreIsTalkedTo() async throws {
        let (scene, application) = (sceneDelegate(), UIApplication.shared)
        _ = try await test.phone.get()
        test.identities.hangs.change { $0 = true }
        let before = application.endedTasks.count
        scene.sceneDidEnterBackground(UIScene())
        while test.identities.waiting.now == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(test.isClosed)
        #expect(application.endedTasks.count == before)
        test.identities.hangs.change { $0 = false }
        while application.endedTasks.count == before { try await Task.sleep(for: .milliseconds(5)) }
        #expect(application.endedTasks.last?.rawValue == application.backgroundTasks.count)
    }

    @Test func whenTheTimeInTheBackgroundIsOverTheDatabaseIsClosed() async throws {
        let (scene, application) = (sceneDelegate(), UIApplication.shared)
        test.identities.hangs.change { $0 = true }
        let before = application.endedTasks.count
        scene.sceneDidEnterBackground(UIScene())
        while test.identities.waiting.now == 0 { try await Task.sleep(for: .milliseconds(5)) }
        // A screen that is still at work opens it once more.
        _ = try await test.phone.get()
        #expect(!test.isClosed)
        guard case let expire?? = application.backgroundTasks.last else {
            test.identities.hangs.change { $0 = false }
            Issue.record("nothing is done when the time is over")
            return
        }
        expire()
        while application.endedTasks.count == before { try await Task.sleep(for: .milliseconds(5)) }
        #expect(test.isClosed)
        // It is ended once, though the store answers after all.
        test.identities.hangs.change { $0 = false }
        try await Task.sleep(for: .milliseconds(100))
        #expect(application.endedTasks.count == before + 1)
    }

    private func sceneDelegate() -> SceneDelegate {
        let scene = SceneDelegate()
        scene.surroundings = surroundings
        return scene
    }

    private func rows(_ screen: ListScreen) -> [String] {
        (0..<screen.tableView(screen.tableView, numberOfRowsInSection: 0)).compactMap { text(screen, $0) }
    }

    private func touch(_ screen: ListScreen, _ row: Int) {
        screen.tableView(screen.tableView, didSelectRowAt: IndexPath(row: row, section: 0))
    }

    @Test func everyFindingIsSaidInWords() async throws {
        let screen = ReadinessScreen(surroundings)
        screen.viewDidAppear(false)
        while screen.tableView(screen.tableView, numberOfRowsInSection: 0) < 2 { try await Task.sleep(for: .milliseconds(5)) }
        for row in 0..<screen.tableView(screen.tableView, numberOfRowsInSection: 0) {
            let said = try #require(cell(screen, row).accessibilityLabel)
            #expect(["All right: ", "To be looked at: ", "Not known: "].contains { said.hasPrefix($0) }, "\(said)")
        }
        await test.phone.close()
    }
}
