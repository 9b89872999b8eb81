//! Why does it not work: everything that pairing, signing in and unlocking need, looked at in one call.

use futures_util::future::join_all;
use latchkey_authenticator::Cancel;
use latchkey_authenticator::ports::UserVerification;

use crate::control_center::ControlCenterError;
use crate::control_center::wire::{AccountKind, ProfileResponse, RefusalCode, path};
use crate::error::PhoneError;
use crate::error_id::{ErrorId, Phase};
use crate::phone::Phone;
use crate::ports::{Availability, DeviceFacts, System};
use crate::version::Version;

/// Seconds that the phone's clock may be off: codes live a minute, and offline PINs end at a time.
const MAX_SKEW: u64 = 60;

/// What there is to look at, in the order in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing to do.
    Ok,
    /// Something does not work before the person has done something.
    Attention,
    /// It cannot be told now.
    Unknown,
}

/// One check and what came of it. Names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// How it is.
    pub state: State,
    /// The failure that the person would meet, if it has an id.
    pub error: Option<ErrorId>,
    /// How it is, in one sentence.
    pub meaning: &'static str,
    /// What the person can do; empty if nothing.
    pub next_step: &'static str,
}

/// What one Control Center says.
struct Asked {
    profile: Result<ProfileResponse, ControlCenterError>,
    /// Its clock minus the phone's, without the sign, in seconds.
    skew: Option<u64>,
}

impl Check {
    /// For a headline.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Check::Provider => "Passkey provider",
            Check::Biometrics => "Biometrics",
            Check::Camera => "Camera",
            Check::Bluetooth => "Bluetooth",
            Check::Network => "Network",
            Check::AppVersion => "App version",
            Check::SystemVersion => "System version",
            Check::Account => "Account",
            Check::Clock => "Clock",
        }
    }

    const fn ok(self, meaning: &'static str) -> Finding {
        Finding { check: self, state: State::Ok, error: None, meaning, next_step: "" }
    }

    const fn unknown(self, meaning: &'static str, next_step: &'static str) -> Finding {
        Finding { check: self, state: State::Unknown, error: None, meaning, next_step }
    }

    const fn attention(self, meaning: &'static str, next_step: &'static str) -> Finding {
        Finding { check: self, state: State::Attention, error: None, meaning, next_step }
    }

    const fn error(self, id: ErrorId) -> Finding {
        let info = id.info();
        Finding { error: Some(id), ..self.attention(info.meaning, info.next_step) }
    }
}

impl Phone {
    /// Looks at everything that pairing, signing in and unlocking need: at the phone itself, and, if
    /// it is online, at every Control Center that it is registered with, which takes up to ten seconds.
    /// Changes nothing. One finding for each [`Check`], in their order.
    ///
    /// # Errors
    /// [`PhoneError::Canceled`], and nothing else: what cannot be looked at is a finding.
    pub async fn readiness(&self, cancel: &Cancel) -> Result<Vec<Finding>, PhoneError> {
        let facts = self.ports.device.facts();
        let online = self.ports.network.is_online();
        let asked = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(PhoneError::Canceled(Phase::Get)),
            asked = self.ask_control_centers(online) => asked,
        };
        let answers = asked.as_deref().unwrap_or_default();
        Ok(vec![
            provider(facts.provider),
            biometrics(self.ports.gate.user_verification()),
            camera(facts.camera),
            bluetooth(facts.bluetooth),
            network(online, answers),
            app_version(facts.app_version, answers),
            system_version(&facts),
            account(&asked),
            clock(answers),
        ])
    }

    /// Asks all Control Centers at the same time. Those of a phone that is offline are listed, unasked.
    async fn ask_control_centers(&self, online: bool) -> Result<Vec<Asked>, PhoneError> {
        let registrations = self.vault.registrations()?;
        let asked = registrations.iter().map(async |registration| {
            if !online {
                return Asked { profile: Err(ControlCenterError::Unreachable), skew: None };
            }
            let client = match self.registered(registration) {
                Ok(client) => client,
                Err(_) => return Asked { profile: Err(ControlCenterError::BadName), skew: None },
            };
            let profile = client.get::<ProfileResponse>(path::PROFILE).await;
            let now = self.ports.clock.unix_seconds();
            // A server that refuses tells the time all the same.
            let theirs = profile.as_ref().ok().map(|profile| profile.server_time);
            let skew = theirs.or(client.server_time()).map(|theirs| theirs.abs_diff(now));
            Asked { profile, skew }
        });
        Ok(join_all(asked).await)
    }
}

pub(crate) const fn provider(provider: Availability) -> Finding {
    match provider {
        Availability::Ready => Check::Provider.ok("This app provides passkeys."),
        Availability::Off | Availability::NotPermitted => Check::Provider.error(ErrorId::ProviderNotEnabled),
        Availability::Unknown => Check::Provider.unknown(
            "The system does not tell whether this app provides passkeys.",
            ErrorId::ProviderNotEnabled.info().next_step,
        ),
    }
}

