//! `latchkey-sim phone computers` and `latchkey-sim phone resume`: My Computers, and what was left open.

use std::sync::Arc;

use latchkey_authenticator::Cancel;
use latchkey_phone::{ComputerSummary, Phone, Removal};
use serde::Serialize;
use serde_json::json;

use crate::cli::workstation::Server;
use crate::cli::{self, phone as arguments};
use crate::commands::{Failure, print, print_json, printable};
use crate::ports::{AutomaticGate, Choice, NoRadio, Silent};
use crate::webauthn::json::Base64Url;

use super::{cancel_on_interrupt, config_for, open, open_for_lists};

/// Runs one of the commands of `phone computers`.
///
/// # Errors
/// [`Failure`]
pub(super) async fn run(command: arguments::Computers) -> Result<(), Failure> {
    match command {
        arguments::Computers::List(arguments) => list(&arguments),
        arguments::Computers::Rename(arguments) => {
            let phone = open_for_lists(&arguments.state)?;
            Ok(phone.computers().rename(&arguments.id, &arguments.name)?)
        }
        arguments::Computers::Remove(arguments) => remove(&arguments).await,
    }
}

/// `phone resume`
///
/// # Errors
/// [`Failure`]
pub(super) async fn resume(arguments: arguments::Resume) -> Result<(), Failure> {
    let phone = open_online(&arguments.state, &arguments.server)?;
    let cancel = Cancel::new();
    cancel_on_interrupt(cancel.clone());
    let resumed = phone.resume(&cancel).await?;
    if arguments.json {
        return print_json(&json!({
            "paired": resumed.paired.iter().map(|paired| &paired.machine_id).collect::<Vec<_>>(),
            "givenUp": resumed.given_up,
            "removed": resumed.removed,
            "open": resumed.open,
        }));
    }
    let (paired, given_up) = (resumed.paired.len(), resumed.given_up);
    let (removed, open) = (resumed.removed, resumed.open);
    print(format!("{paired} paired, {given_up} given up, {removed} removed, {open} still open\n"))
}

fn list(arguments: &arguments::ListComputers) -> Result<(), Failure> {
    let computers = open_for_lists(&arguments.state)?.computers().list()?;
    if arguments.json {
        let computers: Vec<ListedComputer<'_>> = computers.iter().map(ListedComputer::from).collect();
        return print_json(&json!({ "computers": computers }));
    }
    if computers.is_empty() {
        return print("No computers.\n");
    }
    let lines = computers.iter().map(|computer| {
        let account = computer.account.as_deref().unwrap_or("-");
        let [id, name, account, tenant] =
            [&computer.machine_id, &computer.name, account, &computer.tenant].map(printable);
        format!("{id}  {name}  {account}  {tenant}\n")
    });
    print(lines.collect::<String>())
}

async fn remove(arguments: &arguments::RemoveComputer) -> Result<(), Failure> {
    let phone = open_online(&arguments.state, &arguments.server)?;
    let removal = phone.computers().remove(&arguments.id, &Cancel::new()).await?;
    let told = removal == Removal::Complete;
    if arguments.json {
        return print_json(&json!({ "serverTold": told }));
    }
    print(if told { "Removed.\n" } else { "Removed; the Control Center will be told by `phone resume`.\n" })
}

/// Opens a phone that talks to Control Centers and asks nobody.
fn open_online(state: &cli::State, server: &Server) -> Result<Phone, Failure> {
    let config = config_for(server.ca_file.as_deref())?;
    let gate = Arc::new(AutomaticGate(Choice::Refuse));
    open(&state.directory, config, gate, Arc::new(NoRadio), Arc::new(Silent))
}

/// A computer as `phone computers list --json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedComputer<'a> {
    machine_id: &'a str,
    name: &'a str,
    machine_name: &'a str,
    os_user: &'a str,
    account: Option<&'a str>,
    tenant: &'a str,
    rp_app_id: &'a str,
    credential_id: Base64Url,
    paired_at: u64,
    last_online_at: Option<u64>,
}

impl<'a> From<&'a ComputerSummary> for ListedComputer<'a> {
    fn from(computer: &'a ComputerSummary) -> Self {
        ListedComputer {
            machine_id: &computer.machine_id,
            name: &computer.name,
            machine_name: &computer.machine_name,
            os_user: &computer.os_user,
            account: computer.account.as_deref(),
            tenant: &computer.tenant,
            rp_app_id: &computer.rp_app_id,
            credential_id: Base64Url(computer.credential_id.0.clone()),
            paired_at: computer.paired_at,
            last_online_at: computer.last_online_at,
        }
    }
}
