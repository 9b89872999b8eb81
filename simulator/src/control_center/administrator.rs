//! What an administrator sets, hands out and looks at.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use latchkey_phone::control_center::wire::{PairedDevice, WorkstationSettings};
use latchkey_phone::webauthn::json::Base64Url;
use serde::{Deserialize, Serialize};

use super::audit::{Entry, PASSKEY_DELETED, UNPAIRED};
use super::body::{Answer, Asked, Body, DONE, Done, Segments};
use super::caller::Administrator;
use super::center::Center;
use super::database::audit::{Event, Search};
use super::database::{
    self, links, pairings, passkeys, registrations, settings as stored, users, workstations,
};
use super::refused::Refused;
use super::{WEB_APP, account, settings, token};

/// The RP application that a call is about.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct App {
    rp_app_id: String,
}

/// GET /cc/api/appconfig/workstation
pub(crate) async fn settings_of(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Asked(App { rp_app_id }): Asked<App>,
) -> Answer<WorkstationSettings> {
    settings::check_app(&rp_app_id)?;
    Ok(Json(center.database.read(move |db| settings::of_app(db, &rp_app_id)).await?))
}

/// PUT /cc/api/appconfig/workstation
pub(crate) async fn set_settings(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Asked(App { rp_app_id }): Asked<App>,
    Body(new): Body<WorkstationSettings>,
) -> Answer<WorkstationSettings> {
    settings::check_app(&rp_app_id)?;
    settings::check(&new)?;
    let kept = new.clone();
    center.database.write(move |db| stored::store(db, &rp_app_id, &kept)).await?;
    Ok(Json(new))
}

/// POST /rp/api/token/endpoint
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenRequest {
    scope: Vec<String>,
    rp_app_id: String,
    expires_in_secs: u64,
}

/// Its answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenResponse {
    token: String,
    expires_at: u64,
}

/// Longest life of an install token or a Magic Link, in seconds: 30 days.
const LONGEST: u64 = 30 * 86_400;
/// Life of a Magic Link unless set otherwise, in seconds.
const LINK_SECS: u64 = 86_400;

fn check_life(seconds: u64) -> Result<u64, Refused> {
    if (60..=LONGEST).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(Refused::malformed("expiresInSecs is 60 to 2592000"))
    }
}

/// POST /rp/api/token/endpoint
pub(crate) async fn install_token(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Body(request): Body<TokenRequest>,
) -> Answer<TokenResponse> {
    if request.scope != ["WSINSTALL"] {
        return Err(Refused::malformed("scope is WSINSTALL"));
    }
    settings::check_app(&request.rp_app_id)?;
    let life = check_life(request.expires_in_secs)?;
    let token = token::random(token::Kind::Install, &*center.rng);
    let (hash, now) = (token::hash(&*token), center.now());
    let expires_at = now.saturating_add(life);
    let app = request.rp_app_id;
    center.database.write(move |db| links::add_install_token(db, &hash, &app, expires_at, now)).await?;
    Ok(Json(TokenResponse { token: token.as_str().to_owned(), expires_at }))
}

/// POST /cc/api/magiclink
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkRequest {
    email: String,
    #[serde(default)]
    expires_in_secs: Option<u64>,
}

/// Its answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LinkResponse {
    magic_link: String,
    expires_at: u64,
}

/// POST /cc/api/magiclink
pub(crate) async fn magic_link(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Body(request): Body<LinkRequest>,
) -> Answer<LinkResponse> {
    if request.email.contains('+') {
        return Err(Refused::malformed("a Magic Link cannot be made for a name with a plus sign"));
    }
    let username = account::of_tenant(&request.email, &center.tenant_domains)?;
    let life = check_life(request.expires_in_secs.unwrap_or(LINK_SECS))?;
    let token = token::random(token::Kind::Link, &*center.rng);
    let (hash, now) = (token::hash(&*token), center.now());
    let expires_at = now.saturating_add(life);
    center.database.write(move |db| links::add_magic_link(db, &hash, &username, expires_at, now)).await?;
    Ok(Json(LinkResponse { magic_link: format!("{}/dm/link/{}", center.base_url, *token), expires_at }))
}

/// An account, as GET /cc/api/versioned/rpUser/{username} answers it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserDetails {
    username: String,
    account_kind: latchkey_phone::control_center::wire::AccountKind,
    created_at: u64,
    passkeys: Vec<passkeys::Listed>,
    devices: Vec<registrations::Listed>,
}

/// GET /cc/api/versioned/rpUser/{username}
pub(crate) async fn user(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Segments(username): Segments<String>,
) -> Answer<UserDetails> {
    let username = username.to_lowercase();
    let details = center
        .database
        .read(move |db| {
            let user = users::find(db, &username)?.ok_or(Refused::NotFound)?;
            Ok::<_, Refused>(UserDetails {
                account_kind: account::kind_of(&user.account_kind),
                created_at: user.created_at,
                passkeys: passkeys::list(db, &username)?,
                devices: registrations::list(db, &username)?,
                username,
            })
        })
        .await?;
    Ok(Json(details))
}

/// The accounts, as GET /cc/api/versioned/rpUser answers them.
#[derive(Serialize)]
pub(crate) struct Users {
    users: Vec<users::Listed>,
}

/// GET /cc/api/versioned/rpUser
pub(crate) async fn users(State(center): State<Arc<Center>>, _: Administrator) -> Answer<Users> {
    Ok(Json(Users { users: center.database.read(users::list).await? }))
}

