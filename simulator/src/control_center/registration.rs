//! A phone registers: everything in one transaction, and the same answer when it asks again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use latchkey_phone::control_center::wire::{
    ComputerInfo, QrState, RegistrationQuery, RegistrationRequest, RegistrationResponseBody,
    RegistrationStateResponse,
};
use latchkey_phone::webauthn::json::Base64Url;
use rusqlite::Connection;

use super::audit::{Entry, PAIRING_COMPLETED, PAIRING_FAILED, PASSKEY_CREATED, PASSKEY_DELETED, UNPAIRED};
use super::body::{Answer, Body, DONE, Done};
use super::caller::{Caller, Perhaps, Phone};
use super::center::Center;
use super::database::settled::Settled;
use super::database::{audit, pairings, passkeys, registrations, settled, users, workstations};
use super::fido2::{self, Purpose};
use super::qr::{self, Ticket};
use super::refused::Refused;
use super::{account, text, token};
use crate::webauthn::relying_party::Known;

/// POST /rp/versioned/device/registration
pub(crate) async fn register(
    State(center): State<Arc<Center>>,
    Perhaps(caller): Perhaps,
    Body(request): Body<RegistrationRequest>,
) -> Answer<RegistrationResponseBody> {
    text::check_name(&request.device_name, "deviceName")?;
    text::check_version(&request.app_version)?;
    // The answer to this very request may have been lost; the token that it came with has ended then.
    let id = request.request_id.clone();
    if let Some(settled) = center.database.read(move |db| settled::find(db, &id)).await? {
        return again(&center, &request, settled).await.map(Json);
    }
    let ticket = qr::ticket(&center, &request.request_id, &request.nonce.0).await?;
    if ticket.expires_at <= center.now() {
        return Err(Refused::Expired);
    }
    let (app, machine) = (ticket.rp_app_id.clone(), ticket.machine_id.clone());
    let passkey = match verify(&center, &request, &ticket).await {
        Ok(passkey) => passkey,
        Err(refused) => {
            let (entry, now) = (Entry::new(PAIRING_FAILED, &app, machine.as_deref()), center.now());
            center.database.write(move |db| audit::add(db, &entry, now)).await?;
            return Err(refused);
        }
    };
    let phone = match caller? {
        Some(Caller::Phone(phone)) if phone.username == ticket.username => Some(phone),
        Some(Caller::Phone(_)) => return Err(Refused::WrongAccount),
        _ => None,
    };
    let (request_id, shared) = (request.request_id.clone(), Arc::clone(&center));
    let stored =
        center.database.write(move |db| store(db, &shared, &request, &ticket, phone, &passkey)).await?;
    qr::announce(&center, &request_id).await?;
    Ok(Json(stored))
}

/// The passkey, over a challenge that was given out for this code.
async fn verify(
    center: &Center,
    request: &RegistrationRequest,
    ticket: &Ticket,
) -> Result<(Vec<u8>, Known), Refused> {
    let response = &request.credential;
    let challenge = fido2::challenge_of(&response.response.client_data_json.0)?;
    let request_id = request.request_id.clone();
    if fido2::take_challenge(center, &challenge).await? != Some(Purpose::Pairing { request_id }) {
        return Err(Refused::NotVerified);
    }
    let handle = token::user_handle(&center.server_key, &ticket.username);
    let verified = center.relying_party.registration(&handle, &challenge, response);
    let (credential_id, known, _) = verified.map_err(|_| Refused::NotVerified)?;
    Ok((credential_id, known))
}

