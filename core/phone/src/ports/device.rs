//! The port to the device: what the operating system says about itself, about this app and what it may do.

use crate::version::Version;

/// Knows the phone.
pub trait Device: Send + Sync {
    /// How things are now. Shows nothing and must return quickly.
    fn facts(&self) -> DeviceFacts;
}

/// How things are on a phone.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceFacts {
    /// What its owner calls the phone, such as "Ada's phone". Personal: never logged.
    pub name: String,
    /// Its operating system.
    pub system: System,
    /// The operating system's version.
    pub system_version: Version,
    /// This app's version.
    pub app_version: Version,
    /// Whether the operating system asks this app for passkeys.
    pub provider: Availability,
    /// Whether this app can take pictures.
    pub camera: Availability,
    /// Whether this app can advertise over Bluetooth.
    pub bluetooth: Availability,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum System {
    /// iOS, which takes passkeys from apps since version 17.
    Ios,
    /// Android, which takes passkeys from apps since version 14.
    Android,
    /// None that a shell exists for.
    Other,
}

/// Whether something on the phone can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl core::fmt::Debug for DeviceFacts {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "DeviceFacts({:?} {}, app {})", self.system, self.system_version, self.app_version)
    }
}
