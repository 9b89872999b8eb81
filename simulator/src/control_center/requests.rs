//! Out-of-band requests: a phone and a workstation exchange messages that the server cannot read.

use core::time::Duration;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use latchkey_phone::control_center::wire::{
    ClaimRequest, Message, Messages, OpenRequest, OpenRequestResponse, PostMessage, Purpose, RequestState,
    RequestStateResponse, StateEntry, WaitingRequest, WaitingRequests,
};
use latchkey_phone::webauthn::json::Base64Url;
use serde::{Deserialize, Serialize};

use super::audit::{Entry, PAIRING_COMPLETED, UNLOCK_COMPLETED, UNLOCK_FAILED};
use super::body::{Answer, Asked, Body, DONE, Done, Segments};
use super::caller::{Caller, Phone, Workstation};
use super::center::Center;
use super::database::{audit, pairings, settings as stored_settings, workstations};
use super::hold::{self, Seen, Wait};
use super::refused::Refused;
use super::{qr, token};

/// Seconds that a request lives.
const LIFE: u64 = 120;
/// Seconds that a request is remembered after its end, so that both sides see how it ended.
const AFTERWARDS: u64 = 120;

/// An out-of-band request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Oob {
    pub(crate) purpose: Purpose,
    pub(crate) machine_id: String,
    rp_app_id: String,
    device_id: Option<String>,
    /// Of a sign-in code: SHA-256 of its nonce, and the code's end.
    code: Option<([u8; 32], u64)>,
    expires_at: u64,
    ended: Option<RequestState>,
}

/// One of the two sides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Phone,
    Workstation,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Side::Phone => "phone",
            Side::Workstation => "workstation",
        }
    }

    const fn other(self) -> Self {
        match self {
            Side::Phone => Side::Workstation,
            Side::Workstation => Side::Phone,
        }
    }
}

fn key(request_id: &str) -> String {
    format!("request/{request_id}")
}

/// Where the messages of one side are.
fn messages_key(request_id: &str, side: Side) -> String {
    format!("messages/{request_id}/{}", side.name())
}

/// The requests of one phone or workstation; also what news of them is announced under.
fn waiting_key(side: Side, id: &str) -> String {
    format!("requests/{}/{id}", side.name())
}

impl Oob {
    /// The request that a sign-in code stands for.
    pub(crate) fn of_code(
        center: &Center,
        machine: &Workstation,
        nonce_hash: [u8; 32],
        code_expires_at: u64,
    ) -> Self {
        Oob {
            purpose: Purpose::Unlock,
            machine_id: machine.machine_id.clone(),
            rp_app_id: machine.rp_app_id.clone(),
            device_id: None,
            code: Some((nonce_hash, code_expires_at)),
            expires_at: center.now().saturating_add(LIFE),
            ended: None,
        }
    }

    /// Keeps a new request, and lets both sides know.
    pub(crate) async fn open(&self, center: &Center, request_id: &str) -> Result<(), Refused> {
        self.list(center, request_id).await?;
        let json = serde_json::to_vec(self).map_err(Refused::malformed)?;
        let life = Duration::from_secs(LIFE.saturating_add(AFTERWARDS));
        center.pending.insert(&key(request_id), &json, life).await?;
        self.announce(center, request_id).await
    }

    /// Enters the request into the lists of its sides.
    async fn list(&self, center: &Center, request_id: &str) -> Result<(), Refused> {
        let (most, life) = (center.limits.requests_each, Duration::from_secs(LIFE));
        for (side, id) in self.sides() {
            if !center.pending.join(&waiting_key(side, id), request_id, most, life).await? {
                return Err(Refused::RateLimited { retry_after: life });
            }
        }
        Ok(())
    }

    fn sides(&self) -> impl Iterator<Item = (Side, &str)> {
        let phone = self.device_id.as_deref().map(|id| (Side::Phone, id));
        core::iter::once((Side::Workstation, &*self.machine_id)).chain(phone)
    }

    /// Wakes both sides and those who wait for the code.
    async fn announce(&self, center: &Center, request_id: &str) -> Result<(), Refused> {
        center.pending.announce(&key(request_id)).await?;
        for (side, id) in self.sides() {
            center.pending.announce(&waiting_key(side, id)).await?;
        }
        if self.code.is_some() { qr::announce(center, request_id).await } else { Ok(()) }
    }

