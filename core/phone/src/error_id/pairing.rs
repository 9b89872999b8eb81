//! `pairing.*`: pairing with a computer.

use super::{BASE, ErrorInfo};

pub(super) const WRONG_ACCOUNT: ErrorInfo = ErrorInfo {
    id: "pairing.wrong_account",
    title: "Sign in with a work account",
    meaning: "The computer is used with a local account, or with one of another organisation.",
    next_step: "Sign in to the computer with your work account, then pair again.",
    ..BASE
};

pub(super) const EXPIRED: ErrorInfo = ErrorInfo {
    id: "pairing.expired",
    title: "QR code expired",
    meaning: "The code was read too late.",
    next_step: "Show a new code on the computer and scan it at once.",
    retry: true,
    ..BASE
};
