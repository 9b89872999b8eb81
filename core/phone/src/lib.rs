//! The facade a shell talks to.
#![forbid(unsafe_code)]

pub mod ports;
