//! The HTTP client for a Control Center: JSON over https to one host, bounded in size and time.

use core::error::Error;
use core::time::Duration;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect, retry};
use rustls::ClientConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use zeroize::Zeroizing;

use super::address::Address;
use super::wire::{Refusal, RefusalCode};

/// Longest body of an answer, in bytes (control-center.md section 2.5).
pub const MAX_BODY: usize = 16 * 1024;

/// Time for a call from its first packet to the last byte of its answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Longest `Retry-After` that is taken at its word.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// How long an unused connection is kept for the next call.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// How this app presents itself.
const USER_AGENT: &str = concat!("latchkey/", env!("CARGO_PKG_VERSION"));

/// A Control Center, as one phone or workstation reaches it. Clones share their connections.
///
/// HTTP/1.1 over TLS, to the address that was given and no other: redirects are not followed, proxies
/// from the environment not used, cookies not kept. Its deadlines are those of the network's own timers.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<Arc<Zeroizing<String>>>,
    /// The server's clock in its last answer, Unix seconds; 0 before there was one.
    server_time: Arc<AtomicU64>,
}

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ControlCenterError {
    /// The name does not resolve, nothing listens there, or the network does not lead there.
    #[error("the Control Center cannot be reached")]
    Unreachable,
    /// The certificate is not trusted, or TLS failed otherwise.
    #[error("the Control Center's identity cannot be verified")]
    Untrusted,
    /// No whole answer came in time. The call may have been carried out.
    #[error("the Control Center did not answer in time")]
    TimedOut,
    /// The connection broke. The call may have been carried out.
    #[error("the connection to the Control Center broke")]
    Closed,
    /// The server refused. Nothing has changed there, if it keeps to its contract; a status of 500
    /// or more leaves that open.
    #[error("the Control Center refused with HTTP status {status} ({code:?})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Why; [`RefusalCode::Other`] if the body does not say.
        code: RefusalCode,
        /// When to come again, at most one hour.
        retry_after: Option<Duration>,
    },
    /// The server sends its callers elsewhere, which is not followed.
    #[error("the Control Center redirected the call")]
    Redirected,
    /// The answer is longer than [`MAX_BODY`]. The call may have been carried out.
    #[error("the Control Center's answer is too long")]
    TooLarge,
    /// The answer is not the JSON that the call gives. The call may have been carried out.
    #[error("the Control Center's answer cannot be read")]
    Malformed,
    /// A name of this phone's own record or of a code that no path can carry. Nothing was sent.
    #[error("the name cannot be part of an address")]
    BadName,
}

impl ControlCenterError {
    /// Whether the call certainly changed nothing at the server: it was never sent, or refused.
    #[must_use]
    pub const fn changed_nothing(&self) -> bool {
        match self {
            ControlCenterError::Unreachable | ControlCenterError::Untrusted | ControlCenterError::BadName => {
                true
            }
            ControlCenterError::Refused { status, .. } => *status < 500,
            ControlCenterError::TimedOut
            | ControlCenterError::Closed
            | ControlCenterError::Redirected
            | ControlCenterError::TooLarge
            | ControlCenterError::Malformed => false,
        }
    }

    /// The server's reason, if it refused.
    #[must_use]
    pub const fn refusal(&self) -> Option<RefusalCode> {
        if let ControlCenterError::Refused { code, .. } = self { Some(*code) } else { None }
    }
}

impl Client {
    /// A client for the server at `address`. Sends nothing yet.
    ///
    /// # Errors
    /// [`ControlCenterError::Untrusted`]: TLS cannot be set up.
    pub fn new(tls: Arc<ClientConfig>, address: &Address) -> Result<Self, ControlCenterError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(Arc::unwrap_or_clone(tls))
            .https_only(true)
            .http1_only()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .user_agent(USER_AGENT)
            .tcp_nodelay(true)
            .timeout(TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build()
            .map_err(|_| ControlCenterError::Untrusted)?;
        let base = address.base().to_owned();
        Ok(Client { http, base, token: None, server_time: Arc::default() })
    }

