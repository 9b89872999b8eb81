// Stands for UIKit, as far as one screen of rows needs it.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
@_exported import Foundation

/// uikit/uiresponder, iOS 2
@MainActor
open class UIResponder: NSObject {
    /// Of the stub alone.
    var accessibility = Accessibility()
    /// objectivec/nsobject-swift.class/init(), iOS 2
    override public nonisolated init() {}
}

/// uikit/uiview, iOS 2
open class UIView: UIResponder {
    /// .../frame, iOS 2
    public var frame = CGRect.zero
    /// .../bounds, iOS 2
    public var bounds = CGRect.zero
    /// .../layer, iOS 2
    public let layer = CALayer()
    /// .../addsubview(_:), iOS 2
    public func addSubview(_ view: UIView) {}
}

/// quartzcore/calayer, iOS 2
open class CALayer: NSObject {
    /// .../frame, iOS 2
    public var frame = CGRect.zero
    /// .../addsublayer(_:), iOS 2
    public func addSublayer(_ layer: CALayer) {}
}

/// uikit/uiviewcontroller, iOS 2
open class UIViewController: UIResponder {
    /// .../init(nibname:bundle:), iOS 2
    public init(nibName: String?, bundle: Bundle?) { super.init() }
    /// .../init(coder:), iOS 2
    public required init?(coder: NSCoder) { super.init() }
    /// .../view, iOS 2
    public var view: UIView! = UIView()
    /// .../title, iOS 2
    public var title: String?
    /// .../navigationitem, iOS 2
    public let navigationItem = UINavigationItem()
    /// .../navigationcontroller, iOS 2
    public internal(set) weak var navigationController: UINavigationController?
    /// .../presentedviewcontroller, iOS 5
    public private(set) var presentedViewController: UIViewController?
    /// uikit/uitraitenvironment/traitcollection, iOS 8 (read-only there)
    public var traitCollection = UITraitCollection(sceneCaptureState: .unspecified)
    /// .../children, iOS 5
    public private(set) var children: [UIViewController] = []
    /// .../viewdidload(), iOS 2
    open func viewDidLoad() {}
    /// .../viewwillappear(_:), iOS 2
    open func viewWillAppear(_ animated: Bool) {}
    /// .../viewdidappear(_:), iOS 2
    open func viewDidAppear(_ animated: Bool) {}
    /// .../viewwilldisappear(_:), iOS 2
    open func viewWillDisappear(_ animated: Bool) {}
    /// .../viewdiddisappear(_:), iOS 2
    open func viewDidDisappear(_ animated: Bool) {}
    /// .../viewdidlayoutsubviews(), iOS 5
    open func viewDidLayoutSubviews() {}
    /// .../present(_:animated:completion:), iOS 5
    open func present(_ screen: UIViewController, animated: Bool, completion: (() -> Void)? = nil) {
        presentedViewController = screen
    }
    /// .../dismiss(animated:completion:), iOS 5
    open func dismiss(animated: Bool, completion: (() -> Void)? = nil) { presentedViewController = nil }
    /// .../addchild(_:), iOS 5
    open func addChild(_ child: UIViewController) { children.append(child) }
    /// .../didmove(toparent:), iOS 5
    open func didMove(toParent parent: UIViewController?) {}
}

/// uikit/uitraitcollection, iOS 8
public final class UITraitCollection: NSObject, Sendable {
    /// .../init(scenecapturestate:), iOS 17
    public init(sceneCaptureState: UISceneCaptureState) { self.sceneCaptureState = sceneCaptureState }
    /// .../scenecapturestate, iOS 17
    public let sceneCaptureState: UISceneCaptureState
}
/// uikit/uiscenecapturestate, iOS 17
public enum UISceneCaptureState: Int, Sendable {
    /// .../unspecified, .../inactive, .../active, iOS 17
    case unspecified = -1, inactive, active
}

/// uikit/uinavigationitem, iOS 2
open class UINavigationItem: NSObject {
    /// .../leftbarbuttonitem, iOS 2
    public var leftBarButtonItem: UIBarButtonItem?
    /// .../rightbarbuttonitem, iOS 2
    public var rightBarButtonItem: UIBarButtonItem?
}

