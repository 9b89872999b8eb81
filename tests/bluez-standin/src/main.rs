//! Runs a program with a BlueZ stand-in for its system bus.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use latchkey_bluez_standin::{Adapter, PrivateBus, Standin};
use tokio::process::Command;

const USAGE: &str = "\
usage: bluez-standin [--adapters NUMBER] [--off NAME]... [-- COMMAND [ARGUMENT]...]

Offers the adapters hci0, hci1, ... (2 unless told) on a private bus. Runs COMMAND with
DBUS_SYSTEM_BUS_ADDRESS set and ends with its exit status; without COMMAND prints the address and
runs until interrupted.
";

/// What the command line asks for.
struct Arguments {
    adapters: Vec<Adapter>,
    command: Vec<String>,
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Option<Arguments> {
    let (mut number, mut off) = (2_usize, Vec::new());
    let mut command = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--adapters" => number = arguments.next()?.parse().ok().filter(|number| *number <= 16)?,
            "--off" => off.push(arguments.next()?),
            "--" => command = arguments.by_ref().collect(),
            _ => return None,
        }
    }
    let adapters = (0..number)
        .map(|number| format!("hci{number}"))
        .map(|name| Adapter { powered: !off.contains(&name), name })
        .collect();
    Some(Arguments { adapters, command })
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(arguments) = parse(std::env::args().skip(1)) else {
        let _ = io::stderr().write_all(USAGE.as_bytes());
        return ExitCode::from(2);
    };
    match run(arguments).await {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            let _ = writeln!(io::stderr(), "bluez-standin: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Arguments { adapters, command }: Arguments) -> Result<u8, Box<dyn std::error::Error>> {
    let bus = PrivateBus::start()?;
    let _standin = Standin::start(bus.address(), adapters).await?;
    let Some((program, arguments)) = command.split_first() else {
        writeln!(io::stdout(), "DBUS_SYSTEM_BUS_ADDRESS={}", bus.address())?;
        tokio::signal::ctrl_c().await?;
        return Ok(0);
    };
    let status =
        Command::new(program).args(arguments).env("DBUS_SYSTEM_BUS_ADDRESS", bus.address()).status().await?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
