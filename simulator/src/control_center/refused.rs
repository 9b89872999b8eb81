//! Why a call is refused, and the answer that says so.

use core::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use latchkey_phone::control_center::wire::{Refusal, RefusalCode};
use thiserror::Error;

use super::database::DatabaseError;
use super::pending::PendingError;

/// Why a call is refused. The texts name nobody.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum Refused {
    #[error("there is no such code, or it has ended")]
    CodeNotFound,
    #[error("{0}")]
    Malformed(String),
    #[error("this call needs a valid token")]
    Unauthorized,
    #[error("this token may not do that")]
    Forbidden,
    #[error("only accounts of this tenant can be used here")]
    WrongAccount,
    #[error("there is nothing by this name")]
    NotFound,
    #[error("it is registered already")]
    AlreadyRegistered,
    #[error("there are as many as allowed")]
    LimitReached,
    #[error("this was answered or given up before")]
    WrongState,
    #[error("its time is over")]
    Expired,
    #[error("the body is too large")]
    TooLarge,
    #[error("the passkey's answer did not verify")]
    NotVerified,
    #[error("too many requests")]
    RateLimited { retry_after: Duration },
    #[error("the server cannot serve now")]
    Database(#[from] DatabaseError),
    #[error("the server cannot serve now")]
    Pending(#[from] PendingError),
}

impl Refused {
    pub(crate) fn malformed(what: impl ToString) -> Self {
        Refused::Malformed(what.to_string())
    }

    pub(crate) const fn code(&self) -> RefusalCode {
        match self {
            Refused::CodeNotFound => RefusalCode::CodeNotFound,
            Refused::Malformed(_) => RefusalCode::Malformed,
            Refused::Unauthorized => RefusalCode::Unauthorized,
            Refused::Forbidden => RefusalCode::Forbidden,
            Refused::WrongAccount => RefusalCode::WrongAccount,
            Refused::NotFound => RefusalCode::NotFound,
            Refused::AlreadyRegistered => RefusalCode::AlreadyRegistered,
            Refused::LimitReached => RefusalCode::LimitReached,
            Refused::WrongState => RefusalCode::WrongState,
            Refused::Expired => RefusalCode::Expired,
            Refused::TooLarge => RefusalCode::TooLarge,
            Refused::NotVerified => RefusalCode::NotVerified,
            Refused::RateLimited { .. } => RefusalCode::RateLimited,
            Refused::Database(_) | Refused::Pending(_) => RefusalCode::Unavailable,
        }
    }
}

/// The HTTP status that goes with a code.
pub(crate) const fn status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::CodeNotFound | RefusalCode::Malformed => StatusCode::BAD_REQUEST,
        RefusalCode::Unauthorized => StatusCode::UNAUTHORIZED,
        RefusalCode::Forbidden | RefusalCode::WrongAccount => StatusCode::FORBIDDEN,
        RefusalCode::NotFound => StatusCode::NOT_FOUND,
        RefusalCode::AlreadyRegistered | RefusalCode::LimitReached | RefusalCode::WrongState => {
            StatusCode::CONFLICT
        }
        RefusalCode::Expired => StatusCode::GONE,
        RefusalCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalCode::NotVerified => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let code = self.code();
        let body = Json(Refusal { error: code, text: self.to_string() });
        let mut response = (status(code), body).into_response();
        let headers = response.headers_mut();
        match self {
            Refused::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Refused::RateLimited { retry_after } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
            }
            Refused::Database(_) | Refused::Pending(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(5));
            }
            _ => {}
        }
        response
    }
}
