//! `latchkey-sim phone unlock`, `pin` and `answer`: computers of this phone that are unlocked or signed in
//! to.

use std::sync::Arc;

use latchkey_authenticator::Cancel;
use latchkey_hybrid::TunnelDomain;
use latchkey_phone::{Approval, ErrorId, Phone, PhoneConfig, PhoneError, PinsAfter, ShownPin, Unlocked};
use serde_json::json;

use crate::cli::phone as arguments;
use crate::commands::{Failure, print, print_json, progress};
use crate::exit;
use crate::ports::NoRadio;

use super::{Progress, cancel_on_interrupt, config_for, gate, name_of, open, report};

/// `phone unlock`
///
/// # Errors
/// [`Failure`]
pub(super) async fn unlock(arguments: arguments::Unlock) -> Result<(), Failure> {
    let config = config_for(arguments.server.ca_file.as_deref())?;
    let directory = &arguments.state.directory;
    let phone = open(directory, config, gate(arguments.yes), Arc::new(NoRadio), Arc::new(Progress))?;
    let machine_id = computer(&phone, &arguments.computer)?;
    let cancel = Cancel::new();
    cancel_on_interrupt(cancel.clone());
    let unlocked = told(phone.unlock(&machine_id, &cancel).await, arguments.json)?;
    if arguments.json {
        return print_json(&json!({
            "machineId": unlocked.machine_id,
            "pins": pins(&unlocked.pins),
            "pinsError": failure(&unlocked.pins).map(|id| id.info().id),
            "error": null,
        }));
    }
    print(sentence(&phone, &unlocked))
}

/// `phone pin`
///
/// # Errors
/// [`Failure`]
pub(super) async fn pin(arguments: arguments::Pin) -> Result<(), Failure> {
    let directory = &arguments.state.directory;
    let config = PhoneConfig::default();
    let phone = open(directory, config, gate(arguments.yes), Arc::new(NoRadio), Arc::new(Progress))?;
    let machine_id = computer(&phone, &arguments.computer)?;
    let cancel = Cancel::new();
    cancel_on_interrupt(cancel.clone());
    let ShownPin { pin, hide_at, status } =
        told(phone.offline_pins().display(&machine_id, &cancel).await, arguments.json)?;
    if arguments.json {
        return print_json(&json!({
            "pin": pin.expose(),
            "hideAt": hide_at,
            "remaining": status.remaining,
            "total": status.total,
            "expiresAt": status.expires_at,
            "notice": status.notice.map(|id| id.info().id),
            "error": null,
        }));
    }
    progress(format!("{} of {} PINs are left", status.remaining, status.total));
    print(format!("{}\n", pin.expose()))
}

/// `phone answer`
///
/// # Errors
/// [`Failure`]
pub(super) async fn answer(arguments: arguments::Answer) -> Result<(), Failure> {
    let config = PhoneConfig {
        domain: TunnelDomain::new(arguments.domain)
            .map_err(|error| Failure::new(exit::USAGE, format!("--domain: {error}")))?,
        tunnel: arguments.link.tunnel()?,
        ..config_for(arguments.link.ca_file.as_deref())?
    };
    let (gate, advertiser) = (gate(arguments.yes), arguments.link.advertiser());
    let phone = open(&arguments.state.directory, config, gate, advertiser, Arc::new(Progress))?;
    let cancel = Cancel::new();
    cancel_on_interrupt(cancel.clone());
    let answered = async {
        let requests = phone.waiting_requests(arguments.wait, &cancel).await?;
        let request = requests.first().ok_or(PhoneError::ComputerUnreachable)?;
        phone.answer(request, &cancel).await.map(Approval::Answered)
    };
    report(&phone, answered.await, arguments.json)
}

/// The machine ID of the computer that is meant: by its ID, or by its name if that is the only one.
fn computer(phone: &Phone, wanted: &str) -> Result<String, Failure> {
    let computers = phone.computers().list()?;
    if computers.iter().any(|computer| computer.machine_id == wanted) {
        return Ok(wanted.to_owned());
    }
    let mut named =
        computers.into_iter().filter(|computer| computer.name.to_lowercase() == wanted.to_lowercase());
    match (named.next(), named.next()) {
        (Some(computer), None) => Ok(computer.machine_id),
        (Some(_), Some(_)) => {
            Err(Failure::new(exit::USAGE, "several computers have this name: say the machine ID"))
        }
        (None, _) => Err(PhoneError::UnknownComputer.into()),
    }
}

/// What came of a call, told to programs too if it failed.
fn told<T>(outcome: Result<T, PhoneError>, as_json: bool) -> Result<T, Failure> {
    if let (Err(error), true) = (&outcome, as_json) {
        print_json(&json!({ "error": error.id().info().id }))?;
    }
    Ok(outcome?)
}

const fn pins(pins: &PinsAfter) -> &'static str {
    match pins {
        PinsAfter::Off => "off",
        PinsAfter::Replenished => "replenished",
        PinsAfter::Kept => "kept",
        _ => "failed",
    }
}

const fn failure(pins: &PinsAfter) -> Option<ErrorId> {
    if let PinsAfter::Failed(error) = pins { Some(error.id()) } else { None }
}

fn sentence(phone: &Phone, unlocked: &Unlocked) -> String {
    let pins = match &unlocked.pins {
        PinsAfter::Off => "no offline PINs",
        PinsAfter::Replenished => "new offline PINs",
        PinsAfter::Kept => "no new offline PINs",
        _ => "the offline PINs could not be replaced",
    };
    format!("Unlocked {}; {pins}\n", name_of(phone, &unlocked.machine_id))
}