/// uikit/uinavigationcontroller, iOS 2
open class UINavigationController: UIViewController {
    /// .../init(rootviewcontroller:), iOS 2
    public init(rootViewController: UIViewController) {
        viewControllers = [rootViewController]
        super.init(nibName: nil, bundle: nil)
        rootViewController.navigationController = self
    }
    /// uikit/uiviewcontroller/init(coder:), iOS 2
    public required init?(coder: NSCoder) { nil }
    /// .../viewcontrollers, iOS 2
    public private(set) var viewControllers: [UIViewController] = []
    /// .../topviewcontroller, iOS 2
    public var topViewController: UIViewController? { viewControllers.last }
    /// .../pushviewcontroller(_:animated:), iOS 2
    open func pushViewController(_ screen: UIViewController, animated: Bool) {
        viewControllers.append(screen)
        screen.navigationController = self
    }
    /// .../popviewcontroller(animated:), iOS 2
    @discardableResult
    open func popViewController(animated: Bool) -> UIViewController? { viewControllers.popLast() }
    /// .../setviewcontrollers(_:animated:), iOS 3
    open func setViewControllers(_ screens: [UIViewController], animated: Bool) {
        viewControllers = screens
        screens.forEach { $0.navigationController = self }
    }
}

/// uikit/uibarbuttonitem, iOS 2
@MainActor
open class UIBarButtonItem: NSObject {
    /// .../systemitem, iOS 2
    public enum SystemItem: Int, Sendable {
        /// .../cancel, iOS 2
        case cancel = 1
    }
    /// Of the stub alone: what a touch does.
    public let action: UIAction?
    /// .../init(systemitem:primaryaction:menu:), iOS 14
    public init(systemItem: SystemItem, primaryAction: UIAction? = nil) { action = primaryAction }
    /// .../init(title:image:primaryaction:menu:), iOS 14
    public init(title: String?, image: UIImage?, primaryAction: UIAction? = nil) { action = primaryAction }
}

/// uikit/uiimage, iOS 2
open class UIImage: NSObject {}

/// uikit/uiaction, iOS 13
@MainActor
open class UIAction: NSObject {
    /// Of the stub alone.
    public let handler: (UIAction) -> Void
    /// .../title, iOS 13
    public let title: String
    /// .../init(title:subtitle:image:selectedimage:identifier:discoverabilitytitle:attributes:state:handler:), iOS 15
    public init(title: String = "", attributes: Attributes = [], handler: @escaping (UIAction) -> Void) {
        self.title = title
        self.handler = handler
    }
    /// uikit/uimenuelement/attributes, iOS 13
    public struct Attributes: OptionSet, Sendable {
        /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
        public let rawValue: UInt
        /// .../init(rawvalue:), iOS 13
        public init(rawValue: UInt) { self.rawValue = rawValue }
        /// .../destructive, iOS 13
        public static let destructive = Self(rawValue: 2)
    }
}

/// uikit/uimenu, iOS 13
@MainActor
open class UIMenu: NSObject {
    /// .../init(title:image:identifier:options:children:), iOS 13
    public init(title: String = "", children: [UIAction] = []) {}
}

/// uikit/uicontextmenuconfiguration, iOS 13
@MainActor
open class UIContextMenuConfiguration: NSObject {
    /// .../init(identifier:previewprovider:actionprovider:), iOS 13
    public init(
        identifier: NSString?, previewProvider: (() -> UIViewController?)?,
        actionProvider: (([UIAction]) -> UIMenu?)? = nil
    ) {}
}

