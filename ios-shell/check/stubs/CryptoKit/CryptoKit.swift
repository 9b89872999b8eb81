// Stands for CryptoKit, of which a provider needs the type of a key alone.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
import Foundation

/// cryptokit/symmetrickey, iOS 13
public struct SymmetricKey: ContiguousBytes, Equatable, Sendable {
    /// Of the stub alone.
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
