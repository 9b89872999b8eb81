// Stands for UIKit: what VoiceOver is told.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

// On Apple's systems every object has these (objectivec/nsobject-swift.class/...); here it is what can be seen.
extension UIResponder {
    /// objectivec/nsobject-swift.class/isaccessibilityelement, iOS 3
    public var isAccessibilityElement: Bool {
        get { accessibility.isElement }
        set { accessibility.isElement = newValue }
    }
    /// objectivec/nsobject-swift.class/accessibilitylabel, iOS 3
    public var accessibilityLabel: String? {
        get { accessibility.label }
        set { accessibility.label = newValue }
    }
    /// objectivec/nsobject-swift.class/accessibilitytraits, iOS 3
    public var accessibilityTraits: UIAccessibilityTraits {
        get { accessibility.traits }
        set { accessibility.traits = newValue }
    }
    /// objectivec/nsobject-swift.class/accessibilitycustomactions, iOS 8
    public var accessibilityCustomActions: [UIAccessibilityCustomAction]? {
        get { accessibility.actions }
        set { accessibility.actions = newValue }
    }
}

/// Of the stub alone: what was set.
struct Accessibility {
    var isElement = false
    var label: String?
    var traits: UIAccessibilityTraits = []
    var actions: [UIAccessibilityCustomAction]?
}

/// uikit/uiaccessibilitytraits, iOS 3
public struct UIAccessibilityTraits: OptionSet, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: UInt64
    /// .../init(rawvalue:), iOS 3
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// .../button, iOS 3
    public static let button = Self(rawValue: 1)
    /// .../statictext, iOS 3
    public static let staticText = Self(rawValue: 64)
}

/// uikit/uiaccessibilitycustomaction, iOS 8
@MainActor
open class UIAccessibilityCustomAction: NSObject {
    /// .../handler, iOS 13
    public typealias Handler = (UIAccessibilityCustomAction) -> Bool
    /// .../name, iOS 8
    public let name: String
    /// .../actionhandler, iOS 13
    public let actionHandler: Handler?
    /// .../init(name:actionhandler:), iOS 13
    public init(name: String, actionHandler: Handler?) { (self.name, self.actionHandler) = (name, actionHandler) }
}

/// uikit/uiaccessibility, iOS 3
public enum UIAccessibility {
    /// .../notification, iOS 3
    public struct Notification: RawRepresentable, Sendable {
        /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
        public let rawValue: UInt32
        /// .../init(rawvalue:), iOS 3
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// .../announcement, iOS 4
        public static let announcement = Self(rawValue: 1008)
    }
    /// .../post(notification:argument:), iOS 3
    @MainActor public static func post(notification: Notification, argument: Any?) {
        if let said = argument as? String { announcements.append(said) }
    }
    /// Of the stub alone.
    @MainActor public static var announcements: [String] = []
}
