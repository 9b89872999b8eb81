//! A server, and the people and machines that call it.

use std::sync::{Arc, Once};

use latchkey_authenticator::testing::{ManualClock, MemoryStore, ScriptedGate, SeededRng, SoftwareKeyVault};
use latchkey_authenticator::{Authenticator, Cancel, Policy, Ports, Profile};
use latchkey_ctap::{Algorithm, RelyingParty, User};
use latchkey_phone::control_center::wire::{
    AccountKind, AttestationOptionsRequest, CreateQrRequest, CreateQrResponse, CreationOptions,
    EnrollRequest, EnrollResponse, RegistrationRequest, RegistrationResponseBody, path,
};
use latchkey_phone::webauthn::client::{self, Creation};
use latchkey_phone::webauthn::json::{Base64Url, RegistrationResponse};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::control_center::{Config, ControlCenter, Running, WORKSTATION_APP};
use crate::tunnel::TlsIdentity;

/// A running server.
pub(super) struct Server {
    pub(super) running: Running,
    pub(super) clock: Arc<ManualClock>,
    pub(super) base: String,
    pub(super) admin_token: String,
    http: reqwest::Client,
}

/// Somebody who calls the server, with or without a token.
#[derive(Clone)]
pub(super) struct Caller {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// An answer: its status, and its body as JSON.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<u64>,
    /// Whether it said that the connection ends with it.
    pub(super) last: bool,
    pub(super) body: Value,
}

impl Answer {
    /// What was answered, if that was a success.
    #[track_caller]
    pub(super) fn ok<T: DeserializeOwned>(self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        serde_json::from_value(self.body).unwrap()
    }

    /// The code of the refusal.
    #[track_caller]
    pub(super) fn refused(self) -> (u16, String) {
        assert_ne!(self.status, StatusCode::OK, "{}", self.body);
        (self.status.as_u16(), self.body["error"].as_str().unwrap().to_owned())
    }
}

pub(super) fn no(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    /// A server with this configuration, except for the clock.
    pub(super) async fn start_with(config: Config) -> Self {
        let clock = Arc::new(ManualClock::default());
        let config = Config { clock: clock.clone(), ..config };
        let (tls, authority) = TlsIdentity::generate(&["localhost"]).unwrap();
        let center = ControlCenter::bind(([127, 0, 0, 1], 0).into(), tls, config).await.unwrap();
        let admin_token = center.admin_token().to_owned();
        let base = format!("https://localhost:{}", center.local_addr().unwrap().port());
        let running = center.start();
        Server { running, clock, base, admin_token, http: http(&authority) }
    }

    pub(super) fn anyone(&self) -> Caller {
        Caller { http: self.http.clone(), base: self.base.clone(), token: None }
    }

    pub(super) fn with(&self, token: &str) -> Caller {
        Caller { token: Some(token.to_owned()), ..self.anyone() }
    }

    pub(super) fn administrator(&self) -> Caller {
        self.with(&self.admin_token)
    }

    /// A new install token.
    pub(super) async fn install_token(&self) -> String {
        let request = json!({ "scope": ["WSINSTALL"], "rpAppId": WORKSTATION_APP, "expiresInSecs": 3600 });
        let token: Value = self.administrator().post("/rp/api/token/endpoint", &request).await.ok();
        token["token"].as_str().unwrap().to_owned()
    }

    /// An enrolled workstation.
    pub(super) async fn workstation(&self, machine_id: &str) -> Caller {
        let request = enroll(self.install_token().await, machine_id, 1);
        let enrolled: EnrollResponse = self.anyone().post(path::ENROLL, &request).await.ok();
        self.with(&enrolled.workstation_token)
    }

    /// The session of the Device Manager that a Magic Link opens.
    pub(super) async fn session(&self, email: &str) -> Caller {
        let link: Value =
            self.administrator().post("/cc/api/magiclink", &json!({ "email": email })).await.ok();
        let token = link["magicLink"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
        let session: Value = self.anyone().post("/dm/api/session", &json!({ "token": token })).await.ok();
        self.with(session["sessionToken"].as_str().unwrap())
    }

    /// The names of all events of an RP application, the oldest first.
    pub(super) async fn events(&self, rp_app_id: &str) -> Vec<String> {
        let url = format!("/cc/api/versioned/audit/search?rpAppId={rp_app_id}&sortDir=ASC&pageSize=1000");
        let page: Value = self.administrator().get(&url).await.ok();
        let data = page["data"].as_array().unwrap();
        data.iter().map(|event| event["eventName"].as_str().unwrap().to_owned()).collect()
    }
}

pub(super) fn enroll(install_token: String, machine_id: &str, key: u8) -> EnrollRequest {
    let secret = p256::SecretKey::from_slice(&[key; 32]).unwrap();
    let public_key = p256::EncodedPoint::from(secret.public_key()).compress().as_bytes().to_vec();
    EnrollRequest {
        install_token,
        machine_id: machine_id.to_owned(),
        machine_name: format!("Desk {machine_id}"),
        public_key: Base64Url(public_key),
    }
}

pub(super) fn http(authority: &str) -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let certificate = reqwest::Certificate::from_pem(authority.as_bytes()).unwrap();
    reqwest::Client::builder().tls_certs_only([certificate]).build().unwrap()
}

