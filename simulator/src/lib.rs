//! A software phone, computer, workstation, Control Center and tunnel service that speak the real protocols.
//!
//! The phone is `core/phone` with the simulator's ports; nothing in it knows that it is simulated. What
//! is particular to the simulator: a tunnel service, an air for adverts without a radio, a computer
//! with a WebAuthn client and a relying party, and the command line over all of it.
#![forbid(unsafe_code)]

pub mod administrator;
pub mod air;
pub mod cli;
pub mod commands;
pub mod computer;
pub mod control_center;
pub mod day;
pub mod exit;
mod link;
pub mod picture;
pub mod ports;
pub mod timeline;
pub mod tunnel;
pub mod webauthn;
pub mod workstation;
