//! A phone for tests, and the doubles of the ports that this crate defines.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use latchkey_authenticator::testing::{ManualClock, ScriptedGate, SeededRng, SoftwareKeyVault};
use tempfile::TempDir;

use crate::ports::{
    AdvertError, Advertisement, Availability, BleAdvertiser, Device, DeviceFacts, Network, Observer, Step,
    System,
};
use crate::version::Version;
use crate::{Phone, PhoneConfig, PhonePorts};

/// A phone and everything around it. Its person says yes, its clock stands still, it is online.
pub(crate) struct TestPhone {
    pub(crate) phone: Phone,
    pub(crate) gate: Arc<ScriptedGate>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) hardware: Arc<SoftwareKeyVault>,
    pub(crate) surroundings: Arc<Surroundings>,
    directory: TempDir,
}

/// Network, device, radio and observer.
pub(crate) struct Surroundings {
    online: AtomicBool,
    facts: Mutex<DeviceFacts>,
    steps: Mutex<Vec<Step>>,
    reached: tokio::sync::Notify,
}

impl TestPhone {
    /// A phone that trusts the servers of this certificate, PEM, also on this machine.
    pub(crate) fn trusting(ca: &[u8]) -> Self {
        Self::with(|config| config.extra_ca = Some(ca.to_vec()))
    }

    pub(crate) fn with(set_up: impl FnOnce(&mut PhoneConfig)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let gate = Arc::new(ScriptedGate::approving());
        let clock = Arc::new(ManualClock::default());
        let hardware = Arc::new(SoftwareKeyVault::new(1));
        let surroundings = Arc::new(Surroundings::default());
        let mut config = PhoneConfig { developer: true, ..PhoneConfig::default() };
        set_up(&mut config);
        let ports = PhonePorts {
            gate: gate.clone(),
            keys: hardware.clone(),
            clock: clock.clone(),
            rng: Arc::new(SeededRng::new(1)),
            advertiser: surroundings.clone(),
            network: surroundings.clone(),
            device: surroundings.clone(),
            observer: surroundings.clone(),
        };
        let phone = Phone::open(&directory.path().join("vault.sqlite"), config, ports).unwrap();
        TestPhone { phone, gate, clock, hardware, surroundings, directory }
    }

    /// What a killed app does when it is opened again: everything in memory is gone.
    pub(crate) fn restart(&mut self) {
        let (config, ports) = (self.phone.config.clone(), self.phone.ports.clone());
        self.phone.close();
        self.phone = Phone::open(&self.directory.path().join("vault.sqlite"), config, ports).unwrap();
    }
}

impl Default for Surroundings {
    fn default() -> Self {
        let facts = DeviceFacts {
            name: "Ada's phone".to_owned(),
            system: System::Android,
            system_version: Version::new(15, 0, 0),
            app_version: Version::new(10, 5, 0),
            provider: Availability::Ready,
            camera: Availability::Ready,
            bluetooth: Availability::Ready,
        };
        Surroundings {
            online: AtomicBool::new(true),
            facts: Mutex::new(facts),
            steps: Mutex::default(),
            reached: tokio::sync::Notify::new(),
        }
    }
}

impl Surroundings {
    pub(crate) fn set_online(&self, online: bool) {
        self.online.store(online, Ordering::Relaxed);
    }

    pub(crate) fn set_facts(&self, change: impl FnOnce(&mut DeviceFacts)) {
        change(&mut self.facts.lock().unwrap());
    }

    /// The steps so far; forgets them.
    pub(crate) fn take_steps(&self) -> Vec<Step> {
        core::mem::take(&mut self.steps.lock().unwrap())
    }

    /// Returns once `step` was reached, be it before or after.
    pub(crate) async fn wait_for(&self, step: Step) {
        loop {
            let reached = self.reached.notified();
            if self.steps.lock().unwrap().contains(&step) {
                return;
            }
            reached.await;
        }
    }
}

#[async_trait]
impl BleAdvertiser for Surroundings {
    async fn advertise(&self, _: &[u8; 20]) -> Result<Box<dyn Advertisement>, AdvertError> {
        Err(AdvertError::Off)
    }
}

impl Network for Surroundings {
    fn is_online(&self) -> bool {
        self.online.load(Ordering::Relaxed)
    }
}

impl Device for Surroundings {
    fn facts(&self) -> DeviceFacts {
        self.facts.lock().unwrap().clone()
    }
}

impl Observer for Surroundings {
    fn reached(&self, step: Step) {
        self.steps.lock().unwrap().push(step);
        self.reached.notify_waiters();
    }
}