/// uikit/uialertcontroller, iOS 8
open class UIAlertController: UIViewController {
    /// .../style, iOS 8
    public enum Style: Int, Sendable {
        /// .../alert, iOS 8
        case alert = 1
    }
    /// .../init(title:message:preferredstyle:), iOS 8
    public init(title: String?, message: String?, preferredStyle: Style) {
        super.init(nibName: nil, bundle: nil)
        self.title = title
        self.message = message
    }
    /// uikit/uiviewcontroller/init(coder:), iOS 2
    public required init?(coder: NSCoder) { nil }
    /// .../message, iOS 8
    public var message: String?
    /// .../actions, iOS 8
    public private(set) var actions: [UIAlertAction] = []
    /// .../textfields, iOS 8
    public private(set) var textFields: [UITextField]?
    /// .../addaction(_:), iOS 8
    open func addAction(_ action: UIAlertAction) { actions.append(action) }
    /// .../addtextfield(configurationhandler:), iOS 8
    open func addTextField(configurationHandler: ((UITextField) -> Void)? = nil) {
        let field = UITextField()
        configurationHandler?(field)
        textFields = (textFields ?? []) + [field]
    }
}

/// uikit/uialertaction, iOS 8
@MainActor
open class UIAlertAction: NSObject {
    /// .../style, iOS 8
    public enum Style: Int, Sendable {
        /// .../default, .../cancel, .../destructive, iOS 8
        case `default`, cancel, destructive
    }
    /// Of the stub alone.
    public let handler: ((UIAlertAction) -> Void)?
    /// .../init(title:style:handler:), iOS 8
    public init(title: String?, style: Style, handler: ((UIAlertAction) -> Void)? = nil) { self.handler = handler }
}

/// uikit/uitextfield, iOS 2
open class UITextField: UIView {
    /// .../text, iOS 2
    public var text: String?
    /// .../placeholder, iOS 2
    public var placeholder: String?
    /// uikit/uitextinputtraits/autocapitalizationtype, iOS 2
    public var autocapitalizationType = UITextAutocapitalizationType.sentences
    /// uikit/uitextinputtraits/autocorrectiontype, iOS 2
    public var autocorrectionType = UITextAutocorrectionType.default
}
/// uikit/uitextautocapitalizationtype, iOS 2
public enum UITextAutocapitalizationType: Int, Sendable {
    /// .../none, .../words, .../sentences, .../allcharacters, iOS 2
    case none, words, sentences, allCharacters
}
/// uikit/uitextautocorrectiontype, iOS 2
public enum UITextAutocorrectionType: Int, Sendable {
    /// .../default, .../no, .../yes, iOS 2
    case `default`, no, yes
}

/// uikit/uitableviewcontroller, iOS 2
open class UITableViewController: UIViewController {
    /// .../init(style:), iOS 2
    public init(style: UITableView.Style) { super.init(nibName: nil, bundle: nil) }
    /// uikit/uiviewcontroller/init(coder:), iOS 2
    public required init?(coder: NSCoder) { nil }
    /// .../tableview, iOS 2
    public var tableView: UITableView! = UITableView()
    /// uikit/uitableviewdatasource/tableview(_:numberofrowsinsection:), iOS 2
    open func tableView(_ tableView: UITableView, numberOfRowsInSection section: Int) -> Int { 0 }
    /// uikit/uitableviewdatasource/tableview(_:cellforrowat:), iOS 2
    open func tableView(_ tableView: UITableView, cellForRowAt indexPath: IndexPath) -> UITableViewCell {
        UITableViewCell(style: .default, reuseIdentifier: nil)
    }
    /// uikit/uitableviewdelegate/tableview(_:didselectrowat:), iOS 2
    open func tableView(_ tableView: UITableView, didSelectRowAt indexPath: IndexPath) {}
    /// uikit/uitableviewdelegate/tableview(_:contextmenuconfigurationforrowat:point:), iOS 13
    open func tableView(
        _ tableView: UITableView, contextMenuConfigurationForRowAt indexPath: IndexPath, point: CGPoint
    ) -> UIContextMenuConfiguration? { nil }
}

