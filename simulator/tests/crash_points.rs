//! An unlock with its handover of PINs, and a pairing, cut off between every two steps: afterwards what the model of
//! a day says must hold, and both sides can go on.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use latchkey_simulator::day::{Course, Plan, live};

async fn lives_through(course: Course) {
    let report = live(Plan { seed: 0, course, sabotage: None }).await.unwrap();
    let outcomes: Vec<String> =
        report.steps.iter().map(|step| format!("{}: {}", step.what, step.outcome)).collect();
    assert!(report.violation.is_none(), "{}\n{:?}", outcomes.join("\n"), report.violation);
    // Some were cut off early, some late.
    for (kind, outcome) in [("a fault", "killed"), ("a fault", "paired"), ("a fault", "unlocked")] {
        if course == Course::EveryUnlockCutOff && outcome == "paired" {
            continue;
        }
        if course == Course::EveryPairingCutOff && outcome == "unlocked" {
            continue;
        }
        assert!(outcomes.iter().any(|step| step.contains(kind) && step.contains(outcome)), "{outcome}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_unlock_that_is_cut_off() {
    lives_through(Course::EveryUnlockCutOff).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pairing_that_is_cut_off() {
    lives_through(Course::EveryPairingCutOff).await;
}
