//! The Control Center: the server that pairs phones with workstations and carries messages between them.

pub mod address;
pub mod client;
#[cfg(test)]
pub(crate) mod test_server;
pub mod wire;

pub use address::{Address, AddressError};
pub use client::{Client, ControlCenterError};
