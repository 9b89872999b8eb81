//! What a registered phone asks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use latchkey_phone::control_center::wire::{ProfileResponse, ReportedEvents};

use super::account;
use super::audit::{self, Entry, UNPAIRED};
use super::body::{Answer, Body, DONE, Done, Segments};
use super::caller::{Phone, Workstation};
use super::center::{Center, written};
use super::database::{self, pairings, users};
use super::refused::Refused;
use super::text;
use super::token;

/// GET /rp/versioned/device/profile
pub(crate) async fn profile(State(center): State<Arc<Center>>, phone: Phone) -> Answer<ProfileResponse> {
    let username = phone.username.clone();
    let (user, computers) = center
        .database
        .read(move |db| {
            let user = users::find(db, &phone.username)?.ok_or(Refused::Unauthorized)?;
            Ok::<_, Refused>((user, pairings::of_device(db, &phone.device_id)?))
        })
        .await?;
    Ok(Json(ProfileResponse {
        username,
        account_kind: account::kind_of(&user.account_kind),
        computers,
        min_app_version: center.min_app_version.clone(),
        server_time: center.now(),
    }))
}

/// DELETE /rp/versioned/device/computers/{id}
pub(crate) async fn unpair(
    State(center): State<Arc<Center>>,
    phone: Phone,
    Segments(machine_id): Segments<String>,
) -> Answer<Done> {
    let now = center.now();
    center
        .database
        .write(move |db| {
            if !pairings::remove(db, &machine_id, &phone.device_id)? {
                return Err(Refused::NotFound);
            }
            Ok(database::audit::add(db, &Entry::new(UNPAIRED, &phone.rp_app_id, Some(&machine_id)), now)?)
        })
        .await?;
    Ok(DONE)
}

/// POST /rp/versioned/device/events
pub(crate) async fn events(
    State(center): State<Arc<Center>>,
    phone: Phone,
    Body(reported): Body<ReportedEvents>,
) -> Answer<Done> {
    report(&center, &phone.device_id, &phone.rp_app_id, reported).await
}

/// POST /rp/versioned/workstation/events
pub(crate) async fn events_of_workstation(
    State(center): State<Arc<Center>>,
    machine: Workstation,
    Body(reported): Body<ReportedEvents>,
) -> Answer<Done> {
    let other = |id: &String| *id != machine.machine_id;
    if reported.events.iter().any(|event| event.machine_id.as_ref().is_some_and(other)) {
        return Err(Refused::malformed("a workstation reports its own events"));
    }
    report(&center, &machine.machine_id, &machine.rp_app_id, reported).await
}

/// Writes the events that were not reported before, all or none.
async fn report(center: &Center, reporter: &str, rp_app_id: &str, reported: ReportedEvents) -> Answer<Done> {
    if reported.events.len() > 100 {
        return Err(Refused::malformed("at most 100 events at a time"));
    }
    let mut entries = Vec::new();
    for event in &reported.events {
        let kind = audit::named(&event.event_name)
            .filter(|kind| kind.reported)
            .ok_or_else(|| Refused::malformed("an event of a name that is not reported"))?;
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if event.event_id.len() != 32 || !event.event_id.bytes().all(hex) {
            return Err(Refused::malformed("eventId is 32 hexadecimal digits in lower case"));
        }
        if let Some(machine_id) = &event.machine_id {
            text::check_id(machine_id, "machineId")?;
        }
        if i64::try_from(event.event_time_in_utc).is_err() {
            return Err(Refused::malformed("eventTimeInUTC is not a time"));
        }
        // One reporter's IDs say nothing about another's; the hash says nothing about the reporter.
        let id = written(&token::hash(format!("{reporter}/{}", event.event_id)));
        entries.push((Entry::new(kind, rp_app_id, event.machine_id.as_deref()), event.event_time_in_utc, id));
    }
    center
        .database
        .write(move |db| {
            entries.iter().try_for_each(|(entry, time, id)| {
                database::audit::add_reported(db, entry, *time, id).map(drop).map_err(Refused::from)
            })
        })
        .await?;
    Ok(DONE)
}
