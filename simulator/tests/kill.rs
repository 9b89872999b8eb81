//! The phone's process is killed at any moment of a ceremony, and nothing that a relying party accepted
//! is lost: it signs in afterwards, counters do not go back, the database opens.
//!
//! A few dozen times by default, as often as `LATCHKEY_KILL_ROUNDS` says otherwise.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use latchkey_authenticator::Cancel;
use latchkey_ctap::{Algorithm, RelyingParty as Rp, User};
use latchkey_hybrid::{RequestHint, TunnelDomain};
use latchkey_phone::tunnel::TunnelAddress;
use latchkey_phone::{Phone, PhoneConfig};
use latchkey_simulator::air::VirtualAir;
use latchkey_simulator::commands;
use latchkey_simulator::computer::{Computer, ComputerStep};
use latchkey_simulator::ports::{AutomaticGate, Choice, Silent};
use latchkey_simulator::webauthn::client::{self, Assertion, Creation};
use latchkey_simulator::webauthn::relying_party::{self, RelyingParty};
use rand_core::{OsRng, RngCore};
use support::World;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

const RP_ID: &str = "example.com";
const ORIGIN: &str = "https://example.com";

/// A computer, a relying party, and what the relying party believes.
struct Site {
    computer: Computer,
    relying_party: RelyingParty,
    air: VirtualAir,
    accepted: Vec<Vec<u8>>,
    users: u64,
}

impl Site {
    /// Asks whoever answers the code that `answer` is given; `None` when no answer came.
    async fn ask(&self, request: &[u8], answer: impl AsyncFnOnce(String)) -> Option<Vec<u8>> {
        let (show, shown) = oneshot::channel();
        let mut show = Some(show);
        let mut scanner = self.air.listen().unwrap();
        let asked = self.computer.ask(RequestHint::MakeCredential, request.to_vec(), &mut scanner, |step| {
            if let ComputerStep::Show(code) = step {
                show.take().unwrap().send(code.to_owned()).unwrap();
            }
        });
        let answered = async {
            answer(shown.await.unwrap()).await;
            // What the phone has sent before its end arrives in no time; what it has not never will.
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        tokio::select! {
            biased;
            answer = asked => answer.ok(),
            () = answered => None,
        }
    }

    async fn register(&mut self, answer: impl AsyncFnOnce(String)) -> bool {
        self.users += 1;
        let user = User { id: self.users.to_be_bytes().to_vec(), name: None, display_name: None };
        let challenge = relying_party::challenge();
        let pending = client::create(&Creation {
            origin: ORIGIN.to_owned(),
            rp: Rp { id: RP_ID.to_owned(), name: None },
            user: user.clone(),
            challenge: challenge.clone(),
            algorithms: vec![Algorithm::ES256],
            exclude: vec![],
            discoverable: true,
            attestation: true,
            prf: None,
        })
        .unwrap();
        let Some(answer) = self.ask(&pending.request, answer).await else { return false };
        let response = pending.created(&answer).unwrap();
        self.relying_party.register(&user.id, &challenge, &response).unwrap();
        self.accepted.push(response.raw_id.0);
        true
    }

    async fn sign_in(&mut self, id: &[u8], answer: impl AsyncFnOnce(String)) -> bool {
        let challenge = relying_party::challenge();
        let pending = client::get(&Assertion {
            origin: ORIGIN.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge.clone(),
            allow: vec![id.to_vec()],
            prf: None,
        })
        .unwrap();
        let Some(answer) = self.ask(&pending.request, answer).await else { return false };
        // Refuses a counter that went back.
        self.relying_party.authenticate(&challenge, &pending.asserted(&answer).unwrap()).unwrap();
        true
    }
}

#[test]
fn nothing_accepted_is_lost() {
    let rounds = std::env::var("LATCHKEY_KILL_ROUNDS").map_or(30, |rounds| rounds.parse().unwrap());
    let world = World::new();
    world.runtime.block_on(kill_and_check(&world, rounds));
}

async fn kill_and_check(world: &World, rounds: u32) {
    let ca = std::fs::read(world.path("ca.pem")).unwrap();
    let tunnel = TunnelAddress { host: "localhost".to_owned(), port: world.port };
    let mut site = Site {
        computer: Computer {
            tls: latchkey_phone::tls::client_config(Some(&ca)).unwrap(),
            tunnel: Some(tunnel.clone()),
            patience: Duration::from_secs(60),
        },
        relying_party: RelyingParty::new(RP_ID, ORIGIN),
        air: VirtualAir::new(world.path("air")),
        accepted: Vec::new(),
        users: 0,
    };
    let state = world.path("state");

    // How long a ceremony takes on this machine, and that it works at all.
    let mut whole = Duration::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        assert!(site.register(async |code| drop(start(world, &code).wait().await)).await);
        whole = whole.min(started.elapsed());
    }

