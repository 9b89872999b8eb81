use core::time::Duration;

use latchkey_phone::control_center::wire::path;
use serde_json::{Value, json};

use super::support::{Code, Phone, Server, no};
use crate::control_center::WEB_APP;

const ADA: &str = "ada@example.com";

#[tokio::test]
async fn the_owner_of_a_magic_link_adds_and_removes_a_phone() {
    let server = Server::start().await;
    let session = server.session(ADA).await;
    let created: Value = session
        .post(path::CREATE_QR, &json!({ "rpAppId": WEB_APP, "includeQRFallbackCode": true }))
        .await
        .ok();
    let code = Code::read(created["qrCode"].as_str().unwrap());
    assert_eq!(code.text["user"], ADA);
    let registered = Phone::new(1).pair(&server.anyone(), &code).await;
    let url = format!("/rp/versioned/client/qr/{}", code.request_id);
    assert_eq!(session.get(&url).await.ok::<Value>()["state"], "COMPLETED");

    let devices: Value = session.get("/dm/api/devices").await.ok();
    assert_eq!(devices["devices"][0]["deviceId"], registered.device_id);
    let other = server.session("bo@example.com").await;
    assert_eq!(other.get(&url).await.refused(), no(404, "not_found"));
    let remove = format!("/dm/api/devices/{}", registered.device_id);
    assert_eq!(other.delete(&remove).await.refused(), no(404, "not_found"));
    session.delete(&remove).await.ok::<Value>();
    assert_eq!(session.get("/dm/api/devices").await.ok::<Value>(), json!({ "devices": [] }));
}

#[tokio::test]
async fn links_and_sessions_end() {
    let server = Server::start().await;
    let request = json!({ "email": ADA, "expiresInSecs": 60 });
    let link: Value = server.administrator().post("/cc/api/magiclink", &request).await.ok();
    let token = link["magicLink"].as_str().unwrap().rsplit_once('/').unwrap().1;
    let anyone = server.anyone();
    let body = json!({ "token": token });
    let open = || anyone.post("/dm/api/session", &body);
    let session: Value = open().await.ok();
    let session = server.with(session["sessionToken"].as_str().unwrap());
    server.clock.advance(Duration::from_secs(60));
    assert_eq!(open().await.refused(), no(410, "expired"));
    let unknown = anyone.post("/dm/api/session", &json!({ "token": "lkl_unknown" })).await;
    assert_eq!(unknown.refused(), no(401, "unauthorized"));
    session.get("/dm/api/devices").await.ok::<Value>();
    server.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(session.get("/dm/api/devices").await.refused(), no(401, "unauthorized"));
}

#[tokio::test]
async fn a_picture_shows_the_text() {
    let server = Server::start().await;
    let session = server.session(ADA).await;
    let large = session.post("/dm/api/picture", &json!({ "text": "x".repeat(2049) })).await;
    assert_eq!(large.refused(), no(413, "too_large"));
    assert!(session.post("/dm/api/picture", &json!({ "text": "hello" })).await.status.is_success());
}

#[tokio::test]
async fn a_list_is_no_object() {
    let server = Server::start().await;
    let session = server.session(ADA).await;
    assert_eq!(session.post("/dm/api/picture", &json!(["hello"])).await.refused(), no(400, "malformed"));
}

#[tokio::test]
async fn a_refusal_that_may_not_have_read_the_body_ends_the_connection_and_says_so() {
    let server = Server::start().await;
    let text = json!({ "text": "hello" });
    let (anyone, session) = (server.anyone(), server.session(ADA).await);
    let refused = anyone.post("/dm/api/picture", &text).await;
    assert!(refused.last);
    assert_eq!(refused.refused(), no(401, "unauthorized"));
    assert!(!anyone.get("/dm/api/devices").await.last);
    assert!(!session.post("/dm/api/picture", &text).await.last);
}
