//! What the operating system says about the phone and this app.

use std::sync::Arc;

use latchkey_phone::Version;
use latchkey_phone::ports as core;

use super::PortError;
use super::patience::{QUICK, within};

/// Knows the phone.
#[uniffi::export(foreign)]
pub trait Device: Send + Sync {
    /// How things are now. Shows nothing and returns quickly. Has five seconds; without an answer nothing is known.
    fn facts(&self) -> Result<DeviceFacts, PortError>;
}

/// How things are on a phone.
#[derive(Clone, uniffi::Record)]
pub struct DeviceFacts {
    /// What its owner calls the phone. Personal: never logged.
    pub name: String,
    /// The operating system's version, such as `17.4.1`.
    pub system_version: String,
    /// This app's version, such as `2.0`.
    pub app_version: String,
    /// Whether the operating system asks this app for passkeys.
    pub provider: Availability,
    /// Whether this app can take pictures.
    pub camera: Availability,
    /// Whether this app can advertise over Bluetooth.
    pub bluetooth: Availability,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Platform {
    /// iOS: passkeys are synchronised and not attested, as its clients demand.
    Ios,
    /// Android.
    Android,
    /// A desktop, for development.
    Other,
}

/// Whether something on the phone can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Availability {
    /// It can.
    Ready,
    /// It is switched off, or not there.
    Off,
    /// The person has not allowed this app to use it.
    NotPermitted,
    /// The operating system does not tell, or has not asked the person yet.
    Unknown,
}

pub(super) struct Adapter {
    pub(super) device: Arc<dyn Device>,
    pub(super) platform: Platform,
}

impl core::Device for Adapter {
    fn facts(&self) -> core::DeviceFacts {
        let device = Arc::clone(&self.device);
        // Nothing is known of a device that does not say anything.
        let facts = within(QUICK, move || device.facts()).and_then(Result::ok);
        let facts = facts.unwrap_or_else(|| DeviceFacts {
            name: String::new(),
            system_version: String::new(),
            app_version: String::new(),
            provider: Availability::Unknown,
            camera: Availability::Unknown,
            bluetooth: Availability::Unknown,
        });
        let version = |text: &str| text.parse().unwrap_or(Version::new(0, 0, 0));
        core::DeviceFacts {
            system: self.platform.into(),
            system_version: version(&facts.system_version),
            app_version: version(&facts.app_version),
            provider: facts.provider.into(),
            camera: facts.camera.into(),
            bluetooth: facts.bluetooth.into(),
            name: facts.name,
        }
    }
}

impl From<Platform> for core::System {
    fn from(platform: Platform) -> Self {
        match platform {
            Platform::Ios => core::System::Ios,
            Platform::Android => core::System::Android,
            Platform::Other => core::System::Other,
        }
    }
}

impl From<Availability> for core::Availability {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::Ready => core::Availability::Ready,
            Availability::Off => core::Availability::Off,
            Availability::NotPermitted => core::Availability::NotPermitted,
            Availability::Unknown => core::Availability::Unknown,
        }
    }
}
