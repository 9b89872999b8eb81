//! A man in the middle between one peer and the tunnel service. It ends TLS with a certificate that
//! both trust, sees every message, and does to one of them, or to the upgrade, what its plan says.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use latchkey_phone::tunnel::TunnelAddress;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};

/// Whither a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the computer: message 1, command, shutdown.
    ToPhone,
    /// From the phone: message 2, introduction, answer.
    ToComputer,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It comes a little later. No harm is done.
    Late,
    /// It is lost; later ones are not.
    Drop,
    /// It and all later ones never come.
    Stall,
    /// Its end is missing.
    Truncate,
    /// One byte more.
    Extend,
    /// One bit is wrong.
    Flip,
    /// It comes twice.
    Duplicate,
    /// It comes after the next one.
    Swap,
    /// Random bytes come in its place.
    Garbage,
    /// Random bytes come before it.
    Inject,
    /// An empty message comes in its place.
    Empty,
    /// A text message comes in its place.
    Text,
    /// 2 MiB come in its place.
    Huge,
    /// The tunnel is closed instead, as WebSockets are.
    Close,
    /// The connection is gone instead.
    Abort,
    /// The connection is gone in the middle of it.
    HalfFrame,
}

/// Every fault.
pub const FAULTS: [Fault; 16] = [
    Fault::Late,
    Fault::Drop,
    Fault::Stall,
    Fault::Truncate,
    Fault::Extend,
    Fault::Flip,
    Fault::Duplicate,
    Fault::Swap,
    Fault::Garbage,
    Fault::Inject,
    Fault::Empty,
    Fault::Text,
    Fault::Huge,
    Fault::Close,
    Fault::Abort,
    Fault::HalfFrame,
];

/// What becomes of a request for a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// The connection is closed before anything was said.
    CloseBeforeTls,
    /// Nothing is ever said.
    StallBeforeTls,
    /// Something else than TLS is spoken.
    NotTls,
    /// The connection is closed once TLS is there.
    CloseAfterTls,
    /// The request is never answered.
    StallAfterRequest,
    /// The answer is this, then the connection is closed.
    Answer(&'static str),
    /// The answer is this, and nothing follows.
    AnswerAndStall(&'static str),
    /// The answer's headers never end.
    EndlessHeaders,
    /// The answer has these headers, one a line, in place of subprotocol and routing ID.
    Headers(&'static str),
    /// The answer's `Sec-WebSocket-Accept` belongs to another request.
    WrongAccept,
    /// The tunnel opens, and then pings come without an end.
    PingFlood,
}

/// What to do to the next connection that it applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// To the upgrade.
    Upgrade(Upgrade),
    /// To one message.
    Message(Direction, usize, Fault),
}

/// Which peer a meddler stands in front of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    Phone,
    Computer,
}

/// A man in the middle. Without a plan it passes everything on.
pub struct Meddler {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    leg: Leg,
    acceptor: TlsAcceptor,
    service: TunnelAddress,
    service_tls: Arc<ClientConfig>,
    plan: Mutex<Option<Plan>>,
    fired: Notify,
    rng: Mutex<ChaCha20Rng>,
}

type Near = WebSocketStream<server::TlsStream<TcpStream>>;
type Far = WebSocketStream<client::TlsStream<TcpStream>>;

impl Meddler {
    /// Makes a certificate for `localhost`: what to trust, in PEM, and what to show.
    #[must_use]
    pub fn certificate() -> (String, Arc<ServerConfig>) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        (made.cert.pem(), Arc::new(config))
    }

    /// Stands in front of `service`.
    pub(crate) async fn start(
        leg: Leg,
        tls: Arc<ServerConfig>,
        service: TunnelAddress,
        service_tls: Arc<ClientConfig>,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            leg,
            acceptor: TlsAcceptor::from(tls),
            service,
            service_tls,
            plan: Mutex::new(None),
            fired: Notify::new(),
            rng: Mutex::new(ChaCha20Rng::seed_from_u64(7)),
        });
        let accepting = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&accepting);
                tokio::spawn(async move { shared.serve(stream).await });
            }
        });
        Meddler { address, shared }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> TunnelAddress {
        TunnelAddress { host: "localhost".to_owned(), port: self.address.port() }
    }

    /// Lays a plan, which is carried out once.
    pub fn plan(&self, plan: Plan) {
        *self.shared.plan.lock().unwrap() = Some(plan);
    }

    /// Whether a plan waits to be carried out.
    #[must_use]
    pub fn is_planning(&self) -> bool {
        self.shared.plan.lock().unwrap().is_some()
    }

    /// Waits until the plan is carried out.
    pub async fn fired(&self) {
        while self.is_planning() {
            self.shared.fired.notified().await;
        }
    }
}

