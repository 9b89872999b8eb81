//! Everybody who takes part.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey_authenticator::testing::{ManualClock, ScriptedGate, SeededRng, SoftwareKeyVault};
use latchkey_authenticator::{Cancel, CredentialId, CredentialSummary, Policy};
use latchkey_ctap::{Algorithm, RelyingParty as Rp, User};
use latchkey_hybrid::{RequestHint, TunnelDomain};
use latchkey_phone::ports::{Network, Observer, Step};
use latchkey_phone::tunnel::TunnelAddress;
use latchkey_phone::{Answer, Phone, PhoneConfig, PhoneError, PhonePorts};
use latchkey_simulator::computer::{Computer, ComputerError, ComputerStep};
use latchkey_simulator::ports::SimulatedDevice;
use latchkey_simulator::tunnel::{Limits, RunningTunnelService, TlsIdentity, TunnelService};
use latchkey_simulator::webauthn::client::{self, Assertion, Creation, Pending};
use latchkey_simulator::webauthn::relying_party::{self, RelyingParty};
use tempfile::TempDir;
use tokio::sync::{Notify, oneshot};

use crate::air::{Air, Ears};
use crate::meddler::{Leg, Meddler};

/// Lets the phone answer a `FIDO:/` code.
///
/// # Errors
/// [`PhoneError`]
pub async fn answer_code<T: AsRef<str>>(
    phone: &Phone,
    texts: &[T],
    cancel: &Cancel,
) -> Result<Answer, PhoneError> {
    phone.approve(texts, cancel).await.map(|approval| approval.into_answer().unwrap())
}

/// The relying party's ID.
pub const RP_ID: &str = "example.com";

/// The relying party's origin.
pub const ORIGIN: &str = "https://login.example.com";

/// A ceremony that takes longer in real time than this hangs.
const HANGS: Duration = Duration::from_secs(60);

/// Opens the phone once more, with the same ports on the same file.
type Restart = Box<dyn Fn() -> Phone + Send + Sync>;

/// How both sides ended.
#[derive(Debug)]
pub struct Outcome {
    /// What the phone's owner saw.
    pub phone: Result<Answer, PhoneError>,
    /// What the computer got; `None` if it still shows its code, for nobody was heard.
    pub computer: Option<Result<Vec<u8>, ComputerError>>,
}

/// A phone and all that it depends on.
pub struct Stage {
    /// The phone.
    pub phone: Phone,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// Its owner.
    pub gate: Arc<ScriptedGate>,
    /// The air around it.
    pub air: Air,
    /// How far it has come.
    pub steps: Arc<Steps>,
    /// Its network.
    pub online: Arc<Online>,
    /// Between the phone and the service.
    pub phone_leg: Meddler,
    /// Between the computer and the service.
    pub computer_leg: Meddler,
    /// Where the service itself is.
    pub service_address: TunnelAddress,
    /// The relying party.
    pub relying_party: Mutex<RelyingParty>,
    /// The computer.
    pub computer: Computer,
    users: Mutex<u64>,
    restart: Restart,
    _service: RunningTunnelService,
    _directory: TempDir,
}

impl Stage {
    /// A phone whose owner says yes.
    pub async fn new() -> Self {
        Self::with(ScriptedGate::approving(), |_| {}).await
    }

