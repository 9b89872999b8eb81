//! The description of the calls (OpenAPI 3.1), made from the list in `calls.rs`.

pub(crate) mod shape;

use std::collections::BTreeMap;

use axum::Json;
use latchkey_phone::control_center::wire::RefusalCode;
use serde_json::{Map, Value, json};

use super::calls::{self, Call, Who};
use super::refused;

/// What a call answers when it succeeds.
pub(crate) enum Content {
    Json(Value),
    /// A media type.
    Other(&'static str),
}

impl Content {
    /// `{}`
    pub(crate) fn nothing() -> Self {
        Content::Json(shape::object(&[], &[]))
    }
}

/// GET /openapi.json
pub(crate) async fn serve() -> Json<Value> {
    Json(describe())
}

/// The whole description.
pub(crate) fn describe() -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for call in calls::all() {
        paths.entry(call.path).or_default().insert(call.method.as_str().to_lowercase(), operation(&call));
    }
    let schemes = [Who::Administrator, Who::Workstation, Who::Phone, Who::Session]
        .map(|who| (scheme(who).to_owned(), json!({ "type": "http", "scheme": "bearer" })));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Latchkey Control Center",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Pairs phones with workstations and carries sealed messages between them. \
                            Bodies have at most 16 KiB. Redirects are never answered.",
        },
        "paths": paths,
        "components": { "securitySchemes": Map::from_iter(schemes) },
    })
}

const fn scheme(who: Who) -> &'static str {
    match who {
        Who::Anyone => "",
        Who::Administrator => "administrator",
        Who::Workstation => "workstation",
        Who::Phone => "phone",
        Who::Session => "deviceManager",
    }
}

fn operation(call: &Call) -> Value {
    let in_path = call.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<Value> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": shape::segment() }))
        .chain(call.query.iter().map(|query| {
            json!({ "name": query.name, "in": "query", "required": query.required, "schema": query.schema })
        }))
        .collect();
    let security: Vec<Value> = call
        .who
        .iter()
        .map(|&who| if who == Who::Anyone { json!({}) } else { json!({ scheme(who): [] }) })
        .collect();
    let mut operation = json!({
        "summary": call.summary,
        "security": security,
        "parameters": parameters,
        "responses": responses(call),
    });
    if let (Some(body), Some(operation)) = (&call.body, operation.as_object_mut()) {
        let content = json!({ "application/json": { "schema": body } });
        operation.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    operation
}

fn responses(call: &Call) -> Value {
    let answer = match &call.answer {
        Content::Json(schema) => json!({ "application/json": { "schema": schema } }),
        Content::Other(kind) => json!({ *kind: { "schema": { "type": "string" } } }),
    };
    let mut responses =
        Map::from_iter([("200".to_owned(), json!({ "description": "Done", "content": answer }))]);
    let mut by_status: BTreeMap<u16, Vec<Value>> = BTreeMap::new();
    for code in refusals(call) {
        by_status.entry(refused::status(code).as_u16()).or_default().push(json!(code));
    }
    for (status, codes) in by_status {
        let schema = shape::object(
            &[("error", json!({ "type": "string", "enum": codes })), ("errorText", shape::text())],
            &[],
        );
        let mut response =
            json!({ "description": "Refused", "content": { "application/json": { "schema": schema } } });
        let header = match status {
            401 => Some("WWW-Authenticate"),
            429 | 503 => Some("Retry-After"),
            _ => None,
        };
        if let (Some(name), Some(response)) = (header, response.as_object_mut()) {
            let headers = json!({ name: { "schema": { "type": "string" } } });
            response.insert("headers".to_owned(), headers);
        }
        responses.insert(status.to_string(), response);
    }
    Value::Object(responses)
}

/// How a call may be refused: what follows from its shape, and what it says itself.
pub(crate) fn refusals(call: &Call) -> Vec<RefusalCode> {
    use RefusalCode::{CodeNotFound, Forbidden, Malformed, NotFound, TooLarge, Unauthorized, Unavailable};
    let mut codes = call.refusals.to_vec();
    // The look-up does not tell a body that it cannot read from a code that is not there.
    if !codes.contains(&CodeNotFound) {
        if call.body.is_some() || !call.query.is_empty() {
            codes.push(Malformed);
        }
        if call.body.is_some() {
            codes.push(TooLarge);
        }
    }
    if !call.who.contains(&Who::Anyone) {
        codes.extend([Unauthorized, Forbidden]);
    }
    if call.path.contains('{') && !codes.contains(&NotFound) {
        codes.push(NotFound);
    }
    codes.push(Unavailable);
    codes.dedup();
    codes
}
