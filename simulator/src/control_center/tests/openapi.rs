//! The list of calls is what is served, and says the truth about who may make them.

use std::collections::BTreeSet;

use latchkey_phone::control_center::wire::path;
use reqwest::Method;
use serde_json::Value;

use super::support::{Phone, Server, pairing_code};
use crate::control_center::calls::{self, Who};

#[tokio::test]
async fn the_description_has_every_call() {
    let server = Server::start().await;
    let served: Value = server.anyone().get("/openapi.json").await.ok();
    let described: usize =
        served["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(described, calls::all().len());
    for path in [path::PENDING_QR, path::CREATE_QR, path::REGISTRATION, path::REQUEST_MESSAGES, path::ENROLL]
    {
        assert!(served["paths"].get(path).is_some(), "{path}");
    }
}

#[tokio::test]
async fn each_call_takes_the_tokens_that_it_says_and_no_others() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let code = pairing_code(&workstation, "ada@example.com").await;
    let phone = server.with(&Phone::new(1).pair(&server.anyone(), &code).await.device_token);
    let session = server.session("ada@example.com").await;
    let callers = [
        (Who::Administrator, server.administrator()),
        (Who::Workstation, workstation),
        (Who::Phone, phone),
        (Who::Session, session),
    ];
    for call in calls::all().iter().filter(|call| !call.who.contains(&Who::Anyone)) {
        let path = call.path.replace("{id}", "x").replace("{username}", "x").replace("{deviceId}", "x");
        let method = Method::from_bytes(call.method.as_str().as_bytes()).unwrap();
        let body = call.body.as_ref().map(|_| b"{}".to_vec());
        let without = server.anyone().send(method.clone(), &path, body.clone()).await;
        assert_eq!(without.status, 401, "{method} {path}");
        let removes = call.method == axum::http::Method::DELETE && path == path::REGISTRATION;
        for (who, caller) in callers.iter().filter(|(who, _)| !(removes && *who == Who::Phone)) {
            let answer = caller.send(method.clone(), &path, body.clone()).await;
            // Before the body is read: all of these are empty.
            assert_eq!(answer.status == 403, !call.who.contains(who), "{who:?} {method} {path}");
            assert_ne!(answer.status, 401, "{who:?} {method} {path}");
        }
    }
}

/// What `wire.rs` says about the bodies of calls, `shape.rs` says too: each required member is one that
/// the server cannot do without, and the server takes nothing that the schema does not know.
#[tokio::test]
async fn a_body_without_a_required_member_is_malformed() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let code = pairing_code(&workstation, "ada@example.com").await;
    let phone = server.with(&Phone::new(1).pair(&server.anyone(), &code).await.device_token);
    let session = server.session("ada@example.com").await;
    let mut seen = BTreeSet::new();
    for call in calls::all() {
        let Some(body) = &call.body else { continue };
        let required = body["required"].as_array().unwrap();
        if required.is_empty() || call.path == path::PENDING_QR {
            continue;
        }
        seen.insert(call.path);
        let caller = match call.who.first().unwrap() {
            Who::Anyone => server.anyone(),
            Who::Administrator => server.administrator(),
            Who::Workstation => workstation.clone(),
            Who::Phone => phone.clone(),
            Who::Session => session.clone(),
        };
        let id = call.path.replace("{id}", "x");
        let query: Vec<String> = call
            .query
            .iter()
            .map(|query| format!("{}={}", query.name, crate::control_center::WEB_APP))
            .collect();
        let method = Method::from_bytes(call.method.as_str().as_bytes()).unwrap();
        let answer = caller.send(method, &format!("{id}?{}", query.join("&")), Some(b"{}".to_vec())).await;
        assert_eq!(answer.body["error"], "malformed", "{}", call.path);
    }
    assert!(seen.len() > 15, "{seen:?}");
}
