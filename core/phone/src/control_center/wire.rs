//! What is said to a Control Center and what it answers, as JSON. docs/control-center.md lists the
//! calls, who may make them and what they fail with.
//!
//! Times are Unix seconds unless a name says otherwise. Binary members are base64url without padding.
//! Unknown members are ignored on both sides.

use serde::{Deserialize, Serialize};

use crate::webauthn::json::{AuthenticationResponse, Base64Url, RegistrationResponse};

/// The paths of the calls. `{id}` stands for one path segment.
pub mod path {
    /// The typed code's look-up: open, as the phone has no token before it is paired.
    pub const PENDING_QR: &str = "/rp/versioned/device/pendingqr";
    /// Asks for a QR code to pair with.
    pub const CREATE_QR: &str = "/rp/versioned/client/qr/create";
    /// What became of a pairing or sign-in code.
    pub const QR_STATE: &str = "/rp/versioned/client/qr/{id}";
    /// Asks for a QR code to sign in with.
    pub const CREATE_SIGN_IN_QR: &str = "/rp/api/oob/qr/client/authentication/requests";
    /// FIDO2 server: options for a new passkey.
    pub const ATTESTATION_OPTIONS: &str = "/rp/api/versioned/fido2/attestation/options";
    /// FIDO2 server: the new passkey.
    pub const ATTESTATION_RESULT: &str = "/rp/api/versioned/fido2/attestation/result";
    /// FIDO2 server: options for a sign-in.
    pub const ASSERTION_OPTIONS: &str = "/rp/api/versioned/fido2/assertion/options";
    /// FIDO2 server: the sign-in.
    pub const ASSERTION_RESULT: &str = "/rp/api/versioned/fido2/assertion/result";
    /// The phone registers, confirming a pairing code. DELETE takes the registration back.
    pub const REGISTRATION: &str = "/rp/versioned/device/registration";
    /// What became of a registration whose answer was lost.
    pub const REGISTRATION_STATE: &str = "/rp/versioned/device/registration/state";
    /// Gives a registration up that was not confirmed.
    pub const REGISTRATION_CANCEL: &str = "/rp/versioned/device/registration/cancel";
    /// DELETE unpairs one computer.
    pub const COMPUTER: &str = "/rp/versioned/device/computers/{id}";
    /// The phone's account, its computers and the server's time.
    pub const PROFILE: &str = "/rp/versioned/device/profile";
    /// Out-of-band requests that wait for this phone: what a push message would tell.
    pub const DEVICE_REQUESTS: &str = "/rp/versioned/device/requests";
    /// Events of this phone for the audit trail.
    pub const DEVICE_EVENTS: &str = "/rp/versioned/device/events";
    /// Opens an out-of-band request between a phone and a workstation.
    pub const REQUESTS: &str = "/rp/api/oob/client/authentication/requests";
    /// GET: the state of an out-of-band request.
    pub const REQUEST: &str = "/rp/api/oob/client/authentication/requests/{id}";
    /// The phone takes part in the request of a sign-in code.
    pub const REQUEST_CLAIM: &str = "/rp/api/oob/client/authentication/requests/{id}/claim";
    /// POST a message to the other side, GET those of the other side.
    pub const REQUEST_MESSAGES: &str = "/rp/api/oob/client/authentication/requests/{id}/messages";
    /// POST ends an out-of-band request.
    pub const REQUEST_STATE: &str = "/rp/api/oob/client/authentication/requests/{id}/state";
    /// A workstation becomes known, with an install token.
    pub const ENROLL: &str = "/rp/versioned/workstation/enroll";
    /// A workstation's settings and pairings.
    pub const WORKSTATION: &str = "/rp/versioned/workstation/sync";
    /// Out-of-band requests that wait for this workstation.
    pub const WORKSTATION_REQUESTS: &str = "/rp/versioned/workstation/requests";
    /// Events of this workstation for the audit trail.
    pub const WORKSTATION_EVENTS: &str = "/rp/versioned/workstation/events";
}

/// The body of every refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What it is, for programs.
    pub error: RefusalCode,
    /// The same in a sentence, for people who look at logs. Names nobody.
    #[serde(rename = "errorText", default)]
    pub text: String,
}

