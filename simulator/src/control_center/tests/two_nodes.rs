//! Two nodes behind one name: they share the database's file and a Redis server, and a phone and a
//! workstation that talk to different nodes do not notice.

use core::time::Duration;
use std::sync::Arc;

use latchkey_phone::control_center::wire::{
    CreateQrResponse, Messages, OpenRequest, OpenRequestResponse, PendingQrResponse, PostMessage, Purpose,
    QrState, QrStateResponse, WaitingRequests, path,
};
use latchkey_phone::webauthn::json::Base64Url;
use serde_json::{Value, json};

use super::support::{Caller, Code, Phone, Server, create_qr, no};
use crate::control_center::pending::redis_server::RedisServer;
use crate::control_center::{Config, Limits};

const ADA: &str = "ada@example.com";

struct Nodes {
    one: Server,
    two: Server,
    _redis: RedisServer,
    _folder: tempfile::TempDir,
}

async fn nodes(limits: Limits) -> Option<Nodes> {
    let redis = RedisServer::start().await?;
    let folder = tempfile::tempdir().unwrap();
    let config = || Config {
        state: Some(folder.path().to_owned()),
        redis: Some(redis.url()),
        base_url: Some("https://center.example.com".to_owned()),
        admin_token: Some("the same administrator's token".to_owned().into()),
        limits: limits.clone(),
        ..Config::default()
    };
    let (one, two) = (Server::start_with(config()).await, Server::start_with(config()).await);
    Some(Nodes { one, two, _redis: redis, _folder: folder })
}

/// The same caller at the other node.
fn at(node: &Server, token: &str) -> Caller {
    node.with(token)
}

#[tokio::test(flavor = "multi_thread")]
async fn pairing_and_unlocking_across_nodes() {
    let Some(nodes) = nodes(Limits::default()).await else { return };
    let enroll = super::support::enroll(nodes.one.install_token().await, "pc-1", 1);
    let enrolled: Value = nodes.two.anyone().post(path::ENROLL, &enroll).await.ok();
    let token = enrolled["workstationToken"].as_str().unwrap();
    let workstation = at(&nodes.one, token);
    let created: CreateQrResponse = workstation.post(path::CREATE_QR, &create_qr(ADA, true)).await.ok();
    let waiting = tokio::spawn({
        let (workstation, url) =
            (workstation.clone(), format!("/rp/versioned/client/qr/{}?wait=25", created.request_id));
        async move { workstation.get(&url).await.ok::<QrStateResponse>() }
    });
    // The phone's node has never seen the code.
    let typed = created.qr_fallback_activation_code.unwrap();
    let anyone = nodes.two.anyone();
    let found: PendingQrResponse =
        anyone.post(path::PENDING_QR, &json!({ "activationCode": typed })).await.ok();
    let code = Code::read(&found.qr_code);
    assert_eq!(code.text["rpUrl"], "https://center.example.com");
    let registered = Phone::new(1).pair(&anyone, &code).await;
    let started = std::time::Instant::now();
    assert_eq!(waiting.await.unwrap().state, QrState::Completed);
    assert!(started.elapsed() < Duration::from_millis(900), "announced, not found by looking again");

    let phone = at(&nodes.two, &registered.device_token);
    let waiting = tokio::spawn({
        let workstation = workstation.clone();
        let url = format!("{}?wait=25", path::WORKSTATION_REQUESTS);
        async move { workstation.get(&url).await.ok::<WaitingRequests>() }
    });
    let open = OpenRequest { purpose: Purpose::Unlock, machine_id: "pc-1".to_owned(), device_id: None };
    let opened: OpenRequestResponse = phone.post(path::REQUESTS, &open).await.ok();
    assert_eq!(waiting.await.unwrap().requests[0].request_id, opened.request_id);
    let messages = path::REQUEST_MESSAGES.replace("{id}", &opened.request_id);
    let answer = tokio::spawn({
        let (phone, url) = (phone.clone(), format!("{messages}?after=0&wait=25"));
        async move { phone.get(&url).await.ok::<Messages>() }
    });
    workstation.post(&messages, &PostMessage { body: Base64Url(b"hello".to_vec()) }).await.ok::<Value>();
    assert_eq!(answer.await.unwrap().messages[0].body.0, b"hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_look_ups_at_both_nodes_gets_the_code() {
    let limits = Limits { lookups_per_address: u32::MAX, lookups: u32::MAX, ..Limits::default() };
    let Some(nodes) = nodes(limits).await else { return };
    let nodes = Arc::new(nodes);
    let workstation = nodes.one.workstation("pc-1").await;
    for _ in 0..5 {
        let created: CreateQrResponse = workstation.post(path::CREATE_QR, &create_qr(ADA, true)).await.ok();
        let code = created.qr_fallback_activation_code.unwrap();
        let takers: Vec<_> = (0..16)
            .map(|taker| {
                let (nodes, body) = (Arc::clone(&nodes), json!({ "activationCode": code }));
                tokio::spawn(async move {
                    let node = if taker % 2 == 0 { &nodes.one } else { &nodes.two };
                    node.anyone().post(path::PENDING_QR, &body).await.status.is_success()
                })
            })
            .collect();
        let mut found = 0;
        for taker in takers {
            found += u32::from(taker.await.unwrap());
        }
        assert_eq!(found, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_are_counted_together_and_a_lost_redis_is_unavailable() {
    let Some(mut nodes) = nodes(Limits::default()).await else { return };
    let body = json!({ "activationCode": "aaaaaa" });
    for node in [&nodes.one, &nodes.two].into_iter().cycle().take(10) {
        assert_eq!(node.anyone().post(path::PENDING_QR, &body).await.refused(), no(400, "code_not_found"));
    }
    for node in [&nodes.one, &nodes.two] {
        assert_eq!(node.anyone().post(path::PENDING_QR, &body).await.refused(), no(429, "rate_limited"));
    }
    nodes._redis.stop();
    let lost = nodes.one.anyone().post(path::PENDING_QR, &body).await;
    assert_eq!(lost.retry_after, Some(5));
    assert_eq!(lost.refused(), no(503, "unavailable"));
    assert_eq!(nodes.two.anyone().get("/healthz").await.refused(), no(503, "unavailable"));
}
