//! Everybody who takes part in a day, in one process and over real connections.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_offline::Argon2Cost;
use latchkey_phone::control_center::{Address, Client};
use latchkey_phone::ports::{Observer, Step};
use latchkey_phone::tunnel::TunnelAddress;
use latchkey_phone::{Phone, PhoneConfig, PhonePorts};
use rustls::ClientConfig;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::clock::{PartyClock, Time};
use super::wire::Wire;
use super::{Broken, broken};
use crate::administrator::Administrator;
use crate::air::{Scanner, VirtualAir};
use crate::computer::Computer;
use crate::control_center::{Config, ControlCenter, Limits, Running, WORKSTATION_APP};
use crate::ports::{AutomaticGate, Choice, FileKeys, SimulatedDevice, SystemRng};
use crate::tunnel::{Limits as TunnelLimits, RunningTunnelService, TlsIdentity, TunnelService};
use crate::workstation::{Workstation, WorkstationConfig, WorkstationError, WorkstationPorts};

/// What a phone waits five seconds for it waits a quarter of one for.
const PHONE_SPEED: u32 = 20;

/// What the bearer token of the administrator is; it lives as long as the day.
pub(super) const ADMIN_TOKEN: &str = "administrator-of-one-day-0123456789";

const LOOPBACK: [u8; 4] = [127, 0, 0, 1];

/// Everybody.
pub(super) struct World {
    pub(super) time: Time,
    pub(super) phones: Vec<Handset>,
    pub(super) desks: Vec<Desk>,
    pub(super) administrator: Administrator,
    /// The wire of all phones; stands in every code.
    pub(super) phone_wire: Wire,
    pub(super) tls: Arc<ClientConfig>,
    tunnel: TunnelAddress,
    office: Office,
    center: Option<Running>,
    folder: TempDir,
    _tunnel_service: RunningTunnelService,
}

/// The Control Center's side.
struct Office {
    identity: TlsIdentity,
    clock: Arc<PartyClock>,
    wire: Wire,
}

/// A phone, and what it is opened with.
pub(super) struct Handset {
    pub(super) name: &'static str,
    pub(super) clock: Arc<PartyClock>,
    pub(super) sight: Arc<Sight>,
    folder: PathBuf,
    config: PhoneConfig,
    air: PathBuf,
    phone: Option<Arc<Phone>>,
}

/// A workstation, and what it is opened with.
pub(super) struct Desk {
    pub(super) name: &'static str,
    pub(super) machine_id: String,
    pub(super) clock: Arc<PartyClock>,
    pub(super) wire: Wire,
    config: WorkstationConfig,
    ports: WorkstationPorts,
    workstation: Arc<Workstation>,
    serving: Option<(Cancel, JoinHandle<Result<(), WorkstationError>>)>,
}

/// What a phone's owner sees.
#[derive(Default)]
pub(super) struct Sight {
    offered_pin: AtomicBool,
}

impl Observer for Sight {
    fn reached(&self, step: Step) {
        if step == Step::OfferPin {
            self.offered_pin.store(true, Ordering::SeqCst);
        }
    }
}

impl Sight {
    /// Whether a PIN was offered since this was asked last.
    pub(super) fn take_offer(&self) -> bool {
        self.offered_pin.swap(false, Ordering::SeqCst)
    }
}