/// User, phone, passkey, pairing and the end of the code: all or nothing.
fn store(
    db: &Connection,
    center: &Center,
    request: &RegistrationRequest,
    ticket: &Ticket,
    phone: Option<Phone>,
    (credential_id, known): &(Vec<u8>, Known),
) -> Result<RegistrationResponseBody, Refused> {
    let now = center.now();
    let device_id = phone.map_or_else(|| token::uuid(&*center.rng), |phone| phone.device_id);
    let device_token = token::of_phone(&center.server_key, &request.nonce.0, &request.request_id);
    users::ensure(db, &ticket.username, account::kind_text(ticket.account_kind), now)?;
    registrations::put(
        db,
        &registrations::New {
            device_id: &device_id,
            username: &ticket.username,
            rp_app_id: &ticket.rp_app_id,
            device_name: &request.device_name,
            app_version: &request.app_version,
            token_hash: &token::hash(&*device_token),
            now,
        },
    )?;
    passkeys::remove_of_device(db, &device_id)?;
    let new = passkeys::New {
        credential_id,
        username: &ticket.username,
        device_id: Some(&device_id),
        rp_id: &center.relying_party.id,
        known,
        now,
    };
    if !passkeys::add(db, &new)? {
        return Err(Refused::AlreadyRegistered);
    }
    if passkeys::count(db, &ticket.username, None)? > center.limits.passkeys {
        return Err(Refused::LimitReached);
    }
    if let Some(machine_id) = &ticket.machine_id {
        if workstations::find(db, machine_id)?.is_none() {
            return Err(Refused::NotFound);
        }
        pairings::put(db, machine_id, &device_id, &request.request_id, now)?;
    }
    let end = Settled {
        nonce_hash: ticket.nonce_hash,
        device_id: Some(device_id.clone()),
        credential_id: Some(credential_id.clone()),
        machine_id: ticket.machine_id.clone(),
    };
    if !settled::put(db, &request.request_id, &end, now)? {
        return Err(Refused::WrongState);
    }
    for kind in [PASSKEY_CREATED, PAIRING_COMPLETED] {
        audit::add(db, &Entry::new(kind, &ticket.rp_app_id, ticket.machine_id.as_deref()), now)?;
    }
    told(db, center, &request.request_id, &request.nonce.0, &end)?.ok_or(Refused::NotFound)
}

/// What a phone was or is told when it is registered. `None` once it has used its token: it has the
/// answer, and who else knows the nonce must not get it.
fn told(
    db: &Connection,
    center: &Center,
    request_id: &str,
    nonce: &[u8],
    settled: &Settled,
) -> Result<Option<RegistrationResponseBody>, Refused> {
    let device_token = token::of_phone(&center.server_key, nonce, request_id);
    let Some(device_id) = settled.device_id.clone() else { return Ok(None) };
    if registrations::token(db, &device_id)? != Some((token::hash(&*device_token), false)) {
        return Ok(None);
    }
    let username = registrations::username(db, &device_id)?.ok_or(Refused::NotFound)?;
    let computer = match &settled.machine_id {
        Some(machine_id) => workstations::find(db, machine_id)?,
        None => None,
    };
    let computer = computer.map(|computer| ComputerInfo {
        machine_id: computer.machine_id,
        machine_name: computer.machine_name,
        os_user: username.clone(),
        rp_app_id: computer.rp_app_id,
        public_key: Base64Url(computer.public_key),
    });
    Ok(Some(RegistrationResponseBody {
        device_id,
        device_token: device_token.as_str().to_owned(),
        username,
        computer,
    }))
}

/// A registration of a code that was settled before: the same answer for the same request.
async fn again(
    center: &Arc<Center>,
    request: &RegistrationRequest,
    settled: Settled,
) -> Result<RegistrationResponseBody, Refused> {
    if settled.nonce_hash != token::hash(&request.nonce.0) {
        return Err(Refused::NotFound);
    }
    match &settled.credential_id {
        None => return Err(Refused::WrongState),
        Some(id) if *id != request.credential.raw_id.0 => return Err(Refused::AlreadyRegistered),
        Some(_) => {}
    }
    let (id, nonce, shared) = (request.request_id.clone(), request.nonce.0.clone(), Arc::clone(center));
    let told = center.database.read(move |db| told(db, &shared, &id, &nonce, &settled)).await?;
    told.ok_or(Refused::AlreadyRegistered)
}

