//! A phone, a computer and a relying party around a real tunnel service, with everything between them
//! in the hands of a test: the tunnel on both legs ([`Meddler`]), the air ([`Air`]), the clock of the
//! phone, its radio, its network and its owner.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod air;
mod hand;
mod meddler;
mod stage;

pub use air::{Air, Ears, Radio};
pub use hand::Hand;
pub use meddler::{Direction, FAULTS, Fault, Meddler, Plan, Upgrade};
pub use stage::{ORIGIN, Outcome, RP_ID, Stage, Steps, answer_code};
