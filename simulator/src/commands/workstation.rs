//! `latchkey-sim workstation`

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_authenticator::ports::UserGate;
use latchkey_offline::{Argon2Cost, OfflineError};
use latchkey_phone::control_center::ControlCenterError;
use latchkey_phone::control_center::wire::AccountKind;
use latchkey_phone::{Call, ErrorId, PhoneError};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Failure, print, print_json, printable, progress};
use crate::cli::workstation::{self as cli, Desk, OfferAnswer, PinCost, Show};
use crate::computer::{Computer, ComputerError, ComputerStep};
use crate::exit;
use crate::picture::{self, QrPicture};
use crate::ports::{AutomaticGate, Choice, SystemClock, SystemRng, TerminalGate};
use crate::workstation::offline::HandedOver;
use crate::workstation::pairing::ShownCode;
use crate::workstation::run::Happening;
use crate::workstation::sign_in::SignedIn;
use crate::workstation::{
    LockState, Pairing, Session, Status, Workstation, WorkstationConfig, WorkstationError, WorkstationPorts,
};

/// Runs one of the workstation's commands.
///
/// # Errors
/// [`Failure`]
pub async fn run(command: cli::Workstation) -> Result<(), Failure> {
    match command {
        cli::Workstation::Enroll(arguments) => enroll(arguments).await,
        cli::Workstation::Pair(arguments) => pair(arguments).await,
        cli::Workstation::Run(arguments) => serve(arguments).await,
        cli::Workstation::Lock(arguments) => lock(&arguments),
        cli::Workstation::Unlock(arguments) => unlock(arguments).await,
        cli::Workstation::SignIn(arguments) => sign_in(arguments).await,
        cli::Workstation::Passkey(arguments) => passkey(arguments).await,
        cli::Workstation::Status(arguments) => status(&arguments),
    }
}

async fn enroll(arguments: cli::Enroll) -> Result<(), Failure> {
    let setup =
        Setup { name: &arguments.name, ca_file: arguments.server.ca_file.as_deref(), ..Setup::default() };
    let workstation = open(&arguments.desk, setup)?;
    let enrolment = workstation.enroll(&arguments.address, &arguments.token).await?;
    let machine_id = workstation.status()?.machine_id;
    if arguments.desk.json {
        return print_json(&json!({
            "machineId": machine_id,
            "controlCenter": enrolment.base_url,
            "rpAppId": enrolment.rp_app_id,
        }));
    }
    print(format!("enrolled at {} as {machine_id}\n", enrolment.base_url))
}

async fn pair(arguments: cli::Pair) -> Result<(), Failure> {
    let setup = Setup { ca_file: arguments.server.ca_file.as_deref(), ..Setup::default() };
    let workstation = open(&arguments.desk, setup)?;
    let kind = match arguments.account {
        cli::AccountKind::Cloud => AccountKind::EntraCloud,
        cli::AccountKind::Hybrid => AccountKind::EntraHybrid,
        cli::AccountKind::Local => AccountKind::Local,
    };
    let code = workstation.begin_pairing(&arguments.user, kind, arguments.code).await?;
    show_code(&code, &arguments.show, "scan this code with the phone to pair it")?;
    let pairing = workstation.finish_pairing(&code.request_id, &cancelled_by_interrupt()).await?;
    if arguments.desk.json {
        return print_json(&phone(&pairing));
    }
    print(format!("paired with {}\n", printable(&pairing.device_name)))
}

async fn serve(arguments: cli::Run) -> Result<(), Failure> {
    let setup = Setup {
        ca_file: arguments.server.ca_file.as_deref(),
        cost: cost(&arguments.cost)?,
        ..Setup::default()
    };
    let workstation = Arc::new(open(&arguments.desk, setup)?);
    let json = arguments.desk.json;
    let tell = |happening: Happening| {
        let line = if json { happening_json(&happening).to_string() } else { happening_text(&happening) };
        // A reader that has gone away does not stop the workstation.
        let _ = print(line + "\n");
    };
    Ok(workstation.run(&cancelled_by_interrupt(), tell).await?)
}

fn lock(arguments: &cli::Lock) -> Result<(), Failure> {
    let workstation = open(&arguments.desk, Setup::default())?;
    workstation.lock()?;
    say_lock(&arguments.desk, &LockState::Locked)
}

