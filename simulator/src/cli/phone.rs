//! Arguments of `phone` that have to do with a Control Center.

use clap::{Args, Subcommand};

use super::workstation::Server;
use super::{Link, State};

/// My Computers.
#[derive(Debug, Subcommand)]
pub enum Computers {
    /// List the computers that this phone unlocks
    List(ListComputers),
    /// Give a computer a name
    Rename(RenameComputer),
    /// Remove a computer, and tell its Control Center
    Remove(RemoveComputer),
}

/// Arguments of `phone look-up`.
#[derive(Debug, Args)]
pub struct LookUp {
    /// Address of the Control Center, as the computer shows it above the code
    pub address: String,
    /// The code that the computer shows
    pub code: String,
    /// Where the passkeys are
    #[command(flatten)]
    pub state: State,
    /// Approve without asking
    #[arg(long)]
    pub yes: bool,
    /// Ask with GET instead of POST
    #[arg(long)]
    pub get: bool,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the Control Center
    #[command(flatten)]
    pub server: Server,
}

/// Arguments of `phone computers list`.
#[derive(Debug, Args)]
pub struct ListComputers {
    /// Where the computers are
    #[command(flatten)]
    pub state: State,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `phone computers rename`.
#[derive(Debug, Args)]
pub struct RenameComputer {
    /// Machine ID as `phone computers list` prints it
    pub id: String,
    /// The new name; an empty one brings the computer's own back
    pub name: String,
    /// Where the computers are
    #[command(flatten)]
    pub state: State,
}

/// Arguments of `phone computers remove`.
#[derive(Debug, Args)]
pub struct RemoveComputer {
    /// Machine ID as `phone computers list` prints it
    pub id: String,
    /// Where the computers are
    #[command(flatten)]
    pub state: State,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the Control Center
    #[command(flatten)]
    pub server: Server,
}

/// Arguments of `phone resume`.
#[derive(Debug, Args)]
pub struct Resume {
    /// Where the computers are
    #[command(flatten)]
    pub state: State,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the Control Centers
    #[command(flatten)]
    pub server: Server,
}

/// Arguments of `phone unlock`.
#[derive(Debug, Args)]
pub struct Unlock {
    /// Name or machine ID of the computer, as `phone computers list` prints them
    pub computer: String,
    /// Where the computers are
    #[command(flatten)]
    pub state: State,
    /// Approve without asking
    #[arg(long)]
    pub yes: bool,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the Control Center
    #[command(flatten)]
    pub server: Server,
}

/// Arguments of `phone pin`.
#[derive(Debug, Args)]
pub struct Pin {
    /// Name or machine ID of the computer, as `phone computers list` prints them
    pub computer: String,
    /// Where the computers are
    #[command(flatten)]
    pub state: State,
    /// Approve without asking
    #[arg(long)]
    pub yes: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `phone answer`.
#[derive(Debug, Args)]
pub struct Answer {
    /// Where the passkeys are
    #[command(flatten)]
    pub state: State,
    /// Seconds to wait for a computer, at most 25
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u64).range(..=25), value_name = "SECONDS")]
    pub wait: u64,
    /// Approve without asking
    #[arg(long)]
    pub yes: bool,
    /// Tunnel domain number that this phone uses
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub domain: u16,
    /// Print the outcome as JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the Control Center and the computer
    #[command(flatten)]
    pub link: Link,
}

/// Arguments of `phone readiness`.
#[derive(Debug, Args)]
pub struct Readiness {
    /// Where the phone is
    #[command(flatten)]
    pub state: State,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// How to reach the Control Centers
    #[command(flatten)]
    pub server: Server,
}
