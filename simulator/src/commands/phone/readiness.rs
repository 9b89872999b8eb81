//! `latchkey-sim phone readiness`: why does it not work?

use std::sync::Arc;

use latchkey_authenticator::Cancel;
use latchkey_phone::readiness::{Finding, State};
use serde_json::{Value, json};

use crate::cli::phone as arguments;
use crate::commands::{Failure, print, print_json};
use crate::exit;
use crate::ports::{AutomaticGate, Choice, NoRadio, Silent};

use super::{config_for, open};

/// Prints one line for each check; the exit status tells whether something needs attention.
///
/// # Errors
/// [`Failure`]
pub(super) async fn run(arguments: arguments::Readiness) -> Result<(), Failure> {
    let config = config_for(arguments.server.ca_file.as_deref())?;
    let gate = Arc::new(AutomaticGate(Choice::Refuse));
    let phone = open(&arguments.state.directory, config, gate, Arc::new(NoRadio), Arc::new(Silent))?;
    let findings = phone.readiness(&Cancel::new()).await?;
    if arguments.json {
        print_json(&findings.iter().map(object).collect::<Vec<_>>())?;
    } else {
        print(findings.iter().map(line).collect::<String>())?;
    }
    if findings.iter().any(|finding| finding.state == State::Attention) {
        return Err(Failure::new(exit::REFUSED, "something needs attention"));
    }
    Ok(())
}

const fn state(finding: &Finding) -> &'static str {
    match finding.state {
        State::Ok => "ok",
        State::Attention => "attention",
        State::Unknown => "unknown",
    }
}

fn line(finding: &Finding) -> String {
    let Finding { check, meaning, next_step, .. } = finding;
    let line = format!("{:<9}  {:<16}  {meaning} {next_step}", state(finding), check.title());
    line.trim_end().to_owned() + "\n"
}

fn object(finding: &Finding) -> Value {
    json!({
        "check": finding.check.title(),
        "state": state(finding),
        "error": finding.error.map(|id| id.info().id),
        "meaning": finding.meaning,
        "nextStep": finding.next_step,
    })
}
