//! The Control Center: the server that pairs phones with workstations and carries messages between them.

pub mod wire;
