use core::time::Duration;

use latchkey_phone::control_center::wire::{
    CreateQrResponse, CreateSignInQrRequest, CreateSignInQrResponse, PendingQrResponse, path,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Answer, Caller, Code, Server, create_qr, no};
use crate::control_center::{Config, Limits, WEB_APP, WORKSTATION_APP};

const ADA: &str = "ada@example.com";

async fn typed(workstation: &Caller) -> (String, String) {
    let created: CreateQrResponse = workstation.post(path::CREATE_QR, &create_qr(ADA, true)).await.ok();
    (created.qr_fallback_activation_code.unwrap(), created.qr_code)
}

async fn look_up(caller: &Caller, code: &str) -> Answer {
    caller.post(path::PENDING_QR, &json!({ "activationCode": code })).await
}

fn generous() -> Config {
    let limits = Limits { lookups_per_address: u32::MAX, lookups: u32::MAX, ..Limits::default() };
    Config { limits, ..Config::default() }
}

#[tokio::test]
async fn a_typed_code_gives_the_text_of_the_picture_once() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let (code, text) = typed(&workstation).await;
    assert_eq!(code.len(), 6);
    assert_eq!(Code::read(&text).typed.as_deref(), Some(code.as_str()));
    let found: PendingQrResponse = look_up(&server.anyone(), &code.to_uppercase()).await.ok();
    assert_eq!(found.qr_code, text);
    assert_eq!(look_up(&server.anyone(), &code).await.refused(), no(400, "code_not_found"));

    // The query of a GET says the same as a body.
    let (code, text) = typed(&workstation).await;
    let found = server.anyone().get(&format!("{}?activationCode={code}", path::PENDING_QR)).await;
    assert_eq!(found.ok::<PendingQrResponse>().qr_code, text);
}

#[tokio::test]
async fn a_sign_in_code_can_be_typed_too() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let request =
        CreateSignInQrRequest { rp_app_id: WORKSTATION_APP.to_owned(), include_qr_fallback_code: true };
    let created: CreateSignInQrResponse = workstation.post(path::CREATE_SIGN_IN_QR, &request).await.ok();
    let code = created.activation_code.unwrap();
    let found: PendingQrResponse = look_up(&server.anyone(), &code).await.ok();
    assert_eq!(found.qr_code, created.qr_code);
    let text = Code::read(&found.qr_code).text;
    assert_eq!((&text["op"], &text["machineId"]), (&json!("authenticate"), &json!("pc-1")));
    assert!(text.get("user").is_none());
}

#[tokio::test]
async fn a_code_that_was_not_asked_for_is_not_cached() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let created: CreateQrResponse = workstation.post(path::CREATE_QR, &create_qr(ADA, false)).await.ok();
    assert!(created.qr_fallback_activation_code.is_none());
    assert!(!created.qr_code.contains("actionCode"));
}

#[tokio::test]
async fn a_code_ends_with_its_picture() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let (late, _) = typed(&workstation).await;
    server.clock.advance(Duration::from_secs(30));
    let (code, _) = typed(&workstation).await;
    server.clock.advance(Duration::from_secs(30));
    assert_eq!(look_up(&server.anyone(), &late).await.refused(), no(400, "code_not_found"));
    look_up(&server.anyone(), &code).await.ok::<PendingQrResponse>();
}

#[tokio::test]
async fn everything_that_is_no_code_is_answered_alike() {
    let server = Server::start_with(generous()).await;
    let unknown = look_up(&server.anyone(), "aaaaaa").await;
    let large = format!("{{\"activationCode\":\"{}\"}}", "a".repeat(20_000));
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"[]",
        b"{\"activationCode\":7}",
        b"{\"activationCode\":\"\"}",
        b"{\"activationCode\":\"aaa aaa\"}",
        "{\"activationCode\":\"\u{e9}\u{e9}\u{e9}\"}".as_bytes(),
        b"\xff\xfe",
        large.as_bytes(),
    ];
    for body in bodies {
        let answer = server.anyone().send(Method::POST, path::PENDING_QR, Some(body.to_vec())).await;
        assert_eq!((answer.status, &answer.body), (unknown.status, &unknown.body));
    }
    for query in ["", "?activationCode", "?activationCode=%ff", "?code=aaaaaa"] {
        let answer = server.anyone().get(&format!("{}{query}", path::PENDING_QR)).await;
        assert_eq!((answer.status, &answer.body), (unknown.status, &unknown.body));
    }
}