    let (mut killed, mut answered) = (0, 0);
    for round in 0..rounds {
        let target = site.accepted[OsRng.next_u32() as usize % site.accepted.len()].clone();
        let kill = async |code: String| {
            let mut phone = start(world, &code);
            let moment = async |phone: &mut Child| {
                if round % 2 == 0 {
                    // Any moment from the start of the process on.
                    tokio::time::sleep(whole.mul_f64(random())).await;
                } else {
                    // Around the moment in which something is stored and answered.
                    let mut said = BufReader::new(phone.stderr.as_mut().unwrap()).lines();
                    while let Ok(Some(line)) = said.next_line().await
                        && line != "the computer asks"
                    {}
                    tokio::time::sleep(Duration::from_millis(20).mul_f64(random())).await;
                }
            };
            moment(&mut phone).await;
            // One that has already ended by itself has ended well.
            match phone.try_wait().unwrap() {
                Some(status) => assert!(status.success()),
                None => {
                    killed += 1;
                    phone.kill().await.unwrap();
                }
            }
        };
        let done = match round % 3 {
            0 => site.sign_in(&target, kill).await,
            _ => site.register(kill).await,
        };
        answered += u32::from(done);

        let phone = open(&state, &tunnel, &ca, &site.air);
        let keys = phone.security_keys().list().unwrap();
        assert_eq!(phone.security_keys().damaged().unwrap(), 0);
        for id in &site.accepted {
            assert!(keys.iter().any(|key| key.id.0 == *id), "an accepted passkey is lost");
        }
        assert!(keys.len() as u64 <= site.users, "passkeys that nobody asked for");
        let newest = site.accepted.last().unwrap().clone();
        assert!(site.sign_in(&newest, approve(&phone)).await, "the newest passkey does not sign in");
        phone.close();
    }

    let phone = open(&state, &tunnel, &ca, &site.air);
    for id in site.accepted.clone() {
        assert!(site.sign_in(&id, approve(&phone)).await, "an accepted passkey does not sign in");
    }
    println!(
        "{rounds} rounds, {killed} killed, {answered} answered, {} passkeys accepted, none lost",
        site.accepted.len()
    );
    assert!(killed >= rounds / 5, "most ceremonies were over before the kill");
}

/// From 0 to 1.
fn random() -> f64 {
    f64::from(OsRng.next_u32()) / f64::from(u32::MAX)
}

/// The real program as the phone.
fn start(world: &World, code: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_latchkey-sim"))
        .args(["phone", "approve", code, "--yes", "--state", "state"])
        .args(world.link())
        .current_dir(world.directory.path())
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The same phone in this process, as it is after the kill.
fn open(state: &Path, tunnel: &TunnelAddress, ca: &[u8], air: &VirtualAir) -> Phone {
    let config = PhoneConfig {
        domain: TunnelDomain::GOOGLE,
        tunnel: Some(tunnel.clone()),
        extra_ca: Some(ca.to_vec()),
        ..PhoneConfig::default()
    };
    let gate = Arc::new(AutomaticGate(Choice::Approve));
    commands::phone::open(state, config, gate, Arc::new(air.clone()), Arc::new(Silent)).unwrap()
}

fn approve(phone: &Phone) -> impl AsyncFnOnce(String) {
    async |code| {
        let approval = phone.approve(&[code], &Cancel::new()).await.unwrap();
        assert_eq!(approval.into_answer().unwrap().error, None);
    }
}
