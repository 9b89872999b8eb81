//! Arguments of `workstation`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Link;

/// The workstation's commands.
#[derive(Debug, Subcommand)]
pub enum Workstation {
    /// Make this workstation known to a Control Center
    Enroll(Enroll),
    /// Pair a phone with an account: shows a QR code and waits for the phone
    Pair(Pair),
    /// Serve the paired phones until interrupted, and tell about the lock
    Run(Run),
    /// Lock
    Lock(Lock),
    /// Unlock: with an offline PIN, or with a phone that scans a code
    Unlock(Unlock),
    /// Sign in to the tenant's page with the phone that unlocked this workstation
    SignIn(SignIn),
    /// Answer the offer to create a passkey on this workstation
    Passkey(Passkey),
    /// Show the lock, the paired phones and the offline PINs
    Status(Status),
}

/// What all commands share.
#[derive(Debug, Args)]
pub struct Desk {
    /// Folder with the workstation's state; made if it does not exist
    #[arg(long = "state", default_value = ".latchkey-workstation", value_name = "DIR")]
    pub directory: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// How to reach the Control Center.
#[derive(Debug, Args)]
pub struct Server {
    /// Trust this certificate authority (PEM) beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// What one offline PIN costs to check.
#[derive(Debug, Args)]
pub struct PinCost {
    /// Memory of Argon2id in KiB, for PINs that are issued from now on
    #[arg(long, default_value_t = 64 * 1024, value_name = "KIB")]
    pub argon2_memory: u32,
    /// Iterations of Argon2id
    #[arg(long, default_value_t = 3, value_name = "NUMBER")]
    pub argon2_iterations: u32,
}

/// How to show a code.
#[derive(Debug, Args)]
pub struct Show {
    /// Write the QR code as a picture; FILE.pgm is one without compression, FILE.txt the text of the code
    #[arg(long, value_name = "FILE.png")]
    pub qr: Option<PathBuf>,
    /// Do not draw the QR code on the terminal
    #[arg(long)]
    pub no_terminal_qr: bool,
}

/// Arguments of `workstation enroll`.
#[derive(Debug, Args)]
pub struct Enroll {
    /// Where the state is
    #[command(flatten)]
    pub desk: Desk,
    /// How to reach the Control Center
    #[command(flatten)]
    pub server: Server,
    /// Address of the Control Center
    #[arg(long, value_name = "URL")]
    pub address: String,
    /// An administrator's install token
    #[arg(long, value_name = "TOKEN")]
    pub token: String,
    /// Name of a new workstation
    #[arg(long, default_value = "workstation", value_name = "NAME")]
    pub name: String,
}

/// Arguments of `workstation pair`.
#[derive(Debug, Args)]
pub struct Pair {
    /// Where the state is
    #[command(flatten)]
    pub desk: Desk,
    /// How to reach the Control Center
    #[command(flatten)]
    pub server: Server,
    /// The account that is signed in on this workstation
    #[arg(long, value_name = "NAME")]
    pub user: String,
    /// Its kind
    #[arg(long, value_enum, default_value_t = AccountKind::Cloud)]
    pub account: AccountKind,
    /// Also ask for a code to type, for a phone without a camera
    #[arg(long)]
    pub code: bool,
    /// How to show the code
    #[command(flatten)]
    pub show: Show,
}

/// Kinds of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AccountKind {
    /// Entra, cloud only
    Cloud,
    /// Entra, hybrid joined
    Hybrid,
    /// Known to this computer only
    Local,
}

/// Arguments of `workstation run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Where the state is; `--json` prints a line for each thing that happens
    #[command(flatten)]
    pub desk: Desk,
    /// How to reach the Control Center
    #[command(flatten)]
    pub server: Server,
    /// What PINs cost
    #[command(flatten)]
    pub cost: PinCost,
}

/// Arguments of `workstation lock`.
#[derive(Debug, Args)]
pub struct Lock {
    /// Where the state is
    #[command(flatten)]
    pub desk: Desk,
}

/// Arguments of `workstation unlock`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("way").required(true).args(["pin", "scan", "scan_code"]))]
pub struct Unlock {
    /// Where the state is
    #[command(flatten)]
    pub desk: Desk,
    /// An offline PIN from the phone; `-` reads it from standard input
    #[arg(long, value_name = "PIN")]
    pub pin: Option<String>,
    /// Show a FIDO code: any phone near by with a passkey of the tenant
    #[arg(long)]
    pub scan: bool,
    /// Show a sign-in code: any phone that is registered at the Control Center
    #[arg(long)]
    pub scan_code: bool,
    /// The account of --pin; the only one if not given
    #[arg(long, requires = "pin", value_name = "NAME")]
    pub user: Option<String>,
    /// With --scan-code, also ask for a code to type
    #[arg(long, requires = "scan_code")]
    pub code: bool,
    /// How to show the code
    #[command(flatten)]
    pub show: Show,
    /// What PINs cost
    #[command(flatten)]
    pub cost: PinCost,
    /// Seconds to wait for the phone
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub timeout: u64,
    /// How to reach the phone, and the Control Center
    #[command(flatten)]
    pub link: Link,
}

/// Arguments of `workstation sign-in`.
#[derive(Debug, Args)]
pub struct SignIn {
    /// Where the state is
    #[command(flatten)]
    pub desk: Desk,
    /// How to show the sign-in code, should the phone not be near
    #[command(flatten)]
    pub show: Show,
    /// Seconds to wait for the phone
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    pub timeout: u64,
    /// How to reach the phone, and the Control Center
    #[command(flatten)]
    pub link: Link,
}

/// Arguments of `workstation passkey`.
#[derive(Debug, Args)]
pub struct Passkey {
    /// Where the state is
    #[command(flatten)]
    pub desk: Desk,
    /// How to reach the Control Center
    #[command(flatten)]
    pub server: Server,
    /// The answer
    #[arg(value_enum)]
    pub answer: OfferAnswer,
    /// Create it without asking
    #[arg(long)]
    pub yes: bool,
}

/// Answers to the offer of a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OfferAnswer {
    /// Create it
    Create,
    /// I'll do it later: not offered again for ten sign-ins or seven days
    Later,
}

/// Arguments of `workstation status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Where the state is
    #[command(flatten)]
    pub desk: Desk,
}
