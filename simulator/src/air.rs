//! Bluetooth adverts: sent and heard, by radio or over the simulator's own air.
//!
//! | | phone | computer |
//! |-|-------|----------|
//! | radio | [`BlueZAdvertiser`] | [`BtleplugScanner`] |
//! | no radio | [`VirtualAir`] | [`VirtualAir::listen`] |

#[cfg(target_os = "linux")]
mod bluez;
#[cfg(target_os = "linux")]
mod bluez_advertiser;
mod btleplug_scanner;
#[cfg(unix)]
mod virtual_air;

use std::io;

use async_trait::async_trait;
use thiserror::Error;

#[cfg(target_os = "linux")]
pub use bluez_advertiser::BlueZAdvertiser;
pub use btleplug_scanner::BtleplugScanner;
#[cfg(unix)]
pub use virtual_air::{VirtualAir, VirtualScanner};

/// Listens for the adverts of phones; dropping it stops that.
#[async_trait]
pub trait Scanner: Send {
    /// Waits for the next advert and returns its service data: 20 bytes or more, sent under 0xFFF9 or
    /// 0xFDE2 by anybody, and the same ones again and again while a phone advertises.
    ///
    /// # Errors
    /// [`ScanError`]; nothing will be heard afterwards.
    async fn next(&mut self) -> Result<Vec<u8>, ScanError>;
}

/// Why nothing is heard.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScanError {
    /// The radio is off, or there is none.
    #[error("Bluetooth is off")]
    Off,
    /// The system does not let this program use Bluetooth.
    #[error("Bluetooth is not allowed")]
    NotPermitted,
    /// The radio failed.
    #[error("Bluetooth failed: {0}")]
    Radio(#[from] btleplug::Error),
    /// The system's Bluetooth service did something unexpected.
    #[error("the Bluetooth service failed")]
    Service,
    /// The directory of a [`VirtualAir`] cannot be used.
    #[error("the air's directory cannot be used: {0}")]
    Directory(#[from] io::Error),
}

/// Service data of the length that an advert for the hybrid transport can have (CTAP 2.3 section
/// 11.5). Longer than 20 bytes when a phone also offers an L2CAP channel; 252 bytes are the most that
/// fit an advertisement structure.
fn is_advert(service_data: &[u8]) -> bool {
    (20..=252).contains(&service_data.len())
}
