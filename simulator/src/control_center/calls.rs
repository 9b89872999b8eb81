//! The calls: one list, which the router and the description under `/openapi.json` are made from, so that
//! neither knows a call that the other does not.

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use latchkey_phone::control_center::wire::{RefusalCode, path};
use serde_json::Value;

use super::center::Center;
use super::openapi::shape::{self, Parameter, optional, required};
use super::openapi::{self, Content};
use super::refused::Refused;
use super::{
    administrator, caller, device_manager, fido2, lookup, pages, phone, qr, registration, requests,
    workstation,
};

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Anyone,
    Administrator,
    Workstation,
    Phone,
    Session,
}

/// A call: what it takes, what it answers, who may make it, and what serves it.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) who: &'static [Who],
    pub(crate) query: Vec<Parameter>,
    pub(crate) body: Option<Value>,
    pub(crate) answer: Content,
    /// Beside those that follow from the above.
    pub(crate) refusals: &'static [RefusalCode],
    route: MethodRouter<Arc<Center>>,
}

impl Call {
    fn new(
        method: Method,
        path: &'static str,
        summary: &'static str,
        who: &'static [Who],
        answer: Content,
        route: MethodRouter<Arc<Center>>,
    ) -> Self {
        Call { method, path, summary, who, query: Vec::new(), body: None, answer, refusals: &[], route }
    }

    fn query(mut self, query: impl Into<Vec<Parameter>>) -> Self {
        self.query = query.into();
        self
    }

    fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn refusals(mut self, refusals: &'static [RefusalCode]) -> Self {
        self.refusals = refusals;
        self
    }
}

/// All calls.
pub(crate) fn all() -> Vec<Call> {
    [
        typed_codes(),
        codes(),
        fido(),
        registrations(),
        phones(),
        out_of_band(),
        workstations(),
        administrators(),
    ]
    .into_iter()
    .chain([device_managers(), about()])
    .flatten()
    .collect()
}

/// Everything that is served.
pub(crate) fn router(center: Arc<Center>) -> Router {
    let guarded = |call: Call| {
        let guard = middleware::from_fn_with_state((Arc::clone(&center), call.who), caller::guard);
        if call.who.contains(&Anyone) { call.route } else { call.route.route_layer(guard) }
    };
    all()
        .into_iter()
        .fold(Router::new(), |router, call| router.route(call.path, guarded(call)))
        .fallback(|| async { Refused::NotFound })
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::map_response(pages::protect))
        .with_state(center)
}

async fn method_not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, Refused::malformed("this call has other methods")).into_response()
}

use RefusalCode::{
    AlreadyRegistered, CodeNotFound, Expired, LimitReached, NotFound, NotVerified, RateLimited, WrongAccount,
    WrongState,
};
use Who::{Administrator, Anyone, Phone, Session, Workstation};

fn typed_codes() -> Vec<Call> {
    let answer = || Content::Json(shape::pending_qr());
    let refusals = &[CodeNotFound, RateLimited];
    vec![
        Call::new(
            Method::POST,
            path::PENDING_QR,
            "Looks a typed code up",
            &[Anyone],
            answer(),
            post(lookup::find),
        )
        .body(shape::activation_code())
        .refusals(refusals),
        Call::new(
            Method::GET,
            path::PENDING_QR,
            "Looks a typed code up",
            &[Anyone],
            answer(),
            get(lookup::find),
        )
        .query([required("activationCode", shape::text())])
        .refusals(refusals),
    ]
}

fn codes() -> Vec<Call> {
    vec![
        Call::new(
            Method::POST,
            path::CREATE_QR,
            "Makes a code to pair with",
            &[Workstation, Session],
            Content::Json(shape::created_qr("qrFallbackActivationCode")),
            post(qr::create),
        )
        .body(shape::create_qr())
        .refusals(&[WrongAccount, RateLimited]),
        Call::new(
            Method::GET,
            path::QR_STATE,
            "What became of a code",
            &[Workstation, Session],
            Content::Json(shape::qr_state()),
            get(qr::state),
        )
        .query([wait()])
        .refusals(&[NotFound]),
        Call::new(
            Method::POST,
            path::CREATE_SIGN_IN_QR,
            "Makes a code to sign in with",
            &[Workstation],
            Content::Json(shape::created_qr("activationCode")),
            post(qr::create_sign_in),
        )
        .body(shape::create_sign_in_qr())
        .refusals(&[RateLimited]),
    ]
}

