//! Why something about offline PINs was refused.

use latchkey_ctap::cbor::CborError;
use thiserror::Error;

use crate::policy::Setting;
use crate::store::StoreError;

/// Why something about offline PINs was refused.
///
/// The first group is what people meet; `offline.*` names the user-facing id of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OfflineError {
    /// `offline.disabled`: the administrator has not enabled offline mode.
    #[error("offline mode is off")]
    Disabled,
    /// `offline.disabled`: there was a set, but it was withdrawn.
    #[error("the offline PINs were revoked")]
    Revoked,
    /// `offline.not_provisioned`: no set was ever received or issued.
    #[error("no offline PINs were issued yet")]
    NotProvisioned,
    /// `offline.exhausted`: every PIN of the set was used.
    #[error("no offline PINs are left")]
    Exhausted,
    /// `offline.expired`: the days of the set are over.
    #[error("the offline PINs have expired")]
    Expired,
    /// `offline.wrong_pin`: wrong, used or skipped, or typed on another workstation or account.
    #[error("the PIN is not accepted; {attempts_left} attempts are left, the next in {wait_secs} s")]
    WrongPin {
        /// Further wrong PINs until the sets are destroyed.
        attempts_left: u16,
        /// Seconds until the next attempt is taken.
        wait_secs: u64,
    },
    /// `offline.wrong_pin`: a slip of the fingers that cost no attempt.
    #[error("a PIN has {expected} characters")]
    WrongLength {
        /// Characters of a PIN of the newest set.
        expected: u16,
    },
    /// `offline.wrong_pin`: a slip of the fingers that cost no attempt.
    #[error("a character that no PIN has")]
    InvalidCharacter,
    /// `offline.wrong_pin`: too soon after a wrong PIN. Cost no attempt.
    #[error("the next attempt is taken in {wait_secs} s")]
    Throttled {
        /// Seconds until the next attempt is taken.
        wait_secs: u64,
    },
    /// `offline.locked`: too many wrong PINs; the sets are destroyed.
    #[error("too many wrong PINs: the offline PINs were destroyed")]
    Locked,

    /// A setting of the policy, or of a set that claims to follow one, is out of its bounds.
    #[error("{setting:?} is {value}, outside {:?}", .setting.bounds())]
    OutOfBounds {
        /// Which.
        setting: Setting,
        /// Its value.
        value: u64,
    },
    /// PINs this short need an unlock secret that is sealed to a TPM.
    #[error("without a TPM, PINs have at least {minimum} characters")]
    TooShortWithoutTpm {
        /// Fewest characters without a TPM.
        minimum: u16,
    },
    /// The cost of Argon2id is out of its bounds.
    #[error("the cost of Argon2id is out of its bounds")]
    InvalidCost,

    /// A message or a record is not canonical CBOR of the expected shape.
    #[error("not a message about offline PINs: {0}")]
    Malformed(#[from] CborError),
    /// An entry of a message or record is missing, or one is there that does not belong.
    #[error("a message with missing or unknown entries")]
    UnexpectedEntries,
    /// A message or record of a version that is not known here.
    #[error("a message of unknown version {0}")]
    UnknownVersion(u64),
    /// A computer's ID is empty or too long.
    #[error("not the ID of a computer")]
    InvalidComputerId,
    /// A generation of zero.
    #[error("a set without a generation")]
    InvalidGeneration,
    /// The numbers of a stored record contradict each other.
    #[error("a record that contradicts itself")]
    Inconsistent,

    /// The set is for another computer than the one that the phone talks to.
    #[error("a set for another computer")]
    OtherComputer,
    /// A set that is not newer than the one that is or was here.
    #[error("generation {offered} is not newer than {present}")]
    OldGeneration {
        /// Generation of the refused set.
        offered: u32,
        /// Newest generation that was accepted.
        present: u32,
    },
    /// The generations of this workstation and phone have come to their end: pair again.
    #[error("there are no more generations")]
    GenerationsExhausted,
    /// An acknowledgement for a set that is not alive.
    #[error("an acknowledgement for an unknown set")]
    UnknownSet,
    /// An acknowledgement that was not made with the key of the set.
    #[error("a false acknowledgement")]
    WrongAcknowledgement,

    /// The record could not be read or written. Nothing was shown and nothing was unlocked.
    #[error(transparent)]
    Store(#[from] StoreError),
}
