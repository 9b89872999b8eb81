//! The shapes of what goes over the wire, as JSON Schema. core/phone's `control_center/wire.rs` has the
//! same as types; a test holds the two together.

use latchkey_offline::Setting;
use serde_json::{Map, Value, json};

use crate::control_center::{WEB_APP, WORKSTATION_APP};

/// A parameter of the query.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

pub(crate) fn required(name: &'static str, schema: Value) -> Parameter {
    Parameter { name, required: true, schema }
}

pub(crate) fn optional(name: &'static str, schema: Value) -> Parameter {
    Parameter { name, required: false, schema }
}

type Members<'a> = &'a [(&'a str, Value)];

/// An object with these members; more may come.
pub(crate) fn object(required: Members<'_>, optional: Members<'_>) -> Value {
    let all: Map<String, Value> =
        required.iter().chain(optional).map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    json!({ "type": "object", "properties": all, "required": names })
}

pub(crate) fn anything() -> Value {
    json!({ "type": "object" })
}

pub(crate) fn text() -> Value {
    json!({ "type": "string" })
}

/// One segment of a path.
pub(crate) fn segment() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

/// A member that may also be `null`, which says the same as leaving it out.
fn maybe(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn name() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 64 })
}

fn id() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$" })
}

fn uuid() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" })
}

pub(crate) fn base64url() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]*$" })
}

fn boolean() -> Value {
    json!({ "type": "boolean" })
}

pub(crate) fn integer(least: u64, most: u64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

/// Unix seconds, or milliseconds.
fn time() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn count() -> Value {
    time()
}

pub(crate) fn one_of(values: &[&str]) -> Value {
    json!({ "type": "string", "enum": values })
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

pub(crate) fn rp_app_id() -> Value {
    one_of(&[WEB_APP, WORKSTATION_APP])
}

fn account_kind() -> Value {
    one_of(&["entra_cloud", "entra_hybrid", "local"])
}

fn qr_states() -> Value {
    one_of(&["PENDING", "COMPLETED", "CANCELED", "EXPIRED"])
}

pub(crate) fn activation_code() -> Value {
    object(&[("activationCode", text())], &[])
}

pub(crate) fn pending_qr() -> Value {
    object(&[("qrCode", text())], &[])
}

pub(crate) fn create_qr() -> Value {
    object(
        &[("rpAppId", rp_app_id())],
        &[
            ("username", maybe(text())),
            ("accountKind", maybe(account_kind())),
            ("includeQRFallbackCode", boolean()),
        ],
    )
}

pub(crate) fn create_sign_in_qr() -> Value {
    object(&[("rpAppId", rp_app_id())], &[("includeQRFallbackCode", boolean())])
}

pub(crate) fn created_qr(code: &str) -> Value {
    let typed = json!({ "type": "string", "pattern": "^[a-hjkmnp-z2-9]{6}$" });
    object(&[("qrCode", text()), ("requestId", uuid()), ("expiresAt", time())], &[(code, typed)])
}

fn paired_device() -> Value {
    object(
        &[
            ("deviceId", uuid()),
            ("deviceName", name()),
            ("username", text()),
            ("requestId", text()),
            ("credentialId", base64url()),
            ("publicKey", base64url()),
            ("rpId", text()),
        ],
        &[],
    )
}

pub(crate) fn qr_state() -> Value {
    object(&[("state", qr_states())], &[("pairing", paired_device())])
}

pub(crate) fn attestation_options() -> Value {
    object(&[], &[("requestId", maybe(text())), ("nonce", maybe(base64url())), ("username", maybe(text()))])
}

fn descriptors() -> Value {
    list(&object(&[("type", one_of(&["public-key"])), ("id", base64url())], &[]))
}

pub(crate) fn creation_options() -> Value {
    object(
        &[
            ("rp", object(&[("id", text()), ("name", text())], &[])),
            ("user", object(&[("id", base64url()), ("name", text()), ("displayName", text())], &[])),
            ("challenge", base64url()),
            (
                "pubKeyCredParams",
                list(&object(
                    &[("type", one_of(&["public-key"])), ("alg", json!({ "type": "integer" }))],
                    &[],
                )),
            ),
            ("timeout", count()),
            ("excludeCredentials", descriptors()),
            ("attestation", one_of(&["none", "direct"])),
        ],
        &[],
    )
}

fn credential(response: Value) -> Value {
    object(
        &[
            ("id", base64url()),
            ("rawId", base64url()),
            ("type", text()),
            ("authenticatorAttachment", text()),
            ("response", response),
            ("clientExtensionResults", anything()),
        ],
        &[],
    )
}

fn new_credential() -> Value {
    credential(object(
        &[
            ("clientDataJSON", base64url()),
            ("attestationObject", base64url()),
            ("authenticatorData", base64url()),
            ("publicKey", base64url()),
            ("publicKeyAlgorithm", json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })),
            ("transports", list(&text())),
        ],
        &[],
    ))
}