#[tokio::test]
async fn one_address_looks_up_ten_codes_a_minute() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    for _ in 0..10 {
        assert_eq!(look_up(&server.anyone(), "aaaaaa").await.refused(), no(400, "code_not_found"));
    }
    // Not even a code that is there; it stays there.
    let (code, _) = typed(&workstation).await;
    server.clock.advance(Duration::from_secs(20));
    let refused = look_up(&server.anyone(), &code).await;
    assert_eq!(refused.retry_after, Some(40));
    assert_eq!(refused.refused(), no(429, "rate_limited"));
    server.clock.advance(Duration::from_secs(40));
    let (code, _) = typed(&workstation).await;
    look_up(&server.anyone(), &code).await.ok::<PendingQrResponse>();
}

#[tokio::test]
async fn all_addresses_together_look_up_so_many() {
    let limits = Limits { lookups_per_address: u32::MAX, lookups: 3, ..Limits::default() };
    let server = Server::start_with(Config { limits, ..Config::default() }).await;
    for _ in 0..3 {
        assert_eq!(look_up(&server.anyone(), "aaaaaa").await.refused(), no(400, "code_not_found"));
    }
    assert_eq!(look_up(&server.anyone(), "aaaaaa").await.refused(), no(429, "rate_limited"));
}

#[tokio::test]
async fn there_are_so_many_codes_at_a_time() {
    let limits = Limits { typed_codes: 2, codes_each: 4, ..Limits::default() };
    let server = Server::start_with(Config { limits, ..Config::default() }).await;
    let workstation = server.workstation("pc-1").await;
    let (used, _) = typed(&workstation).await;
    typed(&workstation).await;
    let third = workstation.post(path::CREATE_QR, &create_qr(ADA, true)).await;
    assert_eq!(third.refused(), no(429, "rate_limited"));
    // A code that was used makes room; the workstation itself may have four.
    look_up(&server.anyone(), &used).await.ok::<PendingQrResponse>();
    typed(&workstation).await;
    let fifth = workstation.post(path::CREATE_QR, &create_qr(ADA, false)).await;
    assert_eq!(fifth.refused(), no(429, "rate_limited"));
}

#[tokio::test]
async fn every_look_up_is_an_event_that_names_nobody() {
    let limits = Limits { lookups_per_address: 3, ..Limits::default() };
    let server = Server::start_with(Config { limits, ..Config::default() }).await;
    let workstation = server.workstation("pc-1").await;
    let (code, text) = typed(&workstation).await;
    look_up(&server.anyone(), &code).await.ok::<PendingQrResponse>();
    look_up(&server.anyone(), &code).await.refused();
    look_up(&server.anyone(), "no code").await.refused();
    look_up(&server.anyone(), "refused").await.refused();
    assert_eq!(server.events(WORKSTATION_APP).await, ["QR_FALLBACK_PAYLOAD_RETRIEVED"]);
    let web: Vec<String> = server.events(WEB_APP).await;
    assert_eq!(web.iter().filter(|name| *name == "QR_FALLBACK_PAYLOAD_RETRIEVED").count(), 3);

    let payload = Code::read(&text).text;
    for app in [WEB_APP, WORKSTATION_APP] {
        let url = format!("/cc/api/versioned/audit/search?rpAppId={app}");
        let page: Value = server.administrator().get(&url).await.ok();
        let trail = page.to_string();
        for secret in [
            &code,
            ADA,
            "127.0.0.1",
            payload["nonce"].as_str().unwrap(),
            payload["requestId"].as_str().unwrap(),
        ] {
            assert!(!trail.contains(secret), "{secret} in {trail}");
        }
    }
}
