//! A Control Center with one computer behind it, which does the computer's side of an unlock.

use std::sync::{Arc, Mutex, MutexGuard};

use latchkey_authenticator::{Authenticator, Cancel, Ports, Profile};
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{Algorithm, AuthenticatorData, MakeCredentialRequest, RelyingParty, User};
use latchkey_offline::testing::MemoryVerifierStore;
use latchkey_offline::{
    Account, Acknowledgement, Argon2Cost, Issue, OfflinePolicy, Pin, Protection, Settings, UnlockSecret,
    Verifier,
};
use latchkey_scan::{ControlCenterCode, Operation};
use latchkey_unlock::{
    Channel, FromComputer, FromPhone, KeyPair, KnownPasskey, Offline, Psk, Reason, SignInOutcome, accept,
    pairing_secret, verify,
};
use latchkey_vault::{Computer, PendingPairing, Registration};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::*;
use crate::control_center::test_server::{Reply, Request, Server};
use crate::control_center::wire::RequestState;
use crate::fixture::TestPhone;
use crate::tunnel::TunnelAddress;
use crate::webauthn::json::Base64Url;

pub(crate) const MACHINE: &str = "machine-1";
pub(crate) const RP_ID: &str = "login.example";
pub(crate) const NONCE: [u8; 32] = [5; 32];
const CODE_NONCE: [u8; 32] = [6; 32];
const SECRET: [u8; 32] = [0x5E; 32];
/// What the clock of a new phone shows.
pub(crate) const NOW: u64 = 1_767_225_600;

/// What the computer does differently.
#[derive(Clone, Default)]
pub(crate) enum Mood {
    /// Nothing.
    #[default]
    Usual,
    /// It takes messages and says nothing.
    Silent,
    /// It ends the request as failed once message 1 has come.
    RefusesHandshake,
    /// It answers message 1 with bytes that its key had no part in.
    Impostor,
    /// It refuses the proof.
    Refuses(Reason),
    /// It ends the request instead of answering the proof.
    Leaves,
    /// Offline PINs are off.
    PinsOff,
    /// It announces a set and says goodbye.
    NoSet,
    /// It hands this over as a set.
    HandsOver(Vec<u8>),
    /// It never takes the acknowledgement.
    Forgetful,
    /// It sends this code instead of waiting for a proof.
    SignIn(String),
}

/// The Control Center as the phone reaches it, and the computer.
pub(crate) struct Remote {
    pub(crate) mood: Mood,
    /// Statuses and codes that paths are refused with, by a part of the path.
    pub(crate) refusals: Vec<(&'static str, u16, &'static str)>,
    /// Answers that are lost, by a part of the path, once each.
    pub(crate) losses: Vec<&'static str>,
    /// Parts of the paths that are never answered.
    pub(crate) silences: Vec<&'static str>,
    pub(crate) events: Vec<Value>,
    pub(crate) ended: Option<String>,
    pub(crate) unlocks: u32,
    pub(crate) served: Option<SignInOutcome>,
    pub(crate) profile: Value,
    key: KeyPair,
    psk: Psk,
    passkey: Option<KnownPasskey>,
    verifier: Verifier,
    channel: Option<Channel>,
    outbox: Vec<Vec<u8>>,
    state: RequestState,
    rng: rand_core::OsRng,
}