/// POST /rp/versioned/device/registration/state
pub(crate) async fn state(
    State(center): State<Arc<Center>>,
    Body(query): Body<RegistrationQuery>,
) -> Answer<RegistrationStateResponse> {
    let (id, shared) = (query.request_id.clone(), Arc::clone(&center));
    let nonce = query.nonce.0.clone();
    let settled = center
        .database
        .read(move |db| {
            let Some(settled) = settled::find(db, &id)? else { return Ok(None) };
            if settled.nonce_hash != token::hash(&nonce) {
                return Err(Refused::NotFound);
            }
            let told = told(db, &shared, &id, &nonce, &settled)?;
            Ok(Some((settled.device_id.is_some(), told)))
        })
        .await?;
    if let Some((completed, registration)) = settled {
        let state = if completed { QrState::Completed } else { QrState::Canceled };
        return Ok(Json(RegistrationStateResponse { state, registration }));
    }
    let ticket = qr::ticket(&center, &query.request_id, &query.nonce.0).await?;
    let state = if ticket.expires_at <= center.now() { QrState::Expired } else { QrState::Pending };
    Ok(Json(RegistrationStateResponse { state, registration: None }))
}

/// POST /rp/versioned/device/registration/cancel
///
/// A phone that gives up before it has shown its token is not registered afterwards, whichever of its
/// two requests comes first. Later it has to deregister.
pub(crate) async fn cancel(
    State(center): State<Arc<Center>>,
    Body(query): Body<RegistrationQuery>,
) -> Answer<Done> {
    let ticket = match qr::ticket(&center, &query.request_id, &query.nonce.0).await {
        Ok(ticket) => Some(ticket),
        Err(Refused::NotFound) => None,
        Err(refused) => return Err(refused),
    };
    let (id, nonce, now, shared) =
        (query.request_id.clone(), query.nonce.0, center.now(), Arc::clone(&center));
    center
        .database
        .write(move |db| {
            let given_up = Settled {
                nonce_hash: token::hash(&nonce),
                device_id: None,
                credential_id: None,
                machine_id: ticket.as_ref().and_then(|ticket| ticket.machine_id.clone()),
            };
            let found = settled::find(db, &id)?;
            match (&found, &ticket) {
                (Some(settled), _) if settled.nonce_hash != given_up.nonce_hash => {
                    return Err(Refused::NotFound);
                }
                (Some(Settled { device_id: None, .. }), _) => return Ok(()),
                (Some(settled @ Settled { device_id: Some(device_id), .. }), _) => {
                    // A phone that was registered before has only got one more computer: it asks for the
                    // state and goes on with its new passkey.
                    let first = settled::completions(db, device_id)? == 1;
                    if !first || told(db, &shared, &id, &nonce, settled)?.is_none() {
                        return Err(Refused::WrongState);
                    }
                    registrations::remove(db, device_id)?;
                }
                (None, Some(_)) => {}
                (None, None) => return Err(Refused::NotFound),
            }
            settled::put(db, &id, &given_up, now)?;
            if let Some(ticket) = &ticket {
                let entry = Entry::new(PAIRING_FAILED, &ticket.rp_app_id, ticket.machine_id.as_deref());
                audit::add(db, &entry, now)?;
            }
            Ok(())
        })
        .await?;
    qr::announce(&center, &query.request_id).await?;
    Ok(DONE)
}

/// DELETE /rp/versioned/device/registration
pub(crate) async fn deregister(State(center): State<Arc<Center>>, phone: Phone) -> Answer<Done> {
    let now = center.now();
    center
        .database
        .write(move |db| {
            if !registrations::remove(db, &phone.device_id)? {
                return Err(Refused::Unauthorized);
            }
            for kind in [UNPAIRED, PASSKEY_DELETED] {
                audit::add(db, &Entry::new(kind, &phone.rp_app_id, None), now)?;
            }
            Ok(())
        })
        .await?;
    Ok(DONE)
}
