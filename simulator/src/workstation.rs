//! A software workstation: paired with phones, locked and unlocked by them, also without a network.
//!
//! It is a real program that speaks the protocols of docs/control-center.md and keeps its state in one
//! folder. What a product would do beside it: the secrets that are sealed under a key file here belong to
//! the machine's TPM, and the lock is the operating system's lock screen.
//!
//! | file | is about |
//! |------|----------|
//! | `pairing` | a phone is paired with an account of this workstation |
//! | `unlock` | a phone asks to unlock, or has read a sign-in code |
//! | `hybrid` | "Scan QR to Login" |
//! | `offline` | PINs: handed over to the phone, typed here |
//! | `sign_in` | the session passkey: websites, while the workstation is unlocked |
//! | `offer` | a passkey on this workstation, after a sign-in with the phone |
//! | `run` | serving what comes in, for as long as the workstation is on |
//! | `lock` | the lock, and all ways to leave it |

pub mod control_center;
mod conversation;
pub mod error;
#[cfg(test)]
mod fixture;
pub mod hybrid;
pub mod lock;
pub mod offer;
pub mod offline;
pub mod pairing;
mod rng;
pub mod run;
pub mod sign_in;
pub mod store;
pub mod unlock;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use latchkey_authenticator::ports::{Clock, Rng, UserGate};
use latchkey_offline::{Argon2Cost, OfflinePolicy};
use latchkey_phone::control_center::wire::{PairedDevice, ReportedEvent, WorkstationResponse};
use latchkey_phone::control_center::{Address, ControlCenterError};
use rustls::ClientConfig;
use tokio::sync::Notify;

use crate::ports::FileKeys;

use control_center::ControlCenter;
pub use error::WorkstationError;
use lock::Unlock;
pub use lock::{How, LockState, Session};
use rng::PortRng;
pub use store::{Enrolment, Pairing};
use store::{Store, Synced};

/// What one workstation is set up with.
#[derive(Clone)]
pub struct WorkstationConfig {
    /// Its folder; made if it does not exist.
    pub state: PathBuf,
    /// What people call it, until it is enrolled under this name.
    pub machine_name: String,
    /// What checking one PIN costs.
    pub cost: Argon2Cost,
    /// Whether the Control Center may be on this machine, on any port.
    pub developer: bool,
}

/// The surroundings of a workstation.
#[derive(Clone)]
pub struct WorkstationPorts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// The person in front of it, asked only for a passkey on this workstation.
    pub gate: Arc<dyn UserGate>,
    /// Whom to trust.
    pub tls: Arc<ClientConfig>,
}

/// A workstation. Shared by reference; several processes may open the same folder.
pub struct Workstation {
    config: WorkstationConfig,
    ports: WorkstationPorts,
    keys: Arc<FileKeys>,
    store: Arc<Store>,
    control_center: Mutex<Option<ControlCenter>>,
    /// Wakes those who watch the lock.
    unlocked: Notify,
}

impl Workstation {
    /// Opens the workstation in this folder, or makes a new one, which is locked.
    ///
    /// # Errors
    /// [`WorkstationError`]
    pub fn open(config: WorkstationConfig, ports: WorkstationPorts) -> Result<Self, WorkstationError> {
        std::fs::create_dir_all(&config.state)?;
        let keys = Arc::new(FileKeys::open(&config.state.join("workstation.key"))?);
        let database = config.state.join("workstation.sqlite");
        let store = Arc::new(Store::open(&database, &*keys, &config.machine_name, Arc::clone(&ports.rng))?);
        let (control_center, unlocked) = (Mutex::default(), Notify::new());
        Ok(Workstation { config, ports, keys, store, control_center, unlocked })
    }

    /// Makes this workstation known to the Control Center at `address`, with an administrator's install
    /// token. May be repeated: the machine's ID and key stay the same.
    ///
    /// # Errors
    /// [`WorkstationError`]
    pub async fn enroll(&self, address: &str, install_token: &str) -> Result<Enrolment, WorkstationError> {
        let address = Address::parse(address, self.config.developer)?;
        let identity = self.store.identity()?;
        let enrolment =
            control_center::enroll(Arc::clone(&self.ports.tls), &address, &identity, install_token).await?;
        self.store.enrol(&enrolment)?;
        *self.cached() = None;
        Ok(enrolment)
    }

