//! Work that is measured in a process of its own: this program starts itself.

use std::process::Command;

use crate::{first, memory};

/// The argument before the name of a step.
const ARGUMENT: &str = "--step";

/// Runs a step in a new process and returns its figure.
pub(crate) fn figure_of(step: &str) -> u64 {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args([ARGUMENT, step]).output().unwrap();
    assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// Whether this process was started for a step. Then it has been run, and its figure printed.
pub(crate) fn was_step(arguments: &[String]) -> bool {
    match arguments {
        [argument, step] if argument == ARGUMENT => {
            println!("{}", memory::step(step).or_else(|| first::step(step)).unwrap());
            true
        }
        _ => false,
    }
}
