//! Everybody who takes part, each with a place of its own on loopback or in one temporary folder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use latchkey_ctap::Status;
use latchkey_offline::Argon2Cost;
use latchkey_phone::control_center::Address;
use latchkey_phone::ports::{Observer, Step};
use latchkey_phone::tunnel::TunnelAddress;
use latchkey_phone::{Phone, PhoneConfig, PhonePorts};
use rustls::ClientConfig;
use tempfile::TempDir;

use super::super::Failure;
use crate::administrator::Administrator;
use crate::air::VirtualAir;
use crate::computer::Computer;
use crate::control_center::{Config, ControlCenter, Running, WORKSTATION_APP};
use crate::picture::{self, QrPicture};
use crate::ports::{AdvancedClock, AutomaticGate, Choice, FileKeys, SimulatedDevice, SystemRng};
use crate::timeline::{Actor, Timeline};
use crate::tunnel::{Limits, RunningTunnelService, TlsIdentity, TunnelService};
use crate::workstation::{Workstation, WorkstationConfig, WorkstationPorts};

pub(super) struct World {
    pub(super) phone: Phone,
    /// Everybody's clock.
    pub(super) clock: Arc<AdvancedClock>,
    pub(super) administrator: Administrator,
    /// The Control Center's address, as a person types it.
    pub(super) base_url: String,
    pub(super) computer: Computer,
    pub(super) air: VirtualAir,
    /// The timeline of the scene, for the phone's observer.
    pub(super) scene: Arc<Spotlight>,
    tls: Arc<ClientConfig>,
    tunnel_service: RunningTunnelService,
    control_center: Running,
    folder: TempDir,
}

impl World {
    pub(super) async fn build() -> Result<Self, Failure> {
        let loopback = ([127, 0, 0, 1], 0).into();
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).map_err(failed)?;
        let tls = latchkey_phone::tls::client_config(Some(ca.as_bytes())).map_err(failed)?;
        let tunnel_service = TunnelService::bind(loopback, identity.clone(), Limits::default()).await?;
        let port = tunnel_service.local_addr()?.port();
        let tunnel = TunnelAddress { host: "localhost".to_owned(), port };
        let clock = Arc::new(AdvancedClock::default());
        let config = Config { clock: clock.clone(), ..Config::default() };
        let control_center = ControlCenter::bind(loopback, identity, config).await.map_err(failed)?;
        let base_url = control_center.base_url().to_owned();
        let address = Address::parse(&base_url, true).map_err(failed)?;
        let administrator =
            Administrator::new(Arc::clone(&tls), &address, control_center.admin_token()).map_err(failed)?;

        let folder = tempfile::tempdir()?;
        let air = VirtualAir::new(folder.path().join("air"));
        let scene = Arc::new(Spotlight::default());
        let device = Arc::new(SimulatedDevice::open(&device_script(folder.path()))?);
        let ports = PhonePorts {
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            keys: Arc::new(FileKeys::open(&folder.path().join("wrapping.key")).map_err(failed)?),
            clock: clock.clone(),
            rng: Arc::new(SystemRng),
            advertiser: Arc::new(air.clone()),
            network: device.clone(),
            device,
            observer: scene.clone(),
        };
        let config = PhoneConfig {
            tunnel: Some(tunnel.clone()),
            extra_ca: Some(ca.into_bytes()),
            developer: true,
            ..PhoneConfig::default()
        };
        let phone = Phone::open(&folder.path().join("vault.sqlite"), config, ports)?;