/// Why a Control Center refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalCode {
    /// 400: no such code, or it ended, or the request cannot be read: the look-up does not tell which.
    CodeNotFound,
    /// 400: the body is not what the call takes.
    Malformed,
    /// 401: no token, or one that is not valid (any more).
    Unauthorized,
    /// 403: the token may not do this.
    Forbidden,
    /// 403: a local account, or one of another tenant.
    WrongAccount,
    /// 404: nothing by this name.
    NotFound,
    /// 409: this passkey, this device or this machine is registered already.
    AlreadyRegistered,
    /// 409: the user has as many passkeys as allowed.
    LimitReached,
    /// 409: the request is not in a state for this.
    WrongState,
    /// 410: the time of this code, request or link is over.
    Expired,
    /// 413: the body is too large.
    TooLarge,
    /// 422: a signature, an attestation or client data did not verify.
    NotVerified,
    /// 429: too many requests; `Retry-After` says when to come again.
    RateLimited,
    /// 503: the server cannot serve now.
    Unavailable,
    /// Anything that this version does not know.
    #[serde(other)]
    Other,
}

/// POST [`path::PENDING_QR`], or the same as a query of GET.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingQrRequest {
    /// Six letters and digits as the person typed them, spaces and dashes removed.
    pub activation_code: String,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingQrResponse {
    /// The text of the QR code.
    pub qr_code: String,
}

/// What kind of account somebody is signed in to a workstation with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Entra, cloud only.
    EntraCloud,
    /// Entra, hybrid joined.
    EntraHybrid,
    /// Known to this computer only: cannot be paired.
    Local,
}

/// POST [`path::CREATE_QR`], by a workstation or a Device Manager session.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateQrRequest {
    /// The RP application.
    pub rp_app_id: String,
    /// The account to pair; a Device Manager session pairs its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Its kind, from a workstation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_kind: Option<AccountKind>,
    /// Also make a code to type.
    #[serde(default, rename = "includeQRFallbackCode")]
    pub include_qr_fallback_code: bool,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateQrResponse {
    /// The text of the QR code.
    pub qr_code: String,
    /// Names the request in [`path::QR_STATE`].
    pub request_id: String,
    /// When the code ends.
    pub expires_at: u64,
    /// The code to type, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr_fallback_activation_code: Option<String>,
}

/// POST [`path::CREATE_SIGN_IN_QR`], by a workstation.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateSignInQrRequest {
    /// The RP application.
    pub rp_app_id: String,
    /// Also make a code to type.
    #[serde(default, rename = "includeQRFallbackCode")]
    pub include_qr_fallback_code: bool,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateSignInQrResponse {
    /// The text of the QR code.
    pub qr_code: String,
    /// Names the out-of-band request that the code stands for.
    pub request_id: String,
    /// When the code ends.
    pub expires_at: u64,
    /// The code to type, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation_code: Option<String>,
}

/// GET [`path::QR_STATE`], with `?wait=SECONDS` to be answered when it is no longer pending.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QrStateResponse {
    /// What became of the code.
    pub state: QrState,
    /// The phone that was paired with it, once completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairing: Option<PairedDevice>,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum QrState {
    /// Nobody has answered it yet.
    Pending,
    /// Done.
    Completed,
    /// The phone gave it up.
    Canceled,
    /// Its time is over.
    Expired,
}

/// A phone as its workstation knows it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairedDevice {
    /// The phone's registration.
    pub device_id: String,
    /// What its owner calls it.
    pub device_name: String,
    /// The account.
    pub username: String,
    /// The registration code's request, whose nonce both sides derive their pairing secret from.
    pub request_id: String,
    /// The passkey that unlocks.
    pub credential_id: Base64Url,
    /// Its public key, COSE.
    pub public_key: Base64Url,
    /// Its RP ID.
    pub rp_id: String,
}

impl core::fmt::Debug for PairedDevice {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PairedDevice(redacted)")
    }
}

/// POST [`path::ATTESTATION_OPTIONS`]: with the code's request by a phone that is being paired, or
/// with a token by a signed-in workstation.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationOptionsRequest {
    /// The request of a pairing code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Its nonce, which shows that the code was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Base64Url>,
    /// The account, when there is no code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// Its answer: `PublicKeyCredentialCreationOptionsJSON` (WebAuthn Level 3 section 5.1.10).
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// The relying party.
    pub rp: RpEntity,
    /// The account.
    pub user: UserEntity,
    /// The challenge.
    pub challenge: Base64Url,
    /// Acceptable algorithms, best first.
    pub pub_key_cred_params: Vec<CredentialParameters>,
    /// Milliseconds.
    pub timeout: u64,
    /// Passkeys that this account has.
    pub exclude_credentials: Vec<Descriptor>,
    /// `none` or `direct`.
    pub attestation: String,
}

/// `PublicKeyCredentialRpEntity`.
#[derive(Clone, Serialize, Deserialize)]
pub struct RpEntity {
    /// RP ID.
    pub id: String,
    /// For people.
    pub name: String,
}

