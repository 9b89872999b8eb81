//! A software phone, computer and tunnel service that speak the real protocols.
#![forbid(unsafe_code)]

pub mod air;
pub mod tunnel;