impl Caller {
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub(super) async fn post<B: Serialize>(&self, path: &str, body: &B) -> Answer {
        self.send(Method::POST, path, Some(serde_json::to_vec(body).unwrap())).await
    }

    pub(super) async fn put<B: Serialize>(&self, path: &str, body: &B) -> Answer {
        self.send(Method::PUT, path, Some(serde_json::to_vec(body).unwrap())).await
    }

    pub(super) async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        let retry_after = response.headers().get("Retry-After");
        Answer {
            status: response.status(),
            retry_after: retry_after.map(|value| value.to_str().unwrap().parse().unwrap()),
            last: response.headers().get("Connection").is_some_and(|value| value == "close"),
            body: serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null),
        }
    }
}

/// A code as a phone reads it.
pub(super) struct Code {
    pub(super) text: Value,
    pub(super) request_id: String,
    pub(super) nonce: Base64Url,
    pub(super) typed: Option<String>,
}

impl Code {
    pub(super) fn read(text: &str) -> Self {
        let text: Value = serde_json::from_str(text).unwrap();
        Code {
            request_id: text["requestId"].as_str().unwrap().to_owned(),
            nonce: text["nonce"].as_str().unwrap().parse().unwrap(),
            typed: text["actionCode"].as_str().map(str::to_owned),
            text,
        }
    }
}

pub(super) fn create_qr(username: &str, typed: bool) -> CreateQrRequest {
    CreateQrRequest {
        rp_app_id: WORKSTATION_APP.to_owned(),
        username: Some(username.to_owned()),
        account_kind: Some(AccountKind::EntraCloud),
        include_qr_fallback_code: typed,
    }
}

/// The code that a workstation shows for an account.
pub(super) async fn pairing_code(workstation: &Caller, username: &str) -> Code {
    let created: CreateQrResponse = workstation.post(path::CREATE_QR, &create_qr(username, false)).await.ok();
    let code = Code::read(&created.qr_code);
    assert_eq!(code.request_id, created.request_id);
    code
}

/// A phone's authenticator.
pub(super) struct Phone(Authenticator);

impl Phone {
    pub(super) fn new(seed: u64) -> Self {
        Phone(Authenticator::new(
            Ports {
                store: Arc::new(MemoryStore::default()),
                gate: Arc::new(ScriptedGate::approving()),
                keys: Arc::new(SoftwareKeyVault::new(seed)),
                clock: Arc::new(ManualClock::default()),
                rng: Arc::new(SeededRng::new(seed)),
            },
            Policy::default(),
        ))
    }

    /// Makes a passkey as the options want it.
    pub(super) async fn create(&self, options: CreationOptions) -> RegistrationResponse {
        let page = Creation {
            origin: format!("https://{}", options.rp.id),
            rp: RelyingParty { id: options.rp.id, name: None },
            user: User { id: options.user.id.0, name: Some(options.user.name), display_name: None },
            challenge: options.challenge.0,
            algorithms: vec![Algorithm::ES256],
            exclude: options.exclude_credentials.into_iter().map(|descriptor| descriptor.id.0).collect(),
            discoverable: true,
            attestation: true,
            prf: None,
        };
        let pending = client::create(&page).unwrap();
        let answer = self.0.handle(Profile::Hybrid, &pending.request, &Cancel::new()).await;
        pending.created(&answer).unwrap()
    }

    /// Signs in with a discoverable passkey.
    pub(super) async fn sign_in(
        &self,
        rp_id: &str,
        challenge: Vec<u8>,
    ) -> latchkey_phone::webauthn::json::AuthenticationResponse {
        let page = client::Assertion {
            origin: format!("https://{rp_id}"),
            rp_id: rp_id.to_owned(),
            challenge,
            allow: vec![],
            prf: None,
        };
        let pending = client::get(&page).unwrap();
        let answer = self.0.handle(Profile::Hybrid, &pending.request, &Cancel::new()).await;
        pending.asserted(&answer).unwrap()
    }

    /// What it registers with, after having asked for options.
    pub(super) async fn answer(&self, caller: &Caller, code: &Code) -> RegistrationRequest {
        let options = caller.post(path::ATTESTATION_OPTIONS, &options_request(code)).await.ok();
        RegistrationRequest {
            request_id: code.request_id.clone(),
            nonce: code.nonce.clone(),
            device_name: "Ada's phone".to_owned(),
            app_version: "10.5.0".to_owned(),
            credential: self.create(options).await,
        }
    }

    /// Pairs with the code.
    pub(super) async fn pair(&self, caller: &Caller, code: &Code) -> RegistrationResponseBody {
        let request = self.answer(caller, code).await;
        caller.post(path::REGISTRATION, &request).await.ok()
    }
}

pub(super) fn options_request(code: &Code) -> AttestationOptionsRequest {
    AttestationOptionsRequest {
        request_id: Some(code.request_id.clone()),
        nonce: Some(code.nonce.clone()),
        username: None,
    }
}