/// `PublicKeyCredentialUserEntityJSON`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserEntity {
    /// User handle, 1 to 64 bytes.
    pub id: Base64Url,
    /// The account's name.
    pub name: String,
    /// The person's name.
    pub display_name: String,
}

/// `PublicKeyCredentialParameters`.
#[derive(Clone, Serialize, Deserialize)]
pub struct CredentialParameters {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// COSE algorithm.
    pub alg: i64,
}

/// `PublicKeyCredentialDescriptorJSON`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Descriptor {
    /// `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Credential ID.
    pub id: Base64Url,
}

/// POST [`path::ATTESTATION_RESULT`], by a signed-in workstation for a passkey of its own.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationResultRequest {
    /// The account.
    pub username: String,
    /// What `navigator.credentials.create()` gives.
    pub credential: RegistrationResponse,
}

/// POST [`path::ASSERTION_OPTIONS`], open.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertionOptionsRequest {
    /// The account, if known; without it the passkey names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// Its answer: `PublicKeyCredentialRequestOptionsJSON` (WebAuthn Level 3 section 5.1.11).
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// The challenge: answered once, soon.
    pub challenge: Base64Url,
    /// RP ID.
    pub rp_id: String,
    /// Milliseconds.
    pub timeout: u64,
    /// Acceptable passkeys; none asks for discoverable ones.
    pub allow_credentials: Vec<Descriptor>,
    /// Always `required`.
    pub user_verification: String,
}

/// POST [`path::ASSERTION_RESULT`], open: the challenge in the client data names the request.
#[derive(Clone, Serialize, Deserialize)]
pub struct AssertionResultRequest {
    /// What `navigator.credentials.get()` gives.
    pub credential: AuthenticationResponse,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertionResultResponse {
    /// Who signed in.
    pub username: String,
    /// The kind of that account.
    pub account_kind: AccountKind,
}

/// POST [`path::REGISTRATION`], by a phone that has read a pairing code and made its passkey.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationRequest {
    /// The code's request.
    pub request_id: String,
    /// Its nonce.
    pub nonce: Base64Url,
    /// What the owner calls this phone.
    pub device_name: String,
    /// Version of this app, `major.minor.patch`.
    pub app_version: String,
    /// The new passkey, over the options' challenge.
    pub credential: RegistrationResponse,
}

/// Its answer: everything is registered. The same request once more gives the same answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationResponseBody {
    /// Names this phone's registration.
    pub device_id: String,
    /// Bearer token of this registration. A secret.
    pub device_token: String,
    /// The account.
    pub username: String,
    /// The computer of the code; a code from the Device Manager has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computer: Option<ComputerInfo>,
}

/// A computer as its phone knows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComputerInfo {
    /// The machine's ID.
    pub machine_id: String,
    /// The machine's name.
    pub machine_name: String,
    /// The account on it.
    pub os_user: String,
    /// The RP application.
    pub rp_app_id: String,
    /// The machine's public key, P-256, X9.62 compressed, 33 bytes.
    pub public_key: Base64Url,
}

/// POST [`path::REGISTRATION_STATE`] and [`path::REGISTRATION_CANCEL`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationQuery {
    /// The code's request.
    pub request_id: String,
    /// Its nonce.
    pub nonce: Base64Url,
}

/// Answer of [`path::REGISTRATION_STATE`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationStateResponse {
    /// What became of it.
    pub state: QrState,
    /// What the lost answer said, when completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<RegistrationResponseBody>,
}

/// GET [`path::PROFILE`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileResponse {
    /// The account.
    pub username: String,
    /// Its kind.
    pub account_kind: AccountKind,
    /// The computers that this phone is paired with.
    pub computers: Vec<ComputerInfo>,
    /// The oldest version of the app that the server works with, `major.minor.patch`.
    pub min_app_version: String,
    /// The server's clock.
    pub server_time: u64,
}

/// POST [`path::REQUESTS`]: by a phone to a workstation, or by a workstation to a phone.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenRequest {
    /// What for.
    pub purpose: Purpose,
    /// The workstation.
    pub machine_id: String,
    /// The phone; a phone need not name itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
}

/// What an out-of-band request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Unlock the workstation.
    Unlock,
    /// Sign in to a website on the unlocked workstation.
    SignIn,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenRequestResponse {
    /// Names the request.
    pub request_id: String,
    /// When it ends.
    pub expires_at: u64,
}

/// POST [`path::REQUEST_CLAIM`].
#[derive(Clone, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// The nonce of the sign-in code.
    pub nonce: Base64Url,
}

