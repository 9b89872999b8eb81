//! `latchkey-sim`: a software phone, computer and tunnel service.

use std::process::ExitCode;

use clap::Parser;
use latchkey_simulator::cli::{Cli, Command};
use latchkey_simulator::commands;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return commands::report(&commands::Failure::from(error)),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Demo(arguments) => commands::demo::run(arguments).await,
            Command::Tunnel(arguments) => commands::tunnel::run(arguments).await,
            Command::ControlCenter(arguments) => commands::control_center::run(arguments).await,
            Command::Computer(computer) => commands::computer::run(computer).await,
            Command::Phone(phone) => commands::phone::run(phone).await,
            Command::Workstation(workstation) => commands::workstation::run(workstation).await,
            Command::Day(arguments) => commands::day::run(arguments).await,
            Command::Errors(arguments) => commands::errors::run(&arguments),
        }
    });
    // A read from the terminal that nobody answers must not keep the process alive.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => commands::report(&failure),
    }
}
