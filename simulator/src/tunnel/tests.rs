use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use futures_util::{SinkExt, StreamExt};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error as WsError, Message,
        client::IntoClientRequest,
        handshake::client::Response,
        http::HeaderValue,
        protocol::{
            CloseFrame,
            frame::{
                Frame, FrameHeader,
                coding::{CloseCode, Data, OpCode},
            },
        },
    },
};

use super::*;

type Stream = TlsStream<TcpStream>;
type Socket = WebSocketStream<Stream>;

const TUNNEL: &str = "00112233445566778899aabbccddeeff";
const OTHER: &str = "ffeeddccbbaa99887766554433221100";

/// A service on loopback, a client's trust in it, and what it told.
struct Fixture {
    service: RunningTunnelService,
    address: SocketAddr,
    tls: TlsConnector,
    events: Arc<Mutex<Vec<Event>>>,
}

/// Limits that a test can wait for.
fn short() -> Limits {
    Limits {
        handshake: Duration::from_millis(400),
        unpaired: Duration::from_millis(400),
        paired: Duration::from_millis(400),
        stalled: Duration::from_millis(400),
        ..Limits::default()
    }
}

impl Fixture {
    async fn start(limits: Limits) -> Self {
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).unwrap();
        let service = TunnelService::bind("127.0.0.1:0".parse().unwrap(), identity, limits).await.unwrap();
        let address = service.local_addr().unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&events);
        let service = service.with_observer(move |event| log.lock().unwrap().push(event)).start();
        Self { service, address, tls: connector(&ca), events }
    }

    async fn tcp(&self) -> TcpStream {
        let tcp = TcpStream::connect(self.address).await.unwrap();
        tcp.set_nodelay(true).unwrap();
        tcp
    }

    async fn tls(&self) -> Stream {
        self.tls.connect(ServerName::try_from("localhost").unwrap(), self.tcp().await).await.unwrap()
    }

    /// A WebSocket upgrade with the subprotocol.
    async fn open(&self, path: &str) -> Result<(Socket, Response), WsError> {
        let mut request = format!("wss://localhost{path}").into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("fido.cable"));
        client_async(request, self.tls().await).await
    }

    /// The status that refuses an upgrade.
    async fn refused(&self, path: &str) -> u16 {
        match self.open(path).await {
            Err(WsError::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{path} broke: {error}"),
            Ok(_) => 101,
        }
    }

    async fn phone(&self, tunnel: &str) -> (Socket, String) {
        let (socket, response) = self.open(&format!("/cable/new/{tunnel}")).await.unwrap();
        let routing_id = response.headers()["x-cable-routing-id"].to_str().unwrap().to_owned();
        (socket, routing_id)
    }

    async fn pair(&self, tunnel: &str) -> (Socket, Socket) {
        let (phone, routing_id) = self.phone(tunnel).await;
        let (client, _) = self.open(&format!("/cable/connect/{routing_id}/{tunnel}")).await.unwrap();
        (phone, client)
    }

    /// Sends a request as it is and returns the whole answer.
    async fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = self.tls().await;
        stream.write_all(request.as_ref()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Waits until the service has told about something.
    async fn told(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        for _ in 0..500 {
            if let Some(event) = self.events.lock().unwrap().iter().find(|event| wanted(event)) {
                return event.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not told; {:?}", self.events.lock().unwrap_or_else(PoisonError::into_inner));
    }

    async fn ending(&self) -> Ending {
        match self.told(|event| matches!(event, Event::Closed { .. })).await {
            Event::Closed { ending, .. } => ending,
            _ => unreachable!(),
        }
    }
}

fn connector(ca: &str) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn say(socket: &mut Socket, message: &[u8]) {
    socket.send(Message::binary(message.to_vec())).await.unwrap();
}

async fn hear(socket: &mut Socket) -> Vec<u8> {
    match socket.next().await {
        Some(Ok(Message::Binary(message))) => message.to_vec(),
        other => panic!("not a message: {other:?}"),
    }
}

/// The code with which the service closes.
async fn closed(socket: &mut Socket) -> CloseCode {
    let waiting = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(CloseFrame { code, .. })))) => return code,
                Some(Ok(_)) => {}
                other => panic!("no close frame: {other:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap()
}

fn head(first_line: &str, lines: &[&str]) -> String {
    format!(
        "{first_line}\r\nHost: localhost\r\n{}\r\n",
        lines.iter().map(|l| format!("{l}\r\n")).collect::<String>()
    )
}

const UPGRADE: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket";
const VERSION: &str = "Sec-WebSocket-Version: 13";
const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const SUBPROTOCOL: &str = "Sec-WebSocket-Protocol: fido.cable";

#[tokio::test]
async fn a_phone_and_a_client_exchange_messages_both_ways() {
    let fixture = Fixture::start(Limits::default()).await;
    let (mut phone, response) = fixture.open(&format!("/cable/new/{TUNNEL}")).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "fido.cable");
    let routing_id = response.headers()["x-cable-routing-id"].to_str().unwrap().to_owned();
    assert_eq!(routing_id.len(), 6);
    assert!(routing_id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));

    let (mut client, response) =
        fixture.open(&format!("/cable/connect/{routing_id}/{TUNNEL}")).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "fido.cable");

    say(&mut client, &[4; 81]).await;
    assert_eq!(hear(&mut phone).await, [4; 81]);
    say(&mut phone, &[5; 81]).await;
    say(&mut phone, &[6; 300]).await;
    assert_eq!(hear(&mut client).await, [5; 81]);
    assert_eq!(hear(&mut client).await, [6; 300]);

    phone.close(None).await.unwrap();
    assert_eq!(closed(&mut client).await, CloseCode::Normal);
    let event = fixture.told(|event| matches!(event, Event::Closed { .. })).await;
    let from_phone = Traffic { messages: 2, bytes: 381 };
    let from_client = Traffic { messages: 1, bytes: 81 };
    assert_eq!(event, Event::Closed { tunnel: 1, ending: Ending::PhoneLeft, from_phone, from_client });
}

