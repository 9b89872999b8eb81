//! Look-ups of typed codes at a Control Center on loopback, TLS and the clients' work included: how many
//! a second, and how long the slowest of a hundred takes, with few and with many codes pending.
//!
//! Every look-up takes a code out of the cache and writes an audit event to disk before it is answered.
//! The limits that make guessing hopeless are lifted.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use latchkey_phone::control_center::wire::{
    AccountKind, CreateQrRequest, CreateQrResponse, EnrollRequest, EnrollResponse, PendingQrRequest,
    PendingQrResponse, path,
};
use latchkey_phone::control_center::{Address, Client};
use latchkey_phone::webauthn::json::Base64Url;
use latchkey_simulator::control_center::{Config, ControlCenter, Limits, Running, WORKSTATION_APP};
use latchkey_simulator::tunnel::TlsIdentity;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::passkeys::Folder;
use crate::report::{Line, Value};

/// Codes that are pending while others are looked up.
const PENDING: [usize; 3] = [10, 1000, 4000];
/// Clients, each with a connection that stays open.
const CLIENTS: usize = 16;
/// Look-ups that are measured.
const LOOKUPS: usize = 4000;

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut lines = Vec::new();
    let mut stores = vec![("embedded", None)];
    let redis = RedisServer::start();
    match &redis {
        Some(redis) => stores.push(("Redis", Some(redis.url()))),
        None => eprintln!("left out: look-ups with Redis (no redis-server)"),
    }
    for (name, redis) in stores {
        let state = folder.fresh(&format!("control-center-{name}"));
        let stage = runtime.block_on(Stage::build(state, redis));
        let (rate, p99) = stage.rounds(&runtime, LOOKUPS, |client, _| async move {
            client.get::<Json>("/healthz").await.unwrap();
        });
        lines.extend(lines_of(&format!("{name}: a call that reads each store once"), rate, p99));
        let mut pending = 0;
        for wanted in PENDING {
            runtime.block_on(stage.codes(wanted - pending));
            pending = wanted;
            let codes = Arc::new(runtime.block_on(stage.codes(LOOKUPS)));
            let (rate, p99) = stage.rounds(&runtime, LOOKUPS, move |client, number| {
                let activation_code = codes[number].clone();
                async move {
                    let asked = PendingQrRequest { activation_code };
                    client.post::<_, PendingQrResponse>(path::PENDING_QR, &asked).await.unwrap();
                }
            });
            lines.extend(lines_of(&format!("{name}: look-up, {wanted} codes pending"), rate, p99));
        }
        runtime.block_on(stage.running.shutdown());
    }
    lines
}

fn lines_of(what: &str, rate: f64, p99: Duration) -> [Line; 2] {
    let line = |what: String, value| Line { what, value, rounds: LOOKUPS, ..Line::default() };
    [line(what.to_owned(), Value::Rate(rate)), line(format!("{what}, p99"), Value::Time(p99))]
}

/// A server, a workstation, and clients.
struct Stage {
    running: Running,
    workstation: Client,
    clients: Vec<Client>,
}

impl Stage {
    async fn build(state: std::path::PathBuf, redis: Option<String>) -> Self {
        let limits = Limits {
            lookups_per_address: u32::MAX,
            lookups: u32::MAX,
            typed_codes: u32::MAX,
            codes_each: u32::MAX,
            ..Limits::default()
        };
        let config = Config { state: Some(state), redis, limits, ..Config::default() };
        let (identity, authority) = TlsIdentity::generate(&["localhost"]).unwrap();
        let center = ControlCenter::bind(([127, 0, 0, 1], 0).into(), identity, config).await.unwrap();
        let tls = latchkey_phone::tls::client_config(Some(authority.as_bytes())).unwrap();
        let address = Address::parse(center.base_url(), true).unwrap();
        let client = || Client::new(Arc::clone(&tls), &address).unwrap();
        let administrator = client().with_token(center.admin_token());
        let running = center.start();

        let wanted = json!({ "scope": ["WSINSTALL"], "rpAppId": WORKSTATION_APP, "expiresInSecs": 3600 });
        let token: Json = administrator.post("/rp/api/token/endpoint", &wanted).await.unwrap();
        let key = p256::SecretKey::from_slice(&[1; 32]).unwrap().public_key();
        let machine = EnrollRequest {
            install_token: token["token"].as_str().unwrap().to_owned(),
            machine_id: "pc-1".to_owned(),
            machine_name: "Desk".to_owned(),
            public_key: Base64Url(p256::EncodedPoint::from(key).compress().as_bytes().to_vec()),
        };
        let enrolled: EnrollResponse = client().post(path::ENROLL, &machine).await.unwrap();
        let workstation = client().with_token(&enrolled.workstation_token);
        Stage { running, workstation, clients: (0..CLIENTS).map(|_| client()).collect() }
    }

    /// So many codes that live.
    async fn codes(&self, number: usize) -> Vec<String> {
        let request = CreateQrRequest {
            rp_app_id: WORKSTATION_APP.to_owned(),
            username: Some("ada@example.com".to_owned()),
            account_kind: Some(AccountKind::EntraCloud),
            include_qr_fallback_code: true,
        };
        let mut codes = Vec::with_capacity(number);
        for _ in 0..number {
            let created: CreateQrResponse = self.workstation.post(path::CREATE_QR, &request).await.unwrap();
            codes.push(created.qr_fallback_activation_code.unwrap());
        }
        codes
    }

    /// Lets every client make its share of the calls, one after the other. Calls a second, and what 99 of
    /// 100 did not take longer than.
    fn rounds<F: Future<Output = ()> + Send>(
        &self,
        runtime: &Runtime,
        calls: usize,
        call: impl Fn(Client, usize) -> F + Clone + Send + Sync + 'static,
    ) -> (f64, Duration) {
        let share = calls / CLIENTS;
        let start = Instant::now();
        let tasks: Vec<_> = self
            .clients
            .iter()
            .enumerate()
            .map(|(index, client)| {
                let (client, call) = (client.clone(), call.clone());
                runtime.spawn(async move {
                    let mut times = Vec::with_capacity(share);
                    for number in index * share..(index + 1) * share {
                        let start = Instant::now();
                        call(client.clone(), number).await;
                        times.push(start.elapsed());
                    }
                    times
                })
            })
            .collect();
        let mut times: Vec<Duration> =
            tasks.into_iter().flat_map(|task| runtime.block_on(task).unwrap()).collect();
        let rate = times.len() as f64 / start.elapsed().as_secs_f64();
        times.sort_unstable();
        (rate, times[(times.len() - 1) * 99 / 100])
    }
}

/// A redis-server of its own.
struct RedisServer {
    child: Child,
    port: u16,
}

impl RedisServer {
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        let server = RedisServer { child, port };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(server)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
