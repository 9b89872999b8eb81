use std::io::{self, Write};

use async_trait::async_trait;
use latchkey_authenticator::ports::{Consent, GateError, Prompt, PromptKind, UserGate, UserVerification};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use tokio::sync::Mutex;

use crate::commands::printable;

/// What an [`AutomaticGate`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Yes, verified, first account.
    Approve,
    /// No.
    Refuse,
}

/// Answers every prompt at once, as a person would who always decides the same.
pub struct AutomaticGate(pub Choice);

#[async_trait]
impl UserGate for AutomaticGate {
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }

    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError> {
        match self.0 {
            Choice::Approve => Ok(Consent { verified: prompt.verify, account: 0 }),
            Choice::Refuse => Err(GateError::Denied),
        }
    }
}

/// Asks on the terminal. Typing the answer stands for the fingerprint or face of a real phone.
pub struct TerminalGate {
    /// One reader for all prompts: what it has read ahead belongs to the next one.
    answers: Mutex<Lines<BufReader<Stdin>>>,
}

impl TerminalGate {
    /// A gate that takes its answers, one line each, from standard input.
    #[must_use]
    pub fn new() -> Self {
        TerminalGate { answers: Mutex::new(BufReader::new(tokio::io::stdin()).lines()) }
    }
}

impl Default for TerminalGate {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl UserGate for TerminalGate {
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }

    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError> {
        let accounts = show(&prompt.kind).map_err(|_| GateError::Unavailable)?;
        let answer = self.answers.lock().await.next_line().await.map_err(|_| GateError::Unavailable)?;
        // Nobody is there to answer: that is no yes.
        let answer = answer.ok_or(GateError::Denied)?.trim().to_ascii_lowercase();
        let account = match answer.as_str() {
            "y" | "yes" => 0,
            number => number
                .parse::<usize>()
                .ok()
                .and_then(|number| number.checked_sub(1))
                .filter(|&index| index < accounts)
                .ok_or(GateError::Denied)?,
        };
        Ok(Consent { verified: prompt.verify, account })
    }
}

/// Prints the question to standard error, for standard output is for results, and returns how many
/// accounts can be chosen by number.
fn show(kind: &PromptKind) -> io::Result<usize> {
    let mut out = io::stderr().lock();
    let accounts = match kind {
        PromptKind::Register { rp, user } => {
            writeln!(out, "Create a passkey for {} at {}?", account(user), printable(&rp.id))?;
            0
        }
        PromptKind::SignIn { rp_id, accounts } => {
            writeln!(out, "Sign in to {}?", printable(rp_id))?;
            for (number, choice) in (1..).zip(accounts) {
                writeln!(out, "  {number}  {}", account(&choice.user))?;
            }
            accounts.len()
        }
        PromptKind::Presence { rp_id: Some(rp_id) } => {
            writeln!(out, "{} wants to know whether you are here. Continue?", printable(rp_id))?;
            0
        }
        PromptKind::Presence { rp_id: None } => {
            writeln!(out, "The computer wants to know whether you are here. Continue?")?;
            0
        }
        PromptKind::Select => {
            writeln!(out, "Use this phone?")?;
            0
        }
        PromptKind::Pair { host, computer, account } => {
            let computer = computer
                .as_deref()
                .map_or_else(|| " this browser".to_owned(), |name| format!(" {}", printable(name)));
            let (account, host) = (printable(account), printable(host));
            writeln!(out, "Pair this phone with{computer} for {account} at {host}?")?;
            0
        }
        PromptKind::Unlock { computer } => {
            writeln!(out, "Unlock {}?", printable(computer))?;
            0
        }
        PromptKind::ShowPin { computer } => {
            writeln!(out, "Show an offline PIN of {}?", printable(computer))?;
            0
        }
    };
    write!(out, "{} ", if accounts > 1 { "[y = 1, number, or n]" } else { "[y/n]" })?;
    out.flush()?;
    Ok(accounts)
}

/// A name for people; falls back to something that is not empty.
fn account(user: &latchkey_ctap::User) -> String {
    let name = user.name.as_deref().or(user.display_name.as_deref()).filter(|name| !name.is_empty());
    name.map_or_else(|| "an unnamed account".to_owned(), printable)
}