#[tokio::test]
async fn a_message_right_before_the_end_still_arrives() {
    let fixture = Fixture::start(Limits::default()).await;
    for round in 1..=20 {
        let (mut phone, mut client) = fixture.pair(TUNNEL).await;
        // What the client sends crosses the phone's leaving, and nobody will read it.
        say(&mut client, b"shutdown").await;
        say(&mut phone, &[7; 100_000]).await;
        phone.close(None).await.unwrap();
        assert_eq!(hear(&mut client).await, [7; 100_000]);
        assert_eq!(closed(&mut client).await, CloseCode::Normal);
        fixture.told(|event| matches!(event, Event::Closed { tunnel, .. } if *tunnel == round)).await;
    }
}

#[tokio::test]
async fn a_message_crosses_without_waiting_for_acknowledgements() {
    let fixture = Fixture::start(Limits { messages: 1000, ..Limits::default() }).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    let start = Instant::now();
    for _ in 0..100 {
        // Two small messages in a row are what Nagle's algorithm would hold back.
        say(&mut client, b"one").await;
        say(&mut client, b"two").await;
        hear(&mut phone).await;
        hear(&mut phone).await;
        say(&mut phone, b"three").await;
        hear(&mut client).await;
    }
    let each = start.elapsed() / 100;
    assert!(each < Duration::from_millis(10), "{each:?}");
}

#[tokio::test]
async fn hexadecimal_digits_are_of_either_case() {
    let fixture = Fixture::start(Limits::default()).await;
    for (new, connect) in
        [(TUNNEL.to_owned(), TUNNEL.to_uppercase()), (OTHER.to_uppercase(), OTHER.to_owned())]
    {
        let (mut phone, routing_id) = fixture.phone(&new).await;
        let path = format!("/cable/connect/{}/{connect}", routing_id.to_uppercase());
        let (mut client, _) = fixture.open(&path).await.unwrap();
        say(&mut client, b"hello").await;
        assert_eq!(hear(&mut phone).await, b"hello");
    }
}

