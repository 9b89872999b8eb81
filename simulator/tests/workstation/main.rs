//! Workstations, phones and a Control Center, everything over the wire on loopback.

mod cli;
mod code;
mod offline;
mod pairing;
mod scan;
mod session_passkey;
mod stage;
mod unlock;
