//! `latchkey-sim day`: a random day against a model of what must hold.

use std::collections::BTreeMap;

use serde_json::json;

use crate::cli;
use crate::day::{self, Course, Done, Plan, Report};

use super::{Failure, print, print_json};

/// Lives through a day and prints what happened.
///
/// # Errors
/// [`Failure`] unless everything held.
pub async fn run(arguments: cli::Day) -> Result<(), Failure> {
    let cli::Day { seed, steps, json } = arguments;
    let report = day::live(Plan { seed, course: Course::Random(steps), sabotage: None }).await?;
    let again = format!("latchkey-sim day --seed {seed} --steps {steps}");
    if json {
        print_json(&json!({ "report": report, "again": again }))?;
    } else {
        print(told(&report))?;
    }
    match &report.violation {
        None => Ok(()),
        Some(violation) => {
            let step = report.steps.len();
            Err(Failure::new(1, format!("seed {seed}, step {step}: {violation}\nTo repeat it: {again}")))
        }
    }
}

fn told(report: &Report) -> String {
    let steps: String = report.steps.iter().map(line).collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for step in &report.steps {
        *kinds.entry(step.kind).or_default() += 1;
    }
    let counts: String = kinds.iter().map(|(kind, count)| format!("  {count:>4}  {kind}\n")).collect();
    let trail: String =
        report.audit_trail.iter().map(|(event, count)| format!("  {count:>4}  {event}\n")).collect();
    let end = if report.violation.is_none() { "All of it held." } else { "It did not hold." };
    format!("Day {}\n\n{steps}\nSteps\n\n{counts}\nAudit trail\n\n{trail}\n{end}\n", report.seed)
}

fn line(step: &Done) -> String {
    format!("  {:>7} ms  {:<52}  {}\n", step.at_ms, step.what, step.outcome)
}
