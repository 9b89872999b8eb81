import AVFoundation
import Latchkey

/// The camera's pictures, one after the other, without their colours.
final class CameraFrames: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate, @unchecked Sendable {
    let session = AVCaptureSession()
    let camera: AVCaptureDevice
    private let queue = DispatchQueue(label: "org.latchkey.camera")
    private let seen: @Sendable (Frame) -> Void

    /// - Parameter seen: called for each picture, on a thread of the camera's; pictures that come meanwhile are left out.
    /// Nothing where there is no camera to be had.
    init?(seen: @escaping @Sendable (Frame) -> Void) {
        guard let camera = AVCaptureDevice.default(for: .video) else { return nil }
        self.camera = camera
        self.seen = seen
        super.init()
        let output = AVCaptureVideoDataOutput()
        guard let input = try? AVCaptureDeviceInput(device: camera), session.canAddInput(input), session.canAddOutput(output)
        else { return nil }
        session.sessionPreset = .hd1280x720
        session.addInput(input)
        session.addOutput(output)
        // Two planes; the first is the brightness.
        let format = kCVPixelFormatType_420YpCbCr8BiPlanarFullRange
        output.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: format]
        output.alwaysDiscardsLateVideoFrames = true
        output.setSampleBufferDelegate(self, queue: queue)
    }

    /// Starting and stopping take their time, so the camera's thread does both.
    func start() { queue.async { self.session.startRunning() } }
    func stop() { queue.async { self.session.stopRunning() } }

    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection) {
        guard let picture = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
        CVPixelBufferLockBaseAddress(picture, .readOnly)
        defer { CVPixelBufferUnlockBaseAddress(picture, .readOnly) }
        guard let luma = CVPixelBufferGetBaseAddressOfPlane(picture, 0) else { return }
        let (width, height) = (CVPixelBufferGetWidthOfPlane(picture, 0), CVPixelBufferGetHeightOfPlane(picture, 0))
        let stride = CVPixelBufferGetBytesPerRowOfPlane(picture, 0)
        seen(Frame(
            width: UInt32(width), height: UInt32(height), stride: UInt32(stride),
            luma: Data(bytes: luma, count: stride * height)))
    }
}
