//! `code.*`: typing a code.

use super::{BASE, ErrorInfo};

pub(super) const NOT_FOUND: ErrorInfo = ErrorInfo {
    id: "code.not_found",
    title: "Code not found or expired",
    meaning: "No code like this is waiting: it was mistyped, used or is too old.",
    next_step: "Check the code, or let the computer show a new one.",
    retry: true,
    ..BASE
};

pub(super) const BAD_ADDRESS: ErrorInfo = ErrorInfo {
    id: "code.bad_address",
    title: "Check the app name",
    meaning: "There is no service for codes at this address.",
    next_step: "Check the app name that the computer shows above the code.",
    retry: true,
    ..BASE
};

pub(super) const RATE_LIMITED: ErrorInfo = ErrorInfo {
    id: "code.rate_limited",
    title: "Too many attempts",
    meaning: "There were too many attempts in a short time.",
    next_step: "Wait a moment before the next one.",
    ..BASE
};
