import Latchkey

/// What a tap on a computer does.
public enum Tap: Equatable, Sendable {
    /// It is unlocked online.
    case unlock
    /// Its next offline PIN is shown.
    case showPin
    /// There is no way to unlock it now: the phone is offline and has no PIN.
    case tellOffline

    public init(_ way: UnlockWay) {
        switch way {
        case .online: self = .unlock
        case .offline(let pinOnTap): self = pinOnTap ? .showPin : .tellOffline
        }
    }
}

/// What My Computers shows of one.
public struct ShownComputer: Sendable {
    public let computer: Computer
    public let pins: PinStatus
    public let way: UnlockWay
}

/// The computers that this phone is paired with. Reads the disk: `OpenPhone.use`.
public func shownComputers(of phone: Phone) throws -> [ShownComputer] {
    let pins = phone.offlinePins()
    return try phone.computers().list().map { computer in
        try ShownComputer(
            computer: computer, pins: pins.status(machineId: computer.machineId),
            way: pins.unlockWay(machineId: computer.machineId))
    }
}

extension UnlockWay {
    /// Somebody online can ask for a PIN with a long press; offline a tap leads to it.
    public var offersPinInMenu: Bool {
        if case .online(true) = self { true } else { false }
    }
}

/// What stands below a computer's name. What there is to know about its PINs is said once there have been some.
public func computerDetail(_ computer: Computer, pins: PinStatus) -> String {
    let account = onOneLine(computer.account ?? computer.osUser)
    guard pins.offered, let notice = pins.notice else { return account }
    return account + "\n" + notice.info().title
}
