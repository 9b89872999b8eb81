//! The typed code's look-up: open, and the one call that somebody could guess at.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, FromRequest, Request, State};
use axum::http::Method;
use latchkey_phone::control_center::wire::{PendingQrRequest, PendingQrResponse};
use serde::Deserialize;

use super::audit::{Entry, LOOKED_UP};
use super::body::{Answer, Asked, Body};
use super::center::Center;
use super::refused::Refused;
use super::{WEB_APP, database, qr, token};

const MINUTE: Duration = Duration::from_secs(60);

/// POST and GET /rp/versioned/device/pendingqr
pub(crate) async fn find(
    State(center): State<Arc<Center>>,
    Extension(from): Extension<SocketAddr>,
    request: Request,
) -> Answer<PendingQrResponse> {
    let found = match allow(&center, from.ip()).await {
        Ok(()) => look_up(&center, request).await,
        Err(refused) => Err(refused),
    };
    // Every look-up is told, in the trail of the application that the code belongs to.
    let app = found.as_ref().ok().and_then(|text| app_of(text)).unwrap_or_else(|| WEB_APP.to_owned());
    let (entry, now) = (Entry::new(LOOKED_UP, &app, None), center.now());
    center.database.write(move |db| database::audit::add(db, &entry, now)).await?;
    found.map(|qr_code| Json(PendingQrResponse { qr_code }))
}

/// One address first: somebody who is refused does not use up what is left for the others.
async fn allow(center: &Center, address: IpAddr) -> Result<(), Refused> {
    let own = format!("lookups/{}", network(address));
    for (key, most) in [(own.as_str(), center.limits.lookups_per_address), ("lookups", center.limits.lookups)]
    {
        let count = center.pending.count(key, MINUTE).await?;
        if count.times > most {
            return Err(Refused::RateLimited { retry_after: count.left });
        }
    }
    Ok(())
}

/// What counts as one address: of IPv6 the first 64 bits, which is what one household gets.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & (u128::MAX << 64)).into()),
        v4 => v4,
    }
}

/// Takes the code out of the cache: one look-up ends it. What cannot be read is answered like a code
/// that is not there.
async fn look_up(center: &Arc<Center>, request: Request) -> Result<String, Refused> {
    let asked = if request.method() == Method::GET {
        let (mut parts, _) = request.into_parts();
        let asked = <Asked<PendingQrRequest> as axum::extract::FromRequestParts<_>>::from_request_parts(
            &mut parts, center,
        );
        asked.await.map(|Asked(asked)| asked)
    } else {
        Body::from_request(request, center).await.map(|Body(asked)| asked)
    };
    let code = asked.map_err(|_| Refused::CodeNotFound)?.activation_code.to_ascii_lowercase();
    if code.len() != token::CODE_LENGTH || !code.bytes().all(|byte| token::CODE_ALPHABET.contains(&byte)) {
        return Err(Refused::CodeNotFound);
    }
    let text = center.pending.take(&qr::code_key(&code)).await?.ok_or(Refused::CodeNotFound)?;
    center.pending.leave(qr::TYPED_CODES, &code).await?;
    String::from_utf8(text).map_err(|_| Refused::CodeNotFound)
}

fn app_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct App {
        rp_app_id: String,
    }
    serde_json::from_str(text).ok().map(|App { rp_app_id }| rp_app_id)
}
