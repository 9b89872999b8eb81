//! A Control Center in memory that pairs phones, and does what a test says instead where one says so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use latchkey_authenticator::policy::KeyStorage;
use latchkey_scan::{ControlCenterCode, Operation};
use serde_json::{Value, json};

use crate::control_center::test_server::{Reply, Request, Server};
use crate::fixture::TestPhone;
use crate::webauthn::json::{Base64Url, ClientData};

pub(crate) const ACCOUNT: &str = "ada@example.com";
pub(crate) const NONCE: [u8; 32] = [7; 32];
pub(crate) const MACHINE_KEY: [u8; 33] = [2; 33];
const CHALLENGE: [u8; 32] = [9; 32];

/// What happens instead of a call.
#[derive(Clone)]
pub(crate) enum Fault {
    /// The call is not carried out, and answered like this.
    Instead(Reply),
    /// The call is carried out, and answered like this.
    After(Reply),
}

/// What the server keeps.
#[derive(Default)]
pub(crate) struct State {
    /// The RP ID that it makes passkeys for; its host unless a test says otherwise.
    pub(crate) rp_id: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) exclude: Vec<Vec<u8>>,
    /// Changes the answer to a registration.
    pub(crate) registration: Option<fn(&mut Value)>,
    /// The calls by the end of their path, and what happens to the next ones.
    pub(crate) faults: Vec<(&'static str, VecDeque<Fault>)>,
    /// The registered passkeys, and with them the phones.
    pub(crate) registered: Vec<Vec<u8>>,
    /// The code, unless it was cancelled.
    canceled: bool,
    /// Tokens that are valid.
    tokens: Vec<String>,
    pub(crate) computers_removed: Vec<String>,
    pub(crate) events: Vec<Value>,
}

/// The server, a phone that trusts it, and a code.
pub(crate) struct Center {
    pub(crate) server: Server,
    state: Arc<Mutex<State>>,
    pub(crate) phone: TestPhone,
}

impl Center {
    pub(crate) async fn new() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| shared.lock().unwrap().answer(request)).await;
        let ca = server.ca.clone();
        let phone = TestPhone::with(|config| {
            config.extra_ca = Some(ca);
            config.policy.key_storage = KeyStorage::PreferHardware;
        });
        Center { server, state, phone }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Lets the next call whose path ends so go wrong.
    pub(crate) fn fault(&self, path: &'static str, fault: Fault) {
        let mut state = self.state();
        match state.faults.iter_mut().find(|(known, _)| *known == path) {
            Some((_, queue)) => queue.push_back(fault),
            None => state.faults.push((path, VecDeque::from([fault]))),
        }
    }

    /// A code for this machine.
    pub(crate) fn code(&self) -> ControlCenterCode {
        ControlCenterCode {
            operation: Operation::Register,
            rp_url: self.server.base(),
            rp_app_id: "app".to_owned(),
            request_id: "request-1".to_owned(),
            machine_id: Some("machine-1".to_owned()),
            machine_name: Some("ADAS-LAPTOP".to_owned()),
            user: Some(ACCOUNT.to_owned()),
            nonce: NONCE,
            expires_at: 1_767_225_660,
            public_key: Some(MACHINE_KEY),
            action_code: None,
        }
    }

    /// Nothing is on the phone: no passkey, no computer, no registration, nothing under way, no key.
    pub(crate) fn assert_phone_is_empty(&self) {
        let vault = &self.phone.phone.vault;
        assert!(self.phone.phone.security_keys().list().unwrap().is_empty());
        assert!(vault.computers().unwrap().is_empty());
        assert!(vault.registrations().unwrap().is_empty());
        assert!(vault.pending_pairings().unwrap().is_empty());
        assert_eq!(self.phone.hardware.key_count(), 0);
    }

    /// Phone and server have the same one passkey, and the phone shows it with the computer.
    pub(crate) fn assert_paired(&self) {
        let phone = &self.phone.phone;
        let passkeys = phone.security_keys().list().unwrap();
        assert_eq!(passkeys.len(), 1);
        assert_eq!(self.state().registered, [passkeys[0].id.0.clone()]);
        let registrations = phone.vault.registrations().unwrap();
        assert_eq!(registrations.len(), 1);
        assert_eq!(registrations[0].credential_id, passkeys[0].id);
        let computers = phone.vault.computers().unwrap();
        assert_eq!(computers.len(), 1);
        assert_eq!(computers[0].credential_id, passkeys[0].id);
        assert!(phone.vault.pending_pairings().unwrap().is_empty());
    }
}

