//! What the shell brings: the ports of the core as interfaces for Swift, Kotlin and Python.
//!
//! A port may fail in any way. What it throws that is not of its error type, and what it does not answer
//! in time, becomes that port's failure; the core goes on.

mod ble_advertiser;
mod device;
mod key_vault;
mod network;
mod observer;
mod patience;
mod system;
mod user_gate;

use std::sync::Arc;
use std::time::Duration;

use latchkey_phone::PhonePorts;

pub use ble_advertiser::{AdvertError, BleAdvertiser};
pub use device::{Availability, Device, DeviceFacts, Platform};
pub use key_vault::{HardwareKey, KeyVault, KeyVaultError};
pub use network::Network;
pub use observer::{Observer, Step};
pub use user_gate::{Account, Consent, GateError, Prompt, PromptKind, UserGate};

use system::{SystemClock, SystemRng};

/// The surroundings of a phone.
#[derive(uniffi::Record)]
pub struct Ports {
    /// The person.
    pub gate: Arc<dyn UserGate>,
    /// The operating system's keys.
    pub keys: Arc<dyn KeyVault>,
    /// What the operating system says about the phone and this app.
    pub device: Arc<dyn Device>,
    /// The network's state; in doubt the phone is online.
    #[uniffi(default)]
    pub network: Option<Arc<dyn Network>>,
    /// Bluetooth, where an app may advertise.
    #[uniffi(default)]
    pub advertiser: Option<Arc<dyn BleAdvertiser>>,
    /// Progress.
    #[uniffi(default)]
    pub observer: Option<Arc<dyn Observer>>,
}

/// A port that has no reasons of its own did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// It failed.
    #[error("the port failed")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PortError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        PortError::Failed
    }
}

impl Ports {
    /// The core's ports over these, with a clock that runs `ahead`.
    pub(crate) fn into_core(self, platform: Platform, ahead: Duration) -> PhonePorts {
        PhonePorts {
            gate: Arc::new(user_gate::Adapter(self.gate)),
            keys: Arc::new(key_vault::Adapter(self.keys)),
            clock: Arc::new(SystemClock::new(ahead)),
            rng: Arc::new(SystemRng),
            advertiser: Arc::new(ble_advertiser::Adapter::new(self.advertiser)),
            network: Arc::new(network::Adapter(self.network)),
            device: Arc::new(device::Adapter { device: self.device, platform }),
            observer: observer::adapter(self.observer),
        }
    }
}