async fn unlock(arguments: cli::Unlock) -> Result<(), Failure> {
    let setup = Setup {
        ca_file: arguments.link.ca_file.as_deref(),
        cost: cost(&arguments.cost)?,
        ..Setup::default()
    };
    let workstation = open(&arguments.desk, setup)?;
    if let Some(pin) = &arguments.pin {
        return unlock_with_pin(&workstation, &arguments, pin).await;
    }
    if arguments.scan {
        return unlock_by_scan(&workstation, &arguments).await;
    }
    let mut shown = Ok(());
    let hint = "scan this code with a phone that is registered";
    let served = workstation
        .unlock_by_code(
            arguments.code,
            |code| shown = show_code(code, &arguments.show, hint),
            &cancelled_by_interrupt(),
        )
        .await;
    // A code that nobody could see is the reason why nobody answered.
    shown?;
    let served = served?;
    if !arguments.desk.json {
        print(pins_text(&served.offline))?;
    }
    say_lock(&arguments.desk, &LockState::Unlocked(served.session))
}

async fn unlock_with_pin(
    workstation: &Workstation,
    arguments: &cli::Unlock,
    pin: &str,
) -> Result<(), Failure> {
    let mut typed = Zeroizing::new(pin.to_owned());
    if pin == "-" {
        typed.clear();
        std::io::stdin().take(1024).read_to_string(&mut typed)?;
    }
    let account = match &arguments.user {
        Some(account) => account.clone(),
        None => match workstation.status()?.offline.as_slice() {
            [(account, _)] => account.clone(),
            [] => return Err(WorkstationError::Offline(OfflineError::NotProvisioned).into()),
            _ => return Err(Failure::new(exit::USAGE, "several accounts: say which with --user")),
        },
    };
    let accepted = workstation.unlock_with_pin(&account, typed.trim()).await?;
    if !arguments.desk.json {
        print(format!("{} offline PINs are left\n", accepted.remaining))?;
    }
    say_lock(&arguments.desk, &LockState::Unlocked(accepted.session))
}

async fn unlock_by_scan(workstation: &Workstation, arguments: &cli::Unlock) -> Result<(), Failure> {
    let computer = computer(&arguments.link, arguments.timeout)?;
    let mut scanner = arguments.link.scanner().await.map_err(ComputerError::from)?;
    let mut shown = Ok(());
    let scanned = workstation
        .unlock_by_scan(&computer, &mut *scanner, |step| match step {
            ComputerStep::Show(code) => shown = show_qr(code, &arguments.show, "scan this code to log in"),
            step => tell_step(&step),
        })
        .await;
    shown?;
    let scanned = scanned?;
    if scanned.offer_passkey {
        progress("this workstation can have a passkey of its own: `workstation passkey create` or `later`");
    }
    say_lock(&arguments.desk, &LockState::Unlocked(scanned.session))
}

async fn sign_in(arguments: cli::SignIn) -> Result<(), Failure> {
    let setup = Setup { ca_file: arguments.link.ca_file.as_deref(), ..Setup::default() };
    let workstation = open(&arguments.desk, setup)?;
    let computer = computer(&arguments.link, arguments.timeout)?;
    let mut scanner = arguments.link.scanner().await.map_err(ComputerError::from)?;
    let mut shown = Ok(());
    let hint = "the phone is not near: scan this code with it";
    let signed_in = workstation
        .sign_in(
            &computer,
            &mut *scanner,
            |code| shown = show_code(code, &arguments.show, hint),
            &cancelled_by_interrupt(),
        )
        .await;
    shown?;
    let by = match signed_in? {
        SignedIn::SessionPasskey => "session passkey",
        SignedIn::Code => "sign-in code",
    };
    if arguments.desk.json {
        print_json(&json!({ "signedInBy": by }))
    } else {
        print(format!("signed in by {by}\n"))
    }
}

async fn passkey(arguments: cli::Passkey) -> Result<(), Failure> {
    let setup =
        Setup { ca_file: arguments.server.ca_file.as_deref(), ask: !arguments.yes, ..Setup::default() };
    let workstation = open(&arguments.desk, setup)?;
    let outcome = match arguments.answer {
        OfferAnswer::Create => {
            workstation.create_passkey(&cancelled_by_interrupt()).await?;
            "created"
        }
        OfferAnswer::Later => {
            workstation.decline_passkey()?;
            "later"
        }
    };
    if arguments.desk.json {
        print_json(&json!({ "passkey": outcome }))
    } else {
        print(format!("passkey: {outcome}\n"))
    }
}

fn status(arguments: &cli::Status) -> Result<(), Failure> {
    let status = open(&arguments.desk, Setup::default())?.status()?;
    if arguments.desk.json {
        return print_json(&status_json(&status));
    }
    print(status_text(&status))
}

/// What a command needs beside the folder.
struct Setup<'a> {
    name: &'a str,
    ca_file: Option<&'a Path>,
    cost: Argon2Cost,
    /// Ask at the terminal before a passkey is made.
    ask: bool,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Setup { name: "workstation", ca_file: None, cost: Argon2Cost::default(), ask: false }
    }
}

