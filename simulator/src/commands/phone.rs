//! `latchkey-sim phone`

mod computers;
mod readiness;
mod unlock;

use std::path::Path;
use std::sync::Arc;

use latchkey_authenticator::ports::UserGate;
use latchkey_authenticator::{Cancel, CredentialId, CredentialSummary};
use latchkey_hybrid::TunnelDomain;
use latchkey_phone::control_center::LookUpMethod;
use latchkey_phone::ports::{BleAdvertiser, Observer, Step};
use latchkey_phone::{Action, Approval, ErrorId, Phone, PhoneConfig, PhoneError, PhonePorts};
use latchkey_scan::{Code, CodeError};
use serde::Serialize;
use serde_json::json;

use crate::ports::{
    AutomaticGate, Choice, FileKeys, NoRadio, Silent, SimulatedDevice, SystemClock, SystemRng, TerminalGate,
};
use crate::webauthn::json::Base64Url;
use crate::{cli, exit, picture};

use super::{Failure, print, print_json, printable, progress};

/// Runs one of the phone's commands.
///
/// # Errors
/// [`Failure`]
pub async fn run(command: cli::Phone) -> Result<(), Failure> {
    match command {
        cli::Phone::Approve(arguments) => approve(arguments).await,
        cli::Phone::List(arguments) => list(&arguments),
        cli::Phone::Rename(arguments) => {
            let phone = open_for_lists(&arguments.state)?;
            Ok(phone.security_keys().rename(&CredentialId(arguments.id.0), &arguments.name)?)
        }
        cli::Phone::Unhide(arguments) => {
            let phone = open_for_lists(&arguments.state)?;
            Ok(phone.security_keys().unhide(&CredentialId(arguments.id.0))?)
        }
        cli::Phone::Delete(arguments) => {
            let phone = open_for_lists(&arguments.state)?;
            Ok(phone.security_keys().delete(&CredentialId(arguments.id.0), &Cancel::new()).await?)
        }
        cli::Phone::LookUp(arguments) => look_up(arguments).await,
        cli::Phone::Computers(command) => computers::run(command).await,
        cli::Phone::Resume(arguments) => computers::resume(arguments).await,
        cli::Phone::Unlock(arguments) => unlock::unlock(arguments).await,
        cli::Phone::Pin(arguments) => unlock::pin(arguments).await,
        cli::Phone::Answer(arguments) => unlock::answer(arguments).await,
        cli::Phone::Readiness(arguments) => readiness::run(arguments).await,
    }
}

/// Opens the phone that keeps its passkeys in `directory`, or makes a new one.
///
/// # Errors
/// [`Failure`]
pub fn open(
    directory: &Path,
    config: PhoneConfig,
    gate: Arc<dyn UserGate>,
    advertiser: Arc<dyn BleAdvertiser>,
    observer: Arc<dyn Observer>,
) -> Result<Phone, Failure> {
    let unusable = |error: &dyn std::fmt::Display| {
        Failure::new(exit::STATE, format!("{}: {error}", directory.display()))
    };
    std::fs::create_dir_all(directory).map_err(|error| unusable(&error))?;
    let keys = FileKeys::open(&directory.join("wrapping.key")).map_err(|error| unusable(&error))?;
    let device = SimulatedDevice::open(&directory.join("device.json")).map_err(|error| unusable(&error))?;
    let device = Arc::new(device);
    let ports = PhonePorts {
        gate,
        keys: Arc::new(keys),
        clock: Arc::new(SystemClock::default()),
        rng: Arc::new(SystemRng),
        advertiser,
        network: device.clone(),
        device,
        observer,
    };
    Ok(Phone::open(&directory.join("vault.sqlite"), config, ports)?)
}

/// Opens a phone that is asked nothing and sends nothing.
fn open_for_lists(state: &cli::State) -> Result<Phone, Failure> {
    let gate = Arc::new(AutomaticGate(Choice::Refuse));
    open(&state.directory, PhoneConfig::default(), gate, Arc::new(NoRadio), Arc::new(Silent))
}