    /// Asks the Control Center for the settings and the pairings, and acts on what has changed: pairings
    /// whose answer was lost are finished; those that were removed are forgotten; PINs that are switched
    /// off, or have lost their phone, are destroyed.
    ///
    /// # Errors
    /// [`WorkstationError`]
    pub async fn sync(&self) -> Result<Changes, WorkstationError> {
        self.sync_with(&self.control_center()?).await.map(|(_, changes)| changes)
    }

    async fn sync_with(
        &self,
        control_center: &ControlCenter,
    ) -> Result<(WorkstationResponse, Changes), WorkstationError> {
        // What is paired while the answer is on its way is not in it, and stays.
        let before = self.store.pairings()?;
        let answer = control_center.sync().await?;
        let changes = self.apply(before, &answer)?;
        Ok((answer, changes))
    }

    fn apply(&self, before: Vec<Pairing>, answer: &WorkstationResponse) -> Result<Changes, WorkstationError> {
        let clock_offset = signed_difference(answer.server_time, self.ports.clock.unix_seconds());
        self.store.set_synced(&Synced { settings: answer.settings.clone(), clock_offset })?;
        let mut changes = Changes::default();
        for pairing in before {
            match answer.pairings.iter().find(|listed| listed.device_id == pairing.device_id) {
                Some(listed) => self.renew_passkey(&pairing, listed)?,
                None => {
                    self.unpair(&pairing)?;
                    changes.removed += 1;
                }
            }
        }
        for listed in &answer.pairings {
            changes.paired += usize::from(self.adopt(listed)?.is_some());
        }
        self.store.forget_old_codes(self.now()?)?;
        if !answer.settings.offline.enabled {
            self.revoke_all_pins()?;
        }
        Ok(changes)
    }

    /// Where the workstation stands.
    ///
    /// # Errors
    /// [`WorkstationError`]
    pub fn status(&self) -> Result<Status, WorkstationError> {
        let identity = self.store.identity()?;
        let mut offline = Vec::new();
        for account in self.store.accounts()? {
            let ready = self.verifier(&account)?.ready(self.now()?);
            offline.push((account, ready));
        }
        Ok(Status {
            machine_id: identity.machine_id,
            machine_name: identity.machine_name,
            control_center: self.store.enrolment()?.map(|enrolment| enrolment.base_url),
            lock: self.store.lock_state()?,
            pairings: self.store.pairings()?,
            offline,
        })
    }

    /// The lock.
    ///
    /// # Errors
    /// [`WorkstationError::Database`]
    pub fn lock_state(&self) -> Result<LockState, WorkstationError> {
        self.store.lock_state()
    }

    /// Locks. Does nothing when it is locked.
    ///
    /// # Errors
    /// [`WorkstationError::Database`]
    pub fn lock(&self) -> Result<(), WorkstationError> {
        self.store.lock()
    }

    /// Leaves the lock with a proof that was checked.
    fn leave_lock(&self, unlock: &Unlock) -> Result<Session, WorkstationError> {
        let session = self.store.unlock(unlock, self.now()?)?;
        self.unlocked.notify_waiters();
        Ok(session)
    }