/// GET [`path::DEVICE_REQUESTS`] or [`path::WORKSTATION_REQUESTS`], with `?wait=SECONDS`.
#[derive(Clone, Serialize, Deserialize)]
pub struct WaitingRequests {
    /// The oldest first. Each is listed until it ends.
    pub requests: Vec<WaitingRequest>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitingRequest {
    /// Names the request.
    pub request_id: String,
    /// What for.
    pub purpose: Purpose,
    /// The workstation.
    pub machine_id: String,
    /// The phone, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The request came from a sign-in code: its channel is keyed by the code's nonce.
    #[serde(default)]
    pub from_code: bool,
    /// When it ends.
    pub expires_at: u64,
}

/// POST [`path::REQUEST_MESSAGES`].
#[derive(Clone, Serialize, Deserialize)]
pub struct PostMessage {
    /// At most 8 KiB; opaque to the server.
    pub body: Base64Url,
}

/// GET [`path::REQUEST_MESSAGES`], with `?after=NUMBER&wait=SECONDS`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Messages {
    /// Those of the other side whose number is greater than `after`, in order.
    pub messages: Vec<Message>,
    /// The request's state.
    pub state: RequestState,
}

/// One of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Message {
    /// 1, 2, ... in each direction.
    pub number: u32,
    /// What the other side posted.
    pub body: Base64Url,
}

/// The state of an out-of-band request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestState {
    /// Under way.
    Initiated,
    /// Done.
    Completed,
    /// Refused by the workstation.
    Failed,
    /// Given up by one of the sides, or timed out.
    Canceled,
}

/// GET [`path::REQUEST`].
#[derive(Clone, Serialize, Deserialize)]
pub struct RequestStateResponse {
    /// The history; the last is what it is now.
    pub state: Vec<StateEntry>,
}

/// One state; POST [`path::REQUEST_STATE`] takes one too.
#[derive(Clone, Serialize, Deserialize)]
pub struct StateEntry {
    /// The state.
    pub value: RequestState,
}

/// POST [`path::ENROLL`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnrollRequest {
    /// The install token of an administrator.
    pub install_token: String,
    /// The machine's ID.
    pub machine_id: String,
    /// The machine's name.
    pub machine_name: String,
    /// The machine's public key, P-256, X9.62 compressed, 33 bytes.
    pub public_key: Base64Url,
}

/// Its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnrollResponse {
    /// Bearer token of this workstation. A secret.
    pub workstation_token: String,
    /// The RP application that it belongs to.
    pub rp_app_id: String,
}

/// GET [`path::WORKSTATION`].
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkstationResponse {
    /// What the administrator set.
    pub settings: WorkstationSettings,
    /// The phones that unlock this workstation. One that is missing was removed.
    pub pairings: Vec<PairedDevice>,
    /// The server's clock.
    pub server_time: u64,
}

/// Workstation Settings; GET and PUT `/cc/api/appconfig/workstation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkstationSettings {
    /// The workstation application that a web application's pairings also count for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workstation_rp_app_id: Option<String>,
    /// Pairing codes live 180 s instead of 60 s.
    pub require_user_presence_for_registration: bool,
    /// Offline PINs.
    pub offline: OfflineSettings,
}

/// The offline part of [`WorkstationSettings`]; `latchkey_offline::Settings` has the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OfflineSettings {
    /// Whether PINs are issued at all; off unless an administrator turns it on.
    pub enabled: bool,
    /// Characters of a PIN.
    pub length: u16,
    /// PINs of a set.
    pub count: u16,
    /// Days that a set lives.
    pub valid_days: u16,
    /// Seconds that a PIN is shown.
    pub display_secs: u16,
    /// The phone warns when this percentage of the PINs, or less, is left.
    pub prompt_threshold_pct: u16,
    /// Wrong PINs in a row that destroy the sets.
    pub max_failures: u16,
    /// How many PINs ahead are accepted; all that remain if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u16>,
}

/// POST [`path::DEVICE_EVENTS`] or [`path::WORKSTATION_EVENTS`].
#[derive(Clone, Serialize, Deserialize)]
pub struct ReportedEvents {
    /// The oldest first, at most 100. One that was reported before is not written twice.
    pub events: Vec<ReportedEvent>,
}

/// Something that happened while the server could not be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportedEvent {
    /// Random, 16 bytes in hex: recognises an event that is reported again.
    pub event_id: String,
    /// One of the names of docs/control-center.md.
    pub event_name: String,
    /// When it happened, in milliseconds since the epoch, by the reporter's clock.
    #[serde(rename = "eventTimeInUTC")]
    pub event_time_in_utc: u64,
    /// The workstation, where one is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_id: Option<String>,
}