const fn biometrics(verification: UserVerification) -> Finding {
    match verification {
        UserVerification::Configured => Check::Biometrics.ok("This phone can verify you."),
        UserVerification::NotConfigured => Check::Biometrics.error(ErrorId::ProviderBiometricsMissing),
    }
}

pub(crate) const fn camera(camera: Availability) -> Finding {
    match camera {
        Availability::Ready => Check::Camera.ok("This app can scan codes."),
        Availability::Off | Availability::NotPermitted => Check::Camera.error(ErrorId::QrCameraDenied),
        Availability::Unknown => Check::Camera.unknown(
            "You have not been asked yet whether this app may use the camera.",
            "Allow the camera when you scan the first code.",
        ),
    }
}

const fn bluetooth(bluetooth: Availability) -> Finding {
    match bluetooth {
        Availability::Ready => Check::Bluetooth.ok("Computers nearby can hear this phone."),
        Availability::Off | Availability::NotPermitted => Check::Bluetooth.error(ErrorId::HybridBluetoothOff),
        Availability::Unknown => Check::Bluetooth.unknown(
            "The system does not tell whether this app can use Bluetooth.",
            ErrorId::HybridBluetoothOff.info().next_step,
        ),
    }
}

/// One server that answers, whatever it says, shows that the network works.
fn network(online: bool, asked: &[Asked]) -> Finding {
    let answered = |asked: &Asked| matches!(asked.profile, Ok(_) | Err(ControlCenterError::Refused { .. }));
    if !online {
        Check::Network.error(ErrorId::HybridNoInternet)
    } else if asked.is_empty() || asked.iter().all(answered) {
        Check::Network.ok("This phone is online.")
    } else {
        Check::Network.error(ErrorId::AuthUnavailable)
    }
}

fn app_version(version: Version, asked: &[Asked]) -> Finding {
    let profiles = asked.iter().filter_map(|asked| asked.profile.as_ref().ok());
    let needed: Result<Vec<Version>, _> = profiles.map(|profile| profile.min_app_version.parse()).collect();
    match needed.map(|needed| needed.into_iter().max()) {
        Ok(Some(needed)) if version < needed => Check::AppVersion
            .attention("This app is older than your organisation's server needs.", "Update this app."),
        Ok(Some(_)) => Check::AppVersion.ok("This app is new enough."),
        Ok(None) | Err(_) => Check::AppVersion
            .unknown("No server has said which version it needs.", "Keep this app up to date."),
    }
}

fn system_version(facts: &DeviceFacts) -> Finding {
    let needed = match facts.system {
        System::Ios => Version::new(17, 0, 0),
        System::Android => Version::new(14, 0, 0),
        System::Other => {
            return Check::SystemVersion.unknown("This is neither iOS nor Android.", "");
        }
    };
    if facts.system_version < needed {
        Finding {
            error: Some(ErrorId::AnyNotSupported),
            ..Check::SystemVersion.attention(
                "This version of the system takes no passkeys from apps.",
                "Update the system to iOS 17, Android 14 or later.",
            )
        }
    } else {
        Check::SystemVersion.ok("The system takes passkeys from apps.")
    }
}

fn account(asked: &Result<Vec<Asked>, PhoneError>) -> Finding {
    let asked = match asked {
        Ok(asked) => asked,
        Err(error) => return Check::Account.error(error.id()),
    };
    let kinds = || asked.iter().filter_map(|asked| Some(asked.profile.as_ref().ok()?.account_kind));
    let removed = asked.iter().any(|asked| {
        asked.profile.as_ref().err().and_then(ControlCenterError::refusal) == Some(RefusalCode::Unauthorized)
    });
    if asked.is_empty() {
        Check::Account.unknown("This phone is not paired yet.", "Pair it with a computer.")
    } else if removed {
        Check::Account.attention(
            "Your organisation's server no longer knows this phone.",
            "Remove the computer here, then pair again.",
        )
    } else if kinds().any(|kind| kind == AccountKind::Local) {
        Check::Account.error(ErrorId::PairingWrongAccount)
    } else if kinds().count() == asked.len() {
        Check::Account.ok("Your work account is known.")
    } else {
        Check::Account.unknown("Not every server of yours has answered.", "Try again when you are online.")
    }
}

fn clock(asked: &[Asked]) -> Finding {
    match asked.iter().filter_map(|asked| asked.skew).max() {
        Some(skew) if skew > MAX_SKEW => Check::Clock.attention(
            "The clock of this phone is wrong by more than a minute.",
            "Let the system set date and time by itself.",
        ),
        Some(_) => Check::Clock.ok("The clock is right."),
        None => Check::Clock
            .unknown("No server has told the time.", "Let the system set date and time by itself."),
    }
}

#[cfg(test)]
mod tests;