/// A phone that is paired with one computer.
pub(crate) struct Fixture {
    pub(crate) phone: TestPhone,
    pub(crate) server: Server,
    pub(crate) remote: Arc<Mutex<Remote>>,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let fixture = Self::unpaired().await;
        fixture.pair().await;
        fixture
    }

    pub(crate) async fn unpaired() -> Self {
        let remote = Arc::new(Mutex::new(Remote::new()));
        let handler = Arc::clone(&remote);
        let server = Server::start(move |request| handler.lock().unwrap().handle(request)).await;
        let phone = TestPhone::with(|config| {
            config.extra_ca = Some(server.ca.clone());
            // Nothing listens there.
            config.tunnel = Some(TunnelAddress { host: "127.0.0.1".to_owned(), port: 1 });
        });
        Fixture { phone, server, remote }
    }

    pub(crate) fn phone(&self) -> &Phone {
        &self.phone.phone
    }

    pub(crate) fn remote(&self) -> MutexGuard<'_, Remote> {
        self.remote.lock().unwrap()
    }

    pub(crate) async fn unlock(&self) -> Result<Unlocked, PhoneError> {
        self.phone().unlock(MACHINE, &Cancel::new()).await
    }

    /// A code that the computer shows on its lock screen.
    pub(crate) fn sign_in_code(&self) -> ControlCenterCode {
        self.remote().psk = Psk::of_code(&CODE_NONCE);
        ControlCenterCode {
            operation: Operation::Authenticate,
            rp_url: self.server.base(),
            rp_app_id: "HYPRDefaultWorkstationApplication".to_owned(),
            request_id: "request-1".to_owned(),
            machine_id: Some(MACHINE.to_owned()),
            machine_name: Some("ADAS-LAPTOP".to_owned()),
            user: None,
            nonce: CODE_NONCE,
            expires_at: NOW + 60,
            public_key: Some(self.remote().key.public().compressed()),
            action_code: None,
        }
    }

    /// What pairing leaves behind on both sides.
    async fn pair(&self) {
        let vault = &self.phone().vault;
        let pairing = PendingPairing {
            request_id: "pairing-1".to_owned(),
            tenant: self.server.base(),
            nonce: Zeroizing::new(NONCE),
            machine_key: Some(self.remote().key.public().compressed()),
            started_at: NOW,
        };
        vault.begin_pairing(&pairing).unwrap();
        let ports = &self.phone().ports;
        let authenticator = Authenticator::new(
            Ports {
                store: vault.pending_store("pairing-1"),
                gate: ports.gate.clone(),
                keys: ports.keys.clone(),
                clock: ports.clock.clone(),
                rng: ports.rng.clone(),
            },
            self.phone().config.policy.clone(),
        );
        let request = MakeCredentialRequest {
            client_data_hash: [1; 32],
            rp: RelyingParty { id: RP_ID.to_owned(), name: None },
            user: User { id: vec![1], name: Some("ada@example.com".to_owned()), display_name: None },
            algorithms: vec![Algorithm::ES256],
            exclude_list: Vec::new(),
            cred_protect: None,
            prf: None,
            options: MakeCredentialOptions { rk: Some(true), up: None, uv: Some(true) },
            pin_uv_auth_param: None,
            pin_uv_auth_protocol: None,
            enterprise_attestation: None,
            attestation_formats: Vec::new(),
        };
        let made = authenticator.make_credential(Profile::Provider, &request, &Cancel::new()).await.unwrap();
        let data = AuthenticatorData::decode(&made.auth_data).unwrap().attested_credential.unwrap();
        self.remote().passkey = Some(KnownPasskey {
            credential_id: data.credential_id.clone(),
            public_key: data.public_key.to_cose(),
            rp_id: RP_ID.to_owned(),
            sign_count: 0,
        });
        let credential_id = CredentialId(data.credential_id);
        let registration = Registration {
            device_id: "device-1".to_owned(),
            tenant: self.server.base(),
            username: "ada@example.com".to_owned(),
            token: Zeroizing::new("token-1".to_owned()),
            credential_id: credential_id.clone(),
            rp_id: RP_ID.to_owned(),
            registered_at: NOW,
        };
        let computer = Computer {
            machine_id: MACHINE.to_owned(),
            name: "Ada's laptop".to_owned(),
            machine_name: "ADAS-LAPTOP".to_owned(),
            os_user: "ada".to_owned(),
            tenant: self.server.base(),
            rp_app_id: "HYPRDefaultWorkstationApplication".to_owned(),
            device_id: "device-1".to_owned(),
            public_key: self.remote().key.public().compressed(),
            pairing_secret: pairing_secret(&NONCE, "pairing-1"),
            credential_id,
            rp_id: RP_ID.to_owned(),
            paired_at: NOW,
            last_online_at: None,
            leaving: false,
        };
        vault.complete_pairing("pairing-1", &registration, Some(&computer)).unwrap();
        let _ = self.phone.gate.take_prompts();
    }
}

