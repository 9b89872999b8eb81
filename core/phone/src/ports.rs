//! What the facade asks of its surroundings, beside the authenticator's own ports.

mod advertiser;
mod device;
mod network;
mod observer;

pub use advertiser::{AdvertError, Advertisement, BleAdvertiser};
pub use device::{Availability, Device, DeviceFacts, System};
pub use network::Network;
pub use observer::{Observer, Step};