fn fido() -> Vec<Call> {
    vec![
        Call::new(
            Method::POST,
            path::ATTESTATION_OPTIONS,
            "Options for a new passkey: with a pairing code, or of a workstation for its user",
            &[Anyone, Workstation, Phone],
            Content::Json(shape::creation_options()),
            post(fido2::attestation_options),
        )
        .body(shape::attestation_options())
        .refusals(&[
            RefusalCode::Unauthorized,
            WrongAccount,
            Expired,
            NotFound,
            WrongState,
            LimitReached,
            RateLimited,
        ]),
        Call::new(
            Method::POST,
            path::ATTESTATION_RESULT,
            "The new passkey of a workstation's user",
            &[Workstation],
            Content::nothing(),
            post(fido2::attestation_result),
        )
        .body(shape::attestation_result())
        .refusals(&[WrongAccount, NotVerified, AlreadyRegistered, LimitReached]),
        Call::new(
            Method::POST,
            path::ASSERTION_OPTIONS,
            "Options for a sign-in",
            &[Anyone],
            Content::Json(shape::request_options()),
            post(fido2::assertion_options),
        )
        .body(shape::assertion_options())
        .refusals(&[RateLimited]),
        Call::new(
            Method::POST,
            path::ASSERTION_RESULT,
            "A sign-in",
            &[Anyone, Workstation],
            Content::Json(shape::signed_in()),
            post(fido2::assertion_result),
        )
        .body(shape::assertion_result())
        .refusals(&[NotVerified, Expired]),
        Call::new(
            Method::GET,
            "/rp/api/versioned/fido2/user",
            "An account's passkeys",
            &[Administrator],
            Content::Json(shape::passkeys()),
            get(administrator::passkeys_of),
        )
        .query([required("username", shape::text()), optional("keyId", shape::base64url())])
        .refusals(&[NotFound]),
        Call::new(
            Method::DELETE,
            "/rp/api/versioned/fido2/user",
            "Deletes an account's passkeys, or one of them",
            &[Administrator],
            Content::nothing(),
            delete(administrator::remove_passkeys),
        )
        .query([required("username", shape::text()), optional("keyId", shape::base64url())])
        .refusals(&[NotFound]),
    ]
}

fn registrations() -> Vec<Call> {
    vec![
        Call::new(
            Method::POST,
            path::REGISTRATION,
            "A phone registers with a pairing code; one that is registered gets one more computer",
            &[Anyone, Phone],
            Content::Json(shape::registered()),
            post(registration::register),
        )
        .body(shape::registration())
        .refusals(&[
            RefusalCode::Unauthorized,
            WrongAccount,
            Expired,
            NotFound,
            NotVerified,
            AlreadyRegistered,
            LimitReached,
            WrongState,
        ]),
        Call::new(
            Method::DELETE,
            path::REGISTRATION,
            "A phone takes its registration back",
            &[Phone],
            Content::nothing(),
            delete(registration::deregister),
        ),
        Call::new(
            Method::POST,
            path::REGISTRATION_STATE,
            "What became of a registration",
            &[Anyone],
            Content::Json(shape::registration_state()),
            post(registration::state),
        )
        .body(shape::registration_query())
        .refusals(&[NotFound]),
        Call::new(
            Method::POST,
            path::REGISTRATION_CANCEL,
            "Gives a registration up",
            &[Anyone],
            Content::nothing(),
            post(registration::cancel),
        )
        .body(shape::registration_query())
        .refusals(&[NotFound, WrongState]),
    ]
}

fn phones() -> Vec<Call> {
    vec![
        Call::new(
            Method::GET,
            path::PROFILE,
            "The phone's account and computers",
            &[Phone],
            Content::Json(shape::profile()),
            get(phone::profile),
        ),
        Call::new(
            Method::GET,
            path::DEVICE_REQUESTS,
            "Out-of-band requests of this phone",
            &[Phone],
            Content::Json(shape::waiting_requests()),
            get(requests::of_phone),
        )
        .query([wait()]),
        Call::new(
            Method::DELETE,
            path::COMPUTER,
            "Unpairs a computer",
            &[Phone],
            Content::nothing(),
            delete(phone::unpair),
        )
        .refusals(&[NotFound]),
        Call::new(
            Method::POST,
            path::DEVICE_EVENTS,
            "Events for the audit trail",
            &[Phone],
            Content::nothing(),
            post(phone::events),
        )
        .body(shape::events()),
    ]
}