impl World {
    pub(super) async fn build(
        phones: &[&'static str],
        desks: &[&'static str],
        folder: TempDir,
    ) -> Result<Self, Broken> {
        let time = Time::default();
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).map_err(broken)?;
        let tls = latchkey_phone::tls::client_config(Some(ca.as_bytes())).map_err(broken)?;
        let service =
            TunnelService::bind(SocketAddr::from((LOOPBACK, 0)), identity.clone(), TunnelLimits::default());
        let service = service.await.map_err(broken)?;
        let port = service.local_addr().map_err(broken)?.port();
        let tunnel = TunnelAddress { host: "localhost".to_owned(), port };

        // The wires lead nowhere until the Control Center is started.
        let nowhere = SocketAddr::from((LOOPBACK, 9));
        let phone_wire = Wire::lay(nowhere).await.map_err(broken)?;
        let wire = Wire::lay(nowhere).await.map_err(broken)?;
        let address = Address::parse(&wire.url(), true).map_err(broken)?;
        let administrator = Administrator::new(Arc::clone(&tls), &address, ADMIN_TOKEN).map_err(broken)?;
        let office = Office { identity, clock: time.clock(1), wire };
        let mut world = World {
            phones: Vec::new(),
            desks: Vec::new(),
            administrator,
            phone_wire,
            tls,
            tunnel,
            office,
            center: None,
            folder,
            _tunnel_service: service.start(),
            time,
        };
        world.start_center().await?;
        for name in phones {
            let handset = world.handset(name, &ca)?;
            world.phones.push(handset);
        }
        for name in desks {
            let desk = world.desk(name).await?;
            world.desks.push(desk);
        }
        Ok(world)
    }

    fn handset(&self, name: &'static str, ca: &str) -> Result<Handset, Broken> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).map_err(broken)?;
        let mut handset = Handset {
            name,
            clock: self.time.clock(PHONE_SPEED),
            sight: Arc::default(),
            folder,
            config: PhoneConfig {
                tunnel: Some(self.tunnel.clone()),
                extra_ca: Some(ca.as_bytes().to_vec()),
                developer: true,
                ..PhoneConfig::default()
            },
            air: self.air(),
            phone: None,
        };
        handset.set_online(true)?;
        handset.open()?;
        Ok(handset)
    }

    async fn desk(&self, name: &'static str) -> Result<Desk, Broken> {
        let wire = Wire::lay(self.office.wire.server()).await.map_err(broken)?;
        let clock = self.time.clock(1);
        let config = WorkstationConfig {
            state: self.folder.path().join(name),
            machine_name: name.to_owned(),
            // The smallest that Argon2 allows: what PINs cost is not the matter here.
            cost: Argon2Cost::new(8, 1, 1).map_err(broken)?,
            developer: true,
        };
        let ports = WorkstationPorts {
            clock: clock.clone(),
            rng: Arc::new(SystemRng),
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            tls: Arc::clone(&self.tls),
        };
        let workstation = Arc::new(Workstation::open(config.clone(), ports.clone()).map_err(broken)?);
        let token = self.administrator.install_token(WORKSTATION_APP).await.map_err(broken)?;
        workstation.enroll(&wire.url(), &token).await.map_err(broken)?;
        let machine_id = workstation.status().map_err(broken)?.machine_id;
        let mut desk = Desk { name, machine_id, clock, wire, config, ports, workstation, serving: None };
        desk.serve();
        Ok(desk)
    }

    /// Starts the Control Center on its state.
    pub(super) async fn start_center(&mut self) -> Result<(), Broken> {
        let config = Config {
            state: Some(self.center_folder()),
            base_url: Some(self.phone_wire.url()),
            admin_token: Some(Zeroizing::new(ADMIN_TOKEN.to_owned())),
            clock: self.office.clock.clone(),
            // What is cut off by a fault stays open for a while.
            limits: Limits { codes_each: 256, requests_each: 256, passkeys: 64, ..Limits::default() },
            ..Config::default()
        };
        let loopback = SocketAddr::from((LOOPBACK, 0));
        let center =
            ControlCenter::bind(loopback, self.office.identity.clone(), config).await.map_err(broken)?;
        let address = center.local_addr().map_err(broken)?;
        self.center = Some(center.start());
        let desks = self.desks.iter().map(|desk| &desk.wire);
        for wire in [&self.phone_wire, &self.office.wire].into_iter().chain(desks) {
            wire.lead_to(address);
        }
        Ok(())
    }

    /// The Control Center's process ends.
    pub(super) async fn kill_center(&mut self) {
        self.center = None;
        // Of a process nothing goes on after its end: here a write may still be under way.
        tokio::time::sleep(Duration::from_millis(30)).await;
    }

    /// A sabotage.
    pub(super) fn forget_registrations(&self) -> Result<(), Broken> {
        let database = rusqlite::Connection::open(self.center_folder().join("control-center.db"));
        let forgotten = database.and_then(|database| {
            database.busy_timeout(Duration::from_secs(5))?;
            database.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM registrations;")
        });
        forgotten.map_err(broken)
    }

    fn center_folder(&self) -> PathBuf {
        self.folder.path().join("control center")
    }

    fn air(&self) -> PathBuf {
        self.folder.path().join("air")
    }

    pub(super) fn listen(&self) -> Result<Box<dyn Scanner>, Broken> {
        Ok(Box::new(VirtualAir::new(self.air()).listen().map_err(broken)?))
    }

    /// The computer's side of the hybrid transport.
    pub(super) fn computer(&self) -> Computer {
        Computer {
            tls: Arc::clone(&self.tls),
            tunnel: Some(self.tunnel.clone()),
            patience: Duration::from_secs(10),
        }
    }

    /// Somebody with a browser.
    pub(super) fn browser(&self) -> Result<Client, Broken> {
        let address = Address::parse(&self.office.wire.url(), true).map_err(broken)?;
        Client::new(Arc::clone(&self.tls), &address).map_err(broken)
    }

    pub(super) fn phone(&self, which: usize) -> Result<Arc<Phone>, Broken> {
        self.phones[which].phone.clone().ok_or_else(|| Broken("a phone that is not open".to_owned()))
    }

    pub(super) fn workstation(&self, which: usize) -> Arc<Workstation> {
        Arc::clone(&self.desks[which].workstation)
    }
}

impl Handset {
    /// Opens the app, or opens it again after it was killed.
    pub(super) fn open(&mut self) -> Result<(), Broken> {
        self.phone = None;
        let device = Arc::new(SimulatedDevice::open(&self.device_file()).map_err(broken)?);
        let ports = PhonePorts {
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            keys: Arc::new(FileKeys::open(&self.folder.join("wrapping.key")).map_err(broken)?),
            clock: self.clock.clone(),
            rng: Arc::new(SystemRng),
            advertiser: Arc::new(VirtualAir::new(self.air.clone())),
            network: device.clone(),
            device,
            observer: self.sight.clone(),
        };
        let phone = Phone::open(&self.vault(), self.config.clone(), ports).map_err(broken)?;
        self.phone = Some(Arc::new(phone));
        Ok(())
    }

