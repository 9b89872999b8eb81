//! The Bluetooth radio.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use async_trait::async_trait;
use latchkey_phone::ports as core;

use super::PortError;

/// Sends Bluetooth LE adverts, where an app may: on Android.
#[uniffi::export(foreign)]
#[async_trait]
pub trait BleAdvertiser: Send + Sync {
    /// Starts an advert that carries `service_data` (20 bytes) under the 16-bit UUID 0xFFF9, not
    /// connectable, without a name. Returns once the radio has taken it; cancelled after five seconds.
    /// `advert` is its number, never used again.
    async fn start(&self, advert: u64, service_data: Vec<u8>) -> Result<(), AdvertError>;

    /// Stops the advert of this number. Called once for each that was started, also for one that failed
    /// to start or was cancelled, on a thread of its own.
    fn stop(&self, advert: u64) -> Result<(), PortError>;
}

/// Why nothing is advertised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum AdvertError {
    /// The radio is off, or there is none.
    #[error("Bluetooth is off")]
    Off,
    /// The person has not allowed the app to use Bluetooth.
    #[error("Bluetooth is not allowed")]
    NotPermitted,
    /// The radio refused the advert.
    #[error("Bluetooth refused the advert")]
    Failed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for AdvertError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        AdvertError::Failed
    }
}

pub(super) struct Adapter {
    advertiser: Option<Arc<dyn BleAdvertiser>>,
    adverts: AtomicU64,
}

/// Stops the advert when dropped.
struct Running {
    advertiser: Arc<dyn BleAdvertiser>,
    advert: u64,
}

impl Adapter {
    pub(super) const fn new(advertiser: Option<Arc<dyn BleAdvertiser>>) -> Self {
        Adapter { advertiser, adverts: AtomicU64::new(0) }
    }
}

#[async_trait]
impl core::BleAdvertiser for Adapter {
    async fn advertise(
        &self,
        service_data: &[u8; 20],
    ) -> Result<Box<dyn core::Advertisement>, core::AdvertError> {
        let advertiser = self.advertiser.as_ref().ok_or(core::AdvertError::Off)?;
        let advert = self.adverts.fetch_add(1, Ordering::Relaxed);
        let running = Running { advertiser: Arc::clone(advertiser), advert };
        advertiser.start(advert, service_data.to_vec()).await?;
        Ok(Box::new(running))
    }
}

impl core::Advertisement for Running {}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody waits for a radio that takes its time.
        let Running { advertiser, advert } = self;
        let (advertiser, advert) = (Arc::clone(advertiser), *advert);
        let stop = move || {
            let _ = advertiser.stop(advert);
        };
        let _ = thread::Builder::new().name("latchkey-port".to_owned()).spawn(stop);
    }
}

impl From<AdvertError> for core::AdvertError {
    fn from(error: AdvertError) -> Self {
        match error {
            AdvertError::Off => core::AdvertError::Off,
            AdvertError::NotPermitted => core::AdvertError::NotPermitted,
            AdvertError::Failed => core::AdvertError::Failed,
        }
    }
}
