//! The facade a shell talks to.
//!
//! A [`Phone`] is opened once over one database file and the ports of the operating system. Its
//! ceremonies and lists return typed errors, each of which maps to one id for people
//! ([`PhoneError::id`]).
#![forbid(unsafe_code)]

mod computers;
pub mod control_center;
mod error;
mod error_id;
mod events;
#[cfg(test)]
mod fixture;
mod gate_witness;
mod hybrid;
mod mailbox;
mod offline_pins;
mod pairing;
mod phone;
pub mod ports;
pub mod provider;
pub mod readiness;
mod resume;
mod security_keys;
mod sign_in;
pub mod tls;
pub mod tunnel;
mod unlock;
mod version;
pub mod webauthn;

pub use computers::{ComputerSummary, Computers, Removal};
pub use error::PhoneError;
pub use error_id::{Call, ErrorId, ErrorInfo, Origin, Phase, Severity};
pub use hybrid::{Action, Answer};
pub use latchkey_offline::{Pin, State as PinState};
pub use offline_pins::{OfflinePins, PinStatus, ShownPin, UnlockWay};
pub use pairing::Paired;
pub use phone::{Approval, Phone, PhoneConfig, PhonePorts};
pub use resume::Resumed;
pub use security_keys::{MAX_NAME, SecurityKeys};
pub use sign_in::SignInRequest;
pub use unlock::{PinsAfter, Unlocked};
pub use version::{NotAVersion, Version};