fn out_of_band() -> Vec<Call> {
    const SIDES: &[Who] = &[Phone, Workstation];
    vec![
        Call::new(
            Method::POST,
            path::REQUESTS,
            "Opens an out-of-band request",
            SIDES,
            Content::Json(shape::opened()),
            post(requests::open),
        )
        .body(shape::open_request())
        .refusals(&[NotFound, RateLimited]),
        Call::new(
            Method::GET,
            path::REQUEST,
            "The state of an out-of-band request",
            SIDES,
            Content::Json(shape::request_state()),
            get(requests::state),
        )
        .refusals(&[NotFound]),
        Call::new(
            Method::POST,
            path::REQUEST_CLAIM,
            "A phone takes part in the request of a sign-in code",
            &[Phone],
            Content::nothing(),
            post(requests::claim),
        )
        .body(shape::claim())
        .refusals(&[NotFound, WrongState, Expired, RateLimited]),
        Call::new(
            Method::GET,
            path::REQUEST_MESSAGES,
            "Messages of the other side",
            SIDES,
            Content::Json(shape::messages()),
            get(requests::messages),
        )
        .query([optional("after", shape::integer(0, u64::from(u32::MAX))), wait()])
        .refusals(&[NotFound]),
        Call::new(
            Method::POST,
            path::REQUEST_MESSAGES,
            "A message to the other side",
            SIDES,
            Content::nothing(),
            post(requests::post),
        )
        .body(shape::post_message())
        .refusals(&[NotFound, WrongState, Expired, LimitReached]),
        Call::new(
            Method::POST,
            path::REQUEST_STATE,
            "Ends an out-of-band request",
            SIDES,
            Content::nothing(),
            post(requests::end),
        )
        .body(shape::state_entry())
        .refusals(&[NotFound, WrongState, Expired]),
    ]
}

fn workstations() -> Vec<Call> {
    vec![
        Call::new(
            Method::POST,
            path::ENROLL,
            "A workstation becomes known, with an install token",
            &[Anyone],
            Content::Json(shape::enrolled()),
            post(workstation::enroll),
        )
        .body(shape::enroll())
        .refusals(&[RefusalCode::Unauthorized, AlreadyRegistered]),
        Call::new(
            Method::GET,
            path::WORKSTATION,
            "A workstation's settings and phones",
            &[Workstation],
            Content::Json(shape::workstation()),
            get(workstation::sync),
        ),
        Call::new(
            Method::GET,
            path::WORKSTATION_REQUESTS,
            "Out-of-band requests of this workstation",
            &[Workstation],
            Content::Json(shape::waiting_requests()),
            get(requests::of_workstation),
        )
        .query([wait()]),
        Call::new(
            Method::POST,
            path::WORKSTATION_EVENTS,
            "Events for the audit trail",
            &[Workstation],
            Content::nothing(),
            post(phone::events_of_workstation),
        )
        .body(shape::events()),
    ]
}

