//! A workstation and its phone, through a Control Center on loopback, TLS included: pairing, unlocking, and
//! the offline PINs on both sides.
//!
//! Everything between them goes through a relay that can hold each packet back. What a call gains in time
//! when it does so is what it waits for the network: the rest is the work of phone, workstation and server.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_offline::Argon2Cost;
use latchkey_phone::control_center::Address;
use latchkey_phone::control_center::wire::{AccountKind, OfflineSettings};
use latchkey_phone::{Phone, PhoneConfig, PhonePorts};
use latchkey_simulator::administrator::Administrator;
use latchkey_simulator::control_center::{Config, ControlCenter, Limits, Running, WORKSTATION_APP};
use latchkey_simulator::ports::{
    AdvancedClock, AlwaysOnline, AutomaticGate, Choice, FileKeys, NoRadio, Silent, SimulatedDevice, SystemRng,
};
use latchkey_simulator::tunnel::TlsIdentity;
use latchkey_simulator::workstation::{Workstation, WorkstationConfig, WorkstationPorts};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::passkeys::Folder;
use crate::report::{Line, Value};
use crate::rounds::{Group, timed};

const ADA: &str = "ada@example.com";

/// How long a packet takes in a mobile network, each way.
const ONE_WAY: Duration = Duration::from_millis(25);

/// After this nothing is on its way any more.
const SETTLED: Duration = Duration::from_millis(150);

/// A PIN is hidden after this.
const DISPLAY: Duration = Duration::from_secs(120);

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let stage = runtime.block_on(Stage::build(folder));
    let mut lines = Vec::new();

    for (what, run) in [
        ("pairing", Stage::pair as fn(&Stage, &Runtime) -> Duration),
        ("unlock, no offline PINs", Stage::unlock),
    ] {
        let mut group = Group::default();
        group.add(what, || stage.with_delay(Duration::ZERO, || run(&stage, &runtime)));
        let slow = format!("{what}, 50 ms round trips");
        group.add(slow, || stage.with_delay(ONE_WAY, || run(&stage, &runtime)));
        let measured = group.measure(Duration::from_secs(5));
        if let [Line { value: Value::Time(near), .. }, far @ Line { value: Value::Time(away), .. }] =
            &measured[..]
        {
            let waits = Line {
                what: format!("{what}, of which waits for the network"),
                value: Value::Time(away.saturating_sub(*near)),
                p95: None,
                ..far.clone()
            };
            lines.extend(measured.iter().cloned().chain([waits]));
        }
    }

    runtime.block_on(stage.turn_pins_on());
    lines.push(Line {
        what: "unlock with a new set of 100 offline PINs on both sides".to_owned(),
        value: Value::Time(stage.unlock(&runtime)),
        rounds: 1,
        ..Line::default()
    });
    let pins = RefCell::new(VecDeque::new());
    let mut group = Group::default();
    group.add("PIN shown by the phone: verified, burnt on disk, derived", || {
        let mut pin = String::new();
        let time = timed(|| pin = stage.show_pin(&runtime));
        pins.borrow_mut().push_back(pin);
        time
    });
    group.add("PIN checked by the workstation, used up on disk", || {
        let pin = pins.borrow_mut().pop_front().unwrap_or_else(|| stage.show_pin(&runtime));
        stage.workstation.lock().unwrap();
        timed(|| runtime.block_on(stage.workstation.unlock_with_pin(ADA, &pin)).unwrap())
    });
    lines.extend(group.measure(Duration::from_secs(5)));

    stage.phone.close();
    stage.serving.abort();
    runtime.block_on(stage.control_center.shutdown());
    lines
}

/// Everybody who takes part.
struct Stage {
    phone: Phone,
    clock: Arc<AdvancedClock>,
    workstation: Arc<Workstation>,
    administrator: Administrator,
    control_center: Running,
    serving: tokio::task::JoinHandle<()>,
    /// Microseconds that the relay holds each packet back.
    delay: Arc<AtomicU64>,
}

impl Stage {
    async fn build(folder: &Folder) -> Self {
        let relay = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base_url = format!("https://localhost:{}", relay.local_addr().unwrap().port());
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).unwrap();
        let tls = latchkey_phone::tls::client_config(Some(ca.as_bytes())).unwrap();
        let clock = Arc::new(AdvancedClock::default());
        // One workstation asks for more codes in a minute than any other would in a day.
        let limits = Limits { codes_each: u32::MAX, requests_each: u32::MAX, ..Limits::default() };
        let config = Config {
            limits,
            base_url: Some(base_url.clone()),
            state: Some(folder.fresh("workstation-center")),
            clock: clock.clone(),
            ..Config::default()
        };
        let control_center = ControlCenter::bind(([127, 0, 0, 1], 0).into(), identity, config).await.unwrap();
        let delay = Arc::new(AtomicU64::new(0));
        tokio::spawn(serve_relay(relay, control_center.local_addr().unwrap(), Arc::clone(&delay)));
        let address = Address::parse(&base_url, true).unwrap();
        let administrator =
            Administrator::new(Arc::clone(&tls), &address, control_center.admin_token()).unwrap();
        let control_center = control_center.start();

