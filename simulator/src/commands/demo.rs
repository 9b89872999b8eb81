//! `latchkey-sim demo`: the main job, end to end, over the wire.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use latchkey_authenticator::{Cancel, Policy};
use latchkey_ctap::{Algorithm, RelyingParty as Rp, Status, User};
use latchkey_hybrid::{RequestHint, TunnelDomain};
use latchkey_phone::ports::{Observer, Step};
use latchkey_phone::tunnel::TunnelAddress;
use latchkey_phone::{Phone, PhoneConfig};
use rand_core::{OsRng, RngCore};
use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::air::VirtualAir;
use crate::cli;
use crate::computer::{Computer, ComputerStep};
use crate::picture::{self, QrPicture};
use crate::ports::{AutomaticGate, Choice};
use crate::timeline::{self, Actor, Event, Timeline};
use crate::tunnel::{Limits, RunningTunnelService, TlsIdentity, TunnelService};
use crate::webauthn::client::{self, Assertion, ClientError, Creation};
use crate::webauthn::json::Base64Url;
use crate::webauthn::relying_party::{self, Refusal, RelyingParty};

use super::{Failure, phone, print, print_json};

const RP_ID: &str = "example.com";
const ORIGIN: &str = "https://login.example.com";
const LOOK_ALIKE: &str = "https://login.examp1e.com";

/// A scene that did not hold ends the demonstration.
#[derive(Serialize)]
struct Scene {
    name: &'static str,
    held: bool,
    duration_us: u64,
    events: Vec<Event>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// Plays the scenes one after the other and prints what happened.
///
/// # Errors
/// [`Failure`] unless everything held.
pub async fn run(arguments: cli::Demo) -> Result<(), Failure> {
    if let Some(directory) = &arguments.out {
        std::fs::create_dir_all(directory).map_err(|error| Failure::file(directory, error))?;
    }
    let out = arguments.out.as_deref();
    let mut stage = Stage::build().await?;
    let mut scenes = Vec::new();
    for (name, scene) in [
        ("A passkey is created", Scenes::Register),
        ("Sign-in with it, without a credential list", Scenes::SignIn),
        ("A page with the wrong origin tries to sign in", Scenes::WrongOrigin),
    ] {
        let timeline = Arc::new(Timeline::default());
        let outcome = match scene {
            Scenes::Register => stage.register(&timeline, out).await,
            Scenes::SignIn => stage.sign_in(&timeline, out).await,
            Scenes::WrongOrigin => stage.wrong_origin(&timeline).await,
        };
        let scene = Scene {
            name,
            held: outcome.is_ok(),
            duration_us: u64::try_from(timeline.elapsed().as_micros()).unwrap_or(u64::MAX),
            events: timeline.events(),
            failure: outcome.err().map(|failure| failure.message),
        };
        if !arguments.json {
            print(told(scenes.len() + 1, &scene))?;
        }
        let held = scene.held;
        scenes.push(scene);
        if !held {
            break;
        }
    }
    stage.strike().await;

    let held = scenes.len() == 3 && scenes.iter().all(|scene| scene.held);
    let transcript = json!({ "held": held, "rpId": RP_ID, "origin": ORIGIN, "scenes": scenes });
    if let Some(directory) = out {
        keep(directory, "transcript.json", &transcript)?;
    }
    if arguments.json {
        print_json(&transcript)?;
    } else if held {
        print("All of it held.\n")?;
    }
    if held { Ok(()) } else { Err(Failure::new(1, "the demonstration did not hold")) }
}

#[derive(Clone, Copy)]
enum Scenes {
    Register,
    SignIn,
    WrongOrigin,
}

fn told(number: usize, scene: &Scene) -> String {
    let total = Duration::from_micros(scene.duration_us).as_secs_f64() * 1000.0;
    let events = timeline::lines(&scene.events);
    let end = match &scene.failure {
        None => format!("  {total:8.2} ms  ✔ held"),
        Some(failure) => format!("  {total:8.2} ms  ✘ {failure}"),
    };
    format!("{number}. {}\n\n{events}{end}\n\n", scene.name)
}

/// Everybody who takes part.
struct Stage {
    service: RunningTunnelService,
    computer: Computer,
    phone: Arc<Phone>,
    relying_party: RelyingParty,
    user: User,
    air: VirtualAir,
    /// The timeline of the scene, for the phone's observer.
    scene: Arc<Spotlight>,
    /// The phone's passkeys and the air are in here; it goes with the stage.
    _directory: TempDir,
}

impl Stage {
    async fn build() -> Result<Self, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::new(1, error);
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).map_err(|error| failed(&error))?;
        let service = TunnelService::bind(([127, 0, 0, 1], 0).into(), identity, Limits::default()).await?;
        let tunnel = TunnelAddress { host: "localhost".to_owned(), port: service.local_addr()?.port() };
        let tls = latchkey_phone::tls::client_config(Some(ca.as_bytes())).map_err(|error| failed(&error))?;

