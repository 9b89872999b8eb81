//! Opening and closing a phone, and what it does with a computer nearby.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use latchkey_authenticator::policy::KeyStorage;
use latchkey_phone::provider::{TrustedBrowsers, policy_for};

use crate::cancel::{Cancel, token};
use crate::computers::{Computers, Unlocked};
use crate::error::LatchkeyError;
use crate::offline_pins::OfflinePins;
use crate::passkeys::Passkeys;
use crate::ports::{Platform, Ports};
use crate::provider::Provider;
use crate::readiness::Finding;
use crate::scanner::{Code, Scanner};

/// How long opening may take: unwrapping the vault key is the shell's, and has 20 seconds; the rest takes milliseconds.
const OPENING: Duration = Duration::from_secs(30);

/// What one phone is set up with.
#[derive(Clone, uniffi::Record)]
pub struct PhoneConfig {
    /// The database file; it is made if it is not there. App and extension may share one, in a folder that
    /// both can write to.
    pub database: String,
    /// The operating system, which decides what its passkeys may be like.
    pub platform: Platform,
    /// New ES256 keys live in hardware where the key vault has it.
    #[uniffi(default = false)]
    pub hardware_keys: bool,
    /// How long a prompt waits for its answer; 30 seconds if not given.
    #[uniffi(default)]
    pub prompt_timeout: Option<Duration>,
    /// The browsers that may say whose page asks, on Android: JSON in the form of
    /// `CallingAppInfo.getOrigin`. None if not given.
    #[uniffi(default)]
    pub trusted_browsers: Option<String>,
    /// Where the tunnel service really listens, for a simulator.
    #[uniffi(default)]
    pub tunnel: Option<TunnelAddress>,
    /// A certificate authority to trust beside the operating system's, in PEM, for a simulator.
    #[uniffi(default)]
    pub extra_ca: Option<Vec<u8>>,
    /// Control Centers may also be on this machine, for a simulator.
    #[uniffi(default = false)]
    pub developer: bool,
    /// Hosts of Control Centers that public DNS does not know, as an administrator named them.
    #[uniffi(default = [])]
    pub private_hosts: Vec<String>,
    /// How far the phone's clock runs ahead of the system's, for a simulator: what takes days happens at once. Not
    /// negative.
    #[uniffi(default)]
    pub clock_ahead: Option<Duration>,
}

/// Where a service listens.
#[derive(Clone, uniffi::Record)]
pub struct TunnelAddress {
    /// Host name, which its certificate must carry.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// A phone: its passkeys, and what they are used for. Open one, and shut it down when the
/// app is suspended.
#[derive(uniffi::Object)]
pub struct Phone {
    phone: Arc<latchkey_phone::Phone>,
    browsers: Arc<TrustedBrowsers>,
}

/// What came of a code.
#[derive(Clone, uniffi::Enum)]
pub enum Approval {
    /// A computer nearby was answered, maybe with a refusal.
    Answered {
        /// How.
        answer: Answer,
    },
    /// This phone was paired.
    Paired {
        /// With whom.
        paired: Paired,
    },
    /// A computer was unlocked.
    Unlocked {
        /// Which.
        unlocked: Unlocked,
    },
}

/// A phone that was paired. Personal data: never logged.
#[derive(Clone, uniffi::Record)]
pub struct Paired {
    /// The account.
    pub account: String,
    /// Base URL of the Control Center.
    pub tenant: String,
    /// The computer's ID; a code from a web page has none.
    pub machine_id: Option<String>,
    /// Credential ID of the passkey.
    pub credential_id: Vec<u8>,
}

/// What came of what had been left open.
#[derive(Clone, uniffi::Record)]
pub struct Resumed {
    /// Pairings that the server had confirmed.
    pub paired: Vec<Paired>,
    /// How many pairings it had not: no trace of them is left.
    pub given_up: u32,
    /// How many computers and registrations the server was told about: they are gone now.
    pub removed: u32,
    /// How much is still open, because the server could not be asked.
    pub open: u32,
}

/// How a computer was answered. Tells where somebody has an account: never logged.
#[derive(Clone, uniffi::Record)]
pub struct Answer {
    /// What it asked for.
    pub action: Action,
    /// RP ID, as the computer says; the phone cannot check it.
    pub rp_id: Option<String>,
    /// Why it was refused, if it was.
    pub error: Option<LatchkeyError>,
}

/// What a computer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Action {
    /// Create a passkey.
    Create,
    /// Sign in.
    SignIn,
    /// A touch, without a passkey.
    Touch,
}

