//! `latchkey-sim demo`: a whole day, over the wire.

mod website;
mod workday;
mod world;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use crate::administrator::AuditEvent;
use crate::cli;
use crate::control_center::{WEB_APP, WORKSTATION_APP};
use crate::timeline::{self, Event, Timeline};
use crate::webauthn::relying_party::Refusal;

use super::{Failure, print, print_json};
use website::{ORIGIN, RP_ID, Website};
use workday::Office;
use world::{World, failed};

/// What must not stand in the audit trail.
const PERSONAL: [&str; 3] = ["ada", "example.com", "desk"];

/// A scene that did not hold ends the demonstration.
#[derive(Serialize)]
struct Played {
    name: &'static str,
    held: bool,
    duration_us: u64,
    events: Vec<Event>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

#[derive(Clone, Copy)]
enum Scene {
    Register,
    SignIn,
    WrongOrigin,
    Pair,
    Unlock,
    SessionPasskey,
    ScanAtLockScreen,
    Offline,
    RunLow,
    Replenish,
    TypedCode,
    Unpair,
}

const SCENES: [(&str, Scene); 12] = [
    ("A passkey is created for a website", Scene::Register),
    ("Sign-in with it, without a credential list", Scene::SignIn),
    ("A page with the wrong origin tries to sign in", Scene::WrongOrigin),
    ("A workstation is paired with the phone", Scene::Pair),
    ("The phone unlocks the workstation", Scene::Unlock),
    ("A website on the unlocked workstation: signed in without a scan", Scene::SessionPasskey),
    ("Scan QR to Login: the lock screen's code, answered near by", Scene::ScanAtLockScreen),
    ("The phone has no network: an offline PIN unlocks", Scene::Offline),
    ("Offline PINs run low", Scene::RunLow),
    ("Online again: an unlock brings a new set", Scene::Replenish),
    ("No camera: a typed code in the meeting room", Scene::TypedCode),
    ("The phone is unpaired", Scene::Unpair),
];

/// Plays the scenes one after the other and prints what happened.
///
/// # Errors
/// [`Failure`] unless everything held.
pub async fn run(arguments: cli::Demo) -> Result<(), Failure> {
    if let Some(directory) = &arguments.out {
        std::fs::create_dir_all(directory).map_err(|error| Failure::file(directory, error))?;
    }
    let out = arguments.out.as_deref();
    let world = World::build().await?;
    let mut website = Website::new();
    let mut office = Office::furnish(&world).await?;
    let mut played = Vec::new();
    for (name, scene) in SCENES {
        let timeline = Arc::new(Timeline::default());
        world.scene.follow(&timeline);
        let outcome = match scene {
            Scene::Register => website.register(&world, &timeline, out).await,
            Scene::SignIn => website.sign_in(&world, &timeline, out).await,
            Scene::WrongOrigin => website.wrong_origin(&world, &timeline).await,
            Scene::Pair => office.pair(&world, &timeline, out).await,
            Scene::Unlock => office.unlock(&world, &timeline).await,
            Scene::SessionPasskey => office.session_passkey(&world, &timeline).await,
            Scene::ScanAtLockScreen => office.scan_at_the_lock_screen(&world, &timeline).await,
            Scene::Offline => office.offline(&world, &timeline).await,
            Scene::RunLow => office.run_low(&world, &timeline).await,
            Scene::Replenish => office.replenish(&world, &timeline).await,
            Scene::TypedCode => office.typed_code(&world, &timeline).await,
            Scene::Unpair => office.unpair(&world, &timeline).await,
        };
        let scene = Played {
            name,
            held: outcome.is_ok(),
            duration_us: u64::try_from(timeline.elapsed().as_micros()).unwrap_or(u64::MAX),
            events: timeline.events(),
            failure: outcome.err().map(|failure| failure.message),
        };
        if !arguments.json {
            print(told(played.len() + 1, &scene))?;
        }
        let held = scene.held;
        played.push(scene);
        if !held {
            break;
        }
    }
    let trail = audit_trail(&world).await?;
    world.strike().await;

    let names_nobody = !personal(&trail);
    let held = played.len() == SCENES.len() && played.iter().all(|scene| scene.held) && names_nobody;
    let transcript = json!({
        "held": held, "rpId": RP_ID, "origin": ORIGIN, "scenes": played,
        "auditTrail": { "events": trail, "namesNobody": names_nobody },
    });
    if let Some(directory) = out {
        keep(directory, "transcript.json", &transcript)?;
    }
    if arguments.json {
        print_json(&transcript)?;
    } else {
        print(told_trail(&trail, names_nobody))?;
        if held {
            print("All of it held.\n")?;
        }
    }
    if held { Ok(()) } else { Err(Failure::new(1, "the demonstration did not hold")) }
}

fn told(number: usize, scene: &Played) -> String {
    let total = Duration::from_micros(scene.duration_us).as_secs_f64() * 1000.0;
    let events = timeline::lines(&scene.events);
    let end = match &scene.failure {
        None => format!("  {total:8.2} ms  ✔ held"),
        Some(failure) => format!("  {total:8.2} ms  ✘ {failure}"),
    };
    format!("{number}. {}\n\n{events}{end}\n\n", scene.name)
}

/// The Control Center's audit trail, as an administrator sees it.
async fn audit_trail(world: &World) -> Result<Vec<AuditEvent>, Failure> {
    let mut events = world.administrator.audit_trail(WEB_APP).await.map_err(failed)?;
    events.extend(world.administrator.audit_trail(WORKSTATION_APP).await.map_err(failed)?);
    events.sort_by_key(|event| event.event_time_in_utc);
    Ok(events)
}

fn personal(trail: &[AuditEvent]) -> bool {
    let text = serde_json::to_string(trail).unwrap_or_default().to_lowercase();
    PERSONAL.iter().any(|word| text.contains(word))
}

/// Equal events that follow one another share a line.
fn told_trail(trail: &[AuditEvent], names_nobody: bool) -> String {
    let lines: String = trail
        .chunk_by(|one, next| one.event_name == next.event_name)
        .filter_map(|equal| equal.first().map(|event| (event, equal.len())))
        .map(|(event, count)| {
            let times = if count > 1 { format!(" (x {count})") } else { String::new() };
            format!("  {:<30}  {}{times}\n", event.event_name, event.message)
        })
        .collect();
    let end = if names_nobody { "✔ names nobody" } else { "✘ names somebody" };
    format!("The audit trail, {} events\n\n{lines}  {end}\n\n", trail.len())
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