pub(crate) fn attestation_result() -> Value {
    object(&[("username", text()), ("credential", new_credential())], &[])
}

pub(crate) fn assertion_options() -> Value {
    object(&[], &[("username", maybe(text()))])
}

pub(crate) fn request_options() -> Value {
    object(
        &[
            ("challenge", base64url()),
            ("rpId", text()),
            ("timeout", count()),
            ("allowCredentials", descriptors()),
            ("userVerification", one_of(&["required"])),
        ],
        &[],
    )
}

pub(crate) fn assertion_result() -> Value {
    let response = object(
        &[("clientDataJSON", base64url()), ("authenticatorData", base64url()), ("signature", base64url())],
        &[("userHandle", maybe(base64url()))],
    );
    object(&[("credential", credential(response))], &[])
}

pub(crate) fn signed_in() -> Value {
    object(&[("username", text()), ("accountKind", account_kind())], &[])
}

pub(crate) fn passkeys() -> Value {
    object(&[("passkeys", list(&passkey()))], &[])
}

fn passkey() -> Value {
    object(
        &[
            ("keyId", base64url()),
            ("createDate", time()),
            ("publicKeyAlg", json!({ "type": "integer" })),
            ("signCounter", count()),
        ],
        &[("lastUsedDate", time()), ("deviceId", uuid())],
    )
}

pub(crate) fn registration() -> Value {
    object(
        &[
            ("requestId", text()),
            ("nonce", base64url()),
            ("deviceName", name()),
            ("appVersion", json!({ "type": "string", "pattern": "^[0-9]{1,5}\\.[0-9]{1,5}\\.[0-9]{1,5}$" })),
            ("credential", new_credential()),
        ],
        &[],
    )
}

fn computer() -> Value {
    object(
        &[
            ("machineId", id()),
            ("machineName", name()),
            ("osUser", text()),
            ("rpAppId", rp_app_id()),
            ("publicKey", base64url()),
        ],
        &[],
    )
}

pub(crate) fn registered() -> Value {
    object(
        &[("deviceId", uuid()), ("deviceToken", text()), ("username", text())],
        &[("computer", computer())],
    )
}

pub(crate) fn registration_query() -> Value {
    object(&[("requestId", text()), ("nonce", base64url())], &[])
}

pub(crate) fn registration_state() -> Value {
    object(&[("state", qr_states())], &[("registration", registered())])
}

pub(crate) fn profile() -> Value {
    object(
        &[
            ("username", text()),
            ("accountKind", account_kind()),
            ("computers", list(&computer())),
            ("minAppVersion", text()),
            ("serverTime", time()),
        ],
        &[],
    )
}

fn purpose() -> Value {
    one_of(&["unlock", "sign_in"])
}

pub(crate) fn open_request() -> Value {
    object(&[("purpose", purpose()), ("machineId", text())], &[("deviceId", maybe(text()))])
}

pub(crate) fn opened() -> Value {
    object(&[("requestId", uuid()), ("expiresAt", time())], &[])
}

pub(crate) fn waiting_requests() -> Value {
    let request = object(
        &[
            ("requestId", uuid()),
            ("purpose", purpose()),
            ("machineId", id()),
            ("fromCode", boolean()),
            ("expiresAt", time()),
        ],
        &[("deviceId", uuid())],
    );
    object(&[("requests", list(&request))], &[])
}

fn request_states() -> Value {
    one_of(&["INITIATED", "COMPLETED", "FAILED", "CANCELED"])
}

pub(crate) fn state_entry() -> Value {
    object(&[("value", request_states())], &[])
}

pub(crate) fn request_state() -> Value {
    object(&[("state", list(&state_entry()))], &[])
}

pub(crate) fn claim() -> Value {
    object(&[("nonce", base64url())], &[])
}

pub(crate) fn post_message() -> Value {
    object(&[("body", base64url())], &[])
}

