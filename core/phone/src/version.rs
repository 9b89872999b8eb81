//! Versions of apps and operating systems.

use core::fmt;
use core::str::FromStr;

use thiserror::Error;

/// `major.minor.patch`, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Changes that break something.
    pub major: u32,
    /// New things.
    pub minor: u32,
    /// Repairs.
    pub patch: u32,
}

/// The text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a version of up to three numbers")]
pub struct NotAVersion;

impl Version {
    /// A version.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Version { major, minor, patch }
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    /// One to three decimal numbers with dots between; what is missing is 0.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let mut parts = text.split('.').map(|part| {
            // Numbers alone: `parse` would also take a sign.
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u32>().ok().filter(|_| digits).ok_or(NotAVersion)
        });
        let major = parts.next().ok_or(NotAVersion)??;
        let minor = parts.next().transpose()?.unwrap_or(0);
        let patch = parts.next().transpose()?.unwrap_or(0);
        if parts.next().is_some() {
            return Err(NotAVersion);
        }
        Ok(Version { major, minor, patch })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests;