#[tokio::test]
async fn two_tunnels_do_not_mix() {
    let fixture = Fixture::start(Limits::default()).await;
    let (mut phone_a, routing_a) = fixture.phone(TUNNEL).await;
    let (mut phone_b, routing_b) = fixture.phone(OTHER).await;
    assert_eq!(fixture.refused(&format!("/cable/connect/{routing_b}/{TUNNEL}")).await, 404);
    let (mut client_b, _) = fixture.open(&format!("/cable/connect/{routing_b}/{OTHER}")).await.unwrap();
    let (mut client_a, _) = fixture.open(&format!("/cable/connect/{routing_a}/{TUNNEL}")).await.unwrap();
    say(&mut client_a, b"a").await;
    say(&mut client_b, b"b").await;
    assert_eq!(hear(&mut phone_a).await, b"a");
    assert_eq!(hear(&mut phone_b).await, b"b");
    drop(client_a);
    closed(&mut phone_a).await;
    say(&mut phone_b, b"still here").await;
    assert_eq!(hear(&mut client_b).await, b"still here");
}

#[tokio::test]
async fn routing_ids_are_random() {
    let fixture = Fixture::start(Limits::default()).await;
    let mut seen = HashSet::new();
    let mut phones = Vec::new();
    for number in 0..20_u128 {
        let (phone, routing_id) = fixture.phone(&format!("{number:032x}")).await;
        seen.insert(routing_id);
        phones.push(phone);
    }
    // Two of twenty are equal once in 88,000 runs, three never.
    assert!(seen.len() >= 19, "{seen:?}");
}

#[tokio::test]
async fn every_refusal_has_its_status() {
    let fixture = Fixture::start(Limits::default()).await;
    let (_phone, routing_id) = fixture.phone(TUNNEL).await;
    let wrong_routing_id = if routing_id == "000000" { "000001" } else { "000000" };
    for (status, path) in [
        (404, "/".to_owned()),
        (404, "/cable".to_owned()),
        (404, "/cable/new".to_owned()),
        (404, "/cable/new/".to_owned()),
        (404, format!("/cable/new/{}", &TUNNEL[..31])),
        (404, format!("/cable/new/{TUNNEL}0")),
        (404, format!("/cable/new/{TUNNEL}/")),
        (404, format!("/cable/new/{}", TUNNEL.replace('0', "g"))),
        (404, format!("/cable/new/{}", TUNNEL.replace('0', "+"))),
        (404, format!("/Cable/new/{TUNNEL}")),
        (409, format!("/cable/new/{TUNNEL}")),
        (409, format!("/cable/new/{}", TUNNEL.to_uppercase())),
        (404, format!("/cable/connect/{routing_id}")),
        (404, format!("/cable/connect/{routing_id}/{OTHER}")),
        (404, format!("/cable/connect/{wrong_routing_id}/{TUNNEL}")),
        (404, format!("/cable/connect/{routing_id}00/{TUNNEL}")),
        (410, "/cable/contact/AAECAwQFBgc".to_owned()),
        (404, "/cable/contact/".to_owned()),
        (404, "/cable/contact/AAEC/AwQF".to_owned()),
    ] {
        assert_eq!(fixture.refused(&path).await, status, "{path}");
    }
    fixture.told(|event| *event == Event::Refused { status: 410 }).await;
}

#[tokio::test]
async fn a_third_peer_is_refused() {
    let fixture = Fixture::start(Limits::default()).await;
    let (mut phone, routing_id) = fixture.phone(TUNNEL).await;
    let path = format!("/cable/connect/{routing_id}/{TUNNEL}");
    let (mut client, _) = fixture.open(&path).await.unwrap();
    assert_eq!(fixture.refused(&path).await, 403);
    assert_eq!(fixture.refused(&format!("/cable/new/{TUNNEL}")).await, 409);
    say(&mut client, b"undisturbed").await;
    assert_eq!(hear(&mut phone).await, b"undisturbed");
}