/// uikit/uitableview, iOS 2
open class UITableView: UIView {
    /// .../style-swift.enum, iOS 2
    public enum Style: Int, Sendable {
        /// .../insetgrouped, iOS 13
        case insetGrouped = 2
    }
    /// .../reloaddata(), iOS 2
    open func reloadData() {}
    /// .../reconfigurerows(at:), iOS 15
    open func reconfigureRows(at indexPaths: [IndexPath]) {}
    /// .../register(_:forcellreuseidentifier:), iOS 6
    open func register(_ cellClass: AnyClass?, forCellReuseIdentifier identifier: String) {}
    /// .../dequeuereusablecell(withidentifier:for:), iOS 6
    open func dequeueReusableCell(withIdentifier identifier: String, for indexPath: IndexPath) -> UITableViewCell {
        UITableViewCell(style: .default, reuseIdentifier: identifier)
    }
    /// .../deselectrow(at:animated:), iOS 2
    open func deselectRow(at indexPath: IndexPath, animated: Bool) {}
}

// UIKit adds these.
extension IndexPath {
    /// foundation/indexpath/init(row:section:), iOS 7
    public init(row: Int, section: Int) { self.init(indexes: [section, row]) }
    /// foundation/indexpath/row, iOS 7
    public var row: Int { self[1] }
}

/// uikit/uitableviewcell, iOS 2
open class UITableViewCell: UIView {
    /// .../cellstyle, iOS 3
    public enum CellStyle: Int, Sendable {
        /// .../default, iOS 3
        case `default`
    }
    /// .../selectionstyle-swift.enum, iOS 2
    public enum SelectionStyle: Int, Sendable {
        /// .../none, iOS 2
        case none = 0
        /// .../default, iOS 7
        case `default` = 3
    }
    /// .../init(style:reuseidentifier:), iOS 3
    public init(style: CellStyle, reuseIdentifier: String?) { super.init() }
    /// .../selectionstyle-swift.property, iOS 2
    public var selectionStyle = SelectionStyle.default
    /// .../defaultcontentconfiguration(), iOS 14
    open func defaultContentConfiguration() -> UIListContentConfiguration { UIListContentConfiguration() }
    /// .../contentconfiguration, iOS 14
    public var contentConfiguration: (any UIContentConfiguration)?
}

/// uikit/uicontentconfiguration-8x0vi, iOS 14
public protocol UIContentConfiguration {}

/// uikit/uilistcontentconfiguration-swift.struct, iOS 14
public struct UIListContentConfiguration: UIContentConfiguration {
    /// .../text, iOS 14
    public var text: String?
    /// .../secondarytext, iOS 14
    public var secondaryText: String?
    /// .../textproperties-swift.property, iOS 14
    public var textProperties = TextProperties()
    /// .../textproperties-swift.struct, iOS 14
    public struct TextProperties {
        /// .../font, iOS 14
        public var font = UIFont()
        /// .../adjustsfontforcontentsizecategory, iOS 14
        public var adjustsFontForContentSizeCategory = false
        /// .../adjustsfontsizetofitwidth, iOS 14
        public var adjustsFontSizeToFitWidth = false
    }
}

/// uikit/uifont, iOS 2
public final class UIFont: NSObject, @unchecked Sendable {
    /// .../weight, iOS 8.2
    public struct Weight: Sendable {
        /// .../regular, iOS 8.2
        public static let regular = Weight()
    }
    /// .../textstyle, iOS 7
    public struct TextStyle: Sendable {
        /// .../largetitle, iOS 11
        public static let largeTitle = TextStyle()
    }
    /// .../monospacedsystemfont(ofsize:weight:), iOS 13
    public class func monospacedSystemFont(ofSize size: CGFloat, weight: Weight) -> UIFont { UIFont() }
}

/// uikit/uifontmetrics, iOS 11
public final class UIFontMetrics: NSObject {
    /// .../init(fortextstyle:), iOS 11
    public init(forTextStyle textStyle: UIFont.TextStyle) {}
    /// .../scaledfont(for:), iOS 11
    public func scaledFont(for font: UIFont) -> UIFont { font }
}

/// uikit/uidevice, iOS 2
@MainActor
public final class UIDevice: NSObject {
    /// .../current, iOS 2
    public static let current = UIDevice()
    /// .../name, iOS 2
    public let name = "iPhone"
}
