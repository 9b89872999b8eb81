import Foundation
import Testing

/// What a relying party makes of an attestation object and of authenticator data (WebAuthn section 6.1).
struct AuthenticatorData {
    let rpIdHash: Data
    let flags: UInt8
    let counter: UInt32
    let credentialId: Data?
    /// Of the ES256 key, X9.63.
    let point: Data?

    static let (userPresent, userVerified, backupEligible, backedUp) = (UInt8(0x01), UInt8(0x04), UInt8(0x08), UInt8(0x10))

    init(_ bytes: Data) throws {
        var cbor = Cbor(bytes)
        rpIdHash = try cbor.take(32)
        flags = try cbor.take(1)[0]
        counter = try cbor.take(4).reduce(0) { $0 << 8 | UInt32($1) }
        guard flags & 0x40 != 0 else {
            (credentialId, point) = (nil, nil)
            try #require(cbor.isAtEnd)
            return
        }
        _ = try cbor.take(16)
        let length = try cbor.take(2).reduce(0) { $0 << 8 | Int($1) }
        credentialId = try cbor.take(length)
        // RFC 9053 section 7.1.1: kty 2 (EC2), alg -7 (ES256), crv 1 (P-256), x, y.
        let key = try #require(try cbor.value() as? [AnyHashable: Any])
        try #require(key.count == 5 && key[1] as? Int == 2 && key[3] as? Int == -7 && key[-1] as? Int == 1)
        let (x, y) = (try #require(key[-2] as? Data), try #require(key[-3] as? Data))
        try #require(x.count == 32 && y.count == 32 && cbor.isAtEnd)
        point = [4] + x + y
    }

    /// Of an attestation object of format `none`.
    init(attested object: Data) throws {
        var cbor = Cbor(object)
        let map = try #require(try cbor.value() as? [AnyHashable: Any])
        try #require(cbor.isAtEnd && map.count == 3 && map["fmt"] as? String == "none")
        try #require((map["attStmt"] as? [AnyHashable: Any])?.isEmpty == true)
        try self.init(try #require(map["authData"] as? Data))
    }
}

/// As much of CBOR (RFC 8949) as attestation objects are made of.
struct Cbor {
    private var rest: Data

    init(_ bytes: Data) { rest = Data(bytes) }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) throws -> Data {
        try #require(rest.count >= count)
        defer { rest = Data(rest.dropFirst(count)) }
        return Data(rest.prefix(count))
    }

    mutating func value() throws -> Any {
        let head = try take(1)[0]
        let length: Int
        switch head & 0x1F {
        case let small where small < 24: length = Int(small)
        case 24: length = Int(try take(1)[0])
        case 25: length = try take(2).reduce(0) { $0 << 8 | Int($1) }
        default: throw Unexpected(description: "this length has no place here")
        }
        switch head >> 5 {
        case 0: return length
        case 1: return -1 - length
        case 2: return try take(length)
        case 3: return String(decoding: try take(length), as: UTF8.self)
        case 5:
            var map: [AnyHashable: Any] = [:]
            for _ in 0..<length {
                let key = try #require(try value() as? AnyHashable)
                map[key] = try value()
            }
            return map
        default: throw Unexpected(description: "this type has no place here")
        }
    }
}
