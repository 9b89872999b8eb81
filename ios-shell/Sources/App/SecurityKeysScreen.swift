import Foundation
import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// My Security Keys: the passkeys of this phone.
final class SecurityKeysScreen: ListScreen {
    private let surroundings: Surroundings
    private var cancel = Cancel()

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        super.init(title: "My Security Keys")
    }

    required init?(coder: NSCoder) { nil }

    override func viewWillAppear(_ animated: Bool) {
        super.viewWillAppear(animated)
        cancel.cancel()
        cancel = Cancel()
        attempt { [self] in try await refresh() }
    }

    override func viewDidDisappear(_ animated: Bool) {
        super.viewDidDisappear(animated)
        cancel.cancel()
    }

    private func refresh() async throws {
        let (passkeys, damaged) = try await surroundings.phone.use { try ($0.passkeys().list(), $0.passkeys().damaged()) }
        var rows = passkeys.map(row)
        if rows.isEmpty {
            rows.append(Row("No passkey yet", detail: "Apps and pages offer to make one when you sign in."))
        }
        if damaged > 0 { rows.append(Row("Passkeys that are damaged and cannot be used: \(damaged)")) }
        show(rows)
    }

    /// One that is not offered leads, when it is touched, to the question whether it shall be.
    private func row(_ passkey: Passkey) -> Row {
        let touched: @MainActor () -> Void = { [weak self] in self?.offer(passkey) }
        return Row(
            onOneLine(passkey.label ?? passkey.rpName ?? passkey.rpId),
            detail: passkeyDetail(passkey) { $0.formatted(date: .abbreviated, time: .omitted) },
            choices: choices(passkey), touched: passkey.hidden ? touched : nil)
    }

    private func choices(_ passkey: Passkey) -> [Choice] {
        let offer = Choice("Offer it again") { [weak self] in self?.offer(passkey) }
        return (passkey.hidden ? [offer] : []) + [
            Choice("Rename") { [weak self] in self?.rename(passkey) },
            Choice("Delete", isDestructive: true) { [weak self] in self?.delete(passkey) },
        ]
    }

    private func rename(_ passkey: Passkey) {
        ask("Rename", placeholders: [onOneLine(passkey.rpId)], texts: [passkey.label ?? ""]) { [weak self] texts in
            guard let self else { return }
            attempt { [self] in
                let name = texts.first ?? ""
                try await surroundings.phone.use { try $0.passkeys().rename(id: passkey.id, name: name) }
                try await refresh()
            }
        }
    }

    private func offer(_ passkey: Passkey) {
        let meaning = "Its site has said that it no longer accepts it."
        confirm("Offer the passkey for \(onOneLine(passkey.rpId)) again?", meaning, "Offer it") { [weak self] in
            guard let self else { return }
            attempt { [self] in
                try await surroundings.phone.use { try $0.passkeys().unhide(id: passkey.id) }
                await bringIdentitiesInStep(surroundings)
                try await refresh()
            }
        }
    }

    private func delete(_ passkey: Passkey) {
        let meaning = "It cannot be brought back. Make sure that you can sign in without it."
        confirm("Delete the passkey for \(onOneLine(passkey.rpId))?", meaning, "Delete") { [weak self] in
            guard let self else { return }
            attempt { [self] in
                try await surroundings.phone.get().passkeys().delete(id: passkey.id, cancel: cancel)
                await bringIdentitiesInStep(surroundings)
                try await refresh()
            }
        }
    }
}
