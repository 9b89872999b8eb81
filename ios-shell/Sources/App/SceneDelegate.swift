import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// The app's one window, and what happens as it comes and goes.
final class SceneDelegate: UIResponder, UIWindowSceneDelegate {
    var window: UIWindow?
    private lazy var surroundings = Surroundings { [weak self] in
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
        let surroundings = surroundings
        let task = UIApplication.shared.beginBackgroundTask(withName: "org.latchkey.close")
        Task {
            await bringIdentitiesInStep(surroundings)
            await surroundings.phone.close()
            UIApplication.shared.endBackgroundTask(task)
        }
    }
}

/// Where it fails, the next time makes up for it.
@MainActor
func bringIdentitiesInStep(_ surroundings: Surroundings) async {
    guard let phone = try? await surroundings.phone.get(), let passkeys = try? phone.passkeys().list() else { return }
    try? await keepInStep(surroundings.identities, with: passkeys)
}
