import Latchkey
import LatchkeyShell
import UIKit

/// A screen of rows. Everything that is shown, but the camera's picture, is one.
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