    /// The folder.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.config.state
    }

    /// The Control Center that this workstation is enrolled at.
    fn control_center(&self) -> Result<ControlCenter, WorkstationError> {
        if let Some(control_center) = &*self.cached() {
            return Ok(control_center.clone());
        }
        let enrolment = self.store.enrolment()?.ok_or(WorkstationError::NotEnrolled)?;
        let address = Address::parse(&enrolment.base_url, self.config.developer)?;
        let control_center = ControlCenter::new(Arc::clone(&self.ports.tls), &address, &enrolment)?;
        *self.cached() = Some(control_center.clone());
        Ok(control_center)
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, Option<ControlCenter>> {
        self.control_center.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unix seconds: the Control Center's time as far as it is known, which the PINs live by.
    fn now(&self) -> Result<u64, WorkstationError> {
        let offset = self.store.synced()?.map_or(0, |synced| synced.clock_offset);
        Ok(self.ports.clock.unix_seconds().saturating_add_signed(offset))
    }

    fn rng(&self) -> PortRng {
        PortRng(Arc::clone(&self.ports.rng))
    }

    /// The administrator's policy for offline PINs; everything off before the first sync, or when a
    /// setting is out of its bounds.
    fn policy(&self) -> Result<OfflinePolicy, WorkstationError> {
        let Some(Synced { settings, .. }) = self.store.synced()? else { return Ok(OfflinePolicy::default()) };
        let offline = settings.offline;
        Ok(OfflinePolicy::new(latchkey_offline::Settings {
            enabled: offline.enabled,
            length: offline.length,
            count: offline.count,
            valid_days: offline.valid_days,
            display_secs: offline.display_secs,
            prompt_threshold_pct: offline.prompt_threshold_pct,
            max_failures: offline.max_failures,
            window: offline.window,
        })
        .unwrap_or_default())
    }

    /// Notes an event for the audit trail; it is sent when the Control Center can be reached.
    fn note(&self, name: &str) -> Result<(), WorkstationError> {
        let mut id = [0; 16];
        self.ports.rng.fill(&mut id);
        self.store.queue_event(&ReportedEvent {
            event_id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            event_name: name.to_owned(),
            event_time_in_utc: self.ports.clock.unix_seconds().saturating_mul(1000),
            machine_id: Some(self.store.identity()?.machine_id),
        })
    }

    /// Sends what [`Workstation::note`] has queued.
    async fn report(&self) -> Result<(), WorkstationError> {
        loop {
            let queued = self.store.queued_events(100)?;
            if queued.is_empty() {
                return Ok(());
            }
            let (ids, events): (Vec<i64>, Vec<ReportedEvent>) = queued.into_iter().unzip();
            self.control_center()?.report(events).await?;
            self.store.forget_events(&ids)?;
        }
    }

    /// Forgets a phone, with the PINs that it may hold.
    fn unpair(&self, pairing: &Pairing) -> Result<(), WorkstationError> {
        self.verifier(&pairing.username)?.revoke()?;
        self.store.remove_pairing(&pairing.device_id)
    }

    /// A phone that was paired with one more computer has a new passkey in the place of the old one, for all
    /// of them. The pairing's secret, which no server keeps, stays what tells this phone from others.
    fn renew_passkey(&self, pairing: &Pairing, listed: &PairedDevice) -> Result<(), WorkstationError> {
        match pairing.newer_passkey(listed) {
            Some(passkey) => self.store.renew_passkey(pairing, &passkey),
            None => Ok(()),
        }
    }

    /// Stores the pairing of a code that this workstation has shown, and says whether it is new.
    fn adopt(&self, listed: &PairedDevice) -> Result<Option<Pairing>, WorkstationError> {
        let Some(code) = self.store.code(&listed.request_id)? else { return Ok(None) };
        let pairing = Pairing::of_code(listed, &code, self.ports.clock.unix_seconds())?;
        self.store.add_pairing(&pairing, &code.request_id)?;
        Ok(Some(pairing))
    }
}

/// What a sync changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Pairings that were finished.
    pub paired: usize,
    /// Pairings that the Control Center does not know any more.
    pub removed: usize,
}

/// Where a workstation stands.
pub struct Status {
    /// Its ID.
    pub machine_id: String,
    /// What people call it.
    pub machine_name: String,
    /// Where it is enrolled.
    pub control_center: Option<String>,
    /// The lock.
    pub lock: LockState,
    /// The phones that unlock it.
    pub pairings: Vec<Pairing>,
    /// Whether a PIN can be typed, for each account.
    pub offline: Vec<(String, Result<latchkey_offline::verifier::Ready, latchkey_offline::OfflineError>)>,
}

/// Whether it cannot be told that nothing happened: worth another try with the same words.
const fn is_unclear(error: &ControlCenterError) -> bool {
    !error.changed_nothing()
}

fn signed_difference(a: u64, b: u64) -> i64 {
    i64::try_from(i128::from(a) - i128::from(b)).unwrap_or(0)
}
