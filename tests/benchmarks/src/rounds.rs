//! Measuring side by side: in every round each operation of a group runs once, so that whatever else the
//! machine does hits all of them alike. What is compared are the times of the same round; the table shows
//! the medians.

use std::time::{Duration, Instant};

use rand_core::{OsRng, RngCore as _};

use crate::report::{Line, Target, Value};

/// Rounds that are run before the clock counts.
const WARM_UP: usize = 5;

/// Fewest rounds that a median is taken of.
const FEWEST: usize = 31;

/// Operations that are measured side by side.
#[derive(Default)]
pub(crate) struct Group<'a> {
    cases: Vec<Case<'a>>,
    beside: Vec<Beside>,
}

/// An operation of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(usize);

struct Case<'a> {
    what: String,
    at_most: Option<Duration>,
    call: Box<dyn FnMut() -> Duration + 'a>,
    times: Vec<Duration>,
}

struct Beside {
    case: Id,
    yardstick: Id,
    at_most: Option<f64>,
}

impl<'a> Group<'a> {
    /// Adds an operation that says itself how long it took, so that it can prepare and tidy up.
    pub(crate) fn add(&mut self, what: impl Into<String>, call: impl FnMut() -> Duration + 'a) -> Id {
        self.cases.push(Case { what: what.into(), at_most: None, call: Box::new(call), times: Vec::new() });
        Id(self.cases.len() - 1)
    }

    /// The operation's median should be no longer than this.
    pub(crate) fn aim(&mut self, case: Id, at_most: Duration) {
        self.cases[case.0].at_most = Some(at_most);
    }

    /// The table shows the operation as a multiple of another one, which should be no larger than this.
    pub(crate) fn compare(&mut self, case: Id, yardstick: Id, at_most: impl Into<Option<f64>>) {
        self.beside.push(Beside { case, yardstick, at_most: at_most.into() });
    }

    /// Runs rounds until `budget` is spent.
    pub(crate) fn measure(mut self, budget: Duration) -> Vec<Line> {
        for _ in 0..WARM_UP {
            for case in &mut self.cases {
                (case.call)();
            }
        }
        let mut order: Vec<usize> = (0..self.cases.len()).collect();
        let start = Instant::now();
        let mut round = 0;
        while round < FEWEST || start.elapsed() < budget {
            // Shuffled: whoever comes behind a neighbour finds the caches as that one left them.
            for last in (1..order.len()).rev() {
                order.swap(last, OsRng.next_u32() as usize % (last + 1));
            }
            for &index in &order {
                let case = &mut self.cases[index];
                case.times.push((case.call)());
            }
            round += 1;
        }
        self.lines()
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for (index, case) in self.cases.iter().enumerate() {
            let mut sorted = case.times.clone();
            sorted.sort_unstable();
            let line = Line {
                what: case.what.clone(),
                value: Value::Time(quantile(&sorted, 50)),
                p95: Some(quantile(&sorted, 95)),
                rounds: sorted.len(),
                ..Line::default()
            };
            let mut beside = self.beside.iter().filter(|beside| beside.case == Id(index)).peekable();
            if beside.peek().is_none() || case.at_most.is_some() {
                lines.push(Line { target: case.at_most.map(Target::Time), ..line.clone() });
            }
            for beside in beside {
                let yardstick = &self.cases[beside.yardstick.0];
                lines.push(Line {
                    beside: Some((yardstick.what.clone(), ratio(&case.times, &yardstick.times))),
                    target: beside.at_most.map(Target::Ratio),
                    ..line.clone()
                });
            }
        }
        lines
    }
}

/// The time that `operation` takes.
pub(crate) fn timed<T>(operation: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let result = operation();
    let elapsed = start.elapsed();
    std::hint::black_box(result);
    elapsed
}

fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() - 1) * percent / 100]
}

/// The median of the rounds' ratios.
fn ratio(times: &[Duration], yardstick: &[Duration]) -> f64 {
    let mut ratios: Vec<f64> =
        times.iter().zip(yardstick).map(|(time, unit)| time.as_secs_f64() / unit.as_secs_f64()).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}
