import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Takes connections on this machine, and never says a word.
final class SilentServer: Sendable {
    /// As a person types it.
    let address: String
    /// How many have come, and how many of those have hung up.
    let callers = Guarded(0)
    let gone = Guarded(0)
    private let listener: Int32

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(listener, place, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, place, &length) == 0
            }
        }
        self.listener = listener
        guard isListening else { throw Unexpected(description: "no place to listen at") }
        address = "127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
        Thread.detachNewThread { [callers, gone] in
            while case let caller = accept(listener, nil, nil), caller >= 0 {
                callers.update { $0 += 1 }
                Thread.detachNewThread {
                    var heard = [UInt8](repeating: 0, count: 4096)
                    while recv(caller, &heard, heard.count, 0) > 0 {}
                    close(caller)
                    gone.update { $0 += 1 }
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
