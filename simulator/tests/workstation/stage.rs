//! What the tests begin with.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_authenticator::ports::Clock;
use latchkey_offline::Argon2Cost;
use latchkey_phone::control_center::wire::{
    AccountKind, CreateQrRequest, CreateQrResponse, OfflineSettings, WorkstationSettings, path,
};
use latchkey_phone::control_center::{Address, Client};
use latchkey_phone::tunnel::TunnelAddress;
use latchkey_phone::{Approval, Phone, PhoneConfig, PhonePorts};
use latchkey_simulator::air::VirtualAir;
use latchkey_simulator::computer::Computer;
use latchkey_simulator::control_center::{Config, ControlCenter, Running, WEB_APP, WORKSTATION_APP};
use latchkey_simulator::ports::{
    AutomaticGate, Choice, FileKeys, Silent, SimulatedDevice, SystemClock, SystemRng,
};
use latchkey_simulator::tunnel::{Limits, RunningTunnelService, TlsIdentity, TunnelService};
use latchkey_simulator::workstation::run::Happening;
use latchkey_simulator::workstation::{
    LockState, Workstation, WorkstationConfig, WorkstationError, WorkstationPorts,
};
use rustls::ClientConfig;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) const ADA: &str = "ada@example.com";

/// What takes longer hangs.
const HANGS: Duration = Duration::from_secs(30);

