//! The phone's ports as the simulator fills them.

mod clock;
mod device;
mod file_keys;
mod gate;
mod rng;

pub use clock::{AdvancedClock, SystemClock};
pub use device::SimulatedDevice;
pub use file_keys::{FileKeys, FileKeysError};
pub use gate::{AutomaticGate, Choice, TerminalGate};
pub use rng::SystemRng;

use async_trait::async_trait;
use latchkey_phone::ports::{AdvertError, Advertisement, BleAdvertiser, Network, Observer, Step};

/// A phone that believes it is online; what is not reachable shows when it is called.
pub struct AlwaysOnline;

impl Network for AlwaysOnline {
    fn is_online(&self) -> bool {
        true
    }
}

/// An observer that looks away.
pub struct Silent;

impl Observer for Silent {
    fn reached(&self, _: Step) {}
}

/// No Bluetooth at all: for commands that send nothing.
pub struct NoRadio;

#[async_trait]
impl BleAdvertiser for NoRadio {
    async fn advertise(&self, _: &[u8; 20]) -> Result<Box<dyn Advertisement>, AdvertError> {
        Err(AdvertError::Off)
    }
}
