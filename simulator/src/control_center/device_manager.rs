//! The Device Manager: what the owner of a Magic Link does in a browser.

use core::time::Duration;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::audit::{Entry, PASSKEY_DELETED, UNPAIRED};
use super::body::{Answer, Body, DONE, Done, Segments};
use super::caller::{SESSION_SECS, Session, session_key};
use super::center::Center;
use super::database::{audit, links, registrations};
use super::refused::Refused;
use super::{WEB_APP, token};
use crate::picture::QrPicture;

/// POST /dm/api/session
#[derive(Deserialize)]
pub(crate) struct SessionRequest {
    token: String,
}

/// Its answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionResponse {
    session_token: String,
    username: String,
}

/// POST /dm/api/session
pub(crate) async fn session(
    State(center): State<Arc<Center>>,
    Body(SessionRequest { token }): Body<SessionRequest>,
) -> Answer<SessionResponse> {
    let hash = token::hash(token);
    let link = center.database.read(move |db| links::magic_link(db, &hash)).await?;
    let (username, expires_at) = link.ok_or(Refused::Unauthorized)?;
    if expires_at <= center.now() {
        return Err(Refused::Expired);
    }
    let session = token::random(token::Kind::Session, &*center.rng);
    let life = Duration::from_secs(SESSION_SECS);
    center.pending.insert(&session_key(&session), username.as_bytes(), life).await?;
    Ok(Json(SessionResponse { session_token: session.as_str().to_owned(), username }))
}

/// The owner's login methods.
#[derive(Serialize)]
pub(crate) struct Devices {
    devices: Vec<registrations::Listed>,
}

/// GET /dm/api/devices
pub(crate) async fn devices(State(center): State<Arc<Center>>, session: Session) -> Answer<Devices> {
    let devices = center.database.read(move |db| registrations::list(db, &session.username)).await?;
    Ok(Json(Devices { devices }))
}

/// DELETE /dm/api/devices/{deviceId}
pub(crate) async fn remove(
    State(center): State<Arc<Center>>,
    session: Session,
    Segments(device_id): Segments<String>,
) -> Answer<Done> {
    let now = center.now();
    center
        .database
        .write(move |db| {
            let own = registrations::username(db, &device_id)? == Some(session.username);
            if !own || !registrations::remove(db, &device_id)? {
                return Err(Refused::NotFound);
            }
            for kind in [UNPAIRED, PASSKEY_DELETED] {
                audit::add(db, &Entry::new(kind, WEB_APP, None), now)?;
            }
            Ok(())
        })
        .await?;
    Ok(DONE)
}

/// POST /dm/api/picture
#[derive(Deserialize)]
pub(crate) struct PictureRequest {
    text: String,
}

/// POST /dm/api/picture: the page's QR code, as SVG.
pub(crate) async fn picture(
    _: Session,
    Body(PictureRequest { text }): Body<PictureRequest>,
) -> Result<impl IntoResponse, Refused> {
    if text.len() > 2048 {
        return Err(Refused::TooLarge);
    }
    let picture = QrPicture::new(&text).map_err(|_| Refused::TooLarge)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture.svg()))
}
