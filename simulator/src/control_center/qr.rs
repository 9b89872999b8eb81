//! Codes to scan or type: pairing and sign-in.

use core::time::Duration;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use latchkey_phone::control_center::wire::{
    AccountKind, CreateQrRequest, CreateQrResponse, CreateSignInQrRequest, CreateSignInQrResponse, QrState,
    QrStateResponse, RequestState,
};
use latchkey_phone::webauthn::json::Base64Url;
use serde::{Deserialize, Serialize};

use super::body::{Answer, Asked, Body, Segments};
use super::caller::{Caller, Workstation};
use super::center::{Center, written};
use super::database::{pairings, settled};
use super::hold::{self, Seen, Wait};
use super::refused::Refused;
use super::requests::Oob;
use super::{WEB_APP, account, settings, token};

/// How long a code is remembered after its end, so that asking for it tells "expired".
const AFTERWARDS: Duration = Duration::from_secs(300);

/// The text of a code.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    v: u8,
    op: &'a str,
    rp_url: &'a str,
    rp_app_id: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    nonce: Base64Url,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pk: Option<Base64Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_code: Option<&'a str>,
}

/// A pairing code that somebody is to answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) rp_app_id: String,
    pub(crate) username: String,
    pub(crate) account_kind: AccountKind,
    /// The workstation that shows it.
    pub(crate) machine_id: Option<String>,
    pub(crate) nonce_hash: [u8; 32],
    pub(crate) expires_at: u64,
}

pub(crate) fn ticket_key(request_id: &str) -> String {
    format!("qr/{request_id}")
}

/// What a code's state is announced under.
fn topic(request_id: &str) -> String {
    format!("qr/{request_id}")
}

/// Wakes those who wait for what becomes of a code.
pub(crate) async fn announce(center: &Center, request_id: &str) -> Result<(), Refused> {
    Ok(center.pending.announce(&topic(request_id)).await?)
}

/// The ticket of a code, if there is one and this is its nonce.
pub(crate) async fn ticket(center: &Center, request_id: &str, nonce: &[u8]) -> Result<Ticket, Refused> {
    let ticket = load(center, request_id).await?.ok_or(Refused::NotFound)?;
    if ticket.nonce_hash == token::hash(nonce) { Ok(ticket) } else { Err(Refused::NotFound) }
}

async fn load(center: &Center, request_id: &str) -> Result<Option<Ticket>, Refused> {
    let stored = center.pending.get(&ticket_key(request_id)).await?;
    Ok(stored.and_then(|json| serde_json::from_slice(&json).ok()))
}

/// POST /rp/versioned/client/qr/create
pub(crate) async fn create(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Body(request): Body<CreateQrRequest>,
) -> Answer<CreateQrResponse> {
    let (username, account_kind, machine) = match caller {
        Caller::Workstation(machine) => {
            let kind = request.account_kind.ok_or_else(|| Refused::malformed("accountKind is missing"))?;
            let name =
                request.username.as_deref().ok_or_else(|| Refused::malformed("username is missing"))?;
            if kind == AccountKind::Local {
                return Err(Refused::WrongAccount);
            }
            check_own_app(&request.rp_app_id, &machine.rp_app_id)?;
            (account::of_tenant(name, &center.tenant_domains)?, kind, Some(machine))
        }
        Caller::Session(session) => {
            check_own_app(&request.rp_app_id, WEB_APP)?;
            (session.username, AccountKind::EntraCloud, None)
        }
        _ => return Err(Refused::Forbidden),
    };
    let app = request.rp_app_id.clone();
    let settings = center.database.read(move |db| settings::of_app(db, &app)).await?;
    let life = settings::pairing_code_secs(&settings);

    let request_id = token::uuid(&*center.rng);
    let owner = machine.as_ref().map_or(&username, |machine| &machine.machine_id);
    allow_one_more(&center, owner, &request_id, life).await?;
    let nonce = center.nonce();
    let ticket = Ticket {
        rp_app_id: request.rp_app_id.clone(),
        username: username.clone(),
        account_kind,
        machine_id: machine.as_ref().map(|machine| machine.machine_id.clone()),
        nonce_hash: token::hash(&nonce),
        expires_at: center.now().saturating_add(life),
    };
    let json = serde_json::to_vec(&ticket).map_err(Refused::malformed)?;
    let remembered = Duration::from_secs(life).saturating_add(AFTERWARDS);
    center.pending.insert(&ticket_key(&request_id), &json, remembered).await?;

    let payload = Payload {
        v: 1,
        op: "register",
        rp_url: &center.base_url,
        rp_app_id: &request.rp_app_id,
        request_id: &request_id,
        machine_id: machine.as_ref().map(|machine| &*machine.machine_id),
        machine_name: machine.as_ref().map(|machine| &*machine.machine_name),
        user: Some(&username),
        nonce: Base64Url(nonce),
        exp: ticket.expires_at,
        pk: machine.as_ref().map(|machine| Base64Url(machine.public_key.clone())),
        action_code: None,
    };
    let (qr_code, code) = write(&center, payload, request.include_qr_fallback_code, life).await?;
    Ok(Json(CreateQrResponse {
        qr_code,
        request_id,
        expires_at: ticket.expires_at,
        qr_fallback_activation_code: code,
    }))
}

