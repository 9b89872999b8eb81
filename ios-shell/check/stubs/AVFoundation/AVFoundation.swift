// Stands for AVFoundation, and for the parts of CoreMedia and CoreVideo that come with it.
// The comment over each declaration names its page below https://developer.apple.com/documentation/ and the iOS that brought
// it; `...` is the page of the type around it.
@_exported import Foundation
import UIKit

/// avfoundation/avmediatype, iOS 4
public struct AVMediaType: RawRepresentable, Hashable, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: String
    /// .../init(rawvalue:), iOS 4
    public init(rawValue: String) { self.rawValue = rawValue }
    /// .../video, iOS 4
    public static let video = Self(rawValue: "vide")
}

/// avfoundation/avauthorizationstatus, iOS 7
public enum AVAuthorizationStatus: Int, Sendable {
    /// .../notdetermined, .../restricted, .../denied, .../authorized, iOS 7
    case notDetermined, restricted, denied, authorized
}

/// avfoundation/avcapturedevice, iOS 4
open class AVCaptureDevice: NSObject, @unchecked Sendable {
    /// .../authorizationstatus(for:), iOS 7
    public class func authorizationStatus(for mediaType: AVMediaType) -> AVAuthorizationStatus { .denied }
    /// .../requestaccess(for:completionhandler:), its async twin, iOS 7
    public class func requestAccess(for mediaType: AVMediaType) async -> Bool { false }
    /// .../default(for:), iOS 4
    public class func `default`(for mediaType: AVMediaType) -> AVCaptureDevice? { stub }
    /// Of the stub alone: the camera that there is.
    nonisolated(unsafe) public static var stub: AVCaptureDevice?

    /// .../rotationcoordinator, iOS 17
    open class RotationCoordinator: NSObject {
        /// .../init(device:previewlayer:), iOS 17
        public init(device: AVCaptureDevice, previewLayer: CALayer?) {}
        /// .../videorotationangleforhorizonlevelpreview, iOS 17
        public var videoRotationAngleForHorizonLevelPreview: CGFloat { 0 }
    }
}

/// avfoundation/avcaptureinput, iOS 4
open class AVCaptureInput: NSObject {}
/// avfoundation/avcaptureoutput, iOS 4
open class AVCaptureOutput: NSObject {}

/// avfoundation/avcapturedeviceinput, iOS 4
open class AVCaptureDeviceInput: AVCaptureInput {
    /// .../init(device:), iOS 4
    public init(device: AVCaptureDevice) throws {}
}

/// avfoundation/avcaptureconnection, iOS 4
open class AVCaptureConnection: NSObject {
    /// .../isvideorotationanglesupported(_:), iOS 17
    open func isVideoRotationAngleSupported(_ videoRotationAngle: CGFloat) -> Bool { true }
    /// .../videorotationangle, iOS 17
    public var videoRotationAngle: CGFloat = 0
}

/// avfoundation/avcapturevideodataoutputsamplebufferdelegate, iOS 4
public protocol AVCaptureVideoDataOutputSampleBufferDelegate: NSObjectProtocol {
    /// .../captureoutput(_:didoutput:from:), iOS 4
    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection)
}

/// avfoundation/avcapturevideodataoutput, iOS 4
open class AVCaptureVideoDataOutput: AVCaptureOutput {
    /// .../videosettings, iOS 4
    public var videoSettings: [String: Any]! = [:]
    /// .../alwaysdiscardslatevideoframes, iOS 4
    public var alwaysDiscardsLateVideoFrames = true
    /// .../setsamplebufferdelegate(_:queue:), iOS 4
    open func setSampleBufferDelegate(_ delegate: (any AVCaptureVideoDataOutputSampleBufferDelegate)?, queue: DispatchQueue?) {}
}

/// avfoundation/avcapturesession, iOS 4
open class AVCaptureSession: NSObject {
    /// .../preset, iOS 4
    public struct Preset: Hashable, Sendable {
        /// .../hd1280x720, iOS 4
        public static let hd1280x720 = Preset()
    }
    /// .../sessionpreset, iOS 4
    public var sessionPreset = Preset.hd1280x720
    /// .../canaddinput(_:), iOS 4
    open func canAddInput(_ input: AVCaptureInput) -> Bool { true }
    /// .../canaddoutput(_:), iOS 4
    open func canAddOutput(_ output: AVCaptureOutput) -> Bool { true }
    /// .../addinput(_:), iOS 4
    open func addInput(_ input: AVCaptureInput) {}
    /// .../addoutput(_:), iOS 4
    open func addOutput(_ output: AVCaptureOutput) {}
    /// .../startrunning(), iOS 4
    open func startRunning() {}
    /// .../stoprunning(), iOS 4
    open func stopRunning() {}
}