#[uniffi::export(async_runtime = "tokio")]
impl Phone {
    /// Opens the phone, or makes a new one. Fails with `provider.locked` while the key vault is locked, and
    /// with `request.malformed` for a list of browsers that cannot be read; nothing is stored then. When
    /// the key vault fails or does not answer for 20 seconds, and after 30 in any case, it fails with `any.internal`.
    /// Cancelling ends the wait for the key vault; what it opens later is closed at once.
    #[uniffi::constructor(name = "open", default(cancel = None))]
    pub async fn open(
        config: PhoneConfig,
        ports: Ports,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Arc<Self>, LatchkeyError> {
        let browsers = config.trusted_browsers.as_deref().map(TrustedBrowsers::parse).transpose();
        let browsers = browsers.map_err(|error| error.id())?.unwrap_or_default();
        let database = PathBuf::from(&config.database);
        let ports = ports.into_core(config.platform, config.clock_ahead.unwrap_or_default());
        let core = config.into_core();
        // The shell's key vault may block, and then only its own thread waits.
        let opening =
            tokio::task::spawn_blocking(move || latchkey_phone::Phone::open(&database, core, ports));
        let cancel = token(cancel);
        let opened = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(LatchkeyError::AuthNotFoundOrCanceled),
            opened = tokio::time::timeout(OPENING, opening) => opened,
        };
        let phone = opened.ok().and_then(Result::ok).ok_or(LatchkeyError::AnyInternal)??;
        Ok(Arc::new(Phone { phone: Arc::new(phone), browsers: Arc::new(browsers) }))
    }

    /// The passkeys, for their owner's list.
    #[must_use]
    pub fn passkeys(&self) -> Arc<Passkeys> {
        Arc::new(Passkeys::new(Arc::clone(&self.phone)))
    }

    /// The door of the operating system's passkey provider.
    #[must_use]
    pub fn provider(&self) -> Arc<Provider> {
        Arc::new(Provider::new(Arc::clone(&self.phone), Arc::clone(&self.browsers)))
    }

    /// Looks for codes in the camera's pictures.
    #[must_use]
    pub fn scanner(&self) -> Arc<Scanner> {
        Arc::new(Scanner::new(Arc::clone(&self.phone)))
    }

    /// The computers, for their owner's list.
    #[must_use]
    pub fn computers(&self) -> Arc<Computers> {
        Arc::new(Computers::new(Arc::clone(&self.phone)))
    }

    /// The offline PINs of the computers.
    #[must_use]
    pub fn offline_pins(&self) -> Arc<OfflinePins> {
        Arc::new(OfflinePins::new(Arc::clone(&self.phone)))
    }

    /// Does what a code asks for: answers the computer nearby that shows it, pairs this phone, or unlocks
    /// a computer. One at a time.
    #[uniffi::method(default(cancel = None))]
    pub async fn approve(&self, code: Code, cancel: Option<Arc<Cancel>>) -> Result<Approval, LatchkeyError> {
        self.phone.approve_code(code.into(), &token(cancel)).await?.try_into()
    }

