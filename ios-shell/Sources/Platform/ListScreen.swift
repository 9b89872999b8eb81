import Latchkey
import LatchkeyShell
import UIKit

/// A screen of rows. Everything that is shown, but the camera's picture, is one: so everything follows the size of text that
/// the person has set, and is read by VoiceOver.
@MainActor
open class ListScreen: UITableViewController {
    /// One line to read or to touch.
    public struct Row {
        let text: String
        let detail: String?
        let spoken: String?
        let isLarge: Bool
        let choices: [Choice]
        let touched: (@MainActor () -> Void)?

        /// - Parameter spoken: what VoiceOver says in place of `text`.
        public init(
            _ text: String, detail: String? = nil, spoken: String? = nil, isLarge: Bool = false, choices: [Choice] = [],
            touched: (@MainActor () -> Void)? = nil
        ) {
            self.text = text
            self.detail = detail
            self.spoken = spoken
            self.isLarge = isLarge
            self.choices = choices
            self.touched = touched
        }
    }

    /// What a long press offers, and VoiceOver among a row's actions.
    public struct Choice {
        let title: String
        let isDestructive: Bool
        let chosen: @MainActor () -> Void

        public init(_ title: String, isDestructive: Bool = false, chosen: @escaping @MainActor () -> Void) {
            self.title = title
            self.isDestructive = isDestructive
            self.chosen = chosen
        }
    }

    private static let cell = "row"
    private var rows: [Row] = []

    public init(title: String) {
        super.init(style: .insetGrouped)
        self.title = title
    }

    public required init?(coder: NSCoder) { nil }

    override open func viewDidLoad() {
        super.viewDidLoad()
        tableView.register(UITableViewCell.self, forCellReuseIdentifier: Self.cell)
    }

    /// Rows that only change stay the same cells, so that VoiceOver stays on the one that it is at.
    public func show(_ rows: [Row]) {
        let isChange = self.rows.count == rows.count
        self.rows = rows
        if isChange {
            tableView.reconfigureRows(at: rows.indices.map { IndexPath(row: $0, section: 0) })
        } else {
            tableView.reloadData()
        }
    }

    override open func tableView(_ tableView: UITableView, numberOfRowsInSection section: Int) -> Int { rows.count }

    override open func tableView(_ tableView: UITableView, cellForRowAt indexPath: IndexPath) -> UITableViewCell {
        let row = rows[indexPath.row]
        let cell = tableView.dequeueReusableCell(withIdentifier: Self.cell, for: indexPath)
        var content = cell.defaultContentConfiguration()
        content.text = row.text
        content.secondaryText = row.detail
        if row.isLarge {
            content.textProperties.font = UIFontMetrics(forTextStyle: .largeTitle)
                .scaledFont(for: .monospacedSystemFont(ofSize: 40, weight: .regular))
            content.textProperties.adjustsFontForContentSizeCategory = true
            content.textProperties.adjustsFontSizeToFitWidth = true
        }
        cell.contentConfiguration = content
        cell.selectionStyle = row.touched == nil ? .none : .default
        cell.accessibilityTraits = row.touched == nil ? .staticText : .button
        // Without a label of its own UIKit reads both lines.
        cell.accessibilityLabel = row.spoken.map { [$0, row.detail].compactMap { $0 }.joined(separator: "\n") }
        cell.accessibilityCustomActions = row.choices.map { choice in
            UIAccessibilityCustomAction(name: choice.title) { _ in
                choice.chosen()
                return true
            }
        }
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
        let choices = rows[indexPath.row].choices
        guard !choices.isEmpty else { return nil }
        return UIContextMenuConfiguration(identifier: nil, previewProvider: nil) { _ in
            UIMenu(children: choices.map { choice in
                UIAction(title: choice.title, attributes: choice.isDestructive ? .destructive : []) { _ in choice.chosen() }
            })
        }
    }
}
