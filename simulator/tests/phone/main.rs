//! The phone at the command line, and a phone that dies in the middle of an unlock.

mod cli;
mod crash;
#[path = "../workstation/stage.rs"]
#[allow(dead_code)] // Other tests begin with more.
mod stage;