    /// The same client, proving itself with a bearer token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.token = Some(Arc::new(Zeroizing::new(token.to_owned())));
        self
    }

    /// GET.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ControlCenterError> {
        self.call(self.request(Method::GET, path)).await
    }

    /// GET that the server holds for up to `wait` seconds until there is something to say.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn get_waiting<T: DeserializeOwned>(
        &self,
        path: &str,
        wait: u64,
    ) -> Result<T, ControlCenterError> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let request = self.request(Method::GET, &format!("{path}{separator}wait={wait}"));
        self.call(request.timeout(TIMEOUT.saturating_add(Duration::from_secs(wait)))).await
    }

    /// POST with a JSON body.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn post<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ControlCenterError> {
        self.send(Method::POST, path, body).await
    }

    /// PUT with a JSON body.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn put<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ControlCenterError> {
        self.send(Method::PUT, path, body).await
    }

    /// DELETE. The answer's body says nothing.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn delete(&self, path: &str) -> Result<(), ControlCenterError> {
        self.call::<serde::de::IgnoredAny>(self.request(Method::DELETE, path)).await.map(|_| ())
    }

    /// The server's clock in its last answer (`Date`), Unix seconds.
    #[must_use]
    pub fn server_time(&self) -> Option<u64> {
        Some(self.server_time.load(Ordering::Relaxed)).filter(|&time| time != 0)
    }

    async fn send<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, ControlCenterError> {
        // All bodies of the contract serialise; one that does not is nothing that can be sent.
        let body = serde_json::to_vec(body).map_err(|_| ControlCenterError::Malformed)?;
        let request = self.request(method, path).header(CONTENT_TYPE, "application/json");
        self.call(request.body(body)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token.as_str()),
            None => request,
        }
    }

    /// Sends the request and reads the answer: a `T`, or why not. No body reads as `null`.
    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ControlCenterError> {
        let mut response = request.send().await.map_err(|error| not_answered(&error))?;
        let status = response.status();
        let date = http_date(response.headers(), &DATE);
        if let Some(date) = date {
            self.server_time.store(date, Ordering::Relaxed);
        }
        if status.is_redirection() {
            return Err(ControlCenterError::Redirected);
        }
        if !status.is_success() {
            let retry_after = retry_after(response.headers(), date);
            // The status counts even when the body is lost.
            let body = read(&mut response).await.unwrap_or_default();
            return Err(refused(status, &body, retry_after));
        }
        let body = read(&mut response).await?;
        let body: &[u8] = if body.is_empty() { b"null" } else { &body };
        serde_json::from_slice(body).map_err(|_| ControlCenterError::Malformed)
    }
}

/// `template` with its `{id}` filled in: one path segment of 1 to 128 letters, digits and `-._:`, which
/// leaves no way out of the segment.
///
/// # Errors
/// [`ControlCenterError::BadName`]
pub fn path_of(template: &str, id: &str) -> Result<String, ControlCenterError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
    if !(1..=128).contains(&id.len()) || !id.bytes().all(plain) || matches!(id, "." | "..") {
        return Err(ControlCenterError::BadName);
    }
    Ok(template.replace("{id}", id))
}

/// The whole body, as long as it keeps to [`MAX_BODY`]; more is never held.
async fn read(response: &mut Response) -> Result<Zeroizing<Vec<u8>>, ControlCenterError> {
    let mut body = Zeroizing::new(Vec::with_capacity(MAX_BODY));
    while let Some(chunk) = response.chunk().await.map_err(|error| not_answered(&error))? {
        if body.len().saturating_add(chunk.len()) > MAX_BODY {
            return Err(ControlCenterError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn refused(status: StatusCode, body: &[u8], retry_after: Option<Duration>) -> ControlCenterError {
    let code = serde_json::from_slice(body).map_or(RefusalCode::Other, |refusal: Refusal| refusal.error);
    ControlCenterError::Refused { status: status.as_u16(), code, retry_after }
}

/// Why there is no answer. The library's own error names the URL: it goes no further.
fn not_answered(error: &reqwest::Error) -> ControlCenterError {
    if is_tls(error) {
        ControlCenterError::Untrusted
    } else if error.is_timeout() {
        ControlCenterError::TimedOut
    } else if error.is_connect() {
        ControlCenterError::Unreachable
    } else if error.is_builder() {
        ControlCenterError::BadName
    } else {
        ControlCenterError::Closed
    }
}

/// Whether TLS failed: somewhere among the causes there is one of rustls. It sits inside an I/O error,
/// or inside one that is inside another, which `source` passes over.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return true;
        }
        cause = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date, which is read by the server's own clock.
fn retry_after(headers: &HeaderMap, now: Option<u64>) -> Option<Duration> {
    let seconds = match headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse() {
        Ok(seconds) => seconds,
        Err(_) => http_date(headers, &RETRY_AFTER)?.saturating_sub(now?),
    };
    Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER))
}

/// A header that holds a date (RFC 9110 section 5.6.7), in Unix seconds.
fn http_date(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(test)]
mod tests;
