//! Workstations, phones and a Control Center, everything over the wire on loopback.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli;
mod code;
mod interrupted;
mod offline;
mod pairing;
mod scan;
mod session_passkey;
mod stage;
mod unlock;
