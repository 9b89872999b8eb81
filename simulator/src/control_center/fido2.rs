//! The FIDO2 server: options, and what comes back (WebAuthn Level 3 section 7).

use core::time::Duration;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use latchkey_phone::control_center::wire::{
    AssertionOptionsRequest, AssertionResultRequest, AssertionResultResponse, AttestationOptionsRequest,
    AttestationResultRequest, CreationOptions, CredentialParameters, Descriptor, RequestOptions, RpEntity,
    UserEntity,
};
use latchkey_phone::webauthn::json::{Base64Url, ClientData};
use serde::{Deserialize, Serialize};

use super::audit::{Entry, PAIRING_STARTED, PASSKEY_CREATED, PASSKEY_USED};
use super::body::{Answer, Body, DONE, Done};
use super::caller::{Caller, Perhaps, Workstation};
use super::center::{Center, written};
use super::database::{audit, pairings, passkeys, settled, users};
use super::refused::Refused;
use super::{WEB_APP, account, qr, token};

/// What a challenge was given out for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Purpose {
    /// A phone that answers a pairing code.
    Pairing { request_id: String },
    /// A passkey of a workstation's user.
    Workstation { machine_id: String, username: String },
    /// A sign-in.
    Assertion,
}

/// POST /rp/api/versioned/fido2/attestation/options
pub(crate) async fn attestation_options(
    State(center): State<Arc<Center>>,
    Perhaps(caller): Perhaps,
    Body(request): Body<AttestationOptionsRequest>,
) -> Answer<CreationOptions> {
    // A phone that is registered gets one more computer: its new passkey takes the old one's place.
    let (purpose, username, own) = match (request.request_id, request.nonce, request.username, caller?) {
        (Some(request_id), Some(Base64Url(nonce)), None, caller) => {
            let ticket = qr::ticket(&center, &request_id, &nonce).await?;
            let id = request_id.clone();
            if center.database.read(move |db| settled::find(db, &id)).await?.is_some() {
                return Err(Refused::WrongState);
            }
            if ticket.expires_at <= center.now() {
                return Err(Refused::Expired);
            }
            let own = match caller {
                Some(Caller::Phone(phone)) if phone.username == ticket.username => Some(phone.device_id),
                _ => None,
            };
            let entry = Entry::new(PAIRING_STARTED, &ticket.rp_app_id, ticket.machine_id.as_deref());
            let now = center.now();
            center.database.write(move |db| audit::add(db, &entry, now)).await?;
            (Purpose::Pairing { request_id }, ticket.username, own)
        }
        (None, None, Some(username), Some(Caller::Workstation(machine))) => {
            let username = account::of_tenant(&username, &center.tenant_domains)?;
            let (id, name) = (machine.machine_id.clone(), username.clone());
            // Signed in on it: by a phone that is paired with it, or across devices a short time ago.
            let signed_in = center.pending.get(&signed_in_key(&id, &name)).await?.is_some();
            if !signed_in && !center.database.read(move |db| pairings::of_user(db, &id, &name)).await? {
                return Err(Refused::NotFound);
            }
            (
                Purpose::Workstation { machine_id: machine.machine_id, username: username.clone() },
                username,
                None,
            )
        }
        (None, None, Some(_), _) => return Err(Refused::Unauthorized),
        _ => return Err(Refused::malformed("either requestId and nonce, or username")),
    };
    let name = username.clone();
    let ids = center.database.read(move |db| passkeys::ids(db, &name, own.as_deref())).await?;
    if ids.len() >= center.limits.passkeys as usize {
        return Err(Refused::LimitReached);
    }
    let challenge = center.nonce();
    qr::keep_challenge(&center, &challenge, &purpose).await?;
    Ok(Json(CreationOptions {
        rp: RpEntity { id: center.relying_party.id.clone(), name: center.relying_party.id.clone() },
        user: UserEntity {
            id: Base64Url(token::user_handle(&center.server_key, &username)),
            name: username.clone(),
            display_name: username,
        },
        challenge: Base64Url(challenge),
        pub_key_cred_params: [-7, -8].map(|alg| CredentialParameters { kind: public_key(), alg }).into(),
        timeout: qr::CHALLENGE_SECS.saturating_mul(1000),
        exclude_credentials: descriptors(ids),
        attestation: "direct".to_owned(),
    }))
}

