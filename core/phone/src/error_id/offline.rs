//! `offline.*`: offline PINs.

use super::{BASE, ErrorInfo, Origin, Severity};

pub(super) const DISABLED: ErrorInfo = ErrorInfo {
    id: "offline.disabled",
    title: "Offline mode is off",
    meaning: "Your administrator has not allowed offline PINs for this computer.",
    next_step: "Unlock the computer online, or ask your administrator.",
    ..BASE
};

pub(super) const NOT_PROVISIONED: ErrorInfo = ErrorInfo {
    id: "offline.not_provisioned",
    title: "Sign in online first",
    meaning: "This phone has no offline PINs for this computer yet.",
    next_step: "Unlock the computer online once; then there are PINs.",
    ..BASE
};

pub(super) const LOW: ErrorInfo = ErrorInfo {
    id: "offline.low",
    title: "Few offline PINs left",
    meaning: "There are few offline PINs left, or not for many days.",
    next_step: "Unlock the computer online soon to get new ones.",
    severity: Severity::Warning,
    retry: true,
    ..BASE
};

pub(super) const EXHAUSTED: ErrorInfo = ErrorInfo {
    id: "offline.exhausted",
    title: "No offline PINs left",
    meaning: "All offline PINs of this computer were used.",
    next_step: "Unlock the computer online to get new ones.",
    ..BASE
};

pub(super) const EXPIRED: ErrorInfo = ErrorInfo {
    id: "offline.expired",
    title: "Offline access expired",
    meaning: "The time of the offline PINs is over.",
    next_step: "Unlock the computer online to get new ones.",
    ..BASE
};

pub(super) const WRONG_PIN: ErrorInfo = ErrorInfo {
    id: "offline.wrong_pin",
    title: "PIN not accepted",
    meaning: "The PIN is wrong, was used, or an earlier one was skipped.",
    next_step: "Type the PIN that this phone shows now; after a wrong one the computer waits a little.",
    retry: true,
    origin: Origin::Workstation,
    ..BASE
};

pub(super) const LOCKED: ErrorInfo = ErrorInfo {
    id: "offline.locked",
    title: "Offline sign-in locked",
    meaning: "There were too many wrong PINs, so the computer has destroyed its offline PINs.",
    next_step: "Unlock the computer online.",
    origin: Origin::Workstation,
    ..BASE
};
