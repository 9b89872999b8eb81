//! The audit trail's events: what may be written, and that it names nobody.

/// An event of the audit trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) message: &'static str,
    /// Phones and workstations may report it.
    pub(crate) reported: bool,
}

const fn own(name: &'static str, tag: &'static str, message: &'static str) -> Kind {
    Kind { name, tag, message, reported: false }
}

const fn reported(name: &'static str, tag: &'static str, message: &'static str) -> Kind {
    Kind { name, tag, message, reported: true }
}

pub(crate) const LOOKED_UP: Kind =
    own("QR_FALLBACK_PAYLOAD_RETRIEVED", "AUTHENTICATION", "A typed code was looked up");
pub(crate) const LOGIN: Kind = own("LOGIN", "ADMIN", "An administrator signed in");
pub(crate) const PAIRING_STARTED: Kind =
    own("X_PAIRING_STARTED", "REGISTRATION", "A phone answered a pairing code");
pub(crate) const PAIRING_COMPLETED: Kind = own("X_PAIRING_COMPLETED", "REGISTRATION", "A phone was paired");
pub(crate) const PAIRING_FAILED: Kind =
    own("X_PAIRING_FAILED", "REGISTRATION", "A pairing was refused or given up");
pub(crate) const UNPAIRED: Kind = own("X_UNPAIRED", "REGISTRATION", "A phone was unpaired");
pub(crate) const UNLOCK_COMPLETED: Kind =
    reported("X_UNLOCK_COMPLETED", "AUTHENTICATION", "A workstation was unlocked by a phone");
pub(crate) const UNLOCK_FAILED: Kind =
    reported("X_UNLOCK_FAILED", "AUTHENTICATION", "A workstation refused to unlock");
pub(crate) const PASSKEY_CREATED: Kind =
    reported("X_PASSKEY_CREATED", "REGISTRATION", "A passkey was created");
pub(crate) const PASSKEY_USED: Kind = reported("X_PASSKEY_USED", "AUTHENTICATION", "A passkey was used");
pub(crate) const PASSKEY_DELETED: Kind =
    reported("X_PASSKEY_DELETED", "REGISTRATION", "A passkey was deleted");

const ALL: &[Kind] = &[
    LOOKED_UP,
    LOGIN,
    PAIRING_STARTED,
    PAIRING_COMPLETED,
    PAIRING_FAILED,
    UNPAIRED,
    UNLOCK_COMPLETED,
    UNLOCK_FAILED,
    PASSKEY_CREATED,
    PASSKEY_USED,
    PASSKEY_DELETED,
    reported("X_OFFLINE_SET_ISSUED", "OFFLINE", "A set of offline PINs was issued"),
    reported("X_OFFLINE_SET_CONFIRMED", "OFFLINE", "A set of offline PINs was confirmed"),
    reported("X_OFFLINE_PIN_DISPLAYED", "OFFLINE", "An offline PIN was shown"),
    reported("X_OFFLINE_UNLOCK_OK", "OFFLINE", "A workstation was unlocked by an offline PIN"),
    reported("X_OFFLINE_UNLOCK_FAILED", "OFFLINE", "An offline PIN was refused"),
    reported("X_OFFLINE_UNLOCK_LOCKED", "OFFLINE", "Too many wrong offline PINs: the sets were destroyed"),
    reported("X_OFFLINE_LOW", "OFFLINE", "Few offline PINs are left"),
    reported("X_OFFLINE_EXHAUSTED", "OFFLINE", "No offline PINs are left"),
    reported("X_HYBRID_COMPLETED", "AUTHENTICATION", "A nearby computer was served"),
    reported("X_HYBRID_FAILED", "AUTHENTICATION", "A nearby computer could not be served"),
];

/// The event of this name.
pub(crate) fn named(name: &str) -> Option<Kind> {
    ALL.iter().copied().find(|kind| kind.name == name)
}

/// One entry of the trail. It has no place for a person, a phone, a code or a credential.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) rp_app_id: String,
    pub(crate) machine_id: Option<String>,
}

impl Entry {
    pub(crate) fn new(kind: Kind, rp_app_id: &str, machine_id: Option<&str>) -> Self {
        Entry { kind, rp_app_id: rp_app_id.to_owned(), machine_id: machine_id.map(str::to_owned) }
    }
}
