//! What the administrator allows.

use core::ops::RangeInclusive;

use crate::error::OfflineError;

/// Seconds of a day.
pub(crate) const DAY: u64 = 86_400;

/// Fewest characters of a PIN where no TPM guards the unlock secret: 50 bits. Somebody with a copy of
/// the disk can then try PINs at the speed of Argon2id, without any limit on attempts.
pub const MIN_LENGTH_WITHOUT_TPM: u16 = 10;

/// The administrator's settings as they arrive, before their bounds were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether sets are issued at all.
    pub enabled: bool,
    /// Characters of a PIN, five bits each.
    pub length: u16,
    /// PINs of a set.
    pub count: u16,
    /// Days that a set lives.
    pub valid_days: u16,
    /// Seconds that a PIN is shown.
    pub display_secs: u16,
    /// The phone warns when this percentage of the PINs, or less, is left; 0 never warns.
    pub prompt_threshold_pct: u16,
    /// Wrong PINs in a row that destroy the sets.
    pub max_failures: u16,
    /// How many PINs ahead of the next expected one the workstation accepts; `None` is all that remain.
    pub window: Option<u16>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            enabled: false,
            length: 8,
            count: 25,
            valid_days: 30,
            display_secs: 60,
            prompt_threshold_pct: 20,
            max_failures: 10,
            window: None,
        }
    }
}

/// Names a setting that has bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Setting {
    /// [`Settings::length`]
    Length,
    /// [`Settings::count`]
    Count,
    /// [`Settings::valid_days`]
    ValidDays,
    /// [`Settings::display_secs`]
    DisplaySecs,
    /// [`Settings::prompt_threshold_pct`]
    PromptThresholdPct,
    /// [`Settings::max_failures`]
    MaxFailures,
    /// [`Settings::window`]
    Window,
}

impl Setting {
    /// What is allowed.
    #[must_use]
    pub const fn bounds(self) -> RangeInclusive<u16> {
        match self {
            Setting::Length => 6..=13,
            Setting::Count => 10..=100,
            Setting::ValidDays => 7..=90,
            Setting::DisplaySecs => 15..=120,
            Setting::PromptThresholdPct => 0..=50,
            Setting::MaxFailures => 3..=20,
            Setting::Window => 1..=100,
        }
    }

    /// `value` if it is within the bounds.
    pub(crate) fn check(self, value: u64) -> Result<u16, OfflineError> {
        u16::try_from(value)
            .ok()
            .filter(|value| self.bounds().contains(value))
            .ok_or(OfflineError::OutOfBounds { setting: self, value })
    }
}

/// What guards the workstation's unlock secret beside the PINs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// The secret is of use only together with a TPM that limits attempts.
    Tpm,
    /// Nothing: a copy of the disk is enough to try PINs.
    None,
}

/// Settings within their bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfflinePolicy(Settings);

impl OfflinePolicy {
    /// Checks the bounds of every setting, whether offline mode is enabled or not.
    ///
    /// # Errors
    /// [`OfflineError::OutOfBounds`] with the first setting that is.
    pub fn new(settings: Settings) -> Result<Self, OfflineError> {
        Setting::Length.check(settings.length.into())?;
        Setting::Count.check(settings.count.into())?;
        Setting::ValidDays.check(settings.valid_days.into())?;
        Setting::DisplaySecs.check(settings.display_secs.into())?;
        Setting::PromptThresholdPct.check(settings.prompt_threshold_pct.into())?;
        Setting::MaxFailures.check(settings.max_failures.into())?;
        if let Some(window) = settings.window {
            Setting::Window.check(window.into())?;
        }
        Ok(OfflinePolicy(settings))
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.0
    }

    /// Whether a workstation with this protection may issue sets under this policy.
    ///
    /// # Errors
    /// [`OfflineError::Disabled`]; [`OfflineError::TooShortWithoutTpm`]
    pub const fn permits(&self, protection: Protection) -> Result<(), OfflineError> {
        if !self.0.enabled {
            return Err(OfflineError::Disabled);
        }
        match protection {
            Protection::None if self.0.length < MIN_LENGTH_WITHOUT_TPM => {
                Err(OfflineError::TooShortWithoutTpm { minimum: MIN_LENGTH_WITHOUT_TPM })
            }
            _ => Ok(()),
        }
    }
}

impl Default for OfflinePolicy {
    /// The defaults: disabled.
    fn default() -> Self {
        OfflinePolicy(Settings::default())
    }
}

#[cfg(test)]
mod tests;