#[tokio::test]
async fn a_tunnel_id_is_free_again_after_its_tunnel() {
    let fixture = Fixture::start(Limits::default()).await;
    let (phone, routing_id) = fixture.phone(TUNNEL).await;
    drop(phone);
    assert_eq!(fixture.ending().await, Ending::PhoneLeft);
    assert_eq!(fixture.refused(&format!("/cable/connect/{routing_id}/{TUNNEL}")).await, 404);
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    say(&mut client, b"again").await;
    assert_eq!(hear(&mut phone).await, b"again");
}

#[tokio::test]
async fn requests_that_are_no_upgrade_are_refused() {
    let fixture = Fixture::start(Limits::default()).await;
    let get = format!("GET /cable/new/{TUNNEL} HTTP/1.1");
    for (status, header, request) in [
        (405, "allow: get", head(&get.replace("GET", "POST"), &[UPGRADE, VERSION, KEY, SUBPROTOCOL])),
        (426, "upgrade: websocket", head(&get, &[])),
        (426, "upgrade: websocket", head(&get, &["Connection: Upgrade", VERSION, KEY, SUBPROTOCOL])),
        (426, "upgrade: websocket", head(&get, &["Upgrade: websocket", VERSION, KEY, SUBPROTOCOL])),
        (426, "sec-websocket-version: 13", head(&get, &[UPGRADE, KEY, SUBPROTOCOL])),
        (400, "", head(&get, &[UPGRADE, VERSION, SUBPROTOCOL])),
        (400, "", head(&get, &[UPGRADE, VERSION, KEY])),
        (400, "", head(&get, &[UPGRADE, VERSION, KEY, "Sec-WebSocket-Protocol: fido.cable2, chat"])),
        (400, "", head(&get.replace("1.1", "1.0"), &[UPGRADE, VERSION, KEY, SUBPROTOCOL])),
        (400, "", "garbage\r\n\r\n".to_owned()),
        (404, "", head("GET / HTTP/1.1", &[])),
    ] {
        let answer = fixture.exchange(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}\n{answer}");
        assert!(answer.to_lowercase().contains(header), "{request}\n{answer}");
    }
}

