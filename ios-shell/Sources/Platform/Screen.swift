import Latchkey
import UIKit

/// What every screen can do.
@MainActor
extension UIViewController {
    /// Does `work` and shows what went wrong, if something did.
    public func attempt(_ work: @escaping @MainActor () async throws -> Void) {
        Task {
            do { try await work() } catch { tell(error) }
        }
    }

    public func tell(_ error: any Error, then: (@MainActor @Sendable () -> Void)? = nil) {
        let info = (error as? LatchkeyError ?? .AnyInternal).info()
        let alert = UIAlertController(
            title: info.title, message: info.explanation + "\n" + info.nextStep, preferredStyle: .alert)
        alert.addAction(UIAlertAction(title: "OK", style: .default) { _ in then?() })
        present(alert, animated: true)
    }

    /// Has VoiceOver say what has changed on the screen.
    public func announce(_ text: String) {
        UIAccessibility.post(notification: .announcement, argument: text)
    }

    /// Asks before something is done.
    public func confirm(_ title: String, _ message: String?, _ yes: String, then: @escaping @MainActor @Sendable () -> Void) {
        let alert = UIAlertController(title: title, message: message, preferredStyle: .alert)
        alert.addAction(UIAlertAction(title: "Cancel", style: .cancel))
        alert.addAction(UIAlertAction(title: yes, style: .default) { _ in then() })
        present(alert, animated: true)
    }

    /// Asks for lines of text, one for each placeholder.
    public func ask(
        _ title: String, _ message: String? = nil, placeholders: [String], texts: [String] = [],
        then: @escaping @MainActor @Sendable ([String]) -> Void
    ) {
        let alert = UIAlertController(title: title, message: message, preferredStyle: .alert)
        for (index, placeholder) in placeholders.enumerated() {
            alert.addTextField { field in
                field.placeholder = placeholder
                field.accessibilityLabel = placeholder
                field.text = index < texts.count ? texts[index] : nil
                // Names, addresses and codes are as they are typed.
                field.autocapitalizationType = .none
                field.autocorrectionType = .no
            }
        }
        alert.addAction(UIAlertAction(title: "Cancel", style: .cancel))
        alert.addAction(UIAlertAction(title: "OK", style: .default) { [weak alert] _ in
            then((alert?.textFields ?? []).map { $0.text ?? "" })
        })
        present(alert, animated: true)
    }

    /// Opens a screen in the place of this one.
    public func replace(with screen: UIViewController) {
        guard let navigation = navigationController else { return }
        navigation.setViewControllers(navigation.viewControllers.filter { $0 !== self } + [screen], animated: true)
    }
}