impl State {
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let path = request.line.split(['?']).next().unwrap();
        let queue = self.faults.iter_mut().find(|(end, _)| path.ends_with(end));
        match queue.and_then(|(_, queue)| queue.pop_front()) {
            Some(Fault::Instead(reply)) => reply,
            Some(Fault::After(reply)) => {
                self.carry_out(path, request);
                reply
            }
            None => self.carry_out(path, request),
        }
    }

    fn carry_out(&mut self, path: &str, request: &Request) -> Reply {
        let body = &request.body;
        let known =
            body["requestId"] == "request-1" && body["nonce"] == Base64Url(NONCE.to_vec()).to_string();
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let token_valid = token.is_some_and(|token| self.tokens.iter().any(|valid| valid == token));
        if token.is_some() && !token_valid {
            return Reply::refusal(401, "unauthorized");
        }
        match path {
            "POST /rp/api/versioned/fido2/attestation/options" if known => {
                Reply::Json(200, self.options(token_valid))
            }
            "POST /rp/versioned/device/registration" if known => self.register(body, token_valid),
            "POST /rp/versioned/device/registration/state" if known => Reply::Json(
                200,
                match (self.canceled, self.registered.is_empty()) {
                    (true, _) => json!({"state": "CANCELED"}),
                    (false, true) => json!({"state": "PENDING"}),
                    (false, false) => json!({"state": "COMPLETED", "registration": self.registration()}),
                },
            ),
            "POST /rp/versioned/device/registration/cancel" if known => {
                self.canceled = true;
                self.registered.clear();
                Reply::Json(200, json!({}))
            }
            "DELETE /rp/versioned/device/registration" if token_valid => {
                self.registered.clear();
                self.tokens.clear();
                Reply::Json(200, json!({}))
            }
            "POST /rp/versioned/device/events" if token_valid => {
                self.events.extend(body["events"].as_array().unwrap().iter().cloned());
                Reply::Json(200, json!({}))
            }
            path if token_valid && path.starts_with("DELETE /rp/versioned/device/computers/") => {
                self.computers_removed.push(path.rsplit('/').next().unwrap().to_owned());
                Reply::Json(200, json!({}))
            }
            _ => Reply::refusal(404, "not_found"),
        }
    }

    fn options(&self, known_phone: bool) -> Value {
        let account = self.account.as_deref().unwrap_or(ACCOUNT);
        let registered = if known_phone { &[][..] } else { &self.registered[..] };
        let exclude: Vec<Value> = registered
            .iter()
            .chain(&self.exclude)
            .map(|id| json!({"type": "public-key", "id": Base64Url(id.clone())}))
            .collect();
        json!({
            "rp": {"id": self.rp_id.as_deref().unwrap_or("localhost"), "name": "Example"},
            "user": {"id": Base64Url(account.into()), "name": account, "displayName": "Ada"},
            "challenge": Base64Url(CHALLENGE.to_vec()),
            "pubKeyCredParams": [{"type": "future", "alg": -7}, {"type": "public-key", "alg": -7}],
            "timeout": 60000,
            "excludeCredentials": exclude,
            "attestation": "direct",
        })
    }

    fn register(&mut self, body: &Value, known_phone: bool) -> Reply {
        if self.canceled {
            return Reply::refusal(409, "wrong_state");
        }
        assert_eq!(body["deviceName"], "Ada's phone");
        assert_eq!(body["appVersion"], "10.5.0");
        let bytes = |value: &Value| value.as_str().unwrap().parse::<Base64Url>().unwrap().0;
        let response = &body["credential"]["response"];
        let client_data: ClientData = serde_json::from_slice(&bytes(&response["clientDataJSON"])).unwrap();
        assert_eq!(client_data.kind, "webauthn.create");
        assert_eq!(client_data.challenge.0, CHALLENGE);
        let rp_id = self.rp_id.as_deref().unwrap_or("localhost");
        assert_eq!(client_data.origin, format!("https://{rp_id}"));
        // User present, user verified, attested credential data (WebAuthn Level 3 section 6.1).
        assert_eq!(bytes(&response["authenticatorData"])[32] & 0b0100_0101, 0b0100_0101);
        if known_phone {
            self.registered.clear();
        }
        self.registered.push(bytes(&body["credential"]["rawId"]));
        self.tokens = vec![format!("token-{}", self.registered.len())];
        Reply::Json(200, self.registration())
    }

    fn registration(&self) -> Value {
        let mut registration = json!({
            "deviceId": "device-1",
            "deviceToken": self.tokens.last(),
            "username": ACCOUNT,
            "computer": {
                "machineId": "machine-1", "machineName": "ADAS-LAPTOP", "osUser": "ada", "rpAppId": "app",
                "publicKey": Base64Url(MACHINE_KEY.to_vec()),
            },
        });
        if let Some(change) = self.registration {
            change(&mut registration);
        }
        registration
    }

    /// The server has forgotten the phone.
    pub(crate) fn revoke(&mut self) {
        self.tokens.clear();
        self.registered.clear();
    }
}
