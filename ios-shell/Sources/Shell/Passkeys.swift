import Foundation
import Latchkey

/// What stands below a passkey's name.
public func passkeyDetail(_ passkey: Passkey, _ reports: Reports, date: (Date) -> String) -> String {
    let named = reports.named(passkey)
    let used = passkey.lastUsedAt.map { "Last used on " + date($0) } ?? "Made on " + date(passkey.createdAt)
    let hidden = reports.isHidden(passkey) ? "Its site no longer accepts it, so it is not offered" : nil
    return [(named.userName ?? named.userDisplayName).map(onOneLine), onOneLine(passkey.rpId), used, hidden]
        .compactMap { $0 }.joined(separator: "\n")
}
