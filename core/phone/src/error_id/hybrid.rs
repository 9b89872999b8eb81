//! `hybrid.*`: reaching a computer.

use super::{BASE, ErrorInfo};

pub(super) const BLUETOOTH_OFF: ErrorInfo = ErrorInfo {
    id: "hybrid.bluetooth_off",
    title: "Turn on Bluetooth",
    meaning: "Bluetooth is off or this app may not use it.",
    next_step: "Turn on Bluetooth, allow this app to use it, then try again.",
    retry: true,
    ..BASE
};

pub(super) const NO_INTERNET: ErrorInfo = ErrorInfo {
    id: "hybrid.no_internet",
    title: "No internet connection",
    meaning: "This needs internet on this phone and on the computer.",
    next_step: "Connect to the internet and try again, or use an offline PIN.",
    retry: true,
    ..BASE
};

pub(super) const PEER_NOT_NEAR: ErrorInfo = ErrorInfo {
    id: "hybrid.peer_not_near",
    title: "Computer not found nearby",
    meaning: "The computer did not hear this phone over Bluetooth.",
    next_step: "Turn on Bluetooth on the computer, hold the phone near it and scan a new code.",
    retry: true,
    ..BASE
};

pub(super) const TUNNEL_FAILED: ErrorInfo = ErrorInfo {
    id: "hybrid.tunnel_failed",
    title: "Passkey Unavailable",
    meaning: "The service that connects this phone with the computer did not work.",
    next_step: "Wait a moment, then scan a new code.",
    retry: true,
    ..BASE
};

pub(super) const HANDSHAKE_FAILED: ErrorInfo = ErrorInfo {
    id: "hybrid.handshake_failed",
    title: "Verification couldn't be completed",
    meaning: "The connection to the computer could not be verified.",
    next_step: "Start again on the computer; if it happens again, ask your administrator whether the computer was replaced.",
    ..BASE
};

pub(super) const PEER_CANCELED: ErrorInfo = ErrorInfo {
    id: "hybrid.peer_canceled",
    title: "Canceled on the computer",
    meaning: "The computer ended the request before it was answered.",
    next_step: "Start again on the computer if you still want to sign in.",
    retry: true,
    ..BASE
};
