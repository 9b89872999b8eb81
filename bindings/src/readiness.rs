//! Why does it not work: everything that pairing, signing in and unlocking need.

use latchkey_phone::readiness as core;

use crate::error::LatchkeyError;

/// One check and what came of it. Names nobody.
#[derive(Clone, uniffi::Record)]
pub struct Finding {
    /// What was looked at, such as `provider`: for a shell's own icon.
    pub check: Check,
    /// For a headline.
    pub title: String,
    /// How it is.
    pub state: CheckState,
    /// The failure that the person would meet, if it has an id.
    pub error: Option<LatchkeyError>,
    /// How it is, in one sentence.
    pub explanation: String,
    /// What the person can do; empty if nothing.
    pub next_step: String,
}

/// What there is to look at, in the order in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Check {
    /// The operating system asks this app for passkeys.
    Provider,
    /// The person can be verified.
    Biometrics,
    /// Codes can be scanned.
    Camera,
    /// Nearness can be shown.
    Bluetooth,
    /// The phone and its Control Centers reach each other.
    Network,
    /// The app is new enough for its Control Centers.
    AppVersion,
    /// The operating system takes passkeys from apps.
    SystemVersion,
    /// The phone is registered for accounts that can be paired.
    Account,
    /// The phone's clock agrees with the servers'.
    Clock,
    /// Anything else.
    Other,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum CheckState {
    /// Nothing to do.
    Ok,
    /// Something does not work before the person has done something.
    Attention,
    /// It cannot be told now.
    Unknown,
}

impl From<core::Finding> for Finding {
    fn from(finding: core::Finding) -> Self {
        Finding {
            check: finding.check.into(),
            title: finding.check.title().to_owned(),
            state: match finding.state {
                core::State::Ok => CheckState::Ok,
                core::State::Attention => CheckState::Attention,
                core::State::Unknown => CheckState::Unknown,
            },
            error: finding.error.map(Into::into),
            explanation: finding.meaning.to_owned(),
            next_step: finding.next_step.to_owned(),
        }
    }
}

impl From<core::Check> for Check {
    fn from(check: core::Check) -> Self {
        match check {
            core::Check::Provider => Check::Provider,
            core::Check::Biometrics => Check::Biometrics,
            core::Check::Camera => Check::Camera,
            core::Check::Bluetooth => Check::Bluetooth,
            core::Check::Network => Check::Network,
            core::Check::AppVersion => Check::AppVersion,
            core::Check::SystemVersion => Check::SystemVersion,
            core::Check::Account => Check::Account,
            core::Check::Clock => Check::Clock,
            _ => Check::Other,
        }
    }
}
