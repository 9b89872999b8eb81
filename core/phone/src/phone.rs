//! Opening and closing a phone.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use latchkey_authenticator::ports::{Clock, KeyVault, Rng, StoreError, UserGate};
use latchkey_authenticator::{Authenticator, Cancel, Policy, Ports};
use latchkey_hybrid::{QrPayload, TunnelDomain};
use latchkey_scan::{Code, CodeError, Effort, Frame, Operation};
use latchkey_vault::Vault;
use rustls::ClientConfig;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::computers::Computers;
use crate::control_center::{BackOff, LookUpMethod};
use crate::error::PhoneError;
use crate::gate_witness::GateWitness;
use crate::hybrid::{self, Answer};
use crate::pairing::Paired;
use crate::ports::{BleAdvertiser, Device, Network, Observer};
use crate::security_keys::SecurityKeys;
use crate::tls::{self, TrustError};
use crate::tunnel::TunnelAddress;
use crate::unlock::Unlocked;

/// What one phone is set up with.
#[derive(Clone, Debug)]
pub struct PhoneConfig {
    /// The rules of its authenticator.
    pub policy: Policy,
    /// The tunnel service it uses, as computers know it.
    pub domain: TunnelDomain,
    /// Where that service really listens, if not at the domain's host: simulators and tests.
    pub tunnel: Option<TunnelAddress>,
    /// A certificate authority to trust beside the operating system's, in PEM.
    pub extra_ca: Option<Vec<u8>>,
    /// Control Centers may also be on this machine, and on other ports than 443: simulators and tests.
    pub developer: bool,
    /// Hosts of Control Centers that public DNS does not know, as an administrator named them.
    pub private_hosts: Vec<String>,
    /// RP IDs that every Control Center may have a passkey made for, beside those of its own domain.
    pub passkey_rp_ids: Vec<String>,
    /// How typed codes are looked up.
    pub look_up: LookUpMethod,
}

impl Default for PhoneConfig {
    fn default() -> Self {
        PhoneConfig {
            policy: Policy::default(),
            domain: TunnelDomain::GOOGLE,
            tunnel: None,
            extra_ca: None,
            developer: false,
            private_hosts: Vec::new(),
            passkey_rp_ids: vec!["login.microsoft.com".to_owned()],
            look_up: LookUpMethod::default(),
        }
    }
}

/// The surroundings of a phone.
#[derive(Clone)]
pub struct PhonePorts {
    /// The person.
    pub gate: Arc<dyn UserGate>,
    /// The operating system's keys.
    pub keys: Arc<dyn KeyVault>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Bluetooth.
    pub advertiser: Arc<dyn BleAdvertiser>,
    /// The network's state.
    pub network: Arc<dyn Network>,
    /// The device and its permissions.
    pub device: Arc<dyn Device>,
    /// Progress.
    pub observer: Arc<dyn Observer>,
}

/// A phone: its passkeys, and the ceremonies they are used in.
pub struct Phone {
    pub(crate) config: PhoneConfig,
    pub(crate) ports: PhonePorts,
    pub(crate) vault: Arc<Vault>,
    pub(crate) authenticator: Authenticator,
    pub(crate) gate: Arc<GateWitness>,
    tls: OnceLock<Arc<ClientConfig>>,
    /// Held during a hybrid ceremony, of which there is one at a time.
    pub(crate) ceremony: Mutex<()>,
    /// Typed codes that were not found.
    pub(crate) back_off: std::sync::Mutex<BackOff>,
}

/// What came of a code.
#[derive(Debug)]
#[non_exhaustive]
pub enum Approval {
    /// A computer nearby was answered, maybe with a refusal.
    Answered(Answer),
    /// This phone was paired.
    Paired(Paired),
    /// A computer was unlocked.
    Unlocked(Unlocked),
}

impl Approval {
    /// What a computer nearby was answered, if that is what came of the code.
    #[must_use]
    pub fn into_answer(self) -> Option<Answer> {
        if let Approval::Answered(answer) = self { Some(answer) } else { None }
    }
}

