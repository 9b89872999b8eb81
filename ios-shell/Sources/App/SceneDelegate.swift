import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// The app's one window, and what happens as it comes and goes.
final class SceneDelegate: UIResponder, UIWindowSceneDelegate {
    var window: UIWindow?
    lazy var surroundings = Surroundings { [weak self] in
        let root = self?.window?.rootViewController as? UINavigationController
        return root?.topViewController ?? root
    }

    func scene(_ scene: UIScene, willConnectTo session: UISceneSession, options: UIScene.ConnectionOptions) {
        guard let scene = scene as? UIWindowScene else { return }
        let window = UIWindow(windowScene: scene)
        window.rootViewController = UINavigationController(rootViewController: ComputersScreen(surroundings))
        window.makeKeyAndVisible()
        self.window = window
    }

    /// The system's sheets offer what the vault holds, also after the app changed it or was restored.
    func sceneWillEnterForeground(_ scene: UIScene) {
        Task { await bringIdentitiesInStep(surroundings) }
    }

    /// A suspended app must not hold the shared database open. What is under way fails and can be done again.
    func sceneDidEnterBackground(_ scene: UIScene) {
        let (phone, identities) = (surroundings.phone, surroundings.identities)
        let time = BackgroundTime("org.latchkey.close") { await phone.close() }
        Task {
            let passkeys = try? await phone.use { try $0.passkeys().list() }
            // First, as nobody knows how long the system's store takes to answer.
            await phone.close()
            if let passkeys { try? await keepInStep(identities, with: passkeys) }
            time.end()
        }
    }
}

/// Time that iOS gives the app after it has left the screen.
@MainActor
private final class BackgroundTime {
    private var task = UIBackgroundTaskIdentifier.invalid

    /// - Parameter usedUp: what has to be done still when iOS gives no more of it; then it ends.
    init(_ name: String, usedUp: @escaping @MainActor @Sendable () async -> Void) {
        task = UIApplication.shared.beginBackgroundTask(withName: name) { [self] in
            Task {
                await usedUp()
                end()
            }
        }
    }

    func end() {
        guard task != .invalid else { return }
        UIApplication.shared.endBackgroundTask(task)
        task = .invalid
    }
}

/// Where it fails, the next time makes up for it.
@MainActor
func bringIdentitiesInStep(_ surroundings: Surroundings) async {
    guard let phone = try? await surroundings.phone.get() else { return }
    try? await keepInStep(surroundings.identities, with: phone.passkeys().list())
}