/// POST /rp/api/versioned/fido2/attestation/result
pub(crate) async fn attestation_result(
    State(center): State<Arc<Center>>,
    machine: Workstation,
    Body(request): Body<AttestationResultRequest>,
) -> Answer<Done> {
    let username = account::of_tenant(&request.username, &center.tenant_domains)?;
    let response = request.credential;
    let challenge = challenge_of(&response.response.client_data_json.0)?;
    let given_for = take_challenge(&center, &challenge).await?;
    let machine_id = machine.machine_id.clone();
    if given_for != Some(Purpose::Workstation { machine_id, username: username.clone() }) {
        return Err(Refused::NotVerified);
    }
    let handle = token::user_handle(&center.server_key, &username);
    let (credential_id, known, _) = center
        .relying_party
        .registration(&handle, &challenge, &response)
        .map_err(|_| Refused::NotVerified)?;
    let (rp_id, most, now) = (center.relying_party.id.clone(), center.limits.passkeys, center.now());
    center
        .database
        .write(move |db| {
            if users::find(db, &username)?.is_none() {
                return Err(Refused::NotVerified);
            }
            let new = passkeys::New {
                credential_id: &credential_id,
                username: &username,
                device_id: None,
                rp_id: &rp_id,
                known: &known,
                now,
            };
            if !passkeys::add(db, &new)? {
                return Err(Refused::AlreadyRegistered);
            }
            if passkeys::count(db, &username, None)? > most {
                return Err(Refused::LimitReached);
            }
            let entry = Entry::new(PASSKEY_CREATED, &machine.rp_app_id, Some(&machine.machine_id));
            Ok(audit::add(db, &entry, now)?)
        })
        .await?;
    Ok(DONE)
}

/// POST /rp/api/versioned/fido2/assertion/options
pub(crate) async fn assertion_options(
    State(center): State<Arc<Center>>,
    Body(request): Body<AssertionOptionsRequest>,
) -> Answer<RequestOptions> {
    let ids = match request.username {
        Some(username) => {
            let username = username.to_lowercase();
            center.database.read(move |db| passkeys::ids(db, &username, None)).await?
        }
        None => Vec::new(),
    };
    let challenge = center.nonce();
    qr::keep_challenge(&center, &challenge, &Purpose::Assertion).await?;
    Ok(Json(RequestOptions {
        challenge: Base64Url(challenge),
        rp_id: center.relying_party.id.clone(),
        timeout: qr::CHALLENGE_SECS.saturating_mul(1000),
        allow_credentials: descriptors(ids),
        user_verification: "required".to_owned(),
    }))
}

/// How long a workstation on which somebody signed in may offer a passkey.
const OFFER_LIFE: Duration = Duration::from_secs(600);

/// That an account signed in on a workstation.
fn signed_in_key(machine_id: &str, username: &str) -> String {
    format!("signed-in/{machine_id}/{username}")
}

/// POST /rp/api/versioned/fido2/assertion/result
pub(crate) async fn assertion_result(
    State(center): State<Arc<Center>>,
    Perhaps(caller): Perhaps,
    Body(AssertionResultRequest { credential }): Body<AssertionResultRequest>,
) -> Answer<AssertionResultResponse> {
    let challenge = challenge_of(&credential.response.client_data_json.0)?;
    match take_challenge(&center, &challenge).await? {
        Some(Purpose::Assertion) => {}
        Some(_) => return Err(Refused::NotVerified),
        None => return Err(Refused::Expired),
    }
    let (now, shared) = (center.now(), Arc::clone(&center));
    // The counter is compared and stored in one transaction: of two copies of a key one is refused.
    let answer = center
        .database
        .write(move |db| {
            let id = &credential.raw_id.0;
            let (username, mut known) = passkeys::find(db, id)?.ok_or(Refused::NotVerified)?;
            known.user_handle = token::user_handle(&shared.server_key, &username);
            let sign_count = shared
                .relying_party
                .assertion(&known, &challenge, &credential)
                .map_err(|_| Refused::NotVerified)?;
            passkeys::used(db, id, sign_count, now)?;
            audit::add(db, &Entry::new(PASSKEY_USED, WEB_APP, None), now)?;
            let user = users::find(db, &username)?.ok_or(Refused::NotVerified)?;
            Ok::<_, Refused>(AssertionResultResponse {
                username,
                account_kind: account::kind_of(&user.account_kind),
            })
        })
        .await?;
    if let Ok(Some(Caller::Workstation(machine))) = caller {
        let key = signed_in_key(&machine.machine_id, &answer.username);
        center.pending.insert(&key, &[], OFFER_LIFE).await?;
    }
    Ok(Json(answer))
}

/// The challenge that client data name: what the request is found by.
pub(crate) fn challenge_of(client_data_json: &[u8]) -> Result<Vec<u8>, Refused> {
    let data: ClientData = serde_json::from_slice(client_data_json).map_err(|_| Refused::NotVerified)?;
    Ok(data.challenge.0)
}

/// What a challenge was given out for; it is not valid any more then.
pub(crate) async fn take_challenge(center: &Center, challenge: &[u8]) -> Result<Option<Purpose>, Refused> {
    let name = written(challenge);
    let stored = center.pending.take(&format!("challenge/{name}")).await?;
    center.pending.leave("challenges", &name).await?;
    Ok(stored.and_then(|json| serde_json::from_slice(&json).ok()))
}

fn descriptors(ids: Vec<Vec<u8>>) -> Vec<Descriptor> {
    ids.into_iter().map(|id| Descriptor { kind: public_key(), id: Base64Url(id) }).collect()
}

fn public_key() -> String {
    "public-key".to_owned()
}