impl Remote {
    fn new() -> Self {
        let account = Account {
            computer_id: MACHINE.to_owned(),
            user_sid: "S-1-5-21-1-2-3-1001".to_owned(),
            machine_id: MACHINE.to_owned(),
        };
        let cheap = Argon2Cost::new(8, 1, 1).unwrap();
        Remote {
            mood: Mood::Usual,
            refusals: Vec::new(),
            losses: Vec::new(),
            silences: Vec::new(),
            events: Vec::new(),
            ended: None,
            unlocks: 0,
            served: None,
            profile: json!({
                "username": "ada@example.com",
                "accountKind": "entra_cloud",
                "computers": [],
                "minAppVersion": "10.5.0",
                "serverTime": NOW,
            }),
            key: KeyPair::generate(&mut rand_core::OsRng).unwrap(),
            psk: Psk::of_pairing(&pairing_secret(&NONCE, "pairing-1")),
            passkey: None,
            verifier: Verifier::new(Arc::new(MemoryVerifierStore::default()), account, cheap).unwrap(),
            channel: None,
            outbox: Vec::new(),
            state: RequestState::Initiated,
            rng: rand_core::OsRng,
        }
    }

    /// Types a PIN on the computer's lock screen.
    pub(crate) fn type_pin(&self, pin: &Pin, now: u64) -> bool {
        self.verifier.verify(pin.expose(), now).is_ok()
    }

    fn handle(&mut self, request: &Request) -> Reply {
        let line = request.line.as_str();
        if let Some(lost) = self.losses.iter().position(|part| line.contains(part)) {
            self.losses.remove(lost);
            return Reply::Drop;
        }
        if self.silences.iter().any(|part| line.contains(part)) {
            return Reply::Hang;
        }
        if let Some((_, status, code)) = self.refusals.iter().find(|(part, ..)| line.contains(part)) {
            return Reply::refusal(*status, code);
        }
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let open = path.ends_with("/claim") || request.header("authorization") == Some("Bearer token-1");
        if !open {
            return Reply::refusal(401, "unauthorized");
        }
        let last = path.rsplit('/').next().unwrap();
        match (method, last) {
            ("POST", "events") => {
                self.events.extend(request.body["events"].as_array().unwrap().iter().cloned());
                Reply::Json(200, json!({}))
            }
            ("GET", "profile") => Reply::Json(200, self.profile.clone()),
            ("GET", "requests") => {
                let waiting = |purpose| {
                    json!({
                        "requestId": "request-1", "purpose": purpose, "machineId": MACHINE,
                        "deviceId": "device-1", "expiresAt": NOW + 120,
                    })
                };
                Reply::Json(200, json!({ "requests": [waiting("unlock"), waiting("sign_in")] }))
            }
            ("POST", "requests") => {
                assert_eq!(request.body, json!({ "purpose": "unlock", "machineId": MACHINE }));
                self.begin();
                Reply::Json(200, json!({ "requestId": "request-1", "expiresAt": NOW + 120 }))
            }
            ("POST", "claim") => {
                assert_eq!(request.body["nonce"], Base64Url(CODE_NONCE.to_vec()).to_string());
                self.begin();
                Reply::Json(200, json!({}))
            }
            ("POST", "messages") => {
                let frame: Base64Url = request.body["body"].as_str().unwrap().parse().unwrap();
                self.take(&frame.0);
                Reply::Json(200, json!({}))
            }
            ("GET", "messages") => self.messages(query),
            ("POST", "state") => {
                self.ended = Some(request.body["value"].as_str().unwrap().to_owned());
                Reply::Json(200, json!({}))
            }
            _ => Reply::refusal(404, "not_found"),
        }
    }