    /// A phone with another owner or set up in another way.
    pub async fn with(gate: ScriptedGate, set_up: impl FnOnce(&mut PhoneConfig)) -> Self {
        let (identity, service_ca) = TlsIdentity::generate(&["localhost"]).unwrap();
        let service =
            TunnelService::bind(([127, 0, 0, 1], 0).into(), identity, Limits::default()).await.unwrap();
        let port = service.local_addr().unwrap().port();
        let service_address = TunnelAddress { host: "localhost".to_owned(), port };
        let service_tls = latchkey_phone::tls::client_config(Some(service_ca.as_bytes())).unwrap();
        let (meddler_ca, meddler_tls) = Meddler::certificate();
        let meddle =
            |leg| Meddler::start(leg, meddler_tls.clone(), service_address.clone(), service_tls.clone());
        let (phone_leg, computer_leg) = (meddle(Leg::Phone).await, meddle(Leg::Computer).await);

        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::default());
        let gate = Arc::new(gate);
        let air = Air::default();
        let steps = Arc::new(Steps::default());
        let online = Arc::new(Online(AtomicBool::new(true)));
        let mut config = PhoneConfig {
            policy: Policy::default(),
            domain: TunnelDomain::GOOGLE,
            tunnel: Some(phone_leg.address()),
            extra_ca: Some(meddler_ca.clone().into_bytes()),
            ..PhoneConfig::default()
        };
        set_up(&mut config);
        let ports = PhonePorts {
            gate: gate.clone(),
            keys: Arc::new(SoftwareKeyVault::without_hardware(1)),
            clock: clock.clone(),
            rng: Arc::new(SeededRng::new(1)),
            advertiser: Arc::new(air.clone()),
            network: online.clone(),
            device: Arc::new(SimulatedDevice::default()),
            observer: steps.clone(),
        };
        let restart: Restart = {
            let path = directory.path().join("vault.sqlite");
            Box::new(move || Phone::open(&path, config.clone(), ports.clone()).unwrap())
        };
        let phone = restart();
        let computer = Computer {
            tls: latchkey_phone::tls::client_config(Some(meddler_ca.as_bytes())).unwrap(),
            tunnel: Some(computer_leg.address()),
            patience: HANGS,
        };
        Stage {
            phone,
            clock,
            gate,
            air,
            steps,
            online,
            phone_leg,
            computer_leg,
            service_address,
            relying_party: Mutex::new(RelyingParty::new(RP_ID, ORIGIN)),
            computer,
            users: Mutex::new(0),
            restart,
            _service: service.start(),
            _directory: directory,
        }
    }

    /// Ends the app on the phone and starts it again.
    pub fn restart(&mut self) {
        self.phone.close();
        self.phone = (self.restart)();
    }

    /// All passkeys of the phone.
    #[must_use]
    pub fn list(&self) -> Vec<CredentialSummary> {
        self.phone.security_keys().list().unwrap()
    }

    /// A user who has no passkey.
    pub fn new_user(&self) -> User {
        let mut users = self.users.lock().unwrap();
        *users += 1;
        User { id: users.to_be_bytes().to_vec(), name: Some(format!("user {users}")), display_name: None }
    }

    /// A page that asks for a passkey: its challenge and the request to send.
    #[must_use]
    pub fn creation(&self, user: &User) -> (Vec<u8>, Pending) {
        let challenge = relying_party::challenge();
        let page = Creation {
            origin: ORIGIN.to_owned(),
            rp: Rp { id: RP_ID.to_owned(), name: None },
            user: user.clone(),
            challenge: challenge.clone(),
            algorithms: vec![Algorithm::ES256],
            exclude: vec![],
            discoverable: true,
            attestation: true,
            prf: None,
        };
        (challenge, client::create(&page).unwrap())
    }

    /// A page that asks for a sign-in: its challenge and the request to send.
    #[must_use]
    pub fn assertion(&self, allow: &[&CredentialId]) -> (Vec<u8>, Pending) {
        let challenge = relying_party::challenge();
        let page = Assertion {
            origin: ORIGIN.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge.clone(),
            allow: allow.iter().map(|id| id.0.clone()).collect(),
            prf: None,
        };
        (challenge, client::get(&page).unwrap())
    }

    /// One ceremony between the computer and the phone. The computer hears through `ears`.
    ///
    /// # Panics
    /// When it hangs.
    pub async fn meet(&self, request: Vec<u8>, ears: &mut Ears) -> Outcome {
        let (show, shown) = oneshot::channel();
        let mut show = Some(show);
        let heard = AtomicBool::new(false);
        let phone_gave_up = Notify::new();
        let computer = async {
            let asked = self.computer.ask(RequestHint::MakeCredential, request, ears, |step| match step {
                ComputerStep::Show(code) => drop(show.take().map(|show| show.send(code.to_owned()))),
                ComputerStep::PhoneHeard => heard.store(true, Ordering::Relaxed),
                _ => {}
            });
            tokio::select! {
                biased;
                answer = asked => Some(answer),
                () = phone_gave_up.notified() => None,
            }
        };
        let phone = async {
            let code = shown.await.unwrap();
            let outcome = answer_code(&self.phone, &[code], &Cancel::new()).await;
            // Who was heard is missed; of anyone else the computer never learns.
            if !heard.load(Ordering::Relaxed) {
                phone_gave_up.notify_one();
            }
            outcome
        };
        self.steps.forget();
        let both = async { tokio::join!(computer, phone) };
        let (computer, phone) = tokio::time::timeout(HANGS, both).await.expect("the ceremony hangs");
        assert!(self.air.on_air().is_empty(), "the phone still advertises");
        Outcome { phone, computer }
    }

    /// Moves the phone's clock until `done` is, for waits that nothing else ends.
    pub async fn in_time<T>(&self, done: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            output = done => output,
            () = self.pass_time() => unreachable!("time goes on"),
        }
    }

    /// Like [`Stage::in_time`], once the phone has reached `step`.
    pub async fn in_time_after<T>(&self, step: Step, done: impl Future<Output = T>) -> T {
        self.steps.forget();
        tokio::select! {
            biased;
            output = done => output,
            () = async {
                self.steps.until(step).await;
                self.pass_time().await;
            } => unreachable!("time goes on"),
        }
    }

    /// Lets the phone's time fly.
    pub async fn pass_time(&self) {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.clock.advance(Duration::from_secs(5));
        }
    }

    /// A registration that has to succeed; gives the new credential's ID.
    ///
    /// # Panics
    /// When it does not.
    pub async fn register(&self) -> CredentialId {
        let user = self.new_user();
        let (challenge, pending) = self.creation(&user);
        let outcome = self.meet(pending.request.clone(), &mut self.air.listen()).await;
        assert_eq!(outcome.phone.unwrap().error, None);
        let response = pending.created(&outcome.computer.unwrap().unwrap()).unwrap();
        self.relying_party.lock().unwrap().register(&user.id, &challenge, &response).unwrap();
        CredentialId(response.raw_id.0)
    }

    /// A sign-in that has to succeed: proof that the phone is ready.
    ///
    /// # Panics
    /// When it does not.
    pub async fn sign_in(&self, id: &CredentialId) {
        let (challenge, pending) = self.assertion(&[id]);
        let outcome = self.meet(pending.request.clone(), &mut self.air.listen()).await;
        assert_eq!(outcome.phone.unwrap().error, None);
        let response = pending.asserted(&outcome.computer.unwrap().unwrap()).unwrap();
        self.relying_party.lock().unwrap().authenticate(&challenge, &response).unwrap();
    }
}

/// The phone's network.
pub struct Online(AtomicBool);

impl Online {
    /// Connects or disconnects it.
    pub fn set(&self, online: bool) {
        self.0.store(online, Ordering::Relaxed);
    }
}

impl Network for Online {
    fn is_online(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The steps that a phone has reached.
#[derive(Default)]
pub struct Steps {
    reached: Mutex<Vec<Step>>,
    news: Notify,
}

impl Steps {
    /// Forgets what was reached.
    pub fn forget(&self) {
        self.reached.lock().unwrap().clear();
    }

    /// What was reached, in order.
    #[must_use]
    pub fn all(&self) -> Vec<Step> {
        self.reached.lock().unwrap().clone()
    }

    /// Whether a step was reached.
    #[must_use]
    pub fn has(&self, step: Step) -> bool {
        self.reached.lock().unwrap().contains(&step)
    }

    /// Waits for a step.
    pub async fn until(&self, step: Step) {
        loop {
            let news = self.news.notified();
            if self.has(step) {
                return;
            }
            news.await;
        }
    }
}

impl Observer for Steps {
    fn reached(&self, step: Step) {
        self.reached.lock().unwrap().push(step);
        self.news.notify_waiters();
    }
}
