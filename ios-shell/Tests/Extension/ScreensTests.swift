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
