// Stands for CryptoKit, of which a provider needs the type of a key alone.
// A comment over each declaration, or over several that belong together, names the page below
// https://developer.apple.com/documentation/ and the iOS that brought it.
import Foundation

/// cryptokit/symmetrickey, iOS 13
public struct SymmetricKey: ContiguousBytes, Equatable, Sendable {
    private let bytes: Data
    /// .../init(data:), iOS 13
    public init<D: ContiguousBytes>(data: D) { bytes = data.withUnsafeBytes { Data($0) } }
    /// .../bitcount, iOS 13
    public var bitCount: Int { bytes.count * 8 }
    /// .../withunsafebytes(_:), iOS 13
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes(body)
    }
}