pub(crate) fn messages() -> Value {
    let message = object(&[("number", count()), ("body", base64url())], &[]);
    object(&[("messages", list(&message)), ("state", request_states())], &[])
}

pub(crate) fn events() -> Value {
    let event = object(
        &[
            ("eventId", json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })),
            ("eventName", text()),
            ("eventTimeInUTC", time()),
        ],
        &[("machineId", maybe(id()))],
    );
    object(&[("events", json!({ "type": "array", "items": event, "maxItems": 100 }))], &[])
}

pub(crate) fn enroll() -> Value {
    object(
        &[("installToken", text()), ("machineId", id()), ("machineName", name()), ("publicKey", base64url())],
        &[],
    )
}

pub(crate) fn enrolled() -> Value {
    object(&[("workstationToken", text()), ("rpAppId", rp_app_id())], &[])
}

pub(crate) fn workstation() -> Value {
    object(&[("settings", settings()), ("pairings", list(&paired_device())), ("serverTime", time())], &[])
}

pub(crate) fn settings() -> Value {
    let bounded = |setting: Setting| {
        let bounds = setting.bounds();
        integer(u64::from(*bounds.start()), u64::from(*bounds.end()))
    };
    let offline = object(
        &[
            ("enabled", boolean()),
            ("length", bounded(Setting::Length)),
            ("count", bounded(Setting::Count)),
            ("validDays", bounded(Setting::ValidDays)),
            ("displaySecs", bounded(Setting::DisplaySecs)),
            ("promptThresholdPct", bounded(Setting::PromptThresholdPct)),
            ("maxFailures", bounded(Setting::MaxFailures)),
        ],
        &[("window", maybe(bounded(Setting::Window)))],
    );
    object(
        &[("requireUserPresenceForRegistration", boolean()), ("offline", offline)],
        &[("workstationRpAppId", maybe(one_of(&[WORKSTATION_APP])))],
    )
}

fn life() -> Value {
    integer(60, 2_592_000)
}

pub(crate) fn token_request() -> Value {
    let scope = json!({ "type": "array", "items": one_of(&["WSINSTALL"]), "minItems": 1, "maxItems": 1 });
    object(&[("scope", scope), ("rpAppId", rp_app_id()), ("expiresInSecs", life())], &[])
}

pub(crate) fn token() -> Value {
    object(&[("token", text()), ("expiresAt", time())], &[])
}

pub(crate) fn link_request() -> Value {
    object(&[("email", text())], &[("expiresInSecs", maybe(life()))])
}

pub(crate) fn link() -> Value {
    object(&[("magicLink", text()), ("expiresAt", time())], &[])
}

pub(crate) fn users() -> Value {
    let user = object(&[("username", text()), ("passkeys", count()), ("devices", count())], &[]);
    object(&[("users", list(&user))], &[])
}

fn device() -> Value {
    object(
        &[
            ("deviceId", uuid()),
            ("deviceName", name()),
            ("appVersion", text()),
            ("registeredAt", time()),
            ("computers", list(&text())),
        ],
        &[],
    )
}

pub(crate) fn user() -> Value {
    object(
        &[
            ("username", text()),
            ("accountKind", account_kind()),
            ("createdAt", time()),
            ("passkeys", list(&passkey())),
            ("devices", list(&device())),
        ],
        &[],
    )
}

pub(crate) fn machines() -> Value {
    let machine =
        object(&[("machineId", id()), ("machineName", name()), ("devices", list(&paired_device()))], &[]);
    object(&[("machines", list(&machine))], &[])
}

pub(crate) fn audit_page() -> Value {
    let metadata =
        object(&[("totalRecords", count()), ("totalPages", count()), ("currentPage", count())], &[]);
    let event = object(
        &[
            ("eventName", text()),
            ("eventTags", text()),
            ("eventLoggedBy", text()),
            ("message", text()),
            ("eventTimeInUTC", time()),
            ("rpAppId", text()),
        ],
        &[("machineId", id())],
    );
    object(&[("metadata", metadata), ("data", list(&event))], &[])
}

pub(crate) fn session_request() -> Value {
    object(&[("token", text())], &[])
}

pub(crate) fn session() -> Value {
    object(&[("sessionToken", text()), ("username", text())], &[])
}

pub(crate) fn devices() -> Value {
    object(&[("devices", list(&device()))], &[])
}

pub(crate) fn picture() -> Value {
    object(&[("text", json!({ "type": "string", "maxLength": 2048 }))], &[])
}