/// avfoundation/avcapturevideopreviewlayer, iOS 4
open class AVCaptureVideoPreviewLayer: CALayer {
    /// .../init(session:), iOS 4
    public init(session: AVCaptureSession) {}
    /// .../connection, iOS 6
    public var connection: AVCaptureConnection? { nil }
    /// .../videogravity, iOS 4
    public var videoGravity = AVLayerVideoGravity.resizeAspectFill
}
/// avfoundation/avlayervideogravity, iOS 4
public enum AVLayerVideoGravity: Sendable {
    /// .../resizeaspectfill, iOS 4
    case resizeAspectFill
}

/// coremedia/cmsamplebuffer, iOS 4
public final class CMSampleBuffer {
    /// Of the stub alone.
    public var picture: CVImageBuffer?
    /// Of the stub alone.
    public init(_ picture: CVImageBuffer?) { self.picture = picture }
}
/// coremedia/cmsamplebuffergetimagebuffer(_:), iOS 4
public func CMSampleBufferGetImageBuffer(_ buffer: CMSampleBuffer) -> CVImageBuffer? { buffer.picture }

/// corevideo/cvbuffer, iOS 4
public final class CVBuffer {
    /// Of the stub alone: the first plane, whose rows may be longer than the picture is wide.
    public let (width, height, bytesPerRow): (Int, Int, Int)
    /// Of the stub alone: how often it is locked.
    public private(set) var locks = 0
    /// Of the stub alone.
    let plane: UnsafeMutablePointer<UInt8>
    /// Of the stub alone.
    public init(width: Int, height: Int, rows: [[UInt8]]) {
        (self.width, self.height, bytesPerRow) = (width, height, rows.first?.count ?? 0)
        plane = .allocate(capacity: rows.joined().count)
        for (index, byte) in rows.joined().enumerated() { plane[index] = byte }
    }
    /// Of the stub alone.
    deinit { plane.deallocate() }
    /// Of the stub alone.
    func lock(_ change: Int) -> Int32 { locks += change; return 0 }
}
/// corevideo/cvimagebuffer, iOS 4
public typealias CVImageBuffer = CVBuffer
/// corevideo/cvpixelbuffer, iOS 4
public typealias CVPixelBuffer = CVBuffer
/// corevideo/cvpixelbufferlockflags, iOS 4
public struct CVPixelBufferLockFlags: OptionSet, Sendable {
    /// swift/rawrepresentable/rawvalue-swift.property, iOS 8
    public let rawValue: UInt64
    /// .../init(rawvalue:), iOS 4
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// .../readonly, iOS 4
    public static let readOnly = Self(rawValue: 1)
}
/// corevideo/cvpixelbufferlockbaseaddress(_:_:), iOS 4
@discardableResult public func CVPixelBufferLockBaseAddress(_ buffer: CVPixelBuffer, _ flags: CVPixelBufferLockFlags) -> Int32 { buffer.lock(1) }
/// corevideo/cvpixelbufferunlockbaseaddress(_:_:), iOS 4
@discardableResult public func CVPixelBufferUnlockBaseAddress(_ buffer: CVPixelBuffer, _ flags: CVPixelBufferLockFlags) -> Int32 { buffer.lock(-1) }
/// corevideo/cvpixelbuffergetbaseaddressofplane(_:_:), iOS 4
public func CVPixelBufferGetBaseAddressOfPlane(_ buffer: CVPixelBuffer, _ plane: Int) -> UnsafeMutableRawPointer? {
    buffer.locks > 0 && plane == 0 ? UnsafeMutableRawPointer(buffer.plane) : nil
}
/// corevideo/cvpixelbuffergetwidthofplane(_:_:), iOS 4
public func CVPixelBufferGetWidthOfPlane(_ buffer: CVPixelBuffer, _ plane: Int) -> Int { buffer.width }
/// corevideo/cvpixelbuffergetheightofplane(_:_:), iOS 4
public func CVPixelBufferGetHeightOfPlane(_ buffer: CVPixelBuffer, _ plane: Int) -> Int { buffer.height }
/// corevideo/cvpixelbuffergetbytesperrowofplane(_:_:), iOS 4
public func CVPixelBufferGetBytesPerRowOfPlane(_ buffer: CVPixelBuffer, _ plane: Int) -> Int { buffer.bytesPerRow }
/// corevideo/kcvpixelbufferpixelformattypekey, iOS 4 (a `CFString` there)
public let kCVPixelBufferPixelFormatTypeKey = "PixelFormatType"
/// corevideo/kcvpixelformattype_420ypcbcr8biplanarfullrange, iOS 4
public let kCVPixelFormatType_420YpCbCr8BiPlanarFullRange: UInt32 = 0x3432_3066
