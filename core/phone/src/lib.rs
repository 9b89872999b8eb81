//! The facade a shell talks to.
//!
//! A [`Phone`] is opened once over one database file and the ports of the operating system. Its
//! ceremonies and lists return typed errors, each of which maps to one id for people
//! ([`PhoneError::id`]).
#![forbid(unsafe_code)]

pub mod control_center;
mod error;
mod error_id;
mod gate_witness;
mod hybrid;
mod phone;
pub mod ports;
mod security_keys;
pub mod tls;
pub mod tunnel;
pub mod webauthn;

pub use error::PhoneError;
pub use error_id::{Call, ErrorId, ErrorInfo, Origin, Phase, Severity};
pub use hybrid::{Action, Answer};
pub use phone::{Phone, PhoneConfig, PhonePorts};
pub use security_keys::{MAX_NAME, SecurityKeys};
