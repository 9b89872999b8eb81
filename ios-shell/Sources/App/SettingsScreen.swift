import AuthenticationServices
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// Turning the provider on.
final class SettingsScreen: ListScreen {
    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        super.init(title: "Settings")
    }

    required init?(coder: NSCoder) { nil }

    override func viewWillAppear(_ animated: Bool) {
        super.viewWillAppear(animated)
        attempt { [self] in await refresh() }
    }

    private func refresh() async {
        if await surroundings.identities.isEnabled() {
            return show([Row("Latchkey provides passkeys on this phone")])
        }
        show([Row("Turn on Latchkey for passkeys", detail: "Then apps and pages offer to make passkeys here.") { [self] in
            attempt { [self] in
                try await turnOnProvider()
                await bringIdentitiesInStep(surroundings)
                await refresh()
            }
        }])
    }
}

/// From iOS 18 on a prompt of the system asks; before, its settings are opened. Asking again within ten seconds does
/// nothing.
@MainActor
func turnOnProvider() async throws {
    if #available(iOS 18.0, *) {
        if await ASSettingsHelper.requestToTurnOnCredentialProviderExtension() { return }
    }
    try await ASSettingsHelper.openCredentialProviderAppSettings()
}
