//! What happened when, told to people and to programs.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Serialize;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The computer that shows the code.
    Computer,
    /// The phone that reads it.
    Phone,
    /// The relying party behind the page.
    RelyingParty,
    /// The computer whose lock the phone opens.
    Workstation,
    /// The server that pairs both.
    ControlCenter,
}

impl Actor {
    const fn name(self) -> &'static str {
        match self {
            Actor::Computer => "computer",
            Actor::Phone => "phone",
            Actor::RelyingParty => "relying party",
            Actor::Workstation => "workstation",
            Actor::ControlCenter => "control center",
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Microseconds since the scene began.
    pub at_us: u64,
    /// Who.
    pub actor: Actor,
    /// What, for people. Carries no secret.
    pub what: String,
    /// What was verified in this step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verified: Vec<String>,
}

/// The events of one scene; shared by everything that takes part in it.
pub struct Timeline {
    start: Instant,
    events: Mutex<Vec<Event>>,
}

impl Default for Timeline {
    fn default() -> Self {
        Timeline { start: Instant::now(), events: Mutex::new(Vec::new()) }
    }
}

impl Timeline {
    /// Notes that something happened now.
    pub fn note(&self, actor: Actor, what: impl Into<String>) {
        self.verified(actor, what, &[]);
    }

    /// Notes that something happened now and what it proved.
    pub fn verified(&self, actor: Actor, what: impl Into<String>, verified: &[&str]) {
        let event = Event {
            at_us: u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            actor,
            what: what.into(),
            verified: verified.iter().map(|&check| check.to_owned()).collect(),
        };
        // A panic elsewhere does not make the list of events wrong.
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(event);
    }

    /// Time since the scene began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Everything so far, in the order of time.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// The events as lines of text: time, who, what, and what was verified.
#[must_use]
pub fn lines(events: &[Event]) -> String {
    let mut out = String::new();
    for event in events {
        let millis = Duration::from_micros(event.at_us).as_secs_f64() * 1000.0;
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {millis:8.2} ms  {:<14}  {}", event.actor.name(), event.what);
        if !event.verified.is_empty() {
            let _ = writeln!(out, "{:30}✓ {}", "", event.verified.join(", "));
        }
    }
    out
}