#[tokio::test]
async fn a_request_may_list_subprotocols_and_come_in_pieces_with_an_origin() {
    let fixture = Fixture::start(Limits::default()).await;
    let request = head(
        &format!("GET /cable/new/{TUNNEL} HTTP/1.1"),
        &[
            UPGRADE,
            VERSION,
            KEY,
            "Origin: wss://elsewhere.example",
            "Sec-WebSocket-Protocol: chat, fido.cable",
        ],
    );
    let mut stream = fixture.tls().await;
    for byte in request.as_bytes() {
        stream.write_all(&[*byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
}

#[tokio::test]
async fn a_message_may_come_with_the_request() {
    let fixture = Fixture::start(Limits::default()).await;
    let (mut phone, routing_id) = fixture.phone(TUNNEL).await;
    let request = head(
        &format!("GET /cable/connect/{routing_id}/{TUNNEL} HTTP/1.1"),
        &[UPGRADE, VERSION, KEY, SUBPROTOCOL],
    );
    // FIN, binary; masked with zeros, 3 bytes (RFC 6455 section 5.2).
    let bytes = [request.as_bytes(), &[0x82, 0x83, 0, 0, 0, 0], b"abc"].concat();
    let mut stream = fixture.tls().await;
    stream.write_all(&bytes).await.unwrap();
    assert_eq!(hear(&mut phone).await, b"abc");
}

#[tokio::test]
async fn a_request_that_is_too_long_is_refused() {
    let fixture = Fixture::start(Limits { request_bytes: 1000, ..Limits::default() }).await;
    let answer = fixture.exchange(format!("GET /{}", "x".repeat(996))).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn a_slow_request_is_abandoned() {
    let fixture = Fixture::start(short()).await;
    let mut stream = fixture.tls().await;
    let start = Instant::now();
    let reading = async {
        loop {
            // Each byte is in time, all of them together never are.
            if stream.write_all(b"G").await.is_err() {
                break;
            }
            let mut byte = [0];
            match tokio::time::timeout(Duration::from_millis(50), stream.read(&mut byte)).await {
                Err(_) => {}
                Ok(Ok(0) | Err(_)) => break,
                Ok(Ok(_)) => panic!("an answer to half a request"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reading).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
    fixture.told(|event| *event == Event::Abandoned).await;
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_abandoned() {
    let fixture = Fixture::start(short()).await;
    for garbage in
        [&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], &[0xFF; 5000], &[0x16, 3, 1, 0xFF, 0xFF]]
    {
        let mut stream = fixture.tcp().await;
        stream.write_all(garbage).await.unwrap();
        let mut answer = Vec::new();
        // The end may be a reset, because not all was read.
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(ended.is_ok());
        assert!(!answer.starts_with(b"HTTP"));
    }
    // Nothing at all.
    let mut silent = fixture.tcp().await;
    let ended = tokio::time::timeout(Duration::from_secs(5), silent.read(&mut [0])).await.unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)));
    fixture.pair(TUNNEL).await;
}

#[tokio::test]
async fn garbage_after_the_upgrade_ends_the_tunnel() {
    let fixture = Fixture::start(Limits::default()).await;
    let request = head(&format!("GET /cable/new/{TUNNEL} HTTP/1.1"), &[UPGRADE, VERSION, KEY, SUBPROTOCOL]);
    let mut stream = fixture.tls().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(&[0xFF; 3000]).await.unwrap();
    assert_eq!(fixture.ending().await, Ending::Violation);
}

#[tokio::test]
async fn other_certificates_are_not_trusted() {
    let fixture = Fixture::start(Limits::default()).await;
    let (_, other_ca) = TlsIdentity::generate(&["localhost"]).unwrap();
    let name = || ServerName::try_from("localhost").unwrap();
    assert!(connector(&other_ca).connect(name(), fixture.tcp().await).await.is_err());
    let other_name = ServerName::try_from("cable.ua5v.com").unwrap();
    assert!(fixture.tls.connect(other_name, fixture.tcp().await).await.is_err());
    assert!(fixture.tls.connect(name(), fixture.tcp().await).await.is_ok());
}

#[tokio::test]
async fn empty_and_text_messages_are_violations() {
    for message in [Message::binary(Vec::new()), Message::text("hello")] {
        let fixture = Fixture::start(Limits::default()).await;
        let (mut phone, mut client) = fixture.pair(TUNNEL).await;
        client.send(message.clone()).await.unwrap();
        assert_eq!(closed(&mut client).await, CloseCode::Protocol);
        assert_eq!(closed(&mut phone).await, CloseCode::Protocol);
        assert_eq!(fixture.ending().await, Ending::Violation);

        // The phone alone, too.
        let fixture = Fixture::start(Limits::default()).await;
        let (mut phone, _) = fixture.phone(TUNNEL).await;
        phone.send(message).await.unwrap();
        assert_eq!(closed(&mut phone).await, CloseCode::Protocol);
    }
}

#[tokio::test]
async fn a_message_may_be_as_long_as_the_limit_and_no_longer() {
    let fixture = Fixture::start(Limits { message_bytes: 1000, ..Limits::default() }).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    say(&mut client, &[1; 1000]).await;
    assert_eq!(hear(&mut phone).await, [1; 1000]);
    say(&mut client, &[1; 1001]).await;
    assert_eq!(closed(&mut client).await, CloseCode::Size);
    assert_eq!(fixture.ending().await, Ending::TooLong);
}

#[tokio::test]
async fn a_mebibyte_crosses() {
    let fixture = Fixture::start(Limits::default()).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    let message = vec![9; 1024 * 1024];
    let (_, heard) = tokio::join!(say(&mut phone, &message), hear(&mut client));
    assert_eq!(heard, message);
}

#[tokio::test]
async fn a_message_in_fragments_is_one_message_and_counts_as_a_whole() {
    let fixture = Fixture::start(Limits { message_bytes: 1000, ..Limits::default() }).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    let fragment = |opcode, is_final, length| {
        let header = FrameHeader { is_final, opcode: OpCode::Data(opcode), ..FrameHeader::default() };
        Message::Frame(Frame::from_payload(header, vec![2; length].into()))
    };
    client.send(fragment(Data::Binary, false, 600)).await.unwrap();
    client.send(fragment(Data::Continue, true, 400)).await.unwrap();
    assert_eq!(hear(&mut phone).await, [2; 1000]);
    client.send(fragment(Data::Binary, false, 600)).await.unwrap();
    client.send(fragment(Data::Continue, true, 401)).await.unwrap();
    assert_eq!(closed(&mut client).await, CloseCode::Size);
}

#[tokio::test]
async fn a_peer_may_send_so_many_messages() {
    let fixture = Fixture::start(Limits { messages: 3, ..Limits::default() }).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    for _ in 0..3 {
        say(&mut client, b"x").await;
        hear(&mut phone).await;
        say(&mut phone, b"y").await;
        hear(&mut client).await;
    }
    say(&mut client, b"x").await;
    assert_eq!(closed(&mut client).await, CloseCode::Policy);
    assert_eq!(fixture.ending().await, Ending::TooMany);
}

#[tokio::test]
async fn what_the_phone_says_early_is_kept_up_to_a_limit() {
    let fixture = Fixture::start(Limits { backlog: 2, ..Limits::default() }).await;
    let (mut phone, routing_id) = fixture.phone(TUNNEL).await;
    say(&mut phone, b"one").await;
    say(&mut phone, b"two").await;
    let (mut client, _) = fixture.open(&format!("/cable/connect/{routing_id}/{TUNNEL}")).await.unwrap();
    assert_eq!(hear(&mut client).await, b"one");
    assert_eq!(hear(&mut client).await, b"two");

    let (mut phone, _) = fixture.phone(OTHER).await;
    for _ in 0..3 {
        say(&mut phone, b"x").await;
    }
    assert_eq!(closed(&mut phone).await, CloseCode::Policy);
}

#[tokio::test]
async fn pings_are_answered_before_and_after_pairing() {
    let fixture = Fixture::start(Limits { messages: 1, ..Limits::default() }).await;
    let (mut phone, routing_id) = fixture.phone(TUNNEL).await;
    phone.send(Message::Ping(b"1".to_vec().into())).await.unwrap();
    assert_eq!(phone.next().await.unwrap().unwrap(), Message::Pong(b"1".to_vec().into()));
    let (mut client, _) = fixture.open(&format!("/cable/connect/{routing_id}/{TUNNEL}")).await.unwrap();
    for peer in [&mut phone, &mut client] {
        peer.send(Message::Ping(b"2".to_vec().into())).await.unwrap();
        assert_eq!(peer.next().await.unwrap().unwrap(), Message::Pong(b"2".to_vec().into()));
        peer.send(Message::Pong(b"3".to_vec().into())).await.unwrap();
    }
    say(&mut client, b"not a ping").await;
    assert_eq!(hear(&mut phone).await, b"not a ping");
}

#[tokio::test]
async fn a_phone_does_not_wait_for_ever() {
    let fixture = Fixture::start(short()).await;
    let (mut phone, routing_id) = fixture.phone(TUNNEL).await;
    let start = Instant::now();
    assert_eq!(closed(&mut phone).await, CloseCode::Away);
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(fixture.ending().await, Ending::NobodyCame);
    assert_eq!(fixture.refused(&format!("/cable/connect/{routing_id}/{TUNNEL}")).await, 404);
}

#[tokio::test]
async fn a_pair_does_not_talk_for_ever() {
    let fixture = Fixture::start(Limits { messages: u32::MAX, ..short() }).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    let talking = async {
        while client.send(Message::binary(b"x".to_vec())).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (_, code) = tokio::join!(talking, closed(&mut phone));
    assert_eq!(code, CloseCode::Away);
    assert_eq!(fixture.ending().await, Ending::Expired);
}

#[tokio::test]
async fn a_peer_that_does_not_read_ends_the_tunnel() {
    let limits = Limits { stalled: Duration::from_millis(300), ..Limits::default() };
    let fixture = Fixture::start(limits).await;
    let (_phone, mut client) = fixture.pair(TUNNEL).await;
    let shouting = async {
        let message = vec![0; 1024 * 1024];
        while client.send(Message::binary(message.clone())).await.is_ok() {}
    };
    tokio::time::timeout(Duration::from_secs(20), shouting).await.unwrap();
    assert_eq!(fixture.ending().await, Ending::Stalled);
}

#[tokio::test]
async fn the_leaving_of_either_peer_is_told_to_the_other() {
    let fixture = Fixture::start(Limits::default()).await;
    let (mut phone, client) = fixture.pair(TUNNEL).await;
    // Without a close frame, as when the computer loses its network.
    drop(client);
    assert_eq!(closed(&mut phone).await, CloseCode::Normal);
    assert_eq!(fixture.ending().await, Ending::ClientLeft);
}

#[tokio::test]
async fn a_close_frame_is_answered() {
    let fixture = Fixture::start(Limits::default()).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    client.close(None).await.unwrap();
    assert!(matches!(client.next().await, Some(Ok(Message::Close(_)))));
    assert_eq!(closed(&mut phone).await, CloseCode::Normal);
}

#[tokio::test]
async fn tunnels_are_bounded() {
    let fixture = Fixture::start(Limits { tunnels: 1, ..Limits::default() }).await;
    let (phone, _) = fixture.phone(TUNNEL).await;
    assert_eq!(fixture.refused(&format!("/cable/new/{OTHER}")).await, 503);
    drop(phone);
    fixture.ending().await;
    fixture.phone(OTHER).await;
}

#[tokio::test]
async fn connections_are_bounded_and_wait_their_turn() {
    let fixture = Fixture::start(Limits { connections: 1, ..short() }).await;
    let idle = fixture.tcp().await;
    // The idle connection is dropped after the handshake time; then it is this one's turn.
    let start = Instant::now();
    fixture.phone(TUNNEL).await;
    assert!(start.elapsed() >= Duration::from_millis(200));
    drop(idle);
}

#[tokio::test]
async fn shutdown_closes_every_tunnel_and_the_port() {
    let Fixture { service, address, tls, events } = Fixture::start(Limits::default()).await;
    let fixture = Fixture { service, address, tls: tls.clone(), events: Arc::clone(&events) };
    let (mut waiting, _) = fixture.phone(OTHER).await;
    let (mut phone, mut client) = fixture.pair(TUNNEL).await;
    let _unfinished = fixture.tcp().await;
    let closing = async {
        assert_eq!(closed(&mut waiting).await, CloseCode::Away);
        tokio::join!(async { assert_eq!(closed(&mut phone).await, CloseCode::Away) }, async {
            assert_eq!(closed(&mut client).await, CloseCode::Away)
        });
        drop((waiting, phone, client));
    };
    let start = Instant::now();
    tokio::join!(fixture.service.shutdown(), closing);
    assert!(start.elapsed() < Duration::from_secs(4));
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn nothing_secret_is_told() {
    let fixture = Fixture::start(Limits::default()).await;
    let (phone, routing_id) = fixture.phone(TUNNEL).await;
    drop(phone);
    fixture.ending().await;
    let told = format!("{:?}", fixture.events.lock().unwrap());
    assert!(!told.contains(TUNNEL) && !told.contains(&routing_id), "{told}");
}

#[test]
fn certificates_are_read_from_files() {
    let directory = tempfile::tempdir().unwrap();
    let (certificate, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&certificate, pair.cert.pem()).unwrap();
    assert!(matches!(TlsIdentity::from_pem_files(&certificate, &key), Err(TlsError::KeyFile(_))));
    std::fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
    TlsIdentity::from_pem_files(&certificate, &key).unwrap();
    assert!(matches!(TlsIdentity::from_pem_files(&key, &key), Err(TlsError::Unusable(_))));

    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&key, other.signing_key.serialize_pem()).unwrap();
    assert!(matches!(TlsIdentity::from_pem_files(&certificate, &key), Err(TlsError::Unusable(_))));
    std::fs::remove_file(&certificate).unwrap();
    assert!(matches!(TlsIdentity::from_pem_files(&certificate, &key), Err(TlsError::CertificateFile(_))));
}