/// POST /rp/api/oob/qr/client/authentication/requests
pub(crate) async fn create_sign_in(
    State(center): State<Arc<Center>>,
    machine: Workstation,
    Body(request): Body<CreateSignInQrRequest>,
) -> Answer<CreateSignInQrResponse> {
    check_own_app(&request.rp_app_id, &machine.rp_app_id)?;
    let life = settings::SIGN_IN_CODE_SECS;
    let request_id = token::uuid(&*center.rng);
    allow_one_more(&center, &machine.machine_id, &request_id, life).await?;
    let nonce = center.nonce();
    let expires_at = center.now().saturating_add(life);
    Oob::of_code(&center, &machine, token::hash(&nonce), expires_at).open(&center, &request_id).await?;

    let payload = Payload {
        v: 1,
        op: "authenticate",
        rp_url: &center.base_url,
        rp_app_id: &machine.rp_app_id,
        request_id: &request_id,
        machine_id: Some(&machine.machine_id),
        machine_name: Some(&machine.machine_name),
        user: None,
        nonce: Base64Url(nonce),
        exp: expires_at,
        pk: Some(Base64Url(machine.public_key.clone())),
        action_code: None,
    };
    let (qr_code, activation_code) = write(&center, payload, request.include_qr_fallback_code, life).await?;
    Ok(Json(CreateSignInQrResponse { qr_code, request_id, expires_at, activation_code }))
}

fn check_own_app(asked: &str, own: &str) -> Result<(), Refused> {
    if asked == own { Ok(()) } else { Err(Refused::malformed("rpAppId is not the caller's application")) }
}

/// Refuses somebody who has too many codes already.
async fn allow_one_more(center: &Center, owner: &str, request_id: &str, life: u64) -> Result<(), Refused> {
    let life = Duration::from_secs(life);
    let set = format!("codes/{owner}");
    if center.pending.join(&set, request_id, center.limits.codes_each, life).await? {
        Ok(())
    } else {
        Err(Refused::RateLimited { retry_after: life })
    }
}

/// Writes the code's text. A typed code stands in it, and is the key that the text is cached by; only
/// codes that were asked for are cached.
async fn write(
    center: &Center,
    payload: Payload<'_>,
    typed: bool,
    life: u64,
) -> Result<(String, Option<String>), Refused> {
    if !typed {
        return Ok((serde_json::to_string(&payload).map_err(Refused::malformed)?, None));
    }
    let life = Duration::from_secs(life);
    loop {
        let code = token::typed_code(&*center.rng);
        if !center.pending.join(TYPED_CODES, &code, center.limits.typed_codes, life).await? {
            return Err(Refused::RateLimited { retry_after: life });
        }
        let payload = Payload { action_code: Some(&code), ..payload.clone() };
        let text = serde_json::to_string(&payload).map_err(Refused::malformed)?;
        // Taken by another: one in 900 million for each code that lives.
        if center.pending.insert(&code_key(&code), text.as_bytes(), life).await? {
            return Ok((text, Some(code)));
        }
    }
}

