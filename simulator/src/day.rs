//! A random day: people, phones, workstations and a Control Center do anything in any order, things break,
//! and after every step a model says whether what must hold does.
//!
//! The seed decides what is done and what breaks; when exactly a message meets a fault, sockets and threads
//! decide. A day that broke a rule once breaks it again with the same seed most of the time, not always.
//!
//! | file | is about |
//! |------|----------|
//! | `world` | everybody, over real connections; `wire` loses answers, `clock` is wrong, `dice` decides |
//! | `model` | what must hold |
//! | `steps` | choosing a step |
//! | `pairing`, `unlocking`, `pins`, `faults`, `websites` | doing it, and what must come of it |
//! | `checks` | what must hold after every step, and at the end of the day |

// Every index is one of the day's own phones, desks or accounts.
#![allow(clippy::indexing_slicing)]

mod checks;
mod clock;
mod course;
mod dice;
mod faults;
mod model;
mod pairing;
mod pins;
mod steps;
mod unlocking;
mod websites;
mod wire;
mod world;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::{Duration, Instant};

use serde::Serialize;

use dice::Dice;
use model::Model;
use world::World;

/// A step that takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

/// Something that is broken on purpose, to see that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sabotage {
    /// The workstation's disk forgets that a PIN was used.
    UsedPinsForgotten,
    /// The phone's disk forgets that a PIN was shown.
    ShownPinsForgotten,
    /// The Control Center's disk forgets a registration.
    RegistrationsForgotten,
}

/// What is done in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Course {
    /// So many steps that the dice choose.
    Random(usize),
    /// One unlock for every point at which one can be cut off, and after each what shows that both sides go on.
    EveryUnlockCutOff,
    /// The same with pairing.
    EveryPairingCutOff,
}

/// Which day.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Decides what is done and what breaks.
    pub seed: u64,
    /// What is done.
    pub course: Course,
    /// Broken on purpose.
    pub sabotage: Option<Sabotage>,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Everything that was done.
    pub steps: Vec<Done>,
    /// How often each event stands in the audit trail.
    pub audit_trail: BTreeMap<String, usize>,
    /// What did not hold, if anything: the last step says when.
    pub violation: Option<String>,
}

/// One step.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Done {
    /// Milliseconds since the day began.
    pub at_ms: u64,
    /// What was done.
    pub what: String,
    /// What came of it.
    pub outcome: String,
    /// The kind of step, to count.
    pub kind: &'static str,
}

/// Something does not hold, or the stage broke down.
#[derive(Debug)]
struct Broken(String);

fn broken(error: impl Display) -> Broken {
    Broken(format!("the stage broke down: {error}"))
}

/// A day that is under way.
struct Day {
    world: World,
    model: Model,
    dice: Dice,
    sabotage: Option<Sabotage>,
    /// A code that a phone has answered already.
    used_code: Option<String>,
}

/// Lives through a day. Must run on a tokio runtime of several threads.
///
/// # Errors
/// [`std::io::Error`] if there is no folder for everybody's state.
pub async fn live(plan: Plan) -> std::io::Result<Report> {
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    let mut report =
        Report { seed: plan.seed, steps: Vec::new(), audit_trail: BTreeMap::new(), violation: None };
    let mut day = match Day::begin(plan, folder).await {
        Ok(day) => day,
        Err(Broken(what)) => {
            report.violation = Some(what);
            return Ok(report);
        }
    };
    let mut course = day.course(plan.course);
    while let Some(step) = course.next(&mut day) {
        let done = match tokio::time::timeout(HANGS, day.take(step)).await {
            Ok(done) => done,
            Err(_) => Err(Broken("this step must come to an end, and hangs".to_owned())),
        };
        let (outcome, violation) = match done {
            Ok(outcome) => (outcome, None),
            Err(Broken(what)) => ("✘".to_owned(), Some(what)),
        };
        let at_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        report.steps.push(Done { at_ms, what: day.told(step), outcome, kind: step.kind() });
        report.violation = violation;
        if report.violation.is_some() {
            break;
        }
    }
    report.audit_trail = day.audit_trail().await;
    Ok(report)
}

impl Day {
    async fn begin(plan: Plan, folder: tempfile::TempDir) -> Result<Self, Broken> {
        let world = World::build(&["red-phone", "blue-phone"], &["window-desk", "door-desk"], folder).await?;
        let model = Model::new(world.phones.len(), world.desks.len());
        let mut day =
            Day { world, model, dice: Dice::new(plan.seed), sabotage: plan.sabotage, used_code: None };
        day.keep_secrets();
        day.set_policy(day.model.pins).await?;
        day.let_web_phones_in().await?;
        Ok(day)
    }
}