async fn approve(arguments: cli::Approve) -> Result<(), Failure> {
    let texts = texts(&arguments.code)?;
    let config = PhoneConfig {
        domain: TunnelDomain::new(arguments.domain)
            .map_err(|error| Failure::new(exit::USAGE, format!("--domain: {error}")))?,
        tunnel: arguments.link.tunnel()?,
        ..config_for(arguments.link.ca_file.as_deref())?
    };
    let advertiser = arguments.link.advertiser();
    let phone =
        open(&arguments.state.directory, config, gate(arguments.yes), advertiser, Arc::new(Progress))?;
    let cancel = Cancel::new();
    cancel_on_interrupt(cancel.clone());
    report(&phone, phone.approve(&texts, &cancel).await, arguments.json)
}

/// Looks a typed code up, and goes on as if it had been scanned.
async fn look_up(arguments: cli::phone::LookUp) -> Result<(), Failure> {
    let look_up = if arguments.get { LookUpMethod::Get } else { LookUpMethod::Post };
    let config = PhoneConfig { look_up, ..config_for(arguments.server.ca_file.as_deref())? };
    let (gate, observer) = (gate(arguments.yes), Arc::new(Progress));
    let phone = open(&arguments.state.directory, config, gate, Arc::new(NoRadio), observer)?;
    let cancel = Cancel::new();
    cancel_on_interrupt(cancel.clone());
    let approved = async {
        // Shown before anything is sent: a name that looks like another one shows here what it is.
        progress(format!("asking {}", phone.address(&arguments.address)?.host()));
        let code = phone.look_up(&arguments.address, &arguments.code, &cancel).await?;
        phone.approve_code(Code::ControlCenter(Box::new(code)), &cancel).await
    };
    report(&phone, approved.await, arguments.json)
}

/// A phone whose Control Centers may be on this machine, and have their certificates from this authority.
fn config_for(ca_file: Option<&Path>) -> Result<PhoneConfig, Failure> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| Failure::file(path, error));
    let extra_ca = ca_file.map(read).transpose()?;
    Ok(PhoneConfig { extra_ca, developer: true, ..PhoneConfig::default() })
}

/// The person, or who says yes in their place.
fn gate(yes: bool) -> Arc<dyn UserGate> {
    if yes { Arc::new(AutomaticGate(Choice::Approve)) } else { Arc::new(TerminalGate::new()) }
}

/// Tells what came of a code.
fn report(phone: &Phone, approved: Result<Approval, PhoneError>, as_json: bool) -> Result<(), Failure> {
    let approval = match approved {
        Ok(approval) => approval,
        Err(error) => {
            if as_json {
                print_json(&outcome(None, Some(error.id())))?;
            }
            return Err(error.into());
        }
    };
    let refused = match &approval {
        Approval::Answered(answer) => answer.error.map(|id| (id, answer.status)),
        _ => None,
    };
    if as_json {
        print_json(&outcome(Some(&approval), refused.map(|(id, _)| id)))?;
    } else if refused.is_none() {
        print(format!("{}\n", told(phone, &approval)))?;
    }
    match refused {
        None => Ok(()),
        Some((id, status)) => Err(Failure::of(id, status)),
    }
}

/// What the argument of `approve` shows: the text of a code of any kind, or the texts in a picture.
fn texts(code: &str) -> Result<Vec<String>, Failure> {
    if !matches!(latchkey_scan::code_from_text(code), Err(CodeError::InvalidQr)) {
        return Ok(vec![code.to_owned()]);
    }
    let path = Path::new(code);
    picture::read_file(path).map_err(|error| Failure::file(path, error))
}

fn cancel_on_interrupt(cancel: Cancel) {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
}

/// Shows the steps of a ceremony beside its result.
struct Progress;

impl Observer for Progress {
    fn reached(&self, step: Step) {
        progress(match step {
            Step::OpeningTunnel => "calling the tunnel service",
            Step::TunnelOpen => "tunnel open",
            Step::Advertising => "advertising: waiting for the computer",
            Step::ComputerConnected => "computer connected",
            Step::CommandReceived(_) => "the computer asks",
            Step::Answered(_) => "answered",
            Step::Closed => "tunnel closed",
            Step::ContactingComputer => "calling the computer",
            Step::OfferPin => "the computer does not answer; `phone pin` shows an offline PIN",
            Step::ComputerReached => "the computer answered",
            Step::Unlocked => "unlocked",
            Step::OfflineSetStored => "new offline PINs are here",
            Step::OfflinePinsLow => ErrorId::OfflineLow.info().next_step,
            _ => return,
        });
    }
}

