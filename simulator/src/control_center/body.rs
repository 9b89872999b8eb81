//! What a call gets from its request, with refusals of our own.

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

use super::center::Center;
use super::refused::Refused;

/// What a call answers.
pub(crate) type Answer<T> = Result<axum::Json<T>, Refused>;

/// The answer of a call that has nothing to tell: `{}`.
#[derive(Serialize)]
pub(crate) struct Done {}

pub(crate) const DONE: axum::Json<Done> = axum::Json(Done {});

/// A JSON object.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Center>> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, center: &Arc<Center>) -> Result<Self, Refused> {
        let body = read(request, center).await?;
        // serde would take the values alone, in a list, for an object.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        is_object
            .then(|| serde_json::from_slice(&body).ok().map(Body))
            .flatten()
            .ok_or_else(|| Refused::malformed("the body is not what this call takes"))
    }
}

/// The whole body, within its limits of size and time.
async fn read(request: Request, center: &Center) -> Result<Vec<u8>, Refused> {
    let body = collect(request.into_body(), center.limits.body_bytes);
    let arrived = tokio::time::timeout(center.limits.slow, body).await;
    arrived.unwrap_or_else(|_| Err(Refused::malformed("the body did not arrive")))
}

/// Reads a body. Of one that is too long the rest is read too, within bounds, and forgotten: who is
/// still sending when the connection is closed never sees the answer.
async fn collect(mut body: axum::body::Body, most: usize) -> Result<Vec<u8>, Refused> {
    let (mut kept, mut read) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refused::malformed("the body did not arrive"))?;
        let Ok(data) = frame.into_data() else { continue };
        read = read.saturating_add(data.len());
        if read > most.saturating_mul(64) {
            break;
        }
        if read <= most {
            kept.extend_from_slice(&data);
        }
    }
    if read > most { Err(Refused::TooLarge) } else { Ok(kept) }
}

/// The query of the URL.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Center>> for Asked<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Center>) -> Result<Self, Refused> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(query)| Asked(query))
            .map_err(|_| Refused::malformed("the query is not what this call takes"))
    }
}

/// The variable segments of the path.
pub(crate) struct Segments<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<Center>> for Segments<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, center: &Arc<Center>) -> Result<Self, Refused> {
        let path = Path::from_request_parts(parts, center).await;
        path.map(|Path(segments)| Segments(segments)).map_err(|_| Refused::NotFound)
    }
}