/// What the middle has to do next.
#[derive(PartialEq, Eq)]
enum Flow {
    GoOn,
    /// Close both connections.
    Close,
    /// Drop both connections.
    Drop,
}

impl Shared {
    /// The planned fault, once, if there is one for the upgrade.
    fn upgrade_fault(&self) -> Option<Upgrade> {
        let mut plan = self.plan.lock().unwrap();
        let Some(Plan::Upgrade(fault)) = *plan else { return None };
        *plan = None;
        self.fired.notify_one();
        Some(fault)
    }

    fn message_fault(&self, direction: Direction, index: usize) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        match *plan {
            Some(Plan::Message(planned, at, fault)) if planned == direction && at == index => {
                *plan = None;
                self.fired.notify_one();
                Some(fault)
            }
            _ => None,
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let fault = self.upgrade_fault();
        match fault {
            Some(Upgrade::CloseBeforeTls) => return,
            Some(Upgrade::StallBeforeTls) => return until_gone(&mut stream).await,
            Some(Upgrade::NotTls) => {
                let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await;
                return until_gone(&mut stream).await;
            }
            _ => {}
        }
        let Ok(mut stream) = self.acceptor.accept(stream).await else { return };
        if fault == Some(Upgrade::CloseAfterTls) {
            let _ = stream.shutdown().await;
            return;
        }
        let Some((path, key)) = read_request(&mut stream).await else { return };
        let accept = derive_accept_key(key.as_bytes());
        match fault {
            Some(Upgrade::StallAfterRequest) => return until_gone(&mut stream).await,
            Some(Upgrade::Answer(answer)) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
                return;
            }
            Some(Upgrade::AnswerAndStall(answer)) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                return until_gone(&mut stream).await;
            }
            Some(Upgrade::EndlessHeaders) => {
                let _ = stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\n").await;
                while stream.write_all(format!("X-Filler: {}\r\n", "x".repeat(1000)).as_bytes()).await.is_ok()
                {
                }
                return;
            }
            Some(Upgrade::Headers(headers)) => {
                let lines = headers.lines().map(|line| format!("{line}\r\n")).collect::<String>();
                let _ = stream.write_all(switch(&accept, &lines).as_bytes()).await;
                return until_gone(&mut stream).await;
            }
            Some(Upgrade::WrongAccept) => {
                let headers = "Sec-WebSocket-Protocol: fido.cable\r\nX-caBLE-Routing-ID: 010203\r\n";
                let accept = derive_accept_key(b"another request's");
                let _ = stream.write_all(switch(&accept, headers).as_bytes()).await;
                return until_gone(&mut stream).await;
            }
            Some(Upgrade::PingFlood) => {
                let headers = "Sec-WebSocket-Protocol: fido.cable\r\nX-caBLE-Routing-ID: 010203\r\n";
                let _ = stream.write_all(switch(&accept, headers).as_bytes()).await;
                // Thousands of empty pings in each piece. The answers are never read.
                let pings = [0x89, 0x00].repeat(8192);
                while stream.write_all(&pings).await.is_ok() {}
                return;
            }
            _ => {}
        }

        let (far, routing_id) = match self.call_service(&path).await {
            Ok(far) => far,
            Err(status) => {
                let answer = format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
                return;
            }
        };
        let mut headers = "Sec-WebSocket-Protocol: fido.cable\r\n".to_owned();
        if let Some(routing_id) = routing_id {
            headers += &format!("X-caBLE-Routing-ID: {routing_id}\r\n");
        }
        if stream.write_all(switch(&accept, &headers).as_bytes()).await.is_err() {
            return;
        }
        let near = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        self.relay(near, far).await;
    }

    /// Opens the other end.
    async fn call_service(&self, path: &str) -> Result<(Far, Option<String>), u16> {
        let TunnelAddress { host, port } = &self.service;
        let stream = TcpStream::connect((host.as_str(), *port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let name = ServerName::try_from(host.clone()).unwrap();
        let tls = TlsConnector::from(Arc::clone(&self.service_tls));
        let stream = tls.connect(name, stream).await.unwrap();
        let mut request = format!("wss://{host}:{port}{path}").into_client_request().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("fido.cable"));
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((far, response)) => {
                let routing_id = response.headers().get("X-caBLE-Routing-ID");
                Ok((far, routing_id.map(|value| value.to_str().unwrap().to_owned())))
            }
            Err(WsError::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("the tunnel service broke: {error}"),
        }
    }

    async fn relay(&self, mut near: Near, mut far: Far) {
        let (outward, inward) = match self.leg {
            Leg::Phone => (Direction::ToComputer, Direction::ToPhone),
            Leg::Computer => (Direction::ToPhone, Direction::ToComputer),
        };
        let (mut out, mut back) = (Lane::default(), Lane::default());
        let flow = loop {
            let flow = tokio::select! {
                message = near.next() => match message {
                    Some(Ok(Message::Binary(message))) => {
                        let fault = self.message_fault(outward, out.count);
                        self.pass(&mut out, &mut far, true, message, fault).await
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Flow::GoOn,
                    _ => Flow::Close,
                },
                message = far.next() => match message {
                    Some(Ok(Message::Binary(message))) => {
                        let fault = self.message_fault(inward, back.count);
                        self.pass(&mut back, &mut near, false, message, fault).await
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Flow::GoOn,
                    _ => Flow::Close,
                },
            };
            if flow != Flow::GoOn {
                break flow;
            }
        };
        if flow == Flow::Close {
            let _ = near.close(None).await;
            let _ = far.close(None).await;
        }
    }

    /// Passes a message on, or does to it what is planned.
    async fn pass<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        lane: &mut Lane,
        to: &mut WebSocketStream<S>,
        masked: bool,
        message: Bytes,
        fault: Option<Fault>,
    ) -> Flow {
        lane.count += 1;
        if lane.stalled {
            return Flow::GoOn;
        }
        let mut bytes = message.to_vec();
        let messages = match fault {
            None => match lane.held.take() {
                None => vec![Message::Binary(message)],
                Some(held) => vec![Message::Binary(message), Message::Binary(held)],
            },
            Some(Fault::Late) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                vec![Message::Binary(message)]
            }
            Some(Fault::Drop) => vec![],
            Some(Fault::Stall) => {
                lane.stalled = true;
                vec![]
            }
            Some(Fault::Truncate) => {
                bytes.truncate(1 + self.random_below(bytes.len() - 1));
                vec![binary(bytes)]
            }
            Some(Fault::Extend) => {
                bytes.push(0);
                vec![binary(bytes)]
            }
            Some(Fault::Flip) => {
                let bit = self.random_below(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
                vec![binary(bytes)]
            }
            Some(Fault::Duplicate) => vec![Message::Binary(message.clone()), Message::Binary(message)],
            Some(Fault::Swap) => {
                lane.held = Some(message);
                vec![]
            }
            Some(Fault::Garbage) => vec![self.garbage(bytes.len())],
            Some(Fault::Inject) => vec![self.garbage(bytes.len()), Message::Binary(message)],
            Some(Fault::Empty) => vec![binary(vec![])],
            Some(Fault::Text) => vec![Message::text("what is this?")],
            Some(Fault::Huge) => vec![binary(vec![0; 2 << 20])],
            Some(Fault::Close) => return Flow::Close,
            Some(Fault::Abort) => return Flow::Drop,
            Some(Fault::HalfFrame) => {
                let _ = to.get_mut().write_all(&half_a_frame(&bytes, masked)).await;
                let _ = to.get_mut().flush().await;
                return Flow::Drop;
            }
        };
        for message in messages {
            // A peer that has had enough closes; that shows when it is read.
            let _ = to.send(message).await;
        }
        Flow::GoOn
    }

    fn random_below(&self, limit: usize) -> usize {
        self.rng.lock().unwrap().next_u32() as usize % limit
    }

    fn garbage(&self, length: usize) -> Message {
        let mut bytes = vec![0; length];
        self.rng.lock().unwrap().fill_bytes(&mut bytes);
        binary(bytes)
    }
}

/// One direction through the middle.
#[derive(Default)]
struct Lane {
    count: usize,
    stalled: bool,
    held: Option<Bytes>,
}

fn binary(bytes: Vec<u8>) -> Message {
    Message::Binary(bytes.into())
}

/// The head and the first half of a frame (RFC 6455 section 5.2).
fn half_a_frame(message: &[u8], masked: bool) -> Vec<u8> {
    let mask_bit = if masked { 0x80 } else { 0 };
    let mut frame = vec![0x82];
    match u8::try_from(message.len()) {
        Ok(short @ ..126) => frame.push(mask_bit | short),
        _ => {
            frame.push(mask_bit | 126);
            frame.extend(u16::try_from(message.len()).unwrap().to_be_bytes());
        }
    }
    if masked {
        frame.extend([0; 4]);
    }
    frame.extend(&message[..message.len() / 2]);
    frame
}

fn switch(accept: &str, headers: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{headers}\r\n"
    )
}

/// Reads a request; gives its path and its `Sec-WebSocket-Key`.
async fn read_request(stream: &mut server::TlsStream<TcpStream>) -> Option<(String, String)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1)?.to_owned();
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Sec-WebSocket-Key").then(|| value.trim().to_owned())
    })?;
    Some((path, key))
}

/// Says nothing until the peer goes away.
async fn until_gone(stream: &mut (impl AsyncRead + Unpin)) {
    let mut sink = [0; 1024];
    while matches!(stream.read(&mut sink).await, Ok(1..)) {}
}
