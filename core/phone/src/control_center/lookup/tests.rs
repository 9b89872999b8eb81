use core::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::ErrorId;
use crate::control_center::test_server::{Reply, Request, Server};
use crate::fixture::TestPhone;

/// The text of a pairing code of this server.
fn text(rp_url: &str) -> String {
    let nonce = URL_SAFE_NO_PAD.encode([7; 32]);
    json!({"v": 1, "op": "register", "rpUrl": rp_url, "rpAppId": "app", "requestId": "r", "nonce": nonce, "exp": 9})
        .to_string()
}

fn found(qr_code: &str) -> Reply {
    Reply::Json(200, json!({ "qrCode": qr_code }))
}

/// A server that answers like this, and a phone that trusts it.
async fn fixture(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Server, TestPhone) {
    let server = Server::start(handler).await;
    let phone = TestPhone::trusting(&server.ca);
    (server, phone)
}

impl TestPhone {
    async fn look_up(&self, base_url: &str, code: &str) -> Result<ControlCenterCode, PhoneError> {
        self.phone.look_up(base_url, code, &Cancel::new()).await
    }
}

/// What a person reads who looks a code up at a server that answers like this.
async fn meets(reply: Reply) -> ErrorId {
    let (server, phone) = fixture(move |_| reply.clone()).await;
    phone.look_up(&server.base(), "acotlc").await.unwrap_err().id()
}

#[tokio::test]
async fn a_typed_code_is_a_scanned_one() {
    let (server, phone) = fixture(|request| {
        let host = request.header("host").unwrap();
        found(&text(&format!("https://{host}")))
    })
    .await;
    for typed in ["8E3nf8", " 8E3-nf8 ", "8E 3n f8"] {
        let code = phone.look_up(&server.base(), typed).await.unwrap();
        assert_eq!((code.rp_app_id.as_str(), code.nonce), ("app", [7; 32]));
    }
    for request in server.take_requests() {
        assert_eq!(request.line, "POST /rp/versioned/device/pendingqr");
        assert_eq!(request.body, json!({"activationCode": "8E3nf8"}), "exactly as typed");
    }
}

#[tokio::test]
async fn the_method_is_a_setting() {
    let server =
        Server::start(|request| found(&text(&format!("https://{}", request.header("host").unwrap())))).await;
    let ca = server.ca.clone();
    let phone = TestPhone::with(|config| {
        config.extra_ca = Some(ca);
        config.look_up = LookUpMethod::Get;
    });
    phone.look_up(&server.base(), "acotlc").await.unwrap();
    let requests = server.take_requests();
    assert_eq!(requests[0].line, "GET /rp/versioned/device/pendingqr?activationCode=acotlc");
    assert_eq!(requests[0].body, Value::Null);
}

#[tokio::test]
async fn what_cannot_be_a_code_is_not_sent() {
    let (server, phone) = fixture(|_| Reply::Drop).await;
    let long = "a".repeat(65);
    for typed in ["", "acotl", "acot-l", &long, "acotl\u{e9}", "acotl?", "acotl/", "acotlc&x=1"] {
        let error = phone.look_up(&server.base(), typed).await.unwrap_err();
        assert!(matches!(error, PhoneError::InvalidActivationCode), "{typed:?}");
        assert_eq!(error.id(), ErrorId::CodeNotFound);
    }
    for address in ["", "http://localhost", "https://user@localhost", "10.0.0.1", "localhost/path"] {
        let error = phone.look_up(address, "acotlc").await.unwrap_err();
        assert!(matches!(error, PhoneError::Address(_)), "{address:?}");
        assert_eq!(error.id(), ErrorId::CodeBadAddress);
    }
    phone.surroundings.set_online(false);
    assert!(matches!(phone.look_up(&server.base(), "acotlc").await, Err(PhoneError::Offline)));
    assert!(server.take_lines().is_empty());
}

