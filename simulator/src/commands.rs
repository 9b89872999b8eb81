//! One file for each subcommand; what they share is here.

pub mod computer;
pub mod control_center;
pub mod day;
pub mod demo;
pub mod errors;
pub mod phone;
pub mod tunnel;
pub mod workstation;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use latchkey_phone::tls::TrustError;
use latchkey_phone::{ErrorId, PhoneError};

use crate::exit;

/// Why a command failed: exit status and what to tell the person.
#[derive(Debug)]
pub struct Failure {
    /// Exit status, see [`exit`].
    pub status: u8,
    /// Text for people.
    pub message: String,
}

impl Failure {
    pub(crate) fn new(status: u8, message: impl ToString) -> Self {
        Failure { status, message: message.to_string() }
    }

    /// A failure with an id: headline, what happened, what to do, and the cause in brackets.
    pub(crate) fn of(id: ErrorId, cause: impl ToString) -> Self {
        let info = id.info();
        let message = format!(
            "{}. {} {} [{}: {}]",
            info.title,
            info.meaning,
            info.next_step,
            info.id,
            cause.to_string()
        );
        Failure { status: exit::status(id), message }
    }

    /// A file of the command line that cannot be used.
    pub(crate) fn file(path: &Path, error: impl ToString) -> Self {
        Failure::new(exit::USAGE, format!("{}: {}", path.display(), error.to_string()))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::new(1, error)
    }
}

impl From<PhoneError> for Failure {
    fn from(error: PhoneError) -> Self {
        match error {
            PhoneError::Vault(_) | PhoneError::Store(_) | PhoneError::UnknownComputer => {
                Failure::new(exit::STATE, error)
            }
            PhoneError::InvalidName => Failure::new(exit::USAGE, error),
            PhoneError::Trust(TrustError::BadCertificate) => {
                Failure::new(exit::USAGE, format!("--ca-file: {error}"))
            }
            error => Failure::of(error.id(), &error),
        }
    }
}

/// Tells the person why the command failed, and the shell by the status.
#[must_use]
pub fn report(failure: &Failure) -> ExitCode {
    // Nothing is left to do when even this cannot be written.
    let _ = writeln!(io::stderr(), "latchkey-sim: {}", failure.message);
    ExitCode::from(failure.status)
}

/// Prints to standard output; a reader that has gone away ends the command quietly.
fn print(text: impl AsRef<str>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_ref().as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints a value as readable JSON.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(value).map_err(|error| Failure::new(1, error))?;
    print(json + "\n")
}

/// Text from outside must not steer the terminal, nor pretend to be other text by turning the direction
/// of writing or by characters that cannot be seen.
pub(crate) fn printable(text: &str) -> String {
    let deceives = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    text.chars().map(|c| if deceives(c) { '\u{FFFD}' } else { c }).collect()
}

/// Tells the person about progress, beside the results on standard output.
fn progress(text: impl AsRef<str>) {
    // Progress that cannot be shown is no reason to stop.
    let _ = writeln!(io::stderr(), "{}", text.as_ref());
}
