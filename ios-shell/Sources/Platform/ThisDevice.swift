import AVFoundation
import AuthenticationServices
import Foundation
import Latchkey

/// What iOS says about the phone and this app.
final class ThisDevice: Device {
    private let name: String

    init(name: String) {
        self.name = name
    }

    func facts() throws -> DeviceFacts {
        let system = ProcessInfo.processInfo.operatingSystemVersion
        let app = Bundle.main.object(forInfoDictionaryKey: "CFBundleShortVersionString") as? String
        return DeviceFacts(
            name: name,
            systemVersion: "\(system.majorVersion).\(system.minorVersion).\(system.patchVersion)",
            appVersion: app ?? "",
            provider: provider(),
            camera: camera(),
            // The system itself meets computers nearby; an app is not told about it.
            bluetooth: .unknown)
    }

    /// Waits, on a thread of the core's own, but not for ever.
    private func provider() -> Availability {
        final class Answer: @unchecked Sendable { var isEnabled = false }
        let (answer, told) = (Answer(), DispatchSemaphore(value: 0))
        ASCredentialIdentityStore.shared.getState { state in
            answer.isEnabled = state.isEnabled
            told.signal()
        }
        guard told.wait(timeout: .now() + 2) == .success else { return .unknown }
        return answer.isEnabled ? .ready : .off
    }

    private func camera() -> Availability {
        switch AVCaptureDevice.authorizationStatus(for: .video) {
        case .authorized: AVCaptureDevice.default(for: .video) == nil ? .off : .ready
        case .denied, .restricted: .notPermitted
        default: .unknown
        }
    }
}
