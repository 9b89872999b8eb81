// Stands for UIKit: the life of an app.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

/// uikit/uiapplication, iOS 2
@MainActor
open class UIApplication: UIResponder {
    /// .../shared, iOS 2
    public static let shared = UIApplication()
    /// .../opensettingsurlstring, iOS 8
    nonisolated public static let openSettingsURLString = "app-settings:"
    /// .../willresignactivenotification, iOS 4
    nonisolated public static let willResignActiveNotification = Notification.Name("UIApplicationWillResignActiveNotification")
    /// .../open(_:options:completionhandler:), its async twin, iOS 10
    open func open(_ url: URL) async -> Bool { false }
    /// .../beginbackgroundtask(withname:expirationhandler:), iOS 7
    open func beginBackgroundTask(
        withName name: String?, expirationHandler: (@MainActor @Sendable () -> Void)? = nil
    ) -> UIBackgroundTaskIdentifier {
        backgroundTasks.append(expirationHandler)
        return UIBackgroundTaskIdentifier(rawValue: backgroundTasks.count)
    }
    /// .../endbackgroundtask(_:), iOS 4
    open func endBackgroundTask(_ task: UIBackgroundTaskIdentifier) { endedTasks.append(task) }
    /// Of the stub alone: what is called when the time of each task is over.
    public private(set) var backgroundTasks: [(@MainActor @Sendable () -> Void)?] = []
    /// Of the stub alone: which were ended.
    public private(set) var endedTasks: [UIBackgroundTaskIdentifier] = []
}

/// uikit/uibackgroundtaskidentifier, iOS 4
public struct UIBackgroundTaskIdentifier: RawRepresentable, Hashable, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: Int
    /// .../init(rawvalue:), iOS 4
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// .../invalid, iOS 4
    public static let invalid = Self(rawValue: 0)
}

/// uikit/uiapplicationdelegate, iOS 2
@MainActor
public protocol UIApplicationDelegate: NSObjectProtocol {}

/// uikit/uiscene, iOS 13
open class UIScene: UIResponder {
    /// .../connectionoptions, iOS 13
    open class ConnectionOptions: NSObject {}
}
/// uikit/uiscenesession, iOS 13
open class UISceneSession: NSObject {}
/// uikit/uiwindowscene, iOS 13
open class UIWindowScene: UIScene {}
/// uikit/uiwindowscenedelegate with uikit/uiscenedelegate, iOS 13 (its methods are optional there)
@MainActor
public protocol UIWindowSceneDelegate: NSObjectProtocol {
    /// .../window, iOS 13
    var window: UIWindow? { get set }
    /// uikit/uiscenedelegate/scene(_:willconnectto:options:), iOS 13
    func scene(_ scene: UIScene, willConnectTo session: UISceneSession, options: UIScene.ConnectionOptions)
    /// uikit/uiscenedelegate/scenewillenterforeground(_:), iOS 13
    func sceneWillEnterForeground(_ scene: UIScene)
    /// uikit/uiscenedelegate/scenedidenterbackground(_:), iOS 13
    func sceneDidEnterBackground(_ scene: UIScene)
}

/// uikit/uiwindow, iOS 2
open class UIWindow: UIView {
    /// .../init(windowscene:), iOS 13
    public init(windowScene: UIWindowScene) { super.init() }
    /// .../rootviewcontroller, iOS 4
    public var rootViewController: UIViewController?
    /// .../makekeyandvisible(), iOS 2
    open func makeKeyAndVisible() {}
}