/// DELETE /cc/api/versioned/rpUser/{username}
pub(crate) async fn remove_user(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Segments(username): Segments<String>,
) -> Answer<Done> {
    let (username, now) = (username.to_lowercase(), center.now());
    center
        .database
        .write(move |db| {
            if !users::remove(db, &username)? {
                return Err(Refused::NotFound);
            }
            Ok(database::audit::add(db, &Entry::new(UNPAIRED, WEB_APP, None), now)?)
        })
        .await?;
    Ok(DONE)
}

/// Whose passkeys, and which of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Keys {
    username: String,
    #[serde(default)]
    key_id: Option<Base64Url>,
}

/// An account's passkeys.
#[derive(Serialize)]
pub(crate) struct PasskeyList {
    passkeys: Vec<passkeys::Listed>,
}

/// GET /rp/api/versioned/fido2/user
pub(crate) async fn passkeys_of(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Asked(Keys { username, key_id }): Asked<Keys>,
) -> Answer<PasskeyList> {
    let username = username.to_lowercase();
    let mut passkeys = center
        .database
        .read(move |db| {
            users::find(db, &username)?.ok_or(Refused::NotFound)?;
            Ok::<_, Refused>(passkeys::list(db, &username)?)
        })
        .await?;
    if let Some(id) = key_id {
        passkeys.retain(|passkey| passkey.key_id == id);
        if passkeys.is_empty() {
            return Err(Refused::NotFound);
        }
    }
    Ok(Json(PasskeyList { passkeys }))
}

/// DELETE /rp/api/versioned/fido2/user
pub(crate) async fn remove_passkeys(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Asked(Keys { username, key_id }): Asked<Keys>,
) -> Answer<Done> {
    let (username, now) = (username.to_lowercase(), center.now());
    center
        .database
        .write(move |db| {
            let removed = passkeys::remove(db, &username, key_id.as_ref().map(|id| id.0.as_slice()))?;
            if removed == 0 {
                return Err(Refused::NotFound);
            }
            for _ in 0..removed {
                database::audit::add(db, &Entry::new(PASSKEY_DELETED, WEB_APP, None), now)?;
            }
            Ok(())
        })
        .await?;
    Ok(DONE)
}

/// A workstation and its phones.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    machine_id: String,
    machine_name: String,
    devices: Vec<PairedDevice>,
}

/// The workstations of one name.
#[derive(Serialize)]
pub(crate) struct Machines {
    machines: Vec<Machine>,
}

/// GET /rp/api/oob/client/devices/{rpAppId}/{machineName}
pub(crate) async fn devices_of(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Segments((rp_app_id, machine_name)): Segments<(String, String)>,
) -> Answer<Machines> {
    let now = center.now();
    let machines = center
        .database
        .read(move |db| {
            workstations::by_name(db, &rp_app_id, &machine_name)?
                .into_iter()
                .map(|machine| {
                    let devices = pairings::of_workstation(db, &machine.machine_id, now)?;
                    let (machine_id, machine_name) = (machine.machine_id, machine.machine_name);
                    Ok(Machine { machine_id, machine_name, devices })
                })
                .collect::<Result<Vec<_>, Refused>>()
        })
        .await?;
    if machines.is_empty() { Err(Refused::NotFound) } else { Ok(Json(Machines { machines })) }
}

/// What the audit trail is searched for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditQuery {
    rp_app_id: String,
    #[serde(default, rename = "startTSUTC")]
    start: u64,
    #[serde(default, rename = "endTSUTC")]
    end: Option<u64>,
    #[serde(default)]
    page_size: Option<u32>,
    #[serde(default)]
    page_number: u32,
    #[serde(default)]
    order_by: Option<String>,
    #[serde(default)]
    sort_dir: Option<String>,
}

/// One page of the audit trail.
#[derive(Serialize)]
pub(crate) struct AuditPage {
    metadata: Metadata,
    data: Vec<Event>,
}

/// Where the page stands. Pages are counted from 0.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    total_records: u64,
    total_pages: u64,
    current_page: u32,
}

/// GET /cc/api/versioned/audit/search
pub(crate) async fn audit_trail(
    State(center): State<Arc<Center>>,
    _: Administrator,
    Asked(query): Asked<AuditQuery>,
) -> Answer<AuditPage> {
    settings::check_app(&query.rp_app_id)?;
    if query.order_by.is_some_and(|by| by != "eventTimeInUTC") {
        return Err(Refused::malformed("orderBy is eventTimeInUTC"));
    }
    let ascending = match query.sort_dir.as_deref() {
        None | Some("DESC") => false,
        Some("ASC") => true,
        Some(_) => return Err(Refused::malformed("sortDir is ASC or DESC")),
    };
    let page_size = query.page_size.unwrap_or(100);
    if !(1..=1000).contains(&page_size) {
        return Err(Refused::malformed("pageSize is 1 to 1000"));
    }
    let search = Search {
        rp_app_id: query.rp_app_id,
        start: i64::try_from(query.start).unwrap_or(i64::MAX),
        end: query.end.map_or(i64::MAX, |end| i64::try_from(end).unwrap_or(i64::MAX)),
        page_size,
        page_number: query.page_number,
        ascending,
    };
    let (total_records, data) = center.database.read(move |db| database::audit::search(db, &search)).await?;
    let total_pages = total_records.div_ceil(u64::from(page_size));
    let metadata = Metadata { total_records, total_pages, current_page: query.page_number };
    Ok(Json(AuditPage { metadata, data }))
}
