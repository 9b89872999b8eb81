import Latchkey
import LatchkeyShell
import UIKit

/// A screen of rows. Everything that this app shows, but the camera's picture, is one.
@MainActor
open class ListScreen: UITableViewController {
    /// One line to read or to touch.
    public struct Row {
        let text: String
        let detail: String?
        let isLarge: Bool
        let menu: [UIAction]
        let touched: (@MainActor () -> Void)?

        public init(
            _ text: String, detail: String? = nil, isLarge: Bool = false, menu: [UIAction] = [],
            touched: (@MainActor () -> Void)? = nil
        ) {
            self.text = text
            self.detail = detail
            self.isLarge = isLarge
            self.menu = menu
            self.touched = touched
        }
    }

    private var rows: [Row] = []

    public init(title: String) {
        super.init(style: .insetGrouped)
        self.title = title
    }

    public required init?(coder: NSCoder) { nil }

    public func show(_ rows: [Row]) {
        self.rows = rows
        tableView.reloadData()
    }

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

    override open func tableView(_ tableView: UITableView, numberOfRowsInSection section: Int) -> Int { rows.count }

    override open func tableView(_ tableView: UITableView, cellForRowAt indexPath: IndexPath) -> UITableViewCell {
        let row = rows[indexPath.row]
        let cell = UITableViewCell(style: .default, reuseIdentifier: nil)
        var content = cell.defaultContentConfiguration()
        content.text = row.text
        content.secondaryText = row.detail
        if row.isLarge { content.textProperties.font = .monospacedSystemFont(ofSize: 40, weight: .regular) }
        cell.contentConfiguration = content
        cell.selectionStyle = row.touched == nil ? .none : .default
        return cell
    }

    override open func tableView(_ tableView: UITableView, didSelectRowAt indexPath: IndexPath) {
        tableView.deselectRow(at: indexPath, animated: true)
        rows[indexPath.row].touched?()
    }

    /// A long press.
    override open func tableView(
        _ tableView: UITableView, contextMenuConfigurationForRowAt indexPath: IndexPath, point: CGPoint
    ) -> UIContextMenuConfiguration? {
        let menu = rows[indexPath.row].menu
        guard !menu.isEmpty else { return nil }
        return UIContextMenuConfiguration(identifier: nil, previewProvider: nil) { _ in UIMenu(children: menu) }
    }
}

extension UIViewController {
    /// Opens a screen in the place of this one.
    @MainActor
    public func replace(with screen: UIViewController) {
        guard let navigation = navigationController else { return }
        navigation.setViewControllers(navigation.viewControllers.filter { $0 !== self } + [screen], animated: true)
    }
}
