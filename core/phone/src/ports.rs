//! What the facade asks of its surroundings, beside the authenticator's own ports.

mod advertiser;

pub use advertiser::{AdvertError, Advertisement, BleAdvertiser};
