import Foundation
import Latchkey

/// What stands below a passkey's name.
public func passkeyDetail(_ passkey: Passkey, date: (Date) -> String) -> String {
    let used = passkey.lastUsedAt.map { "Last used on " + date($0) } ?? "Made on " + date(passkey.createdAt)
    let hidden = passkey.hidden ? "Its site no longer accepts it, so it is not offered" : nil
    return [(passkey.userName ?? passkey.userDisplayName).map(onOneLine), onOneLine(passkey.rpId), used, hidden]
        .compactMap { $0 }.joined(separator: "\n")
}