fn open(desk: &Desk, setup: Setup<'_>) -> Result<Workstation, Failure> {
    let gate: Arc<dyn UserGate> =
        if setup.ask { Arc::new(TerminalGate::new()) } else { Arc::new(AutomaticGate(Choice::Approve)) };
    let config = WorkstationConfig {
        state: desk.directory.clone(),
        machine_name: setup.name.to_owned(),
        cost: setup.cost,
        developer: true,
    };
    let ports = WorkstationPorts {
        clock: Arc::new(SystemClock::default()),
        rng: Arc::new(SystemRng),
        gate,
        tls: tls_or_nobody(setup.ca_file)?,
    };
    Workstation::open(config, ports).map_err(|error| {
        let failure = Failure::from(error);
        Failure { message: format!("{}: {}", desk.directory.display(), failure.message), ..failure }
    })
}

/// A system without certificate authorities can still lock, unlock with a PIN and tell its status; servers
/// are refused then when they are called.
fn tls_or_nobody(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, Failure> {
    match tls(ca_file) {
        Err(failure) if ca_file.is_some() => Err(failure),
        Err(_) => {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|error| Failure::new(1, error))?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            Ok(Arc::new(config))
        }
        trusted => trusted,
    }
}

fn tls(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, Failure> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| Failure::file(path, error));
    let extra_ca = ca_file.map(read).transpose()?;
    Ok(latchkey_phone::tls::client_config(extra_ca.as_deref()).map_err(PhoneError::from)?)
}

fn computer(link: &crate::cli::Link, timeout: u64) -> Result<Computer, Failure> {
    let patience = Duration::from_secs(timeout);
    Ok(Computer { tls: tls(link.ca_file.as_deref())?, tunnel: link.tunnel()?, patience })
}

fn cost(cost: &PinCost) -> Result<Argon2Cost, Failure> {
    Argon2Cost::new(cost.argon2_memory, cost.argon2_iterations, 1)
        .map_err(|error| Failure::new(exit::USAGE, format!("--argon2-memory, --argon2-iterations: {error}")))
}

fn cancelled_by_interrupt() -> Cancel {
    let cancel = Cancel::new();
    let interrupted = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupted.cancel();
        }
    });
    cancel
}

fn show_code(code: &ShownCode, show: &Show, hint: &str) -> Result<(), Failure> {
    show_qr(&code.text, show, hint)?;
    if let Some(typed) = &code.typed {
        progress(format!("or type this code on it: {}", printable(typed)));
    }
    Ok(())
}

fn show_qr(text: &str, show: &Show, hint: &str) -> Result<(), Failure> {
    let picture = QrPicture::new(text).map_err(|error| Failure::new(1, error))?;
    if let Some(path) = &show.qr {
        picture::write_file(path, text).map_err(|error| Failure::file(path, error))?;
    }
    if !show.no_terminal_qr {
        progress(picture.terminal());
    }
    progress(hint);
    Ok(())
}

fn tell_step(step: &ComputerStep<'_>) {
    match step {
        ComputerStep::PhoneHeard => progress("phone heard nearby"),
        ComputerStep::Connected(_) => progress("phone connected: waiting for its answer"),
        ComputerStep::Show(_) | ComputerStep::Answered(_) => {}
    }
}

fn say_lock(desk: &Desk, lock: &LockState) -> Result<(), Failure> {
    if desk.json { print_json(&lock_json(lock)) } else { print(lock_text(lock) + "\n") }
}

fn lock_text(lock: &LockState) -> String {
    match lock {
        LockState::Locked => "locked".to_owned(),
        LockState::Unlocked(Session { account, how, .. }) => {
            format!("unlocked for {} by {}", printable(account), how.name())
        }
    }
}

fn lock_json(lock: &LockState) -> Value {
    match lock {
        LockState::Locked => json!({ "locked": true }),
        LockState::Unlocked(Session { account, how, device_id, since }) => json!({
            "locked": false, "account": account, "by": how.name(), "deviceId": device_id, "since": since,
        }),
    }
}

fn phone(pairing: &Pairing) -> Value {
    json!({
        "deviceId": pairing.device_id,
        "deviceName": pairing.device_name,
        "account": pairing.username,
        "pairedAt": pairing.paired_at,
    })
}

fn status_json(status: &Status) -> Value {
    let pins = status.offline.iter().map(|(account, ready)| match ready {
        Ok(ready) => json!({
            "account": account, "ready": true, "attemptsLeft": ready.attempts_left, "waitSecs": ready.wait_secs,
        }),
        Err(error) => json!({ "account": account, "ready": false, "why": error.to_string() }),
    });
    json!({
        "machineId": status.machine_id,
        "machineName": status.machine_name,
        "controlCenter": status.control_center,
        "lock": lock_json(&status.lock),
        "phones": status.pairings.iter().map(phone).collect::<Vec<_>>(),
        "offlinePins": pins.collect::<Vec<_>>(),
    })
}

