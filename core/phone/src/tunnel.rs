//! The tunnel client: a WebSocket over TLS to a tunnel service (CTAP 2.3 section 11.5.1.1).
//!
//! Both roles open their end with [`connect`]: the phone on `/cable/new`, the computer on
//! `/cable/connect`. Redirects are not followed, messages are bounded, nothing waits for ever.

use std::io;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use latchkey_hybrid::MAX_MESSAGE_SIZE;
use latchkey_hybrid::tunnel::{ROUTING_ID_HEADER, SUBPROTOCOL};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::http::Uri;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};

/// Where a tunnel service listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TunnelAddress {
    /// Host name, resolved by the system, and the name its certificate must carry.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl TunnelAddress {
    /// The address that a tunnel domain stands for: its host on the https port.
    #[must_use]
    pub fn assigned(host: String) -> Self {
        TunnelAddress { host, port: 443 }
    }
}

/// Why there is no tunnel, or no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TunnelError {
    /// The host name does not resolve.
    #[error("the tunnel service's name cannot be resolved")]
    NameNotResolved,
    /// Nothing listens at the address, or the network does not lead there.
    #[error("the tunnel service cannot be reached")]
    Unreachable,
    /// The certificate is not trusted, or TLS failed otherwise.
    #[error("the tunnel service's identity cannot be verified")]
    Tls,
    /// The service answered the upgrade with this HTTP status.
    #[error("the tunnel service answered with HTTP status {0}")]
    Http(u16),
    /// The answer is not a WebSocket upgrade to `fido.cable`.
    #[error("the tunnel service does not speak the tunnel protocol")]
    Protocol,
    /// The service gave no routing ID, or one that is not 3 bytes of hex.
    #[error("the tunnel service gave no routing ID")]
    NoRoutingId,
    /// The connection was closed or broke.
    #[error("the tunnel was closed")]
    Closed,
    /// The tunnel is open, but nothing came through it in time.
    #[error("nothing came through the tunnel in time")]
    Silent,
    /// A message that is empty, too long or not binary.
    #[error("the tunnel delivered an invalid message")]
    BadMessage,
}

/// An open end of a tunnel.
pub struct Tunnel {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    routing_id: Option<String>,
}

/// Opens one end of a tunnel: `path` begins with `/cable/`.
///
/// # Errors
/// [`TunnelError`]
pub async fn connect(
    address: &TunnelAddress,
    path: &str,
    tls: Arc<ClientConfig>,
) -> Result<Tunnel, TunnelError> {
    let addresses: Vec<_> = tokio::net::lookup_host((address.host.as_str(), address.port))
        .await
        .map_err(|_| TunnelError::NameNotResolved)?
        .collect();
    let tcp = TcpStream::connect(&addresses[..]).await.map_err(|_| TunnelError::Unreachable)?;
    // Each message is small and waited for: without this, Nagle's algorithm and delayed
    // acknowledgements add 40 ms to a ceremony.
    tcp.set_nodelay(true).map_err(|_| TunnelError::Unreachable)?;
    let name = ServerName::try_from(address.host.clone()).map_err(|_| TunnelError::NameNotResolved)?;
    let stream = TlsConnector::from(tls).connect(name, tcp).await.map_err(|error| not_verified(&error))?;

    // Browsers leave the default port out of the Host header, so services have never seen it there.
    let authority = match address.port {
        443 => address.host.clone(),
        port => format!("{}:{port}", address.host),
    };
    let uri = Uri::builder()
        .scheme("wss")
        .authority(authority)
        .path_and_query(path)
        .build()
        .map_err(|_| TunnelError::Protocol)?;
    let request = ClientRequestBuilder::new(uri).with_sub_protocol(SUBPROTOCOL);
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_SIZE))
        .max_frame_size(Some(MAX_MESSAGE_SIZE))
        .read_buffer_size(4096)
        .write_buffer_size(0);
    let (socket, response) = tokio_tungstenite::client_async_with_config(request, stream, Some(config))
        .await
        .map_err(|error| refused(&error))?;
    let routing_id = response.headers().get(ROUTING_ID_HEADER).and_then(|value| value.to_str().ok());
    Ok(Tunnel { routing_id: routing_id.map(str::to_owned), socket })
}

/// Why TLS could not be set up: the service's fault, or a connection that broke meanwhile.
fn not_verified(error: &io::Error) -> TunnelError {
    let tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>());
    if tls { TunnelError::Tls } else { TunnelError::Closed }
}

fn refused(error: &WsError) -> TunnelError {
    match error {
        WsError::Http(response) => TunnelError::Http(response.status().as_u16()),
        WsError::ConnectionClosed
        | WsError::AlreadyClosed
        | WsError::Io(_)
        | WsError::Protocol(ProtocolError::HandshakeIncomplete) => TunnelError::Closed,
        _ => TunnelError::Protocol,
    }
}

impl Tunnel {
    /// The routing ID that the service gave to the phone, as it wrote it.
    #[must_use]
    pub fn routing_id(&self) -> Option<&str> {
        self.routing_id.as_deref()
    }

    /// Sends one message.
    ///
    /// # Errors
    /// [`TunnelError::Closed`]
    pub async fn send(&mut self, message: Vec<u8>) -> Result<(), TunnelError> {
        self.socket.send(Message::Binary(Bytes::from(message))).await.map_err(|_| TunnelError::Closed)
    }

    /// Waits for the next message. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`TunnelError::Closed`], [`TunnelError::BadMessage`]
    pub async fn receive(&mut self) -> Result<Vec<u8>, TunnelError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(message))) if !message.is_empty() => return Ok(message.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) | None => return Err(TunnelError::Closed),
                Some(Ok(_)) | Some(Err(WsError::Capacity(_) | WsError::Protocol(_) | WsError::Utf8(_))) => {
                    return Err(TunnelError::BadMessage);
                }
                Some(Err(_)) => return Err(TunnelError::Closed),
            }
        }
    }

    /// Closes the tunnel. A peer that is already gone is not an error.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }
}

#[cfg(test)]
mod tests;
