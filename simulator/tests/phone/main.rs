//! The phone at the command line, and a phone that dies in the middle of an unlock.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli;
mod crash;
#[path = "../workstation/stage.rs"]
#[allow(dead_code)] // Other tests begin with more.
mod stage;
