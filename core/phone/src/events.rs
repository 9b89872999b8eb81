//! What this phone tells the audit trails of its Control Centers: kept until they were told, and naming
//! nobody.

use core::fmt::Write as _;

use latchkey_authenticator::Cancel;
use latchkey_vault::Registration;
use serde::de::IgnoredAny;

use crate::control_center::Client;
use crate::control_center::wire::{ReportedEvent, ReportedEvents, path};
use crate::phone::Phone;

/// Most events of one report.
const MAX_REPORT: usize = 100;

/// Something that happened on this phone while its Control Center could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// An offline PIN was burnt and shown.
    PinDisplayed,
    /// Few are left.
    PinsLow,
    /// None is left.
    PinsExhausted,
}

impl Event {
    const fn name(self) -> &'static str {
        match self {
            Event::PinDisplayed => "X_OFFLINE_PIN_DISPLAYED",
            Event::PinsLow => "X_OFFLINE_LOW",
            Event::PinsExhausted => "X_OFFLINE_EXHAUSTED",
        }
    }
}

impl Phone {
    /// Notes an event for the audit trail of a tenant. What cannot be noted is lost: no person is kept
    /// from anything because of the trail.
    pub(crate) fn note_event(&self, tenant: &str, event: Event, machine_id: &str) {
        let mut random = [0; 16];
        self.ports.rng.fill(&mut random);
        let mut event_id = String::with_capacity(32);
        for byte in random {
            // Writing to a string cannot fail.
            let _ = write!(event_id, "{byte:02x}");
        }
        let event = ReportedEvent {
            event_id,
            event_name: event.name().to_owned(),
            event_time_in_utc: self.ports.clock.unix_seconds().saturating_mul(1000),
            machine_id: Some(machine_id.to_owned()),
        };
        if let Ok(event) = serde_json::to_vec(&event) {
            let _ = self.vault.queue_event(tenant, &event);
        }
    }

    /// Reports what is queued for the tenant of a registration. What was taken is forgotten; the server
    /// recognises what it is told again, so an answer that is lost, or a cancellation, does no harm.
    pub(crate) async fn report_events(&self, registration: &Registration, client: &Client, cancel: &Cancel) {
        tokio::select! {
            biased;
            () = cancel.cancelled() => {}
            () = self.report_all(registration, client) => {}
        }
    }

    async fn report_all(&self, registration: &Registration, client: &Client) {
        while let Ok(queued) = self.vault.queued_events(&registration.tenant, MAX_REPORT)
            && !queued.is_empty()
        {
            let events = queued.iter().filter_map(|(_, event)| serde_json::from_slice(event).ok()).collect();
            let report = ReportedEvents { events };
            let reported = client.post::<_, IgnoredAny>(path::DEVICE_EVENTS, &report).await;
            let numbers: Vec<i64> = queued.iter().map(|(number, _)| *number).collect();
            if reported.is_err() || self.vault.forget_events(&numbers).is_err() {
                return;
            }
        }
    }
}
