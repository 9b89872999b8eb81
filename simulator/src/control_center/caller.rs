//! Who calls: a bearer token (RFC 6750 section 2.1) and what it stands for.

use core::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::calls::Who;
use super::center::{Center, written};
use super::database::{registrations, workstations};
use super::refused::Refused;
use super::token::{self, Kind};
use super::{WEB_APP, audit};

/// Somebody with a valid token.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    Administrator,
    Workstation(Workstation),
    Phone(Phone),
    Session(Session),
}

/// A workstation.
#[derive(Clone, Debug)]
pub(crate) struct Workstation {
    pub(crate) machine_id: String,
    pub(crate) machine_name: String,
    pub(crate) rp_app_id: String,
    pub(crate) public_key: Vec<u8>,
}

/// A registered phone.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) device_id: String,
    pub(crate) username: String,
    pub(crate) rp_app_id: String,
}

/// The owner of a magic link, in the Device Manager.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) username: String,
}

/// The administrator.
pub(crate) struct Administrator;

/// Seconds that a Device Manager session lives.
pub(crate) const SESSION_SECS: u64 = 15 * 60;

/// Where the session of this token is kept.
pub(crate) fn session_key(token: &str) -> String {
    format!("session/{}", written(&token::hash(token)))
}

async fn identify(parts: &Parts, center: &Center) -> Result<Caller, Refused> {
    let token = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Refused::Unauthorized)?;
    let hash = token::hash(token);
    // Compared as hashes: how long that takes tells nothing about the token.
    if hash == token::hash(&*center.admin_token) {
        note_login(center).await?;
        return Ok(Caller::Administrator);
    }
    match Kind::of(token) {
        Some(Kind::Workstation) => {
            let found = center.database.read(move |db| workstations::of_token(db, &hash)).await?;
            found.map(Caller::Workstation).ok_or(Refused::Unauthorized)
        }
        Some(Kind::Phone) => {
            let found = center.database.read(move |db| registrations::of_token(db, &hash)).await?;
            let (phone, token_used) = found.ok_or(Refused::Unauthorized)?;
            if !token_used {
                center.database.write(move |db| registrations::token_used(db, &hash)).await?;
            }
            Ok(Caller::Phone(phone))
        }
        Some(Kind::Session) => {
            let username = center.pending.get(&session_key(token)).await?.ok_or(Refused::Unauthorized)?;
            let username = String::from_utf8(username).map_err(|_| Refused::Unauthorized)?;
            Ok(Caller::Session(Session { username }))
        }
        _ => Err(Refused::Unauthorized),
    }
}

/// Writes that an administrator signed in: the first call after a quarter of an hour.
async fn note_login(center: &Center) -> Result<(), Refused> {
    let life = core::time::Duration::from_secs(SESSION_SECS);
    if center.pending.insert("administrator", b"", life).await? {
        let entry = audit::Entry::new(audit::LOGIN, WEB_APP, None);
        let now = center.now();
        center.database.write(move |db| super::database::audit::add(db, &entry, now)).await?;
    }
    Ok(())
}

impl Caller {
    const fn who(&self) -> Who {
        match self {
            Caller::Administrator => Who::Administrator,
            Caller::Workstation(_) => Who::Workstation,
            Caller::Phone(_) => Who::Phone,
            Caller::Session(_) => Who::Session,
        }
    }
}

/// Lets through those who may make a call, before anything else of the request is looked at.
pub(crate) async fn guard(
    State((center, who)): State<(Arc<Center>, &'static [Who])>,
    request: Request,
    next: Next,
) -> Result<Response, Refused> {
    let (mut parts, body) = request.into_parts();
    let caller = identify(&parts, &center).await?;
    if !who.contains(&caller.who()) {
        return Err(Refused::Forbidden);
    }
    parts.extensions.insert(caller);
    Ok(next.run(Request::from_parts(parts, body)).await)
}

impl FromRequestParts<Arc<Center>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Center>) -> Result<Self, Refused> {
        parts.extensions.get().cloned().ok_or(Refused::Unauthorized)
    }
}

/// A kind of caller that a call is for.
macro_rules! caller {
    ($kind:ident, $pattern:pat => $caller:expr) => {
        impl FromRequestParts<Arc<Center>> for $kind {
            type Rejection = Refused;

            async fn from_request_parts(parts: &mut Parts, center: &Arc<Center>) -> Result<Self, Refused> {
                match Caller::from_request_parts(parts, center).await? {
                    $pattern => Ok($caller),
                    _ => Err(Refused::Forbidden),
                }
            }
        }
    };
}

caller!(Administrator, Caller::Administrator => Administrator);
caller!(Workstation, Caller::Workstation(workstation) => workstation);
caller!(Phone, Caller::Phone(phone) => phone);
caller!(Session, Caller::Session(session) => session);

/// Who makes a call that anyone may make: nobody in particular, somebody with a valid token, or why the
/// token is not valid.
pub(crate) struct Perhaps(pub(crate) Result<Option<Caller>, Refused>);

impl FromRequestParts<Arc<Center>> for Perhaps {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, center: &Arc<Center>) -> Result<Self, Infallible> {
        Ok(Perhaps(if parts.headers.contains_key(header::AUTHORIZATION) {
            identify(parts, center).await.map(Some)
        } else {
            Ok(None)
        }))
    }
}
