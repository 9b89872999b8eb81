//! What the tests begin with.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use latchkey_authenticator::Cancel;
use latchkey_authenticator::ports::{Consent, GateError, Prompt, UserGate, UserVerification};
use latchkey_phone::control_center::wire::{
    AccountKind, CreateQrRequest, CreateQrResponse, EnrollRequest, EnrollResponse, QrState, QrStateResponse,
    WorkstationResponse, path,
};
use latchkey_phone::control_center::{Address, Client, ControlCenterError, path_of};
use latchkey_phone::webauthn::json::Base64Url;
use latchkey_phone::{Approval, Paired, Phone, PhoneConfig, PhoneError, PhonePorts, Resumed};
use latchkey_simulator::control_center::{Config, ControlCenter, Running, WORKSTATION_APP};
use latchkey_simulator::ports::{FileKeys, NoRadio, Silent, SimulatedDevice, SystemClock, SystemRng};
use latchkey_simulator::tunnel::TlsIdentity;
use latchkey_unlock::KeyPair;
use rustls::ClientConfig;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::wire::Wire;

pub(crate) const ADA: &str = "ada@example.com";

/// A Control Center, a wire to it, and a phone.
pub(crate) struct Stage {
    pub(crate) base: String,
    pub(crate) wire: Wire,
    pub(crate) owner: Arc<Owner>,
    folder: TempDir,
    ca: Vec<u8>,
    direct: Address,
    tls: Arc<ClientConfig>,
    admin_token: String,
    _running: Running,
}

/// The phone's owner: does something when asked, and then says yes or nothing.
#[derive(Default)]
pub(crate) struct Owner {
    when_asked: Mutex<Option<Box<dyn FnOnce() -> bool + Send>>>,
    asked: tokio::sync::Notify,
}