    fn begin(&mut self) {
        (self.channel, self.state, self.ended) = (None, RequestState::Initiated, None);
        self.outbox.clear();
    }

    fn messages(&self, query: &str) -> Reply {
        let after = query.split('&').find_map(|pair| pair.strip_prefix("after=")).unwrap();
        let after: usize = after.parse().unwrap();
        let messages: Vec<Value> = (1..)
            .zip(&self.outbox)
            .skip(after)
            .map(|(number, body)| json!({ "number": number, "body": Base64Url(body.clone()).to_string() }))
            .collect();
        if messages.is_empty() && self.state == RequestState::Initiated {
            return Reply::Hang;
        }
        Reply::Json(200, json!({ "messages": messages, "state": self.state }))
    }

    fn take(&mut self, frame: &[u8]) {
        let Some(mut channel) = self.channel.take() else { return self.shake_hands(frame) };
        match channel.open(frame).unwrap() {
            FromPhone::Proof(proof) => {
                let known = self.passkey.as_mut().unwrap();
                known.sign_count = verify(&proof, known, channel.challenge()).unwrap();
                self.answer(&mut channel, proof.offline_held.as_deref());
            }
            FromPhone::OfflineStored(stored) => {
                if !matches!(self.mood, Mood::Forgetful) {
                    let stored = Acknowledgement::decode(&stored).unwrap();
                    self.verifier.acknowledge(&stored).unwrap();
                    self.say(&mut channel, &FromComputer::Bye);
                }
                self.state = RequestState::Completed;
            }
            FromPhone::SignInServed(outcome) => self.served = Some(outcome),
        }
        self.channel = Some(channel);
    }

    fn shake_hands(&mut self, message1: &[u8]) {
        match &self.mood {
            Mood::Silent => return,
            Mood::RefusesHandshake => return self.state = RequestState::Failed,
            Mood::Impostor => return self.outbox.push(vec![4; 81]),
            _ => {}
        }
        let accepted = accept(&self.key, MACHINE, &self.psk, message1, &mut self.rng);
        let (message2, mut channel) = accepted.unwrap();
        self.outbox.push(message2);
        if let Mood::SignIn(code) = &self.mood {
            let code = Zeroizing::new(code.clone());
            self.say(&mut channel, &FromComputer::SignIn { code });
        }
        self.channel = Some(channel);
    }

    /// Answers a proof that verified.
    fn answer(&mut self, channel: &mut Channel, held: Option<&[u8]>) {
        let coming = FromComputer::Unlocked { offline: Offline::Coming };
        match self.mood.clone() {
            Mood::Leaves => return self.state = RequestState::Canceled,
            Mood::Refuses(reason) => {
                self.state = RequestState::Failed;
                return self.say(channel, &FromComputer::Refused(reason));
            }
            Mood::PinsOff => {
                self.say(channel, &FromComputer::Unlocked { offline: Offline::Off });
                self.state = RequestState::Completed;
            }
            Mood::NoSet => {
                self.say(channel, &coming);
                self.say(channel, &FromComputer::Bye);
            }
            Mood::HandsOver(set) => {
                self.say(channel, &coming);
                self.say(channel, &FromComputer::OfflineSet(Zeroizing::new(set)));
            }
            _ => {
                self.say(channel, &coming);
                let held = held.map(|held| Acknowledgement::decode(held).unwrap());
                let issue = Issue {
                    policy: &OfflinePolicy::new(Settings { enabled: true, ..Settings::default() }).unwrap(),
                    secret: &UnlockSecret::new(SECRET),
                    protection: Protection::Tpm,
                    phone_holds: held.as_ref(),
                    now: NOW,
                };
                let issued = self.verifier.issue(&issue, &mut self.rng).unwrap();
                let set = Zeroizing::new(issued.handover.as_bytes().to_vec());
                self.say(channel, &FromComputer::OfflineSet(set));
            }
        }
        self.unlocks += 1;
    }

    fn say(&mut self, channel: &mut Channel, message: &FromComputer) {
        self.outbox.push(channel.seal(message).unwrap());
    }
}