        let config = WorkstationConfig {
            state: folder.fresh("workstation"),
            machine_name: "desk".to_owned(),
            cost: Argon2Cost::default(),
            developer: true,
        };
        let ports = WorkstationPorts {
            clock: clock.clone(),
            rng: Arc::new(SystemRng),
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            tls,
        };
        let workstation = Arc::new(Workstation::open(config, ports).unwrap());
        let token = administrator.install_token(WORKSTATION_APP).await.unwrap();
        workstation.enroll(&base_url, &token).await.unwrap();
        let serving = Arc::clone(&workstation);
        let serving = tokio::spawn(async move { serving.run(&Cancel::new(), |_| {}).await.unwrap() });

        let config =
            PhoneConfig { extra_ca: Some(ca.into_bytes()), developer: true, ..PhoneConfig::default() };
        let ports = PhonePorts {
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            keys: Arc::new(FileKeys::open(&folder.path().join("wrapping.key")).unwrap()),
            clock: clock.clone(),
            rng: Arc::new(SystemRng),
            advertiser: Arc::new(NoRadio),
            network: Arc::new(AlwaysOnline),
            device: Arc::new(SimulatedDevice::default()),
            observer: Arc::new(Silent),
        };
        let phone = Phone::open(&folder.fresh("workstation-phone"), config, ports).unwrap();
        Stage { phone, clock, workstation, administrator, control_center, serving, delay }
    }

    fn with_delay(&self, delay: Duration, run: impl FnOnce() -> Duration) -> Duration {
        self.delay.store(u64::try_from(delay.as_micros()).unwrap(), Ordering::Relaxed);
        let time = run();
        self.delay.store(0, Ordering::Relaxed);
        // The workstation goes back to waiting for requests behind the answer. What is still held back on its
        // way there must not reach into the next measurement.
        std::thread::sleep(SETTLED);
        time
    }

    /// From the code on the screen to the pairing on both sides.
    fn pair(&self, runtime: &Runtime) -> Duration {
        self.unpair(runtime);
        runtime.block_on(async {
            let cancel = Cancel::new();
            let code = self.workstation.begin_pairing(ADA, AccountKind::EntraCloud, false).await.unwrap();
            let start = Instant::now();
            let texts = [code.text.as_str()];
            let approving = self.phone.approve(&texts, &cancel);
            let finishing = self.workstation.finish_pairing(&code.request_id, &cancel);
            let (approval, pairing) = tokio::join!(approving, finishing);
            approval.unwrap();
            pairing.unwrap();
            start.elapsed()
        })
    }

    fn unpair(&self, runtime: &Runtime) {
        runtime.block_on(async {
            for computer in self.phone.computers().list().unwrap() {
                self.phone.computers().remove(&computer.machine_id, &Cancel::new()).await.unwrap();
            }
            self.workstation.sync().await.unwrap();
            self.workstation.lock().unwrap();
        });
    }

    /// From the tap on the computer to the phone knowing that it is unlocked.
    fn unlock(&self, runtime: &Runtime) -> Duration {
        self.workstation.lock().unwrap();
        let computers = self.phone.computers().list().unwrap();
        timed(|| runtime.block_on(self.phone.unlock(&computers[0].machine_id, &Cancel::new())).unwrap())
    }

    async fn turn_pins_on(&self) {
        let mut settings = self.administrator.settings(WORKSTATION_APP).await.unwrap();
        settings.offline = OfflineSettings { enabled: true, length: 10, count: 100, ..settings.offline };
        self.administrator.set_settings(WORKSTATION_APP, &settings).await.unwrap();
    }

    fn show_pin(&self, runtime: &Runtime) -> String {
        self.clock.advance(DISPLAY);
        let computers = self.phone.computers().list().unwrap();
        let showing =
            runtime.block_on(self.phone.offline_pins().display(&computers[0].machine_id, &Cancel::new()));
        showing.unwrap().pin.expose().to_owned()
    }
}

/// Passes connections on to `server`, each packet later than it came.
async fn serve_relay(relay: TcpListener, server: SocketAddr, delay: Arc<AtomicU64>) {
    while let Ok((client, _)) = relay.accept().await {
        let delay = Arc::clone(&delay);
        tokio::spawn(async move {
            let server = TcpStream::connect(server).await.unwrap();
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::join!(pass(from_client, to_server, &delay), pass(from_server, to_client, &delay));
        });
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    delay: &AtomicU64,
) {
    let (sender, mut held) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let reading = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now() + Duration::from_micros(delay.load(Ordering::Relaxed));
            if sender.send((due, buffer[..length].to_vec())).is_err() {
                return;
            }
        }
    };
    let writing = async move {
        while let Some((due, packet)) = held.recv().await {
            if due > Instant::now() {
                sleep_until(due).await;
            }
            if to.write_all(&packet).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(reading, writing);
}