/// The typed codes that live.
pub(crate) const TYPED_CODES: &str = "typed-codes";

pub(crate) fn code_key(code: &str) -> String {
    format!("code/{code}")
}

/// GET /rp/versioned/client/qr/{id}
pub(crate) async fn state(
    State(center): State<Arc<Center>>,
    caller: Caller,
    Segments(request_id): Segments<String>,
    Asked(Wait { wait }): Asked<Wait>,
) -> Answer<QrStateResponse> {
    let look = || async {
        let state = current(&center, &caller, &request_id).await?;
        Ok(Seen { enough: state.state != QrState::Pending, value: state })
    };
    Ok(Json(hold::until(&center, &topic(&request_id), wait, look).await?))
}

async fn current(center: &Center, caller: &Caller, request_id: &str) -> Result<QrStateResponse, Refused> {
    let (id, now) = (request_id.to_owned(), center.now());
    let (settled, pairing) = center
        .database
        .read(move |db| Ok::<_, Refused>((settled::find(db, &id)?, pairings::of_request(db, &id, now)?)))
        .await?;
    if let Some(ticket) = load(center, request_id).await? {
        let own = match caller {
            Caller::Workstation(machine) => ticket.machine_id.as_ref() == Some(&machine.machine_id),
            Caller::Session(session) => ticket.machine_id.is_none() && ticket.username == session.username,
            _ => return Err(Refused::Forbidden),
        };
        if !own {
            return Err(Refused::NotFound);
        }
        let state = match settled {
            Some(settled) if settled.device_id.is_some() => QrState::Completed,
            Some(_) => QrState::Canceled,
            None if ticket.expires_at <= center.now() => QrState::Expired,
            None => QrState::Pending,
        };
        return Ok(QrStateResponse { state, pairing });
    }
    let Caller::Workstation(machine) = caller else {
        return Err(if matches!(caller, Caller::Session(_)) {
            Refused::NotFound
        } else {
            Refused::Forbidden
        });
    };
    if let Some(settled) = settled.filter(|settled| settled.machine_id.as_ref() == Some(&machine.machine_id))
    {
        let state = if settled.device_id.is_some() { QrState::Completed } else { QrState::Canceled };
        return Ok(QrStateResponse { state, pairing });
    }
    let oob = Oob::load(center, request_id).await?.filter(|oob| oob.machine_id == machine.machine_id);
    let oob = oob.ok_or(Refused::NotFound)?;
    let state = match oob.state(center.now()) {
        RequestState::Initiated if oob.unclaimed_code_ended(center.now()) => QrState::Expired,
        RequestState::Initiated => QrState::Pending,
        RequestState::Completed => QrState::Completed,
        RequestState::Failed | RequestState::Canceled => QrState::Canceled,
    };
    Ok(QrStateResponse { state, pairing: pairing.filter(|_| state == QrState::Completed) })
}

/// A challenge that was given out, kept under itself.
pub(crate) async fn keep_challenge<T: Serialize>(
    center: &Center,
    challenge: &[u8],
    what: &T,
) -> Result<(), Refused> {
    let life = Duration::from_secs(CHALLENGE_SECS);
    let name = written(challenge);
    if !center.pending.join("challenges", &name, center.limits.challenges, life).await? {
        return Err(Refused::RateLimited { retry_after: life });
    }
    let json = serde_json::to_vec(what).map_err(Refused::malformed)?;
    center.pending.insert(&format!("challenge/{name}"), &json, life).await?;
    Ok(())
}

/// Seconds that a challenge lives.
pub(crate) const CHALLENGE_SECS: u64 = 120;
