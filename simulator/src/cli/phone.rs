//! Arguments of `phone` that have to do with a Control Center.

use clap::{Args, Subcommand};

use super::State;
use super::workstation::Server;

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
