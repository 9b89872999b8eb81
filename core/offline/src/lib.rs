//! Offline PINs: a phone unlocks a workstation when one of the two has no network.
//!
//! After a successful online authentication the workstation issues a set of one-time PINs
//! (`Verifier::issue`) and hands its key to the phone inside the authenticated channel
//! ([`PinSet`]). The phone derives the PINs and burns each before it shows it ([`Ledger::display`]).
//! The workstation keeps no key and no PIN, only one wrapping of its unlock secret for each PIN, and
//! destroys a wrapping when its PIN was used (`Verifier::verify`).
//!
//! The two halves share the derivation and the messages. The workstation's half is behind the
//! feature `workstation`: Argon2id costs a workstation a fraction of a second for each attempt and a
//! phone nothing, because it is not in the phone's library.
//!
//! Nothing here opens a socket, reads a clock or keeps state in memory between calls: times come in
//! as Unix seconds, records live behind [`LedgerStore`] and `VerifierStore`. Decision record 6 tells
//! why the protocol is as it is.
#![forbid(unsafe_code)]

mod acknowledgement;
mod entries;
mod error;
#[cfg(test)]
mod fixture;
pub mod ledger;
pub mod pin;
pub mod policy;
mod set;
mod store;
#[cfg(any(test, feature = "testing"))]
pub mod store_contract;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(feature = "workstation")]
pub mod verifier;

pub use acknowledgement::Acknowledgement;
pub use error::OfflineError;
pub use ledger::{Displayed, Ledger, LedgerRecord, LedgerStatus, LedgerStore, State};
pub use pin::Pin;
pub use policy::{OfflinePolicy, Protection, Setting, Settings};
pub use set::{PinSet, SetId};
pub use store::StoreError;
#[cfg(feature = "workstation")]
pub use verifier::{
    Account, Argon2Cost, Handover, Issue, Issued, Ready, UnlockSecret, Unlocked, Verifier, VerifierRecord,
    VerifierStore,
};
