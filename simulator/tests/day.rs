//! Random days, and whether the model notices what is broken.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::atomic::{AtomicU64, Ordering};

use latchkey_simulator::day::{Course, Plan, Report, Sabotage, live};
use tokio::runtime::Builder;

/// Days that are lived through each time; another range of seeds is `LATCHKEY_DAYS=FROM..TO`.
const DAYS: u64 = 200;

/// Steps of each.
const STEPS: usize = 20;

/// Days at the same time: most of a day is waiting.
const AT_ONCE: usize = 6;

fn day(seed: u64, steps: usize, sabotage: Option<Sabotage>) -> Report {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let report = runtime.block_on(live(Plan { seed, course: Course::Random(steps), sabotage })).unwrap();
    runtime.shutdown_background();
    report
}

/// What happened, for whoever has to find out why.
fn told(report: &Report) -> String {
    let steps: String = report
        .steps
        .iter()
        .map(|step| format!("{:>7} ms  {}: {}\n", step.at_ms, step.what, step.outcome))
        .collect();
    let violation = report.violation.as_deref().unwrap_or("held");
    format!(
        "seed {}\n{steps}{violation}\nlatchkey-sim day --seed {} --steps {STEPS}\n",
        report.seed, report.seed
    )
}

/// Lives through these days, several at a time, until one of them is as it is looked for.
fn search(seeds: std::ops::Range<u64>, steps: usize, sabotage: Option<Sabotage>) -> Option<Report> {
    let (next, found) = (AtomicU64::new(seeds.start), std::sync::Mutex::new(None));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end || found.lock().unwrap().is_some() {
                        return;
                    }
                    let report = day(seed, steps, sabotage);
                    if report.violation.is_some() {
                        found.lock().unwrap().get_or_insert(report);
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}

fn seeds() -> std::ops::Range<u64> {
    let range = std::env::var("LATCHKEY_DAYS").ok();
    let range = range.as_deref().and_then(|range| range.split_once(".."));
    range.map_or(0..DAYS, |(from, to)| from.parse().unwrap()..to.parse().unwrap())
}

#[test]
fn random_days_hold() {
    if let Some(report) = search(seeds(), STEPS, None) {
        panic!("{}", told(&report));
    }
}

/// A model that notices nothing would be no model.
#[track_caller]
fn must_be_noticed(sabotage: Sabotage, as_what: &[&str]) {
    let report = search(0..40, 40, Some(sabotage)).expect("this must be noticed");
    let violation = report.violation.clone().unwrap();
    assert!(as_what.iter().any(|what| violation.contains(what)), "{}", told(&report));
}

#[test]
fn a_workstation_that_forgets_used_pins_is_noticed() {
    must_be_noticed(Sabotage::UsedPinsForgotten, &["must not be accepted"]);
}

#[test]
fn a_phone_that_forgets_shown_pins_is_noticed() {
    must_be_noticed(Sabotage::ShownPinsForgotten, &["must not be shown again", "the same PIN again"]);
}

#[test]
fn a_server_that_forgets_registrations_is_noticed() {
    must_be_noticed(
        Sabotage::RegistrationsForgotten,
        &["must unlock", "must be let in", "must have the passkeys", "Device Manager must show", "phones"],
    );
}