impl Phone {
    /// Opens the phone whose passkeys are in the database file `vault`, or makes a new one.
    ///
    /// # Errors
    /// [`PhoneError::Vault`]
    pub fn open(vault: &Path, config: PhoneConfig, ports: PhonePorts) -> Result<Self, PhoneError> {
        let vault = Arc::new(Vault::open(vault, &*ports.keys, Arc::clone(&ports.rng))?);
        let gate = Arc::new(GateWitness::new(Arc::clone(&ports.gate)));
        let authenticator = Authenticator::new(
            Ports {
                store: vault.clone(),
                gate: gate.clone(),
                keys: Arc::clone(&ports.keys),
                clock: Arc::clone(&ports.clock),
                rng: Arc::clone(&ports.rng),
            },
            config.policy.clone(),
        );
        let (tls, ceremony, back_off) = (OnceLock::new(), Mutex::default(), Default::default());
        Ok(Phone { config, ports, vault, authenticator, gate, tls, ceremony, back_off })
    }

    /// Looks for a code in a picture: [`Effort::Preview`] for each frame of the camera, where the next
    /// one may be sharper, [`Effort::Photo`] for a picture that is the only one.
    ///
    /// # Errors
    /// [`PhoneError::Code`]: nothing to act on, or more than one code that could be meant.
    pub fn scan(&self, frame: &Frame<'_>, effort: Effort) -> Result<Code, PhoneError> {
        Ok(code_of(&latchkey_scan::read_texts(frame, effort))?)
    }

    /// Does what the code in a picture asks for: answers a computer nearby, pairs this phone, or unlocks a
    /// computer. `texts` are all texts of the picture; exactly one must be a code for this app.
    ///
    /// What was answered may be a refusal. Must run on a tokio runtime. Cancelling, or dropping the
    /// future, ends the ceremony; the phone is ready for the next code.
    ///
    /// # Errors
    /// [`PhoneError`] if nothing was answered, paired or unlocked.
    pub async fn approve<T: AsRef<str>>(&self, texts: &[T], cancel: &Cancel) -> Result<Approval, PhoneError> {
        self.approve_code(code_of(texts)?, cancel).await
    }

    /// [`Phone::approve`] for a code that was read already: scanned or looked up.
    ///
    /// # Errors
    /// Those of [`Phone::approve`]
    pub async fn approve_code(&self, code: Code, cancel: &Cancel) -> Result<Approval, PhoneError> {
        match code {
            Code::Hybrid(text) => {
                let text = Zeroizing::new(text);
                let code = QrPayload::parse(&text).map_err(latchkey_hybrid::HybridError::from)?;
                let _ceremony = self.ceremony.try_lock().map_err(|_| PhoneError::Busy)?;
                hybrid::serve(self, code, cancel).await.map(Approval::Answered)
            }
            Code::ControlCenter(code) => match code.operation {
                Operation::Register => self.pair(&code, cancel).await.map(Approval::Paired),
                Operation::Authenticate => {
                    self.sign_in_with_code(&code, cancel).await.map(Approval::Unlocked)
                }
                _ => Err(PhoneError::CodeNotSupported),
            },
            _ => Err(PhoneError::CodeNotSupported),
        }
    }

    /// The computers that this phone unlocks, as their owner sees them.
    #[must_use]
    pub const fn computers(&self) -> Computers<'_> {
        Computers::new(self)
    }

    /// The passkeys of this phone, as their owner sees them.
    #[must_use]
    pub const fn security_keys(&self) -> SecurityKeys<'_> {
        SecurityKeys::new(self)
    }

    /// Closes the database and ends the ceremony that is open, with its prompt. An app that is being suspended
    /// must call it. Everything that needs the database fails from then on; open a new phone to go on.
    pub fn close(&self) {
        self.vault.close();
        self.authenticator.close();
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.vault.damaged(), Err(StoreError::Closed))
    }

    /// Whom to trust; read from the operating system on first use, which takes a few milliseconds.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, TrustError> {
        if let Some(tls) = self.tls.get() {
            return Ok(Arc::clone(tls));
        }
        let tls = tls::client_config(self.config.extra_ca.as_deref())?;
        Ok(Arc::clone(self.tls.get_or_init(|| tls)))
    }
}

/// The one code among all texts of a picture. Links are codes only for a tenant that this phone knows,
/// and it knows none yet: a web address is somebody else's poster and does not disturb.
fn code_of<T: AsRef<str>>(texts: &[T]) -> Result<Code, CodeError> {
    let is_link = |text: &str| matches!(latchkey_scan::code_from_text(text), Ok(Code::Link(_)));
    let others: Vec<&str> = texts.iter().map(AsRef::as_ref).filter(|text| !is_link(text)).collect();
    latchkey_scan::code_from_texts(&others)
}

#[cfg(test)]
mod tests;
