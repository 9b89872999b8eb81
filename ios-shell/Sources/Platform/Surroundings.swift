import Latchkey
import LatchkeyShell
import UIKit

/// What there is once in a process: the phone with its ports, and what the provider needs beside it.
@MainActor
public final class Surroundings {
    public let phone: OpenPhone
    public let door: ProviderDoor
    public let identities: any IdentityStore
    public let steps: Steps
    public let network: NetworkPath

    /// - Parameter screen: the screen that prompts are shown on; nothing while there is none.
    public convenience init(screen: @escaping @MainActor @Sendable () -> UIViewController?) {
        let place = SharedPlace()
        let device = ThisDevice(name: UIDevice.current.name)
        let (gate, network, steps) = (PromptGate(screen: screen), NetworkPath(), Steps())
        let phone = OpenPhone {
            guard let place else { throw LatchkeyError.AnyInternal }
            let config = PhoneConfig(database: try place.database().path, platform: .ios, hardwareKeys: true)
            let keys = KeychainKeys(group: place.keychainGroup)
            return try await Phone.open(
                config: config,
                ports: Ports(gate: gate, keys: keys, device: device, network: network, observer: steps))
        }
        self.init(phone: phone, identities: SystemIdentities(), steps: steps, network: network)
    }

    init(
        phone: OpenPhone, identities: any IdentityStore, steps: Steps = Steps(), network: NetworkPath = NetworkPath()
    ) {
        self.phone = phone
        self.identities = identities
        self.steps = steps
        self.network = network
        door = ProviderDoor(phone: phone, identities: identities)
    }
}
