//! `qr.*`: reading a code with the camera.

use super::{BASE, ErrorInfo};

pub(super) const INVALID: ErrorInfo = ErrorInfo {
    id: "qr.invalid",
    title: "This QR code cannot be used",
    meaning: "The code is not one for signing in, or it was scanned before.",
    next_step: "Show a new code on the computer and scan that one.",
    retry: true,
    ..BASE
};

pub(super) const UNSUPPORTED: ErrorInfo = ErrorInfo {
    id: "qr.unsupported",
    title: "App update needed",
    meaning: "The code is of a kind that this version of the app does not know.",
    next_step: "Update this app, then scan the code again.",
    ..BASE
};

pub(super) const CAMERA_DENIED: ErrorInfo = ErrorInfo {
    id: "qr.camera_denied",
    title: "Camera not allowed",
    meaning: "This app may not use the camera.",
    next_step: "Type the code that the computer shows, or allow the camera in the system settings.",
    retry: true,
    ..BASE
};