        Ok(World {
            phone,
            clock,
            administrator,
            base_url,
            computer: Computer {
                tls: Arc::clone(&tls),
                tunnel: Some(tunnel),
                patience: Duration::from_secs(30),
            },
            air,
            scene,
            tls,
            tunnel_service: tunnel_service.start(),
            control_center: control_center.start(),
            folder,
        })
    }

    pub(super) async fn strike(self) {
        self.phone.close();
        self.control_center.shutdown().await;
        self.tunnel_service.shutdown().await;
    }

    /// A workstation that the Control Center knows.
    pub(super) async fn workstation(&self, name: &str) -> Result<Arc<Workstation>, Failure> {
        let config = WorkstationConfig {
            state: self.folder.path().join(name),
            machine_name: name.to_owned(),
            cost: Argon2Cost::default(),
            developer: true,
        };
        let ports = WorkstationPorts {
            clock: self.clock.clone(),
            rng: Arc::new(SystemRng),
            gate: Arc::new(AutomaticGate(Choice::Approve)),
            tls: Arc::clone(&self.tls),
        };
        let workstation = Workstation::open(config, ports)?;
        let token = self.administrator.install_token(WORKSTATION_APP).await.map_err(failed)?;
        workstation.enroll(&self.base_url, &token).await?;
        Ok(Arc::new(workstation))
    }

    /// Takes the phone's network away, or gives it back.
    pub(super) fn set_online(&self, online: bool) -> Result<(), Failure> {
        let script = serde_json::json!({ "online": online }).to_string();
        Ok(std::fs::write(device_script(self.folder.path()), script)?)
    }

    /// The phone's camera: a code becomes a picture, and the picture texts. The picture is kept in `out`.
    pub(super) fn look_at(
        &self,
        timeline: &Timeline,
        code: &str,
        out: Option<&Path>,
    ) -> Result<Vec<String>, Failure> {
        let png = QrPicture::new(code).and_then(|picture| picture.png()).map_err(failed)?;
        if let Some(path) = out {
            std::fs::write(path, &png).map_err(|error| Failure::file(path, error))?;
        }
        let texts = picture::read(&png).map_err(failed)?;
        timeline.note(Actor::Phone, format!("reads the picture, {} KiB", png.len().div_ceil(1024)));
        Ok(texts)
    }
}

fn device_script(folder: &Path) -> PathBuf {
    folder.join("device.json")
}

pub(super) fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(1, error)
}

/// Writes the phone's steps to the timeline of the scene that is being played.
#[derive(Default)]
pub(super) struct Spotlight(Mutex<Option<Arc<Timeline>>>);

impl Spotlight {
    pub(super) fn follow(&self, timeline: &Arc<Timeline>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(timeline));
    }
}

impl Observer for Spotlight {
    fn reached(&self, step: Step) {
        let scene = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(timeline) = scene.as_ref() else { return };
        match step {
            Step::OpeningTunnel => timeline.note(Actor::Phone, "calls the tunnel service"),
            Step::TunnelOpen => {
                timeline.verified(Actor::Phone, "tunnel open", &["tunnel service's certificate"]);
            }
            Step::Advertising => timeline.note(Actor::Phone, "advertises 20 bytes over the air"),
            Step::ComputerConnected => {
                timeline.verified(Actor::Phone, "handshake done", &["computer holds the key of the code"]);
            }
            Step::CommandReceived(code) => {
                timeline.note(Actor::Phone, format!("gets CTAP command 0x{code:02X}"));
            }
            Step::Answered(status) => {
                let verified: &[_] =
                    if status == Status::OK { &["user consents and is verified"] } else { &[] };
                timeline.verified(Actor::Phone, format!("answers {status}"), verified);
            }
            Step::Closed => timeline.note(Actor::Phone, "closes the tunnel"),
            Step::ContactingComputer => timeline.note(Actor::Phone, "calls the workstation"),
            Step::ComputerReached => {
                let verified = ["workstation holds its machine key and the pairing's secret"];
                timeline.verified(Actor::Phone, "channel to the workstation open", &verified);
            }
            Step::Unlocked => timeline.verified(
                Actor::Phone,
                "is told: unlocked",
                &["user consented and was verified", "workstation accepted the passkey's signature"],
            ),
            Step::OfflineSetStored => timeline.note(Actor::Phone, "has a new set of offline PINs on disk"),
            Step::OfflinePinsLow => timeline.note(Actor::Phone, "warns: few offline PINs left"),
            _ => {}
        }
    }
}
