import Foundation
import Latchkey

#if canImport(Glibc)
import Glibc
private let datagram = Int32(SOCK_DGRAM.rawValue)
#else
import Darwin
private let datagram = SOCK_DGRAM
#endif

/// Advertises in the simulator's air: a folder in which each listener has a datagram socket.
final class Radio: BleAdvertiser, Sendable {
    let air: URL
    let adverts = Guarded<[UInt64: Task<Void, any Error>]>([:])
    let sent = Guarded<[Data]>([])
    let failure = Guarded<(any Error & Sendable)?>(nil)

    init(air: URL) { self.air = air }

    func start(advert: UInt64, serviceData: Data) async throws {
        if let failure = failure.get() { throw failure }
        let task = Task { [air] in
            while true {
                Self.broadcast(serviceData, air)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        sent.update { $0.append(serviceData) }
        adverts.update { $0[advert] = task }
    }

    func stop(advert: UInt64) throws {
        adverts.update { $0.removeValue(forKey: advert) }?.cancel()
    }

    private static func broadcast(_ data: Data, _ air: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: air.path)) ?? []
        let socket = socket(AF_UNIX, datagram, 0)
        defer { close(socket) }
        for name in names where name.hasPrefix("listener-") {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let path = air.appendingPathComponent(name).path
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
            let length = socklen_t(MemoryLayout.size(ofValue: address))
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { to in
                    _ = data.withUnsafeBytes { sendto(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT), to, length) }
                }
            }
        }
    }
}