    /// Asks a Control Center, whose address and code the person typed, for what the code stands for. Show
    /// `host_of` the address before. Too many codes that are not found have to wait.
    #[uniffi::method(default(cancel = None))]
    pub async fn look_up(
        &self,
        address: String,
        code: String,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Code, LatchkeyError> {
        let code = self.phone.look_up(&address, &code, &token(cancel)).await?;
        latchkey_scan::Code::ControlCenter(Box::new(code)).try_into()
    }

    /// The host that a typed address of a Control Center leads to.
    pub fn host_of(&self, address: String) -> Result<String, LatchkeyError> {
        Ok(self.phone.address(&address)?.host().to_owned())
    }

    /// Looks at everything that pairing, signing in and unlocking need, at the Control Centers for up to
    /// ten seconds. Changes nothing. Fails only when it is cancelled.
    #[uniffi::method(default(cancel = None))]
    pub async fn readiness(&self, cancel: Option<Arc<Cancel>>) -> Result<Vec<Finding>, LatchkeyError> {
        Ok(self.phone.readiness(&token(cancel)).await?.into_iter().map(Into::into).collect())
    }

    /// Finishes what was interrupted. For an app, but not for an extension of it: to call when it is opened
    /// and when the network comes back.
    #[uniffi::method(default(cancel = None))]
    pub async fn resume(&self, cancel: Option<Arc<Cancel>>) -> Result<Resumed, LatchkeyError> {
        Ok(self.phone.resume(&token(cancel)).await?.into())
    }

    /// Closes the database, for every part of this phone, and ends the ceremony that is open, with its
    /// prompt. An app that is being suspended must call it: the system ends a suspended process that holds a
    /// shared file. What needs the database fails with `provider.locked` from then on; open a new phone to go
    /// on.
    pub fn shut_down(&self) {
        self.phone.close();
    }
}

impl PhoneConfig {
    fn into_core(self) -> latchkey_phone::PhoneConfig {
        let mut policy = policy_for(self.platform.into());
        if self.hardware_keys {
            policy.key_storage = KeyStorage::PreferHardware;
        }
        policy.prompt_timeout = self.prompt_timeout.unwrap_or(policy.prompt_timeout);
        let tunnel = self
            .tunnel
            .map(|TunnelAddress { host, port }| latchkey_phone::tunnel::TunnelAddress { host, port });
        latchkey_phone::PhoneConfig {
            policy,
            tunnel,
            extra_ca: self.extra_ca,
            developer: self.developer,
            private_hosts: self.private_hosts,
            ..latchkey_phone::PhoneConfig::default()
        }
    }
}

impl TryFrom<latchkey_phone::Approval> for Approval {
    type Error = LatchkeyError;

    fn try_from(approval: latchkey_phone::Approval) -> Result<Self, Self::Error> {
        Ok(match approval {
            latchkey_phone::Approval::Answered(answer) => Approval::Answered { answer: answer.into() },
            latchkey_phone::Approval::Paired(paired) => Approval::Paired { paired: paired.into() },
            latchkey_phone::Approval::Unlocked(unlocked) => Approval::Unlocked { unlocked: unlocked.into() },
            _ => return Err(LatchkeyError::AnyInternal),
        })
    }
}

impl From<latchkey_phone::Paired> for Paired {
    fn from(paired: latchkey_phone::Paired) -> Self {
        let latchkey_phone::Paired { account, tenant, machine_id, credential_id } = paired;
        Paired { account, tenant, machine_id, credential_id: credential_id.0 }
    }
}

impl From<latchkey_phone::Resumed> for Resumed {
    fn from(resumed: latchkey_phone::Resumed) -> Self {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Resumed {
            paired: resumed.paired.into_iter().map(Into::into).collect(),
            given_up: count(resumed.given_up),
            removed: count(resumed.removed),
            open: count(resumed.open),
        }
    }
}

impl From<latchkey_phone::Answer> for Answer {
    fn from(answer: latchkey_phone::Answer) -> Self {
        let latchkey_phone::Answer { action, rp_id, status: _, error } = answer;
        let action = match action {
            latchkey_phone::Action::Create => Action::Create,
            latchkey_phone::Action::SignIn => Action::SignIn,
            latchkey_phone::Action::Touch => Action::Touch,
        };
        Answer { action, rp_id, error: error.map(Into::into) }
    }
}
