//! The command line.

pub mod control_center;
pub mod phone;
pub mod workstation;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::webauthn::json::Base64Url;

/// A software phone, computer, workstation, Control Center and tunnel service that speak the real protocols.
#[derive(Debug, Parser)]
#[command(name = "latchkey-sim", version, after_help = crate::exit::HELP)]
pub struct Cli {
    /// What to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Live through a day with passkeys and a workstation, everything over loopback, and show what was verified
    Demo(Demo),
    /// Run the tunnel service alone
    Tunnel(Tunnel),
    /// Run the Control Center
    ControlCenter(control_center::ControlCenter),
    /// Be the computer: show a QR code and run a WebAuthn ceremony with the phone that scans it
    #[command(subcommand)]
    Computer(Computer),
    /// Be the phone: answer a QR code, or look after the passkeys
    #[command(subcommand)]
    Phone(Phone),
    /// Be the workstation: pair phones with it, lock it, unlock it
    #[command(subcommand)]
    Workstation(workstation::Workstation),
    /// Live through a random day, with faults, against a model of what must hold
    Day(Day),
    /// List every failure that a person can meet, with its id
    Errors(Errors),
}

/// Arguments of `errors`.
#[derive(Debug, Args)]
pub struct Errors {
    /// Print docs/errors.md
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `day`.
#[derive(Debug, Args)]
pub struct Day {
    /// Which day
    #[arg(long, value_name = "N")]
    pub seed: u64,
    /// How much is done
    #[arg(long, default_value_t = 60, value_name = "N")]
    pub steps: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Print one JSON document instead of the timeline
    #[arg(long)]
    pub json: bool,
    /// Keep the QR picture, the WebAuthn responses and the transcript in this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Arguments of `tunnel`.
#[derive(Debug, Args)]
pub struct Tunnel {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDR:PORT")]
    pub listen: SocketAddr,
    /// Certificate chain (PEM); without it one is generated
    #[arg(long, requires = "key", value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Private key (PEM) of --cert
    #[arg(long, requires = "cert", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Names in a generated certificate
    #[arg(long = "name", default_values_t = ["localhost".to_owned()], value_name = "HOST", conflicts_with = "cert")]
    pub names: Vec<String>,
    /// Where to write the authority of a generated certificate, for --ca-file of the others
    #[arg(long, value_name = "FILE", conflicts_with = "cert")]
    pub ca_out: Option<PathBuf>,
}

/// How both roles reach each other.
#[derive(Debug, Args)]
pub struct Link {
    /// Use the simulator's air in this folder instead of Bluetooth
    #[arg(long, value_name = "DIR")]
    pub air: Option<PathBuf>,
    /// Bluetooth adapter, such as hci0; the first usable one if not given
    #[arg(long, value_name = "NAME", conflicts_with = "air")]
    pub adapter: Option<String>,
    /// Use the tunnel service at this address instead of the tunnel domain's
    #[arg(long, value_name = "HOST:PORT")]
    pub tunnel: Option<String>,
    /// Trust this certificate authority (PEM) beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// What both kinds of ceremony share.
#[derive(Debug, Args)]
pub struct Ceremony {
    /// RP ID
    #[arg(long, default_value = "example.com", value_name = "DOMAIN")]
    pub rp_id: String,
    /// Origin of the page; https://RP-ID if not given
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Option<String>,
    /// Challenge, base64url; random if not given
    #[arg(long, value_name = "B64URL")]
    pub challenge: Option<Base64Url>,
    /// Ask for the output of the PRF extension for this input: the same for the same passkey and text
    #[arg(long, value_name = "TEXT")]
    pub prf: Option<String>,
    /// Write the QR code as a picture; FILE.pgm is one without compression, FILE.txt the text of the code
    #[arg(long, value_name = "FILE.png")]
    pub qr: Option<PathBuf>,
    /// Do not draw the QR code on the terminal
    #[arg(long)]
    pub no_terminal_qr: bool,
    /// Seconds to wait for the phone
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub timeout: u64,
    /// How to reach the phone
    #[command(flatten)]
    pub link: Link,
}

/// The computer's ceremonies.
#[derive(Debug, Subcommand)]
pub enum Computer {
    /// Create a passkey on the phone; prints RegistrationResponseJSON
    Create(Create),
    /// Sign in with a passkey of the phone; prints AuthenticationResponseJSON
    Get(Get),
}

/// Arguments of `computer create`.
#[derive(Debug, Args)]
pub struct Create {
    /// What both ceremonies share
    #[command(flatten)]
    pub ceremony: Ceremony,
    /// Account name
    #[arg(long, default_value = "ada@example.com", value_name = "NAME")]
    pub user: String,
    /// User handle, base64url; random if not given
    #[arg(long, value_name = "B64URL")]
    pub user_id: Option<Base64Url>,
    /// Acceptable algorithms, best first
    #[arg(long = "alg", value_enum, default_values_t = [Alg::Es256, Alg::EdDsa])]
    pub algorithms: Vec<Alg>,
    /// Whether to ask for an attestation statement
    #[arg(long, value_enum, default_value_t = Attestation::Direct)]
    pub attestation: Attestation,
    /// Accept a credential that is not discoverable
    #[arg(long)]
    pub non_discoverable: bool,
    /// Refuse if the phone holds this credential (base64url); may be repeated
    #[arg(long, value_name = "B64URL")]
    pub exclude: Vec<Base64Url>,
}

/// Arguments of `computer get`.
#[derive(Debug, Args)]
pub struct Get {
    /// What both ceremonies share
    #[command(flatten)]
    pub ceremony: Ceremony,
    /// Acceptable credential (base64url); may be repeated; any discoverable one if not given
    #[arg(long, value_name = "B64URL")]
    pub allow: Vec<Base64Url>,
}

/// Signature algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Alg {
    /// ECDSA on P-256
    Es256,
    /// Ed25519
    #[value(name = "eddsa")]
    EdDsa,
}

/// Attestation conveyance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Attestation {
    /// No statement
    None,
    /// Whatever the phone makes
    Direct,
}

/// The phone's commands.
#[derive(Debug, Subcommand)]
pub enum Phone {
    /// Answer the code that a computer shows
    Approve(Approve),
    /// List the passkeys of this phone
    List(List),
    /// Give a passkey a name
    Rename(Rename),
    /// Offer a passkey again that its relying party no longer accepts
    Unhide(Unhide),
    /// Delete a passkey
    Delete(Delete),
    /// Type a code instead of scanning one: look it up and do what it asks for
    LookUp(phone::LookUp),
    /// List, rename or remove the computers that this phone unlocks
    #[command(subcommand)]
    Computers(phone::Computers),
    /// Finish what was interrupted: pairings without an answer, removals that the server was not told
    Resume(phone::Resume),
    /// Unlock a computer online
    Unlock(phone::Unlock),
    /// Show an offline PIN of a computer
    Pin(phone::Pin),
    /// Wait for a computer that wants to sign in with the session passkey, and answer it
    Answer(phone::Answer),
    /// Look at everything that pairing, signing in and unlocking need
    Readiness(phone::Readiness),
}

/// Where the phone keeps its passkeys.
#[derive(Debug, Args)]
pub struct State {
    /// Folder with the phone's passkeys; made if it does not exist
    #[arg(long = "state", default_value = ".latchkey-phone", value_name = "DIR")]
    pub directory: PathBuf,
}

/// Arguments of `phone approve`.
#[derive(Debug, Args)]
pub struct Approve {
    /// Text of the QR code, or a PNG or JPEG file that shows it
    pub code: String,
    /// Where the passkeys are
    #[command(flatten)]
    pub state: State,
    /// Approve without asking
    #[arg(long)]
    pub yes: bool,
    /// Tunnel domain number that this phone uses
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub domain: u16,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the computer
    #[command(flatten)]
    pub link: Link,
}

/// Arguments of `phone list`.
#[derive(Debug, Args)]
pub struct List {
    /// Where the passkeys are
    #[command(flatten)]
    pub state: State,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `phone rename`.
#[derive(Debug, Args)]
pub struct Rename {
    /// Credential ID as `phone list` prints it
    pub id: Base64Url,
    /// The new name; an empty one removes it
    pub name: String,
    /// Where the passkeys are
    #[command(flatten)]
    pub state: State,
}

/// Arguments of `phone unhide`.
#[derive(Debug, Args)]
pub struct Unhide {
    /// Credential ID as `phone list` prints it
    pub id: Base64Url,
    /// Where the passkeys are
    #[command(flatten)]
    pub state: State,
}

/// Arguments of `phone delete`.
#[derive(Debug, Args)]
pub struct Delete {
    /// Credential ID as `phone list` prints it
    pub id: Base64Url,
    /// Where the passkeys are
    #[command(flatten)]
    pub state: State,
}