fn administrators() -> Vec<Call> {
    const WHO: &[Who] = &[Administrator];
    let app = || required("rpAppId", shape::rp_app_id());
    vec![
        Call::new(
            Method::GET,
            "/cc/api/appconfig/workstation",
            "Workstation Settings",
            WHO,
            Content::Json(shape::settings()),
            get(administrator::settings_of),
        )
        .query([app()]),
        Call::new(
            Method::PUT,
            "/cc/api/appconfig/workstation",
            "Sets Workstation Settings",
            WHO,
            Content::Json(shape::settings()),
            put(administrator::set_settings),
        )
        .query([app()])
        .body(shape::settings()),
        Call::new(
            Method::POST,
            "/rp/api/token/endpoint",
            "Makes an install token for workstations",
            WHO,
            Content::Json(shape::token()),
            post(administrator::install_token),
        )
        .body(shape::token_request()),
        Call::new(
            Method::POST,
            "/cc/api/magiclink",
            "Makes a Magic Link",
            WHO,
            Content::Json(shape::link()),
            post(administrator::magic_link),
        )
        .body(shape::link_request())
        .refusals(&[WrongAccount]),
        Call::new(
            Method::GET,
            "/cc/api/versioned/rpUser",
            "The accounts that are known here",
            WHO,
            Content::Json(shape::users()),
            get(administrator::users),
        ),
        Call::new(
            Method::GET,
            "/cc/api/versioned/rpUser/{username}",
            "An account with its passkeys and phones",
            WHO,
            Content::Json(shape::user()),
            get(administrator::user),
        )
        .refusals(&[NotFound]),
        Call::new(
            Method::DELETE,
            "/cc/api/versioned/rpUser/{username}",
            "Forgets an account with all that belongs to it",
            WHO,
            Content::nothing(),
            delete(administrator::remove_user),
        )
        .refusals(&[NotFound]),
        Call::new(
            Method::GET,
            "/rp/api/oob/client/devices/{rpAppId}/{machineName}",
            "Workstations of this name and their phones",
            WHO,
            Content::Json(shape::machines()),
            get(administrator::devices_of),
        )
        .refusals(&[NotFound]),
        Call::new(
            Method::GET,
            "/cc/api/versioned/audit/search",
            "The audit trail, the newest first unless asked otherwise; pages are counted from 0",
            WHO,
            Content::Json(shape::audit_page()),
            get(administrator::audit_trail),
        )
        .query([
            app(),
            optional("startTSUTC", shape::integer(0, u64::MAX)),
            optional("endTSUTC", shape::integer(0, u64::MAX)),
            optional("pageSize", shape::integer(1, 1000)),
            optional("pageNumber", shape::integer(0, u64::from(u32::MAX))),
            optional("orderBy", shape::one_of(&["eventTimeInUTC"])),
            optional("sortDir", shape::one_of(&["ASC", "DESC"])),
        ]),
    ]
}

fn device_managers() -> Vec<Call> {
    vec![
        Call::new(
            Method::GET,
            "/dm/link/{token}",
            "The Device Manager's page",
            &[Anyone],
            Content::Other("text/html"),
            get(pages::device_manager),
        ),
        Call::new(
            Method::POST,
            "/dm/api/session",
            "Opens a session with a Magic Link's token",
            &[Anyone],
            Content::Json(shape::session()),
            post(device_manager::session),
        )
        .body(shape::session_request())
        .refusals(&[RefusalCode::Unauthorized, Expired]),
        Call::new(
            Method::GET,
            "/dm/api/devices",
            "The owner's login methods",
            &[Session],
            Content::Json(shape::devices()),
            get(device_manager::devices),
        ),
        Call::new(
            Method::DELETE,
            "/dm/api/devices/{deviceId}",
            "Removes a login method",
            &[Session],
            Content::nothing(),
            delete(device_manager::remove),
        )
        .refusals(&[NotFound]),
        Call::new(
            Method::POST,
            "/dm/api/picture",
            "A text as a QR code",
            &[Session],
            Content::Other("image/svg+xml"),
            post(device_manager::picture),
        )
        .body(shape::picture()),
    ]
}

fn about() -> Vec<Call> {
    let page = |path, summary, kind, route| {
        Call::new(Method::GET, path, summary, &[Anyone], Content::Other(kind), route)
    };
    vec![
        page("/", "The administrator's page", "text/html", get(pages::console)),
        page("/pages/console.js", "Its script", "text/javascript", get(pages::console_script)),
        page(
            "/pages/device-manager.js",
            "The Device Manager's script",
            "text/javascript",
            get(pages::device_manager_script),
        ),
        page("/pages/style.css", "How both look", "text/css", get(pages::style)),
        Call::new(
            Method::GET,
            "/healthz",
            "Whether the server and its stores work",
            &[Anyone],
            Content::nothing(),
            get(pages::health),
        ),
        Call::new(
            Method::GET,
            "/openapi.json",
            "This description",
            &[Anyone],
            Content::Json(shape::anything()),
            get(openapi::serve),
        ),
    ]
}

fn wait() -> Parameter {
    optional("wait", shape::integer(0, super::hold::MOST))
}