fn told(phone: &Phone, approval: &Approval) -> String {
    match approval {
        Approval::Answered(answer) => {
            let place = answer.rp_id.as_deref().map_or_else(String::new, printable);
            match answer.action {
                Action::Create => format!("Passkey created for {place}"),
                Action::SignIn => format!("Signed in to {place}"),
                Action::Touch => "Presence confirmed".to_owned(),
            }
        }
        Approval::Paired(paired) => format!("Paired for {}", printable(&paired.account)),
        Approval::Unlocked(unlocked) => format!("Unlocked {}", name_of(phone, &unlocked.machine_id)),
        _ => "Done".to_owned(),
    }
}

/// What its owner calls a computer.
fn name_of(phone: &Phone, machine_id: &str) -> String {
    let computers = phone.computers().list().unwrap_or_default();
    let computer = computers.into_iter().find(|computer| computer.machine_id == machine_id);
    printable(&computer.map_or_else(|| machine_id.to_owned(), |computer| computer.name))
}

/// The outcome for programs; without an approval only the error says something.
fn outcome(approval: Option<&Approval>, error: Option<ErrorId>) -> serde_json::Value {
    let error = error.map(|id| id.info().id);
    match approval {
        Some(Approval::Paired(paired)) => json!({
            "action": "pair",
            "account": paired.account,
            "tenant": paired.tenant,
            "machineId": paired.machine_id,
            "credentialId": Base64Url(paired.credential_id.0.clone()),
            "error": error,
        }),
        Some(Approval::Unlocked(unlocked)) => {
            json!({ "action": "unlock", "machineId": unlocked.machine_id, "error": error })
        }
        approval => {
            let answer = match approval {
                Some(Approval::Answered(answer)) => Some(answer),
                _ => None,
            };
            json!({
                "action": answer.map(|answer| match answer.action {
                    Action::Create => "create",
                    Action::SignIn => "get",
                    Action::Touch => "touch",
                }),
                "rpId": answer.and_then(|answer| answer.rp_id.as_deref()),
                "status": answer.map(|answer| answer.status.0),
                "error": error,
            })
        }
    }
}

fn list(arguments: &cli::List) -> Result<(), Failure> {
    let phone = open_for_lists(&arguments.state)?;
    let keys = phone.security_keys().list()?;
    let damaged = phone.security_keys().damaged()?;
    if arguments.json {
        let keys: Vec<ListedKey> = keys.iter().map(ListedKey::from).collect();
        return print_json(&json!({ "securityKeys": keys, "damaged": damaged }));
    }
    let mut out = String::new();
    for key in &keys {
        let name = key.label.as_deref().or(key.rp_name.as_deref()).unwrap_or(&key.rp_id);
        let user = key.user.name.as_deref().or(key.user.display_name.as_deref()).unwrap_or("-");
        let id = Base64Url(key.id.0.clone());
        let hidden = if key.hidden { "  (hidden: no longer accepted)" } else { "" };
        let (rp_id, user, name) = (printable(&key.rp_id), printable(user), printable(name));
        out += &format!("{id}  {rp_id}  {user}  {name}{hidden}\n");
    }
    if keys.is_empty() {
        out += "No passkeys.\n";
    }
    if damaged > 0 {
        out += &format!("{damaged} damaged, kept aside.\n");
    }
    print(out)
}

/// A passkey as `phone list --json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedKey {
    credential_id: Base64Url,
    rp_id: String,
    rp_name: Option<String>,
    user_id: Base64Url,
    user_name: Option<String>,
    user_display_name: Option<String>,
    name: Option<String>,
    discoverable: bool,
    hidden: bool,
    backup_eligible: bool,
    backed_up: bool,
    hardware_key: bool,
    created_at: u64,
    last_used_at: Option<u64>,
}

impl From<&CredentialSummary> for ListedKey {
    fn from(key: &CredentialSummary) -> Self {
        ListedKey {
            credential_id: Base64Url(key.id.0.clone()),
            rp_id: key.rp_id.clone(),
            rp_name: key.rp_name.clone(),
            user_id: Base64Url(key.user.id.clone()),
            user_name: key.user.name.clone(),
            user_display_name: key.user.display_name.clone(),
            name: key.label.clone(),
            discoverable: key.discoverable,
            hidden: key.hidden,
            backup_eligible: key.backup_eligible,
            backed_up: key.backed_up,
            hardware_key: key.hardware_key,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}
