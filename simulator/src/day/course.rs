//! What is done in a day, one step after the other.

use std::collections::VecDeque;

use super::faults::Fault;
use super::model::PinPolicy;
use super::pins::Which;
use super::steps::Step;
use super::{Course, Day};

/// Steps of a phone's program, and pieces of answers, that no ceremony has more of.
const POINTS: usize = 26;

/// Milliseconds after which every ceremony is over, and the distance of two of them.
const MILLIS: u64 = 60;
const APART: usize = 4;

/// The steps that are still to be taken.
pub(super) struct Steps {
    random: usize,
    planned: VecDeque<Step>,
}

impl Steps {
    pub(super) fn next(&mut self, day: &mut Day) -> Option<Step> {
        match self.random.checked_sub(1) {
            Some(left) => {
                self.random = left;
                Some(day.choose())
            }
            None => self.planned.pop_front(),
        }
    }
}

impl Day {
    pub(super) fn course(&self, course: Course) -> Steps {
        let (random, mut planned) = match course {
            Course::Random(steps) => (steps, VecDeque::new()),
            Course::EveryUnlockCutOff => (0, unlocks()),
            Course::EveryPairingCutOff => (0, pairings()),
        };
        planned.push_back(Step::EndOfDay);
        Steps { random, planned }
    }
}

/// Every point at which a ceremony can be cut off, as far as it can be aimed at.
fn faults() -> impl Iterator<Item = Fault> {
    let points = || 0..POINTS;
    points()
        .map(Fault::PhoneKilled)
        .chain(points().map(Fault::PhoneAnswerLost))
        .chain(points().map(Fault::DeskAnswerLost))
        .chain((0..MILLIS).step_by(APART).map(Fault::DeskKilled))
        .chain((0..MILLIS).step_by(APART).map(Fault::CenterRestarted))
}

/// After each fault the next PIN that the phone shows is good, if it has one, and so is an unlock.
fn unlocks() -> VecDeque<Step> {
    let policy = PinPolicy { enabled: true, count: 10 };
    let mut steps = VecDeque::from([Step::Pair(0, 0, 0), Step::Policy(policy), Step::Unlock(0, 0)]);
    for fault in faults() {
        steps.extend([
            Step::Lock(0),
            Step::UnlockWithFault(0, 0, fault),
            Step::Lock(0),
            Step::ShowPin(0, 0),
            Step::TypePin(Which::Latest),
            Step::Lock(0),
            Step::Unlock(0, 0),
        ]);
    }
    steps
}

/// After each fault phone, workstation and Control Center agree; then the computer is removed again.
fn pairings() -> VecDeque<Step> {
    let mut steps = VecDeque::new();
    for fault in faults() {
        steps.extend([
            Step::PairWithFault(0, 0, 0, fault),
            Step::Agree,
            Step::Unlock(0, 0),
            Step::Lock(0),
            Step::Remove(0, 0),
        ]);
    }
    steps
}
