use serde_json::{Value, json};

use super::super::test_server::{Reply, Request, Server};
use super::*;

async fn server(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Server, Client) {
    let server = Server::start(handler).await;
    let client = Client::new(server.tls(), &server.address()).unwrap();
    (server, client)
}

/// What a GET gives when the server says exactly this.
async fn get_raw(answer: impl Into<Vec<u8>>) -> Result<Value, ControlCenterError> {
    let answer = answer.into();
    let (_server, client) = server(move |_| Reply::Raw(answer.clone())).await;
    client.get("/x").await
}

fn with_body(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn calls_are_plain_json() {
    let (server, client) = server(|request| match request.line.as_str() {
        "POST /a" => Reply::Json(200, request.body.clone()),
        "GET /b" => Reply::Json(200, json!([1])),
        "GET /c?wait=3" | "GET /d?after=1&wait=3" => Reply::Json(200, json!("held")),
        "DELETE /e" => Reply::Raw(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        _ => Reply::Drop,
    })
    .await;
    let echo: Value = client.post("/a", &json!({"k": "v"})).await.unwrap();
    assert_eq!(echo, json!({"k": "v"}));
    let known = client.clone().with_token("secret");
    assert_eq!(known.get::<Vec<u8>>("/b").await.unwrap(), [1]);
    assert_eq!(client.get_waiting::<String>("/c", 3).await.unwrap(), "held");
    assert_eq!(client.get_waiting::<String>("/d?after=1", 3).await.unwrap(), "held");
    client.delete("/e").await.unwrap();

    let requests = server.take_requests();
    assert_eq!(requests.len(), 5);
    let (posted, got) = (&requests[0], &requests[1]);
    assert_eq!(posted.header("content-type"), Some("application/json"));
    assert_eq!(posted.header("user-agent"), Some(concat!("latchkey/", env!("CARGO_PKG_VERSION"))));
    for unwanted in ["authorization", "cookie", "referer", "accept-encoding"] {
        assert_eq!(posted.header(unwanted), None);
    }
    assert_eq!(got.header("authorization"), Some("Bearer secret"));
}

#[tokio::test]
async fn refusals_say_why_and_when_to_come_again() {
    let refused = |status, code, retry_after: Option<u64>| {
        let retry_after = retry_after.map(Duration::from_secs);
        Err(ControlCenterError::Refused { status, code, retry_after })
    };
    let body = r#"{"error":"expired","errorText":"x"}"#;
    assert_eq!(get_raw(with_body("410 Gone", "", body)).await, refused(410, RefusalCode::Expired, None));
    for body in ["", "<html>", r#"{"error":"of_tomorrow"}"#, r#"{"error":7}"#] {
        assert_eq!(get_raw(with_body("404 N", "", body)).await, refused(404, RefusalCode::Other, None));
    }
    // Longer than is read: the status still counts.
    let long = with_body("500 X", "", &"x".repeat(MAX_BODY * 2));
    assert_eq!(get_raw(long).await, refused(500, RefusalCode::Other, None));

    let limited = r#"{"error":"rate_limited"}"#;
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    for (headers, seconds) in [
        ("Retry-After: 7\r\n".to_owned(), Some(7)),
        ("Retry-After: 99999999\r\n".to_owned(), Some(3600)),
        ("Retry-After: 99999999999999999999999\r\n".to_owned(), None),
        ("Retry-After: -1\r\n".to_owned(), None),
        ("Retry-After: soon\r\n".to_owned(), None),
        (format!("{date}Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n"), Some(30)),
        (format!("{date}Retry-After: Sun, 06 Nov 1994 08:00:00 GMT\r\n"), Some(0)),
        ("Retry-After: Sun, 06 Nov 1994 08:50:07 GMT\r\n".to_owned(), None),
    ] {
        let answer = get_raw(with_body("429 X", &headers, limited)).await;
        assert_eq!(answer, refused(429, RefusalCode::RateLimited, seconds), "{headers}");
    }
}

#[tokio::test]
async fn answers_are_bounded_however_they_come() {
    let fits = format!("\"{}\"", "x".repeat(MAX_BODY - 2));
    assert!(get_raw(with_body("200 OK", "", &fits)).await.is_ok());
    let over = format!("\"{}\"", "x".repeat(MAX_BODY - 1));
    assert_eq!(get_raw(with_body("200 OK", "", &over)).await, Err(ControlCenterError::TooLarge));
    let chunks = format!("{:x}\r\n{over}\r\n", over.len());
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
    assert_eq!(get_raw(chunked).await, Err(ControlCenterError::TooLarge));
    // No length: until the end of the connection.
    assert_eq!(get_raw(format!("HTTP/1.1 200 OK\r\n\r\n{over}")).await, Err(ControlCenterError::TooLarge));
    // A length that is only claimed reserves nothing.
    let claimed = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n[]";
    assert_eq!(get_raw(claimed).await, Err(ControlCenterError::Closed));
}

#[tokio::test]
async fn answers_that_cannot_be_read() {
    for body in ["{", "[1,]", "\u{0}"] {
        assert_eq!(get_raw(with_body("200 OK", "", body)).await, Err(ControlCenterError::Malformed));
    }
    let (_server, client) = server(|_| Reply::Json(200, json!({"a": 1}))).await;
    assert_eq!(client.get::<Vec<u8>>("/x").await, Err(ControlCenterError::Malformed));
    for raw in ["", "HTTP/1.1 200", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1"] {
        assert_eq!(get_raw(raw).await, Err(ControlCenterError::Closed), "{raw:?}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in ["301 M", "302 F", "303 S", "307 T", "308 P", "304 N"] {
        let (server, client) = server(move |_| {
            Reply::Raw(with_body(status, "Location: https://localhost/y\r\n", "").into_bytes())
        })
        .await;
        assert_eq!(client.get::<Value>("/x").await, Err(ControlCenterError::Redirected));
        assert_eq!(server.take_lines(), ["GET /x"]);
    }
}

#[tokio::test]
async fn a_call_is_sent_once() {
    let (server, client) = server(|_| Reply::Drop).await;
    assert_eq!(client.post::<_, Value>("/x", &()).await, Err(ControlCenterError::Closed));
    assert_eq!(server.take_lines(), ["POST /x"]);
}

#[tokio::test]
async fn strangers_are_not_talked_to() {
    let (server, _) = server(|_| Reply::Json(200, json!(1))).await;
    let (other, _) = self::server(|_| Reply::Drop).await;
    let client = Client::new(other.tls(), &server.address()).unwrap();
    assert_eq!(client.get::<Value>("/x").await, Err(ControlCenterError::Untrusted));
    assert!(server.take_lines().is_empty());
}

#[tokio::test]
async fn nobody_there() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let tls = Server::start(|_| Reply::Drop).await.tls();
    for address in [format!("localhost:{port}"), "no-such-name.latchkey-test.com".to_owned()] {
        let address = Address::parse(&address, true).unwrap();
        let client = Client::new(Arc::clone(&tls), &address).unwrap();
        let error = client.get::<Value>("/x").await.unwrap_err();
        assert_eq!(error, ControlCenterError::Unreachable);
        assert!(error.changed_nothing());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_for_ever() {
    let (_server, client) = server(|_| Reply::Hang).await;
    // Time does not run by itself while the first packets are under way.
    tokio::time::resume();
    let waiting = tokio::spawn(async move { client.get::<Value>("/x").await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    tokio::time::pause();
    tokio::time::advance(TIMEOUT).await;
    assert_eq!(waiting.await.unwrap(), Err(ControlCenterError::TimedOut));
}

#[tokio::test]
async fn the_servers_clock_is_kept() {
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    let (_server, client) = server(move |_| Reply::Raw(with_body("200 OK", date, "1").into_bytes())).await;
    assert_eq!(client.server_time(), None);
    client.get::<Value>("/x").await.unwrap();
    assert_eq!(client.clone().server_time(), Some(784_111_777));
}

#[test]
fn a_name_stays_in_its_segment() {
    let template = "/a/{id}/b";
    assert_eq!(path_of(template, "0f-A.9_:z").unwrap(), "/a/0f-A.9_:z/b");
    let long = "x".repeat(129);
    for bad in ["", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "a b", "\u{e9}", "a\n", &long] {
        assert_eq!(path_of(template, bad), Err(ControlCenterError::BadName), "{bad:?}");
    }
}

#[test]
fn what_may_have_been_carried_out() {
    let refused =
        |status| ControlCenterError::Refused { status, code: RefusalCode::Other, retry_after: None };
    assert!(refused(409).changed_nothing());
    assert!(!refused(503).changed_nothing());
    assert!(!ControlCenterError::TimedOut.changed_nothing());
    assert_eq!(refused(409).refusal(), Some(RefusalCode::Other));
    assert_eq!(ControlCenterError::Closed.refusal(), None);
}