    pub(super) fn kill(&mut self) {
        self.phone = None;
    }

    pub(super) fn vault(&self) -> PathBuf {
        self.folder.join("vault.sqlite")
    }

    pub(super) fn set_online(&self, online: bool) -> Result<(), Broken> {
        let facts = serde_json::json!({ "name": self.name, "online": online });
        std::fs::write(self.device_file(), facts.to_string()).map_err(broken)
    }

    fn device_file(&self) -> PathBuf {
        self.folder.join("device.json")
    }
}

impl Desk {
    /// Serves phones in the background, with a connection of its own.
    pub(super) fn serve(&mut self) {
        if self.serving.is_none() {
            let (cancel, workstation) = (Cancel::new(), Arc::clone(&self.workstation));
            let stop = cancel.clone();
            let task = tokio::spawn(async move { workstation.run(&stop, |_| {}).await });
            self.serving = Some((cancel, task));
        }
    }

    /// The process ends in the middle of whatever it does, and the next one starts.
    pub(super) async fn restart(&mut self) -> Result<(), Broken> {
        self.crash().await;
        self.reopen()?;
        self.serve();
        Ok(())
    }

    pub(super) async fn crash(&mut self) {
        if let Some((_, task)) = self.serving.take() {
            task.abort();
            let _ = task.await;
            // Tasks that it started end where they wait next.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) fn reopen(&mut self) -> Result<(), Broken> {
        let opened = Workstation::open(self.config.clone(), self.ports.clone()).map_err(broken)?;
        self.workstation = Arc::new(opened);
        Ok(())
    }

    pub(super) fn state(&self) -> &Path {
        &self.config.state
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some((_, task)) = self.serving.take() {
            task.abort();
        }
    }
}

/// The files of a folder, to put them back later.
pub(super) struct Backup(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Backup {
    /// Of a SQLite database with its journals.
    pub(super) fn of(database: &Path) -> Self {
        let with = |end: &str| PathBuf::from(format!("{}{end}", database.display()));
        let files = ["", "-wal", "-shm", "-journal"].map(with);
        Backup(files.into_iter().map(|file| (file.clone(), std::fs::read(file).ok())).collect())
    }

    pub(super) fn put_back(&self) -> Result<(), Broken> {
        for (file, content) in &self.0 {
            match content {
                Some(content) => std::fs::write(file, content).map_err(broken)?,
                None if file.exists() => std::fs::remove_file(file).map_err(broken)?,
                None => {}
            }
        }
        Ok(())
    }
}
