//! The CTAP2 hybrid transport (caBLE), both roles, without I/O (CTAP 2.3 section 11.5).
//!
//! A computer shows a QR code. The phone opens a WebSocket to a tunnel service and proves that it is
//! near by a Bluetooth advert that only the computer of the code can read. The computer finds the
//! tunnel from that advert; both shake hands through it and one CTAP command is served.
//!
//! [`PhoneCeremony`] and [`ComputerCeremony`] are the two sides as state machines: events go in,
//! effects come out, and the caller owns sockets, radio and timer. Random bytes are drawn when a
//! ceremony starts and never later, so that a seeded source makes a ceremony repeatable. The other
//! modules are the pieces that both are built from.
#![forbid(unsafe_code)]

pub mod advert;
pub mod computer;
pub mod derive;
pub mod digits;
pub mod error;
pub mod keys;
pub mod message;
pub mod noise;
pub mod phone;
pub mod qr;
pub mod secret;
pub mod transport;
pub mod tunnel;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod vectors;

pub use advert::{ADVERT_LEN, Eid};
pub use computer::{ComputerCeremony, ComputerEffect, ComputerEvent, ComputerLink};
pub use error::{HybridError, Stage};
pub use keys::{KeyPair, PublicKey};
pub use message::{LinkOffer, Linking, PostHandshake};
pub use phone::{PhoneCeremony, PhoneConfig, PhoneEffect, PhoneEvent, PhoneLink, Push};
pub use qr::{Channels, QrError, QrPayload, RequestHint};
pub use secret::Secret;
pub use transport::MAX_MESSAGE_SIZE;
pub use tunnel::{ClientPayload, RoutingId, TunnelDomain, TunnelId, TunnelPath};

/// The traits of the random source that a ceremony starts with.
pub use rand_core;
