import AVFoundation
import Latchkey
import LatchkeyPlatform
import LatchkeyShell
import UIKit

/// Looks for a code with the camera. Where there is no camera to look with, a code can be typed instead.
final class ScanScreen: UIViewController {
    private let surroundings: Surroundings
    private var camera: CameraFrames?
    private var picture: AVCaptureVideoPreviewLayer?
    private var rotation: AVCaptureDevice.RotationCoordinator?
    private var isDone = false

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        super.init(nibName: nil, bundle: nil)
        title = "Scan a code"
    }

    required init?(coder: NSCoder) { nil }

    override func viewDidLoad() {
        super.viewDidLoad()
        view.isAccessibilityElement = true
        view.accessibilityLabel = "The camera's picture. Point the phone at the code on the computer."
        let type = UIAction { [weak self] _ in
            guard let self else { return }
            replace(with: ManualEntryScreen(surroundings))
        }
        navigationItem.rightBarButtonItem = UIBarButtonItem(title: "Type a code instead", image: nil, primaryAction: type)
    }

    override func viewDidAppear(_ animated: Bool) {
        super.viewDidAppear(animated)
        attempt { [self] in
            guard await AVCaptureDevice.requestAccess(for: .video) else { return typeInPlaceOfCamera() }
            let scanner = try await surroundings.phone.get().scanner()
            // Meanwhile the person may have left.
            guard navigationController?.topViewController === self else { return }
            camera = CameraFrames { [weak self] frame in
                let sighting = Sighting { try scanner.scan(frame: frame) }
                if case .nothing = sighting { return }
                Task { @MainActor [weak self] in self?.act(sighting) }
            }
            guard let camera else { return typeInPlaceOfCamera() }
            let picture = AVCaptureVideoPreviewLayer(session: camera.session)
            picture.videoGravity = .resizeAspectFill
            picture.frame = view.bounds
            view.layer.addSublayer(picture)
            self.picture = picture
            rotation = AVCaptureDevice.RotationCoordinator(device: camera.camera, previewLayer: picture)
            level()
            camera.start()
        }
    }

    override func viewDidLayoutSubviews() {
        super.viewDidLayoutSubviews()
        picture?.frame = view.bounds
        level()
    }

    /// Keeps the picture upright, however the phone is held. The scanner reads it either way.
    private func level() {
        guard let connection = picture?.connection, let angle = rotation?.videoRotationAngleForHorizonLevelPreview,
            connection.isVideoRotationAngleSupported(angle)
        else { return }
        connection.videoRotationAngle = angle
    }

    override func viewWillDisappear(_ animated: Bool) {
        super.viewWillDisappear(animated)
        camera?.stop()
        camera = nil
    }

    /// The first code counts, though frames of it go on coming.
    private func act(_ sighting: Sighting) {
        if isDone { return }
        isDone = true
        camera?.stop()
        switch sighting {
        case .nothing: return
        case .found(let code):
            announce("Code found")
            replace(with: CeremonyScreen(surroundings, .approve(code)))
        case .refused(let error): tell(error) { [weak self] in _ = self?.navigationController?.popViewController(animated: true) }
        }
    }

    private func typeInPlaceOfCamera() {
        replace(with: ManualEntryScreen(surroundings, isCameraDenied: true))
    }
}
