//! The HTTP request that opens a WebSocket.

use std::fmt;

use tokio_tungstenite::tungstenite::{
    Error as WsError,
    error::ProtocolError,
    handshake::{
        machine::TryParse,
        server::{Request, Response, create_response},
    },
    http::{HeaderValue, StatusCode},
};

/// The subprotocol that both peers speak.
const SUBPROTOCOL: &str = "fido.cable";

/// 16 bytes that both peers derive from the QR secret.
pub(super) type TunnelId = [u8; 16];

/// 3 bytes that the service gives to a phone, which puts them into its advert.
pub(super) type RoutingId = [u8; 3];

/// What a peer asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// A phone opens a tunnel.
    New(TunnelId),
    /// A client joins a phone.
    Connect(RoutingId, TunnelId),
}

impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New(_) => "New(..)",
            Self::Connect(..) => "Connect(..)",
        })
    }
}

/// An answer other than 101.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// One more header that the status calls for.
    header: Option<(&'static str, &'static str)>,
}

impl Refusal {
    pub(super) const fn new(status: StatusCode) -> Self {
        Self { status, header: None }
    }

    const fn with_header(status: StatusCode, name: &'static str, value: &'static str) -> Self {
        Self { status, header: Some((name, value)) }
    }

    /// The whole HTTP response.
    pub(super) fn to_http(self) -> String {
        let header = self.header.map(|(name, value)| format!("{name}: {value}\r\n")).unwrap_or_default();
        let body = format!("{}\n", self.status.canonical_reason().unwrap_or("Refused"));
        format!(
            "HTTP/1.1 {}\r\n{header}Content-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.status,
            body.len(),
        )
    }
}

/// Reads the head of a request, which ends with an empty line. Returns what the peer wants and the
/// response that grants it.
pub(super) fn parse(head: &[u8]) -> Result<(Wish, Response), Refusal> {
    let request = match Request::try_parse(head) {
        Ok(Some((_, request))) => request,
        Ok(None) => return Err(Refusal::new(StatusCode::BAD_REQUEST)),
        Err(error) => return Err(refuse(&error)),
    };
    let target = Target::parse(request.uri().path()).ok_or(Refusal::new(StatusCode::NOT_FOUND))?;
    let mut response = create_response(&request).map_err(|error| refuse(&error))?;
    if !asks_for_subprotocol(&request) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST));
    }
    response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static(SUBPROTOCOL));
    match target {
        Target::Open(wish) => Ok((wish, response)),
        Target::Contact => Err(Refusal::new(StatusCode::GONE)),
    }
}

/// What the path names.
enum Target {
    Open(Wish),
    Contact,
}

impl Target {
    fn parse(path: &str) -> Option<Self> {
        let mut segments = path.strip_prefix("/cable/")?.split('/');
        let target = match segments.next()? {
            "new" => Self::Open(Wish::New(hex(segments.next()?)?)),
            "connect" => Self::Open(Wish::Connect(hex(segments.next()?)?, hex(segments.next()?)?)),
            "contact" => {
                segments.next().filter(|contact_id| !contact_id.is_empty())?;
                Self::Contact
            }
            _ => return None,
        };
        segments.next().is_none().then_some(target)
    }
}

fn hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut digits = digits.bytes();
    let mut bytes = [0; N];
    for byte in &mut bytes {
        let (high, low) = (nibble(digits.next()?)?, nibble(digits.next()?)?);
        *byte = high << 4 | low;
    }
    digits.next().is_none().then_some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn asks_for_subprotocol(request: &Request) -> bool {
    request
        .headers()
        .get_all("Sec-WebSocket-Protocol")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim() == SUBPROTOCOL)
}

fn refuse(error: &WsError) -> Refusal {
    match error {
        WsError::Protocol(ProtocolError::WrongHttpMethod) => {
            Refusal::with_header(StatusCode::METHOD_NOT_ALLOWED, "Allow", "GET")
        }
        WsError::Protocol(
            ProtocolError::MissingConnectionUpgradeHeader | ProtocolError::MissingUpgradeWebSocketHeader,
        ) => Refusal::with_header(StatusCode::UPGRADE_REQUIRED, "Upgrade", "websocket"),
        // RFC 6455 section 4.2.2 step 4: tell the version that is understood.
        WsError::Protocol(ProtocolError::MissingSecWebSocketVersionHeader) => {
            Refusal::with_header(StatusCode::UPGRADE_REQUIRED, "Sec-WebSocket-Version", "13")
        }
        _ => Refusal::new(StatusCode::BAD_REQUEST),
    }
}
