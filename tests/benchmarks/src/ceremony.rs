//! A whole ceremony between a phone and a computer over a real tunnel service on loopback, TLS included.
//!
//! All three run in one thread, because each waits for the others all the time: what is measured is their
//! work and not how a scheduler wakes threads. The service is called by its address: what a name costs to
//! resolve is the system's and the network's affair.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use latchkey_authenticator::{Cancel, Policy};
use latchkey_ctap::{Algorithm, RelyingParty, User};
use latchkey_hybrid::{RequestHint, TunnelDomain};
use latchkey_phone::tunnel::{self, TunnelAddress};
use latchkey_phone::{Phone, PhoneConfig, PhonePorts};
use latchkey_simulator::air::VirtualAir;
use latchkey_simulator::computer::{Computer, ComputerStep};
use latchkey_simulator::ports::{
    AlwaysOnline, AutomaticGate, Choice, FileKeys, Silent, SimulatedDevice, SystemClock, SystemRng,
};
use latchkey_simulator::tunnel::{Limits, RunningTunnelService, TlsIdentity, TunnelService};
use latchkey_simulator::webauthn::client::{self, Assertion, Creation};
use rand_core::{OsRng, RngCore};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::passkeys::Folder;
use crate::report::Line;
use crate::rounds::Group;

const RP_ID: &str = "example.com";
const ORIGIN: &str = "https://login.example.com";

/// From the phone having the QR text to the computer having the answer.
const AT_MOST: Duration = Duration::from_millis(3);

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stage = runtime.block_on(Stage::build(folder));
    let mut group = Group::default();
    group.add("both tunnel connections alone (TCP, TLS, WebSocket)", || runtime.block_on(stage.connect()));
    let registration = group.add("registration", || stage.register(&runtime));
    group.aim(registration, AT_MOST);
    let sign_in = group.add("sign-in", || stage.sign_in(&runtime));
    group.aim(sign_in, AT_MOST);
    let lines = group.measure(Duration::from_secs(10));
    stage.phone.close();
    runtime.block_on(stage.service.shutdown());
    lines
}

/// Everybody who takes part.
struct Stage {
    service: RunningTunnelService,
    tunnel: TunnelAddress,
    computer: Arc<Computer>,
    phone: Arc<Phone>,
    air: VirtualAir,
    _directory: tempfile::TempDir,
}

impl Stage {
    async fn build(folder: &Folder) -> Self {
        let (identity, ca) = TlsIdentity::generate(&["127.0.0.1"]).unwrap();
        let service =
            TunnelService::bind(([127, 0, 0, 1], 0).into(), identity, Limits::default()).await.unwrap();
        let tunnel =
            TunnelAddress { host: "127.0.0.1".to_owned(), port: service.local_addr().unwrap().port() };
        let tls = latchkey_phone::tls::client_config(Some(ca.as_bytes())).unwrap();

        // The path of a socket is short.
        let directory = tempfile::tempdir().unwrap();
        let air = VirtualAir::new(directory.path().join("air"));
        let config = PhoneConfig {
            policy: Policy::default(),
            domain: TunnelDomain::GOOGLE,
            tunnel: Some(tunnel.clone()),
            extra_ca: Some(ca.into_bytes()),
            ..PhoneConfig::default()
        };
        let ports = PhonePorts {
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            keys: Arc::new(FileKeys::open(&folder.path().join("wrapping.key")).unwrap()),
            clock: Arc::new(SystemClock::default()),
            rng: Arc::new(SystemRng),
            advertiser: Arc::new(air.clone()),
            network: Arc::new(AlwaysOnline),
            device: Arc::new(SimulatedDevice::default()),
            observer: Arc::new(Silent),
        };
        let computer = Computer { tls, tunnel: Some(tunnel.clone()), patience: Duration::from_secs(30) };
        Stage {
            service: service.start(),
            tunnel,
            computer: Arc::new(computer),
            phone: Arc::new(Phone::open(&folder.fresh("ceremony"), config, ports).unwrap()),
            air,
            _directory: directory,
        }
    }

    /// The same account each time: its passkey replaces the last.
    fn register(&self, runtime: &Runtime) -> Duration {
        let page = Creation {
            origin: ORIGIN.to_owned(),
            rp: RelyingParty { id: RP_ID.to_owned(), name: Some("Example".to_owned()) },
            user: User { id: vec![7; 32], name: Some("ada@example.com".to_owned()), display_name: None },
            challenge: challenge(),
            algorithms: vec![Algorithm::ES256],
            exclude: vec![],
            discoverable: true,
            attestation: true,
            prf: None,
        };
        let pending = client::create(&page).unwrap();
        let (answer, time) =
            runtime.block_on(self.meet(RequestHint::MakeCredential, pending.request.clone()));
        pending.created(&answer).unwrap();
        time
    }

    /// A sign-in without a credential list.
    fn sign_in(&self, runtime: &Runtime) -> Duration {
        let page = Assertion {
            origin: ORIGIN.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge(),
            allow: vec![],
            prf: None,
        };
        let pending = client::get(&page).unwrap();
        let (answer, time) = runtime.block_on(self.meet(RequestHint::GetAssertion, pending.request.clone()));
        pending.asserted(&answer).unwrap();
        time
    }

    /// One ceremony to its end: both have closed the tunnel when the next one begins.
    async fn meet(&self, hint: RequestHint, request: Vec<u8>) -> (Vec<u8>, Duration) {
        let (show, shown) = oneshot::channel();
        let answered = Arc::new(Mutex::new(None));

        let (computer, at) = (Arc::clone(&self.computer), Arc::clone(&answered));
        let mut scanner = self.air.listen().unwrap();
        let computer = tokio::spawn(async move {
            let mut show = Some(show);
            let tell = |step: ComputerStep<'_>| match step {
                ComputerStep::Show(code) => show.take().unwrap().send(code.to_owned()).unwrap(),
                ComputerStep::Answered(_) => *at.lock().unwrap() = Some(Instant::now()),
                _ => {}
            };
            computer.ask(hint, request, &mut scanner, tell).await
        });
        let phone = Arc::clone(&self.phone);
        let phone = tokio::spawn(async move {
            let text = shown.await.unwrap();
            let start = Instant::now();
            let answer = phone.approve(&[text], &Cancel::new()).await;
            (start, answer)
        });
        let (start, approved) = phone.await.unwrap();
        assert_eq!(approved.unwrap().into_answer().unwrap().error, None);
        let answer = computer.await.unwrap().unwrap();
        let answered = answered.lock().unwrap().unwrap();
        (answer, answered.duration_since(start))
    }

    /// The phone's connection, then the computer's, as the ceremony needs them one after the other.
    async fn connect(&self) -> Duration {
        let mut id = [0; 16];
        OsRng.fill_bytes(&mut id);
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let tls = &self.computer.tls;
        let start = Instant::now();
        let phone =
            tunnel::connect(&self.tunnel, &format!("/cable/new/{id}"), Arc::clone(tls)).await.unwrap();
        let path = format!("/cable/connect/{}/{id}", phone.routing_id().unwrap());
        let computer = tunnel::connect(&self.tunnel, &path, Arc::clone(tls)).await.unwrap();
        let time = start.elapsed();
        computer.close().await;
        phone.close().await;
        time
    }
}

fn challenge() -> Vec<u8> {
    let mut challenge = vec![0; 32];
    OsRng.fill_bytes(&mut challenge);
    challenge
}