        let directory = tempfile::tempdir()?;
        let air = VirtualAir::new(directory.path().join("air"));
        let scene = Arc::new(Spotlight::default());
        let config = PhoneConfig {
            policy: Policy::default(),
            domain: TunnelDomain::GOOGLE,
            tunnel: Some(tunnel.clone()),
            extra_ca: Some(ca.into_bytes()),
            ..PhoneConfig::default()
        };
        let gate = Arc::new(AutomaticGate(Choice::Approve));
        let phone =
            phone::open(&directory.path().join("phone"), config, gate, Arc::new(air.clone()), scene.clone())?;

        let mut handle = vec![0; 16];
        OsRng.fill_bytes(&mut handle);
        Ok(Stage {
            service: service.start(),
            computer: Computer { tls, tunnel: Some(tunnel), patience: Duration::from_secs(30) },
            phone: Arc::new(phone),
            relying_party: RelyingParty::new(RP_ID, ORIGIN),
            user: User {
                id: handle,
                name: Some("ada@example.com".to_owned()),
                display_name: Some("Ada".to_owned()),
            },
            air,
            scene,
            _directory: directory,
        })
    }

    async fn strike(self) {
        self.phone.close();
        self.service.shutdown().await;
    }

    async fn register(&mut self, timeline: &Arc<Timeline>, out: Option<&Path>) -> Result<(), Failure> {
        let challenge = relying_party::challenge();
        let pending = client::create(&Creation {
            origin: ORIGIN.to_owned(),
            rp: Rp { id: RP_ID.to_owned(), name: Some("Example".to_owned()) },
            user: self.user.clone(),
            challenge: challenge.clone(),
            algorithms: vec![Algorithm::ES256, Algorithm::EDDSA],
            exclude: vec![],
            discoverable: true,
            attestation: true,
        })?;
        timeline.verified(
            Actor::Computer,
            format!("page {ORIGIN} asks for a passkey"),
            &["origin may use the RP ID"],
        );
        let answer = self.meet(timeline, RequestHint::MakeCredential, pending.request.clone(), out).await?;
        let response = pending.created(&answer)?;
        let verified = self.relying_party.register(&self.user.id, &challenge, &response)?;
        timeline.verified(Actor::RelyingParty, "accepts the registration", &verified);
        if let Some(directory) = out {
            keep(directory, "registration.json", &self.evidence(&challenge, &response))?;
        }
        Ok(())
    }

    async fn sign_in(&mut self, timeline: &Arc<Timeline>, out: Option<&Path>) -> Result<(), Failure> {
        let challenge = relying_party::challenge();
        let pending = client::get(&Assertion {
            origin: ORIGIN.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge.clone(),
            allow: vec![],
        })?;
        timeline.verified(
            Actor::Computer,
            format!("page {ORIGIN} asks for a sign-in"),
            &["origin may use the RP ID"],
        );
        let answer = self.meet(timeline, RequestHint::GetAssertion, pending.request.clone(), None).await?;
        let response = pending.asserted(&answer)?;
        let verified = self.relying_party.authenticate(&challenge, &response)?;
        timeline.verified(Actor::RelyingParty, "accepts the sign-in", &verified);
        if let Some(directory) = out {
            keep(directory, "authentication.json", &self.evidence(&challenge, &response))?;
        }
        Ok(())
    }

    /// A look-alike page relays a genuine challenge. A browser refuses it; and where the client itself
    /// is hostile, the phone signs over the origin it was told, so that the relying party refuses.
    async fn wrong_origin(&mut self, timeline: &Arc<Timeline>) -> Result<(), Failure> {
        let challenge = relying_party::challenge();
        let page = Assertion {
            origin: LOOK_ALIKE.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge.clone(),
            allow: vec![],
        };
        match client::get(&page) {
            Err(ClientError::OriginMismatch { .. }) => timeline.verified(
                Actor::Computer,
                format!("browser refuses page {LOOK_ALIKE}"),
                &["origin may not use the RP ID"],
            ),
            _ => return Err(Failure::new(1, "the browser let the wrong origin through")),
        }
        let pending = client::get_unchecked(&page);
        timeline.note(Actor::Computer, "hostile client asks all the same");
        let answer = self.meet(timeline, RequestHint::GetAssertion, pending.request.clone(), None).await?;
        match self.relying_party.authenticate(&challenge, &pending.asserted(&answer)?) {
            Err(Refusal::WrongOrigin) => {
                timeline.verified(Actor::RelyingParty, "refuses the sign-in", &["signed origin is not ours"]);
                Ok(())
            }
            Err(other) => Err(Failure::new(1, format!("refused for another reason: {other}"))),
            Ok(_) => Err(Failure::new(1, "the relying party accepted the wrong origin")),
        }
    }

    /// One ceremony: the computer shows a picture, the phone reads it and answers.
    async fn meet(
        &self,
        timeline: &Arc<Timeline>,
        hint: RequestHint,
        request: Vec<u8>,
        out: Option<&Path>,
    ) -> Result<Vec<u8>, Failure> {
        self.scene.follow(timeline);
        let (show, shown) = oneshot::channel();
        let mut show = Some(show);
        let mut scanner = self.air.listen().map_err(|error| Failure::new(1, error))?;
        let computer = self.computer.ask(hint, request, &mut scanner, |step| match step {
            ComputerStep::Show(code) => {
                let picture = QrPicture::new(code).and_then(|picture| picture.png());
                timeline.note(Actor::Computer, "shows a QR code");
                if let Some(show) = show.take() {
                    // A phone that has gone away shows in its own result.
                    let _ = show.send(picture);
                }
            }
            ComputerStep::PhoneHeard => {
                timeline.verified(
                    Actor::Computer,
                    "hears the phone's advert",
                    &["phone is near and read this code"],
                );
            }
            ComputerStep::Connected(info) => timeline.verified(
                Actor::Computer,
                format!("connected to a phone that speaks {}", info.versions.join(", ")),
                &["phone holds the secret of the code"],
            ),
            ComputerStep::Answered(bytes) => {
                timeline.note(Actor::Computer, format!("has the answer, {bytes} bytes"))
            }
        });
        let phone = async {
            let png = shown
                .await
                .map_err(|_| Failure::new(1, "the computer showed nothing"))?
                .map_err(|error| Failure::new(1, error))?;
            if let Some(directory) = out {
                let path = directory.join("qr.png");
                std::fs::write(&path, &png).map_err(|error| Failure::file(&path, error))?;
            }
            let texts = picture::read(&png).map_err(|error| Failure::new(1, error))?;
            timeline.note(Actor::Phone, format!("reads the picture, {} KiB", png.len().div_ceil(1024)));
            let approval = self.phone.approve(&texts, &Cancel::new()).await?;
            let answer =
                approval.into_answer().ok_or_else(|| Failure::new(1, "the phone read another code"))?;
            match answer.error {
                None => Ok(()),
                Some(id) => Err(Failure::of(id, answer.status)),
            }
        };
        let (answer, approved) = tokio::join!(computer, phone);
        // The phone knows better why it did not answer than the computer that got no answer.
        approved?;
        Ok(answer?)
    }

    /// What a relying party needs in order to check a response for itself.
    fn evidence(&self, challenge: &[u8], response: &impl Serialize) -> serde_json::Value {
        json!({
            "rpId": RP_ID,
            "origin": ORIGIN,
            "challenge": Base64Url(challenge.to_vec()),
            "userHandle": Base64Url(self.user.id.clone()),
            "response": response,
        })
    }
}

fn keep(directory: &Path, name: &str, value: &serde_json::Value) -> Result<(), Failure> {
    let path = directory.join(name);
    let json = serde_json::to_vec_pretty(value).map_err(|error| Failure::new(1, error))?;
    std::fs::write(&path, json).map_err(|error| Failure::file(&path, error))
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::new(1, format!("the relying party refuses: {refusal}"))
    }
}

/// Writes the phone's steps to the timeline of the scene that is being played.
#[derive(Default)]
struct Spotlight(std::sync::Mutex<Option<Arc<Timeline>>>);

impl Spotlight {
    fn follow(&self, timeline: &Arc<Timeline>) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Arc::clone(timeline));
    }
}

impl Observer for Spotlight {
    fn reached(&self, step: Step) {
        let scene = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
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
                timeline.note(Actor::Phone, format!("gets CTAP command 0x{code:02X}"))
            }
            Step::Answered(status) => {
                let verified: &[_] =
                    if status == Status::OK { &["user consents and is verified"] } else { &[] };
                timeline.verified(Actor::Phone, format!("answers {status}"), verified);
            }
            Step::Closed => timeline.note(Actor::Phone, "closes the tunnel"),
            _ => {}
        }
    }
}