fn status_text(status: &Status) -> String {
    let at = status.control_center.as_deref().unwrap_or("no Control Center");
    let mut lines = vec![
        format!("{} ({}), enrolled at {at}", printable(&status.machine_name), status.machine_id),
        lock_text(&status.lock),
    ];
    for pairing in &status.pairings {
        lines.push(format!("phone {} for {}", printable(&pairing.device_name), printable(&pairing.username)));
    }
    for (account, ready) in &status.offline {
        let pins = match ready {
            Ok(ready) => format!("can be typed; {} attempts left", ready.attempts_left),
            Err(error) => error.to_string(),
        };
        lines.push(format!("offline PINs of {}: {pins}", printable(account)));
    }
    lines.join("\n") + "\n"
}

fn pins_text(offline: &HandedOver) -> String {
    match offline {
        HandedOver::Off => String::new(),
        HandedOver::Confirmed => "the phone has new offline PINs\n".to_owned(),
        HandedOver::Unconfirmed(error) => format!("the phone may lack new offline PINs: {error}\n"),
    }
}

fn happening_text(happening: &Happening) -> String {
    match happening {
        Happening::Lock(lock) => lock_text(lock),
        Happening::Online => "the Control Center is reachable: serving the paired phones".to_owned(),
        Happening::Offline(error) => format!("{error}: offline PINs can be typed"),
        Happening::Synced(changes) => {
            format!("pairings: {} finished, {} removed", changes.paired, changes.removed)
        }
        Happening::Served(served) => {
            format!("a phone was served\n{}", pins_text(&served.offline)).trim_end().to_owned()
        }
        Happening::Refused(error) => format!("a phone was refused: {error}"),
    }
}

fn happening_json(happening: &Happening) -> Value {
    match happening {
        Happening::Lock(lock) => json!({ "event": "lock", "lock": lock_json(lock) }),
        Happening::Online => json!({ "event": "online" }),
        Happening::Offline(error) => json!({ "event": "offline", "why": error.to_string() }),
        Happening::Synced(changes) => {
            json!({ "event": "synced", "paired": changes.paired, "removed": changes.removed })
        }
        Happening::Served(served) => json!({
            "event": "served",
            "account": served.session.account,
            "offlinePins": match &served.offline {
                HandedOver::Off => "off",
                HandedOver::Confirmed => "confirmed",
                HandedOver::Unconfirmed(_) => "unconfirmed",
            },
        }),
        Happening::Refused(error) => json!({ "event": "refused", "why": error.to_string() }),
    }
}

impl From<WorkstationError> for Failure {
    fn from(error: WorkstationError) -> Self {
        match error {
            WorkstationError::Io(_)
            | WorkstationError::Keys(_)
            | WorkstationError::Database(_)
            | WorkstationError::Damaged
            | WorkstationError::TooNew
            | WorkstationError::Vault(_) => Failure::new(exit::STATE, error),
            WorkstationError::NotEnrolled | WorkstationError::Address(_) => Failure::new(exit::USAGE, error),
            WorkstationError::ControlCenter(error) => of_control_center(&error),
            WorkstationError::Computer(error) => error.into(),
            WorkstationError::WebAuthn(error) => error.into(),
            WorkstationError::Offline(error) => Failure::of(ErrorId::of_offline(&error), error),
            WorkstationError::LocalAccount => Failure::of(ErrorId::PairingWrongAccount, error),
            WorkstationError::CodeExpired => {
                Failure { status: exit::NO_PEER, ..Failure::of(ErrorId::PairingExpired, error) }
            }
            WorkstationError::CodeCanceled | WorkstationError::Cancelled => {
                Failure::new(exit::status(ErrorId::HybridPeerCanceled), error)
            }
            WorkstationError::RequestOver => Failure::new(exit::NO_PEER, error),
            WorkstationError::Channel(_) | WorkstationError::UnexpectedMessage => {
                Failure::new(exit::CHANNEL, error)
            }
            WorkstationError::SignInFirst
            | WorkstationError::ForeignAnswer
            | WorkstationError::NotPaired
            | WorkstationError::Proof(_)
            | WorkstationError::AlreadyServed => Failure::new(exit::REFUSED, error),
            WorkstationError::Random(_) | WorkstationError::TaskFailed => Failure::new(1, error),
        }
    }
}

/// A Control Center that cannot be reached is a connection that is not there; its refusal is an answer.
fn of_control_center(error: &ControlCenterError) -> Failure {
    let id = PhoneError::ControlCenter(Call::SignIn, error.clone()).id();
    let status = match error {
        ControlCenterError::Refused { .. } => exit::REFUSED,
        _ => exit::status(ErrorId::HybridNoInternet),
    };
    Failure { status, ..Failure::of(id, error) }
}