/// A workstation as far as pairing goes.
pub(crate) struct Desk {
    client: Client,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(set_up: impl FnOnce(&mut Config)) -> Self {
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).unwrap();
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        // What stands in codes is the end of the wire.
        let listener = TcpListener::bind(loopback).await.unwrap();
        let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let mut config = Config { base_url: Some(base.clone()), ..Config::default() };
        set_up(&mut config);
        let center = ControlCenter::bind(loopback, identity, config).await.unwrap();
        let server = center.local_addr().unwrap();
        let admin_token = center.admin_token().to_owned();
        Stage {
            wire: Wire::lay(listener, server),
            base,
            owner: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
            tls: latchkey_phone::tls::client_config(Some(ca.as_bytes())).unwrap(),
            ca: ca.into_bytes(),
            direct: Address::parse(&format!("localhost:{}", server.port()), true).unwrap(),
            admin_token,
            _running: center.start(),
        }
    }

    /// Anyone who talks to the server past the wire.
    pub(crate) fn anyone(&self) -> Client {
        Client::new(Arc::clone(&self.tls), &self.direct).unwrap()
    }

    pub(crate) fn administrator(&self) -> Client {
        self.anyone().with_token(&self.admin_token)
    }

    /// An enrolled workstation.
    pub(crate) async fn desk(&self, machine_id: &str) -> Desk {
        let request = json!({ "scope": ["WSINSTALL"], "rpAppId": WORKSTATION_APP, "expiresInSecs": 600 });
        let token: Value = self.administrator().post("/rp/api/token/endpoint", &request).await.unwrap();
        let key = KeyPair::generate(&mut latchkey_unlock::rand_core::OsRng).unwrap();
        let request = EnrollRequest {
            install_token: token["token"].as_str().unwrap().to_owned(),
            machine_id: machine_id.to_owned(),
            machine_name: format!("{machine_id}-NAME"),
            public_key: Base64Url(key.public().compressed().to_vec()),
        };
        let enrolled: EnrollResponse = self.anyone().post(path::ENROLL, &request).await.unwrap();
        Desk { client: self.anyone().with_token(&enrolled.workstation_token) }
    }

    /// The session of the Device Manager that Ada's Magic Link opens.
    pub(crate) async fn device_manager(&self) -> Client {
        let link: Value =
            self.administrator().post("/cc/api/magiclink", &json!({ "email": ADA })).await.unwrap();
        let token = link["magicLink"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
        let session: Value = self.anyone().post("/dm/api/session", &json!({ "token": token })).await.unwrap();
        self.anyone().with_token(session["sessionToken"].as_str().unwrap())
    }

    /// The phone, as it is when its app is opened.
    pub(crate) fn open_phone(&self) -> Phone {
        let path = |name| self.folder.path().join(name);
        let device = Arc::new(SimulatedDevice::default());
        let ports = PhonePorts {
            gate: self.owner.clone(),
            keys: Arc::new(FileKeys::open(&path("wrapping.key")).unwrap()),
            clock: Arc::new(SystemClock::default()),
            rng: Arc::new(SystemRng),
            advertiser: Arc::new(NoRadio),
            network: device.clone(),
            device,
            observer: Arc::new(Silent),
        };
        let config =
            PhoneConfig { extra_ca: Some(self.ca.clone()), developer: true, ..PhoneConfig::default() };
        Phone::open(&path("vault.sqlite"), config, ports).unwrap()
    }

    /// Names of all events of workstations, the oldest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let path = format!(
            "/cc/api/versioned/audit/search?rpAppId={WORKSTATION_APP}&startTSUTC=0&endTSUTC=99999999999999\
             &pageSize=100&pageNumber=0&orderBy=eventTimeInUTC&sortDir=ASC"
        );
        let found: Value = self.administrator().get(&path).await.unwrap();
        let data = found["data"].as_array().unwrap();
        data.iter().map(|event| event["eventName"].as_str().unwrap().to_owned()).collect()
    }

    /// How many passkeys and phones the server has of Ada.
    pub(crate) async fn server_has(&self) -> usize {
        let path = format!("/rp/api/versioned/fido2/user?username={ADA}");
        match self.administrator().get::<Value>(&path).await {
            Ok(found) => found["passkeys"].as_array().unwrap().len(),
            Err(ControlCenterError::Refused { status: 404, .. }) => 0,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Desk {
    pub(crate) async fn code(&self) -> CreateQrResponse {
        self.code_for(ADA, AccountKind::EntraCloud).await.unwrap()
    }

    pub(crate) async fn code_for(
        &self,
        username: &str,
        kind: AccountKind,
    ) -> Result<CreateQrResponse, ControlCenterError> {
        let request = CreateQrRequest {
            rp_app_id: WORKSTATION_APP.to_owned(),
            username: Some(username.to_owned()),
            account_kind: Some(kind),
            include_qr_fallback_code: true,
        };
        self.client.post(path::CREATE_QR, &request).await
    }

    pub(crate) async fn state_of(&self, code: &CreateQrResponse) -> QrStateResponse {
        self.client.get(&path_of(path::QR_STATE, &code.request_id).unwrap()).await.unwrap()
    }

    pub(crate) async fn assert_state(&self, code: &CreateQrResponse, state: QrState) {
        assert_eq!(self.state_of(code).await.state, state);
    }

    /// The passkeys that unlock it.
    pub(crate) async fn passkeys(&self) -> Vec<Vec<u8>> {
        let sync: WorkstationResponse = self.client.get(path::WORKSTATION).await.unwrap();
        sync.pairings.into_iter().map(|pairing| pairing.credential_id.0).collect()
    }
}

impl Owner {
    /// What happens at the next prompt; it is answered if that gives true.
    pub(crate) fn when_asked(&self, action: impl FnOnce() -> bool + Send + 'static) {
        *self.when_asked.lock().unwrap() = Some(Box::new(action));
    }

    /// Returns once a prompt is open.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }
}

#[async_trait]
impl UserGate for Owner {
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }

    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError> {
        let action = self.when_asked.lock().unwrap().take();
        let answers = action.is_none_or(|action| action());
        self.asked.notify_one();
        if !answers {
            core::future::pending::<()>().await;
        }
        Ok(Consent { verified: prompt.verify, account: 0 })
    }
}

pub(crate) async fn pair(phone: &Phone, code: &CreateQrResponse) -> Result<Paired, PhoneError> {
    match within(phone.approve(&[&code.qr_code], &Cancel::new())).await? {
        Approval::Paired(paired) => Ok(paired),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn resume(phone: &Phone) -> Resumed {
    within(phone.resume(&Cancel::new())).await.unwrap()
}

/// What takes longer hangs.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("hangs")
}

/// The phone shows no passkey and no computer.
pub(crate) fn assert_empty(phone: &Phone) {
    assert!(phone.security_keys().list().unwrap().is_empty());
    assert!(phone.computers().list().unwrap().is_empty());
}

/// The phone shows one passkey, and these computers that it unlocks; returns its ID.
pub(crate) fn assert_unlocks(phone: &Phone, machine_ids: &[&str]) -> Vec<u8> {
    let passkeys = phone.security_keys().list().unwrap();
    assert_eq!(passkeys.len(), 1);
    let computers = phone.computers().list().unwrap();
    let ids: Vec<&str> = computers.iter().map(|computer| computer.machine_id.as_str()).collect();
    assert_eq!(ids, machine_ids);
    assert!(computers.iter().all(|computer| computer.credential_id == passkeys[0].id));
    passkeys[0].id.0.clone()
}
