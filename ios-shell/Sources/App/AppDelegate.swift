import UIKit

#if !os(Linux)
@main
#endif
final class AppDelegate: UIResponder, UIApplicationDelegate {}
