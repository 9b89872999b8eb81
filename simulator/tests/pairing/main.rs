//! A phone is paired with a real Control Center, over a wire that a test can cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod faults;
mod flows;
mod stage;
mod wire;