    pub(crate) async fn load(center: &Center, request_id: &str) -> Result<Option<Self>, Refused> {
        let stored = center.pending.get(&key(request_id)).await?;
        Ok(stored.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    /// Changes the stored request as `change` says, whatever else happens to it at the same time.
    async fn change(
        center: &Center,
        request_id: &str,
        change: impl Fn(&mut Oob) -> Result<(), Refused>,
    ) -> Result<Self, Refused> {
        loop {
            let old = center.pending.get(&key(request_id)).await?.ok_or(Refused::NotFound)?;
            let mut oob: Oob = serde_json::from_slice(&old).map_err(|_| Refused::NotFound)?;
            change(&mut oob)?;
            let new = serde_json::to_vec(&oob).map_err(Refused::malformed)?;
            if center.pending.replace(&key(request_id), &old, &new).await? {
                return Ok(oob);
            }
        }
    }

    /// What it has come to.
    pub(crate) fn state(&self, now: u64) -> RequestState {
        match self.ended {
            Some(ended) => ended,
            None if self.expires_at <= now => RequestState::Canceled,
            None => RequestState::Initiated,
        }
    }

    /// Nobody has claimed the code in time.
    pub(crate) fn unclaimed_code_ended(&self, now: u64) -> bool {
        self.device_id.is_none() && self.code.is_some_and(|(_, end)| end <= now)
    }

    /// Refuses what is not under way any more.
    fn check_open(&self, now: u64) -> Result<(), Refused> {
        if self.ended.is_some() {
            return Err(Refused::WrongState);
        }
        if self.expires_at <= now { Err(Refused::Expired) } else { Ok(()) }
    }

    /// Which side the caller is; nobody else learns that the request exists.
    fn side(&self, caller: &Caller) -> Result<Side, Refused> {
        match caller {
            Caller::Workstation(machine) if machine.machine_id == self.machine_id => Ok(Side::Workstation),
            Caller::Phone(phone) if self.device_id.as_ref() == Some(&phone.device_id) => Ok(Side::Phone),
            Caller::Workstation(_) | Caller::Phone(_) => Err(Refused::NotFound),
            _ => Err(Refused::Forbidden),
        }
    }

    fn waiting(&self, request_id: String) -> WaitingRequest {
        WaitingRequest {
            request_id,
            purpose: self.purpose,
            machine_id: self.machine_id.clone(),
            device_id: self.device_id.clone(),
            from_code: self.code.is_some(),
            expires_at: self.expires_at,
        }
    }
}

/// POST /rp/api/oob/client/authentication/requests
pub(crate) async fn open(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Body(request): Body<OpenRequest>,
) -> Answer<OpenRequestResponse> {
    let (rp_app_id, device_id) = match (caller, request.purpose) {
        (Caller::Phone(phone), Purpose::Unlock) => {
            if request.device_id.is_some_and(|id| id != phone.device_id) {
                return Err(Refused::Forbidden);
            }
            let id = request.machine_id.clone();
            let machine = center.database.read(move |db| workstations::find(db, &id)).await?;
            (machine.ok_or(Refused::NotFound)?.rp_app_id, phone.device_id)
        }
        (Caller::Workstation(machine), Purpose::SignIn) => {
            if request.machine_id != machine.machine_id {
                return Err(Refused::Forbidden);
            }
            (machine.rp_app_id, request.device_id.ok_or(Refused::NotFound)?)
        }
        _ => return Err(Refused::Forbidden),
    };
    let (machine_id, phone, now) = (request.machine_id.clone(), device_id.clone(), center.now());
    if !center.database.read(move |db| pairings::exists(db, &machine_id, &phone, now)).await? {
        return Err(Refused::NotFound);
    }
    let request_id = token::uuid(&*center.rng);
    let oob = Oob {
        purpose: request.purpose,
        machine_id: request.machine_id,
        rp_app_id,
        device_id: Some(device_id),
        code: None,
        expires_at: center.now().saturating_add(LIFE),
        ended: None,
    };
    oob.open(&center, &request_id).await?;
    Ok(Json(OpenRequestResponse { request_id, expires_at: oob.expires_at }))
}

/// POST .../{id}/claim: the phone takes part in the request of a sign-in code, which it has read.
///
/// Until the request ends the phone is among the workstation's pairings with this code's secret, so that
/// it can verify; when the workstation completes the request, for good.
pub(crate) async fn claim(
    State(center): State<Arc<Center>>,
    phone: Phone,
    Segments(request_id): Segments<String>,
    Body(ClaimRequest { nonce }): Body<ClaimRequest>,
) -> Answer<Done> {
    let oob = Oob::load(&center, &request_id).await?.ok_or(Refused::NotFound)?;
    let (nonce_hash, code_end) = oob.code.ok_or(Refused::NotFound)?;
    if nonce_hash != token::hash(&nonce.0) {
        return Err(Refused::NotFound);
    }
    check_app(&center, &phone, &oob.rp_app_id).await?;
    let now = center.now();
    let claimed = Oob::change(&center, &request_id, |oob| {
        match &oob.device_id {
            Some(device_id) if *device_id != phone.device_id => return Err(Refused::WrongState),
            Some(_) => {}
            None if code_end <= now => return Err(Refused::Expired),
            None => oob.device_id = Some(phone.device_id.clone()),
        }
        oob.check_open(now)
    })
    .await?;
    let (id, machine_id, until) = (request_id.clone(), claimed.machine_id.clone(), claimed.expires_at);
    let device_id = phone.device_id;
    center.database.write(move |db| pairings::claim(db, &machine_id, &device_id, &id, now, until)).await?;
    claimed.list(&center, &request_id).await?;
    claimed.announce(&center, &request_id).await?;
    Ok(DONE)
}

/// A phone of the workstation's application: registered there, paired with another of its workstations,
/// or of a web application whose phones count for it.
async fn check_app(center: &Center, phone: &Phone, rp_app_id: &str) -> Result<(), Refused> {
    if phone.rp_app_id == rp_app_id {
        return Ok(());
    }
    let (app, device_id) = (phone.rp_app_id.clone(), phone.device_id.clone());
    let (settings, computers) = center
        .database
        .read(move |db| {
            Ok::<_, Refused>((stored_settings::load(db, &app)?, pairings::of_device(db, &device_id)?))
        })
        .await?;
    let counts_for = settings.and_then(|settings| settings.workstation_rp_app_id);
    let paired = computers.iter().any(|computer| computer.rp_app_id == rp_app_id);
    if paired || counts_for.as_deref() == Some(rp_app_id) { Ok(()) } else { Err(Refused::Forbidden) }
}

/// GET .../{id}
pub(crate) async fn state(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Segments(request_id): Segments<String>,
) -> Answer<RequestStateResponse> {
    let oob = Oob::load(&center, &request_id).await?.ok_or(Refused::NotFound)?;
    oob.side(&caller)?;
    let mut state = vec![StateEntry { value: RequestState::Initiated }];
    let last = oob.state(center.now());
    if last != RequestState::Initiated {
        state.push(StateEntry { value: last });
    }
    Ok(Json(RequestStateResponse { state }))
}

/// POST .../{id}/messages
pub(crate) async fn post(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Segments(request_id): Segments<String>,
    Body(PostMessage { body }): Body<PostMessage>,
) -> Answer<Done> {
    let oob = Oob::load(&center, &request_id).await?.ok_or(Refused::NotFound)?;
    let side = oob.side(&caller)?;
    oob.check_open(center.now())?;
    if body.0.len() > center.limits.message_bytes {
        return Err(Refused::TooLarge);
    }
    let life = Duration::from_secs(LIFE.saturating_add(AFTERWARDS));
    let list = messages_key(&request_id, side);
    if !center.pending.push(&list, &body.0, center.limits.messages, life).await? {
        return Err(Refused::LimitReached);
    }
    oob.announce(&center, &request_id).await?;
    Ok(DONE)
}

/// The query of GET .../{id}/messages.
#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: u32,
    #[serde(default)]
    wait: u64,
}

/// GET .../{id}/messages
pub(crate) async fn messages(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Segments(request_id): Segments<String>,
    Asked(After { after, wait }): Asked<After>,
) -> Answer<Messages> {
    let look = || async {
        let oob = Oob::load(&center, &request_id).await?.ok_or(Refused::NotFound)?;
        let list = messages_key(&request_id, oob.side(&caller)?.other());
        // The state first: what was posted before the end is then among the messages.
        let state = oob.state(center.now());
        let bodies = center.pending.elements(&list, after).await?;
        let messages: Vec<Message> = (after.saturating_add(1)..)
            .zip(bodies)
            .map(|(number, body)| Message { number, body: Base64Url(body) })
            .collect();
        let enough = !messages.is_empty() || state != RequestState::Initiated;
        Ok(Seen { value: Messages { messages, state }, enough })
    };
    Ok(Json(hold::until(&center, &key(&request_id), wait, look).await?))
}

/// POST .../{id}/state: the workstation ends the request, or one of the sides gives it up.
pub(crate) async fn end(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Segments(request_id): Segments<String>,
    Body(StateEntry { value }): Body<StateEntry>,
) -> Answer<Done> {
    if value == RequestState::Initiated {
        return Err(Refused::malformed("a request ends as COMPLETED, FAILED or CANCELED"));
    }
    let now = center.now();
    let ended = Oob::change(&center, &request_id, |oob| {
        if oob.side(&caller)? == Side::Phone && value != RequestState::Canceled {
            return Err(Refused::Forbidden);
        }
        // The same end once more: the answer to the first was lost.
        if oob.ended != Some(value) {
            oob.check_open(now)?;
            oob.ended = Some(value);
        }
        Ok(())
    })
    .await?;
    let (id, oob) = (request_id.clone(), ended.clone());
    center
        .database
        .write(move |db| {
            let add = |kind| audit::add(db, &Entry::new(kind, &oob.rp_app_id, Some(&oob.machine_id)), now);
            match (value, oob.purpose) {
                (RequestState::Completed, Purpose::Unlock) => {
                    if pairings::confirm(db, &id)? {
                        add(PAIRING_COMPLETED)?;
                    }
                    add(UNLOCK_COMPLETED)?;
                }
                (RequestState::Failed, Purpose::Unlock) => add(UNLOCK_FAILED)?,
                _ => {}
            }
            pairings::drop_claim(db, &id)
        })
        .await?;
    for (side, party) in ended.sides() {
        center.pending.leave(&waiting_key(side, party), &request_id).await?;
    }
    ended.announce(&center, &request_id).await?;
    Ok(DONE)
}

/// GET /rp/versioned/device/requests
pub(crate) async fn of_phone(
    State(center): State<Arc<Center>>,
    phone: Phone,
    Asked(Wait { wait }): Asked<Wait>,
) -> Answer<WaitingRequests> {
    waiting(&center, Side::Phone, &phone.device_id, wait).await
}

/// GET /rp/versioned/workstation/requests
pub(crate) async fn of_workstation(
    State(center): State<Arc<Center>>,
    machine: Workstation,
    Asked(Wait { wait }): Asked<Wait>,
) -> Answer<WaitingRequests> {
    waiting(&center, Side::Workstation, &machine.machine_id, wait).await
}

/// The requests under way, the oldest first. Held until there is one that this side has not said
/// anything to: one that it is busy with, or a code that nobody has claimed, is no news.
async fn waiting(center: &Center, side: Side, id: &str, wait: u64) -> Answer<WaitingRequests> {
    let list = waiting_key(side, id);
    let look = || async {
        let mut seen = Seen { value: WaitingRequests { requests: Vec::new() }, enough: false };
        for request_id in center.pending.members(&list).await? {
            let Some(oob) = Oob::load(center, &request_id).await? else { continue };
            if oob.state(center.now()) != RequestState::Initiated || oob.unclaimed_code_ended(center.now()) {
                continue;
            }
            let said = center.pending.elements(&messages_key(&request_id, side), 0).await?;
            seen.enough |= oob.device_id.is_some() && said.is_empty();
            seen.value.requests.push(oob.waiting(request_id));
        }
        Ok(seen)
    };
    Ok(Json(hold::until(center, &list, wait, look).await?))
}
