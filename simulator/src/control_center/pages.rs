//! The pages for people, and what protects them: no script but our own, no frame around them, nothing
//! kept by the browser, and no address told to others, for a Magic Link is one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::body::{Answer, DONE, Done};
use super::center::Center;
use super::refused::Refused;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Sets the headers of every answer.
pub(crate) async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], content)
}

/// GET /
pub(crate) async fn console() -> impl IntoResponse {
    file("text/html; charset=utf-8", include_str!("pages/console.html"))
}

/// GET /pages/console.js
pub(crate) async fn console_script() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", include_str!("pages/console.js"))
}

/// GET /dm/link/{token}: the same page for every token, which its script sends with POST.
pub(crate) async fn device_manager() -> impl IntoResponse {
    file("text/html; charset=utf-8", include_str!("pages/device-manager.html"))
}

/// GET /pages/device-manager.js
pub(crate) async fn device_manager_script() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", include_str!("pages/device-manager.js"))
}

/// GET /pages/style.css
pub(crate) async fn style() -> impl IntoResponse {
    file("text/css; charset=utf-8", include_str!("pages/style.css"))
}

/// GET /healthz: the database and the store for what is pending answer.
pub(crate) async fn health(State(center): State<Arc<Center>>) -> Answer<Done> {
    center.database.read(|_| Ok::<_, Refused>(())).await?;
    center.pending.get("health").await?;
    Ok(DONE)
}