#[tokio::test]
async fn every_answer_has_its_words() {
    for (reply, id) in [
        (Reply::refusal(400, "code_not_found"), ErrorId::CodeNotFound),
        (Reply::refusal(400, "malformed"), ErrorId::CodeNotFound),
        (Reply::Json(400, json!("anything")), ErrorId::CodeNotFound),
        (Reply::refusal(404, "not_found"), ErrorId::CodeBadAddress),
        (Reply::Json(404, json!({})), ErrorId::CodeBadAddress),
        (Reply::refusal(429, "rate_limited"), ErrorId::CodeRateLimited),
        (Reply::refusal(503, "unavailable"), ErrorId::RegUnavailable),
        (Reply::Json(302, json!({})), ErrorId::CodeBadAddress),
        (Reply::Json(200, json!([])), ErrorId::CodeBadAddress),
        (Reply::Json(200, json!({"qrCode": "x".repeat(17_000)})), ErrorId::CodeBadAddress),
        (Reply::Drop, ErrorId::RegUnavailable),
        (found(&text("https://other.example.com")), ErrorId::QrInvalid),
        (found(&text("https://localhost:1")), ErrorId::QrInvalid),
        (found(&text("https://localhost.evil.com")), ErrorId::QrInvalid),
        (found("FIDO:/0123"), ErrorId::QrInvalid),
        (found("https://localhost/"), ErrorId::QrInvalid),
        (found(""), ErrorId::QrInvalid),
        (found(&"x".repeat(3000)), ErrorId::QrInvalid),
        (found(r#"{"v":2,"op":"register"}"#), ErrorId::QrUnsupported),
    ] {
        let shown = match &reply {
            Reply::Json(status, body) => format!("{status} {body}"),
            _ => "no answer".to_owned(),
        };
        assert_eq!(meets(reply).await, id, "{shown}");
    }
}

#[tokio::test]
async fn five_codes_that_are_not_found_are_enough_for_now() {
    let (server, phone) = fixture(|_| Reply::refusal(400, "code_not_found")).await;
    let look_up = async || phone.look_up(&server.base(), "acotlc").await;
    for _ in 0..5 {
        assert!(matches!(look_up().await, Err(PhoneError::ControlCenter(Call::LookUp, _))));
    }
    assert_eq!(server.take_lines().len(), 5);
    let error = look_up().await.unwrap_err();
    assert!(matches!(error, PhoneError::TooManyAttempts { seconds: 30 }));
    assert_eq!(error.id(), ErrorId::CodeRateLimited);
    assert!(server.take_lines().is_empty(), "nothing is sent during the wait");

    phone.clock.advance(Duration::from_secs(30));
    assert!(matches!(look_up().await, Err(PhoneError::ControlCenter(..))));
    assert!(matches!(look_up().await, Err(PhoneError::TooManyAttempts { seconds: 60 })));
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_counts_for_nothing() {
    let (server, phone) = fixture(|_| Reply::Drop).await;
    for _ in 0..8 {
        let error = phone.look_up(&server.base(), "acotlc").await.unwrap_err();
        assert!(matches!(error, PhoneError::ControlCenter(..)));
    }
}

#[tokio::test]
async fn retry_after_is_kept_to() {
    let (server, phone) =
        fixture(|_| Reply::Raw(b"HTTP/1.1 429 X\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n".to_vec()))
            .await;
    let look_up = async || phone.look_up(&server.base(), "acotlc").await;
    assert_eq!(look_up().await.unwrap_err().id(), ErrorId::CodeRateLimited);
    assert!(matches!(look_up().await, Err(PhoneError::TooManyAttempts { seconds: 77 })));
    phone.clock.advance(Duration::from_secs(77));
    assert!(matches!(look_up().await, Err(PhoneError::ControlCenter(..))));
}

#[tokio::test]
async fn a_look_up_can_be_cancelled() {
    let (server, phone) = fixture(|_| Reply::Hang).await;
    let cancel = Cancel::new();
    let base = server.base();
    let (outcome, ()) = tokio::join!(phone.phone.look_up(&base, "acotlc", &cancel), async {
        while server.take_lines().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert_eq!(outcome.unwrap_err().id(), ErrorId::RegCanceled);
}