/// A Control Center, a tunnel service, an air, and a folder for everybody's state.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) control_center: Option<Running>,
    pub(crate) administrator: Client,
    base_url: String,
    admin_token: String,
    ca: String,
    tls: Arc<ClientConfig>,
    tunnel: TunnelAddress,
    _tunnel_service: RunningTunnelService,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).unwrap();
        let tls = latchkey_phone::tls::client_config(Some(ca.as_bytes())).unwrap();
        let loopback = ([127, 0, 0, 1], 0).into();
        let control_center =
            ControlCenter::bind(loopback, identity.clone(), Config::default()).await.unwrap();
        let (base_url, admin_token) =
            (control_center.base_url().to_owned(), control_center.admin_token().to_owned());
        let service = TunnelService::bind(loopback, identity, Limits::default()).await.unwrap();
        let tunnel =
            TunnelAddress { host: "localhost".to_owned(), port: service.local_addr().unwrap().port() };
        let address = Address::parse(&base_url, true).unwrap();
        Stage {
            folder,
            control_center: Some(control_center.start()),
            administrator: Client::new(Arc::clone(&tls), &address).unwrap().with_token(&admin_token),
            base_url,
            admin_token,
            ca,
            tls,
            tunnel,
            _tunnel_service: service.start(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The certificate authority of both services, as a file.
    pub(crate) fn ca_file(&self) -> PathBuf {
        let path = self.path("ca.pem");
        std::fs::write(&path, &self.ca).unwrap();
        path
    }

    /// A workstation that is not enrolled, or the one that is in this folder already.
    pub(crate) fn open_workstation(&self, name: &str) -> Arc<Workstation> {
        self.open_workstation_at(name, Arc::new(SystemClock::default()))
    }

    /// The same, with a clock of its own.
    pub(crate) fn open_workstation_at(&self, name: &str, clock: Arc<dyn Clock>) -> Arc<Workstation> {
        let config = WorkstationConfig {
            state: self.path(name),
            machine_name: name.to_owned(),
            // The smallest that Argon2 allows: what PINs cost is not the matter here.
            cost: Argon2Cost::new(8, 1, 1).unwrap(),
            developer: true,
        };
        let ports = WorkstationPorts {
            clock,
            rng: Arc::new(SystemRng),
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            tls: Arc::clone(&self.tls),
        };
        Arc::new(Workstation::open(config, ports).unwrap())
    }

    pub(crate) async fn install_token(&self) -> String {
        let body = json!({ "scope": ["WSINSTALL"], "rpAppId": WORKSTATION_APP, "expiresInSecs": 600 });
        let answer: Value = self.administrator.post("/rp/api/token/endpoint", &body).await.unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn workstation(&self, name: &str) -> Arc<Workstation> {
        let workstation = self.open_workstation(name);
        workstation.enroll(&self.base_url, &self.install_token().await).await.unwrap();
        workstation
    }

    pub(crate) fn phone(&self, name: &str) -> Phone {
        let folder = self.path(name);
        std::fs::create_dir_all(&folder).unwrap();
        let device = Arc::new(SimulatedDevice::default());
        let ports = PhonePorts {
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            keys: Arc::new(FileKeys::open(&folder.join("wrapping.key")).unwrap()),
            clock: Arc::new(SystemClock::default()),
            rng: Arc::new(SystemRng),
            advertiser: Arc::new(VirtualAir::new(self.path("air"))),
            network: device.clone(),
            device,
            observer: Arc::new(Silent),
        };
        let config = PhoneConfig {
            tunnel: Some(self.tunnel.clone()),
            extra_ca: Some(self.ca.as_bytes().to_vec()),
            developer: true,
            ..PhoneConfig::default()
        };
        Phone::open(&folder.join("vault.sqlite"), config, ports).unwrap()
    }

    /// Pairs a phone with Ada's account; the workstation's machine ID.
    pub(crate) async fn pair(&self, workstation: &Workstation, phone: &Phone) -> String {
        let code = workstation.begin_pairing(ADA, AccountKind::EntraCloud, false).await.unwrap();
        approve(phone, &code.text).await;
        let pairing = workstation.finish_pairing(&code.request_id, &Cancel::new()).await.unwrap();
        assert_eq!(pairing.username, ADA);
        workstation.status().unwrap().machine_id
    }

    /// The code that Ada's browser shows when she opened the administrator's magic link.
    pub(crate) async fn magic_link_code(&self) -> String {
        let address = Address::parse(&self.base_url, true).unwrap();
        let browser = Client::new(Arc::clone(&self.tls), &address).unwrap();
        let link: Value =
            self.administrator.post("/cc/api/magiclink", &json!({ "email": ADA })).await.unwrap();
        let token = link["magicLink"].as_str().unwrap().rsplit_once('/').unwrap().1;
        let session: Value = browser.post("/dm/api/session", &json!({ "token": token })).await.unwrap();
        let page = browser.with_token(session["sessionToken"].as_str().unwrap());
        let request = CreateQrRequest {
            rp_app_id: WEB_APP.to_owned(),
            username: None,
            account_kind: None,
            include_qr_fallback_code: false,
        };
        let code: CreateQrResponse = page.post(path::CREATE_QR, &request).await.unwrap();
        code.qr_code
    }

    pub(crate) async fn set_offline(&self, enabled: bool) {
        let settings = WorkstationSettings {
            workstation_rp_app_id: None,
            require_user_presence_for_registration: false,
            offline: OfflineSettings {
                enabled,
                // Without a TPM there are no shorter ones.
                length: 10,
                count: 10,
                valid_days: 7,
                display_secs: 15,
                prompt_threshold_pct: 20,
                max_failures: 3,
                window: None,
            },
        };
        let url = format!("{}/cc/api/appconfig/workstation?rpAppId={WORKSTATION_APP}", self.base_url);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(Arc::unwrap_or_clone(Arc::clone(&self.tls)))
            .build()
            .unwrap();
        let answer = http
            .put(url)
            .bearer_auth(&self.admin_token)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&settings).unwrap())
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// The computer's side of the hybrid transport.
    pub(crate) fn computer(&self) -> Computer {
        Computer {
            tls: Arc::clone(&self.tls),
            tunnel: Some(self.tunnel.clone()),
            patience: Duration::from_secs(10),
        }
    }

    pub(crate) fn air(&self) -> VirtualAir {
        VirtualAir::new(self.path("air"))
    }

    /// The names of all events in the audit trail.
    pub(crate) async fn audit_trail(&self) -> Vec<String> {
        let query = "/cc/api/versioned/audit/search?pageSize=100&pageNumber=0&orderBy=eventTimeInUTC&sortDir=ASC&startTSUTC=0&endTSUTC=99999999999999";
        let mut names = Vec::new();
        for app in [WORKSTATION_APP, WEB_APP] {
            let answer: Value = self.administrator.get(&format!("{query}&rpAppId={app}")).await.unwrap();
            let data = answer["data"].as_array().unwrap();
            names.extend(data.iter().map(|event| event["eventName"].as_str().unwrap().to_owned()));
        }
        names
    }

    /// The Control Center goes away.
    pub(crate) async fn go_offline(&mut self) {
        self.control_center.take().unwrap().shutdown().await;
    }
}

/// The phone reads a code, and its owner says yes.
pub(crate) async fn approve(phone: &Phone, code: &str) -> Approval {
    phone.approve(&[code], &Cancel::new()).await.unwrap()
}

/// A screen that shows a code to whoever waits for it.
#[derive(Clone, Default)]
pub(crate) struct Screen(Arc<Mutex<Option<String>>>);

impl Screen {
    pub(crate) fn show(&self, code: &str) {
        *self.0.lock().unwrap() = Some(code.to_owned());
    }

    pub(crate) async fn code(&self) -> String {
        loop {
            if let Some(code) = self.0.lock().unwrap().take() {
                return code;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A workstation that serves in the background.
pub(crate) struct Serving {
    cancel: Cancel,
    task: JoinHandle<Result<(), WorkstationError>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Serving {
    pub(crate) fn start(workstation: &Arc<Workstation>) -> Self {
        let (cancel, heard) = (Cancel::new(), Arc::new(Mutex::new(Vec::new())));
        let (workstation, stop, told) = (Arc::clone(workstation), cancel.clone(), Arc::clone(&heard));
        let task = tokio::spawn(async move {
            let tell = move |happening: Happening| told.lock().unwrap().push(format!("{happening:?}"));
            workstation.run(&stop, tell).await
        });
        Serving { cancel, task, heard }
    }

    /// Waits until something was told whose text contains `text`.
    pub(crate) async fn hear(&self, text: &str) -> String {
        within(async {
            loop {
                let heard = self.heard.lock().unwrap().iter().find(|line| line.contains(text)).cloned();
                if let Some(line) = heard {
                    return line;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
    }

    /// The process ends in the middle of whatever it does.
    pub(crate) async fn crash(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    pub(crate) async fn stop(self) {
        self.cancel.cancel();
        within(self.task).await.unwrap().unwrap();
    }
}

/// Fails when it takes too long.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANGS, future).await.expect("this hangs")
}

/// How the workstation was unlocked, and for whom.
pub(crate) fn unlocked(workstation: &Workstation) -> Option<(&'static str, String)> {
    match workstation.lock_state().unwrap() {
        LockState::Locked => None,
        LockState::Unlocked(session) => Some((session.how.name(), session.account)),
    }
}
