//! The port to the Bluetooth radio.

use async_trait::async_trait;
use thiserror::Error;

/// Sends Bluetooth LE adverts.
#[async_trait]
pub trait BleAdvertiser: Send + Sync {
    /// Starts one advert that carries `service_data` (20 bytes) under the 16-bit UUID 0xFFF9, not
    /// connectable, without a name (CTAP 2.3 section 11.5). It goes on until the returned value is
    /// dropped. Returns once the radio has taken it.
    ///
    /// # Errors
    /// [`AdvertError`]
    async fn advertise(&self, service_data: &[u8; 20]) -> Result<Box<dyn Advertisement>, AdvertError>;
}

/// A running advert; dropping it stops the advert.
pub trait Advertisement: Send + Sync {}

/// Why nothing is advertised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
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
