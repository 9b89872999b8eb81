use std::future::Future;
use std::time::Duration;

use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::{TlsAcceptor, server};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;

use super::*;

const PATH: &str = "/cable/new/00112233445566778899aabbccddeeff";

type Served = server::TlsStream<TcpStream>;
type Peer = WebSocketStream<Served>;

/// A server on loopback with a certificate of its own.
struct Server {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    address: TunnelAddress,
    trust: Arc<ClientConfig>,
}

impl Server {
    async fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Server {
            listener,
            acceptor: TlsAcceptor::from(Arc::new(tls)),
            address: TunnelAddress { host: "localhost".to_owned(), port },
            trust: crate::tls::client_config(Some(made.cert.pem().as_bytes())).unwrap(),
        }
    }

    async fn connect(&self) -> Result<Tunnel, TunnelError> {
        connect(&self.address, PATH, Arc::clone(&self.trust)).await
    }

    async fn accept(&self) -> Served {
        let (stream, _) = self.listener.accept().await.unwrap();
        self.acceptor.accept(stream).await.unwrap()
    }

    /// Opens a tunnel as it should be; `seen` looks at the request.
    #[allow(clippy::result_large_err)] // The callback's type is given.
    async fn pair(&self, seen: impl FnOnce(&Request) + Unpin) -> (Tunnel, Peer) {
        let opening = async {
            let answer = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
                seen(request);
                let headers = response.headers_mut();
                headers.insert("Sec-WebSocket-Protocol", HeaderValue::from_static("fido.cable"));
                headers.insert("x-cable-routing-id", HeaderValue::from_static("0A0b0C"));
                Ok(response)
            };
            tokio_tungstenite::accept_hdr_async(self.accept().await, answer).await.unwrap()
        };
        let (tunnel, peer) = tokio::join!(self.connect(), opening);
        (tunnel.unwrap(), peer)
    }
}

/// What the peer sends meanwhile, and what is received.
async fn receive(
    tunnel: &mut Tunnel,
    sending: impl Future<Output = Result<(), WsError>>,
) -> Result<Vec<u8>, TunnelError> {
    // A receiver that refuses a message need not take all of it.
    let (received, _) = tokio::join!(tunnel.receive(), sending);
    received
}

#[tokio::test]
async fn a_tunnel_is_asked_for_and_carries_messages() {
    let server = Server::new().await;
    let (mut tunnel, mut peer) = server
        .pair(|request| {
            assert_eq!(request.uri().path(), PATH);
            assert_eq!(request.headers()["Sec-WebSocket-Protocol"], "fido.cable");
            assert!(request.headers().get("Origin").is_none());
        })
        .await;
    assert_eq!(tunnel.routing_id(), Some("0A0b0C"));

    tunnel.send(vec![1, 2, 3]).await.unwrap();
    assert_eq!(peer.next().await.unwrap().unwrap(), Message::binary(vec![1, 2, 3]));
    peer.send(Message::binary(vec![4])).await.unwrap();
    peer.send(Message::binary(vec![5, 6])).await.unwrap();
    assert_eq!(tunnel.receive().await, Ok(vec![4]));
    assert_eq!(tunnel.receive().await, Ok(vec![5, 6]));

    tunnel.close().await;
    assert!(matches!(peer.next().await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn pings_are_no_messages() {
    let server = Server::new().await;
    let (mut tunnel, mut peer) = server.pair(|_| {}).await;
    for message in [Message::Ping(vec![7].into()), Message::Pong(vec![8].into()), Message::binary(vec![9])] {
        peer.send(message).await.unwrap();
    }
    assert_eq!(tunnel.receive().await, Ok(vec![9]));
    tunnel.send(vec![1]).await.unwrap();
    assert_eq!(peer.next().await.unwrap().unwrap(), Message::Pong(vec![7].into()));
}

#[tokio::test]
async fn messages_that_are_not_valid() {
    for (message, expected) in [
        (Message::binary(vec![0; MAX_MESSAGE_SIZE]), Ok(MAX_MESSAGE_SIZE)),
        (Message::binary(vec![0; MAX_MESSAGE_SIZE + 1]), Err(TunnelError::BadMessage)),
        (Message::binary(vec![]), Err(TunnelError::BadMessage)),
        (Message::text("text"), Err(TunnelError::BadMessage)),
        (Message::Close(None), Err(TunnelError::Closed)),
    ] {
        let server = Server::new().await;
        let (mut tunnel, mut peer) = server.pair(|_| {}).await;
        let received = receive(&mut tunnel, peer.send(message)).await;
        assert_eq!(received.map(|message| message.len()), expected);
    }
}

#[tokio::test]
async fn frames_that_no_server_may_send() {
    for frame in [
        // Masked.
        &[0x82, 0x81, 1, 2, 3, 4, 5][..],
        // A reserved bit, a reserved opcode, a continuation of nothing, a control frame in pieces.
        &[0xC2, 0x01, 0x00],
        &[0x83, 0x01, 0x00],
        &[0x80, 0x01, 0x00],
        &[0x09, 0x00],
        // A length of 2^63 bytes.
        &[0x82, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00],
    ] {
        let server = Server::new().await;
        let (mut tunnel, mut peer) = server.pair(|_| {}).await;
        let sending = async {
            peer.get_mut().write_all(frame).await?;
            Ok(peer.get_mut().flush().await?)
        };
        assert_eq!(receive(&mut tunnel, sending).await, Err(TunnelError::BadMessage), "{frame:02X?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks() {
    // Between messages, and in the middle of one.
    for rest in [&[][..], &[0x82], &[0x82, 0x10, 1, 2, 3]] {
        let server = Server::new().await;
        let (mut tunnel, mut peer) = server.pair(|_| {}).await;
        peer.get_mut().write_all(rest).await.unwrap();
        peer.get_mut().flush().await.unwrap();
        drop(peer);
        assert_eq!(tunnel.receive().await, Err(TunnelError::Closed), "{rest:02X?}");
        // Nothing comes after that, and nothing hangs.
        assert_eq!(tunnel.receive().await, Err(TunnelError::Closed));
        tunnel.close().await;
    }
}

#[tokio::test]
async fn a_closed_tunnel_takes_nothing() {
    let server = Server::new().await;
    let (mut tunnel, mut peer) = server.pair(|_| {}).await;
    peer.close(None).await.unwrap();
    assert_eq!(tunnel.receive().await, Err(TunnelError::Closed));
    assert_eq!(tunnel.send(vec![1]).await, Err(TunnelError::Closed));
}

/// A wait that is given up in the middle of a message loses nothing of it.
#[tokio::test]
async fn a_wait_can_be_given_up() {
    let server = Server::new().await;
    let (mut tunnel, mut peer) = server.pair(|_| {}).await;
    let frame = [0x82, 0x05, 1, 2, 3, 4, 5];
    for byte in &frame[..6] {
        peer.get_mut().write_all(&[*byte]).await.unwrap();
        peer.get_mut().flush().await.unwrap();
        let received = tokio::time::timeout(Duration::from_millis(10), tunnel.receive()).await;
        assert!(received.is_err(), "half a message was received");
    }
    peer.get_mut().write_all(&frame[6..]).await.unwrap();
    peer.get_mut().flush().await.unwrap();
    assert_eq!(tunnel.receive().await, Ok(vec![1, 2, 3, 4, 5]));
}

#[tokio::test]
async fn answers_that_refuse() {
    for (answer, expected) in [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", TunnelError::Http(404)),
        // Not followed.
        ("HTTP/1.1 301 Moved\r\nLocation: wss://localhost/\r\n\r\n", TunnelError::Http(301)),
        ("HTTP/1.1 200 OK\r\n\r\n", TunnelError::Http(200)),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", TunnelError::Protocol),
        ("220 mail.example.com ESMTP\r\n\r\n", TunnelError::Protocol),
        ("HTTP/1.1 101 Switching", TunnelError::Closed),
        ("", TunnelError::Closed),
    ] {
        let server = Server::new().await;
        let refusing = async {
            let mut stream = server.accept().await;
            let mut request = [0; 64];
            stream.read_exact(&mut request).await.unwrap();
            assert!(request.starts_with(format!("GET {PATH} HTTP/1.1\r\n").as_bytes()));
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            // Until the client has gone: a reset would take the answer away.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        };
        let (tunnel, ()) = tokio::join!(server.connect(), refusing);
        assert_eq!(tunnel.err(), Some(expected), "{answer:?}");
    }
}

#[tokio::test]
async fn servers_that_are_not_there_or_not_trusted() {
    let server = Server::new().await;
    let stranger = Server::new().await;
    let trust = || Arc::clone(&server.trust);
    let at = |host: &str, port| TunnelAddress { host: host.to_owned(), port };
    let failure = async |address: &TunnelAddress| connect(address, PATH, trust()).await.err();

    assert_eq!(failure(&at(&"x".repeat(64), 443)).await, Some(TunnelError::NameNotResolved));
    assert_eq!(failure(&at("", 443)).await, Some(TunnelError::NameNotResolved));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    assert_eq!(failure(&at("localhost", closed)).await, Some(TunnelError::Unreachable));

    // Another authority, another name, no TLS at all, a connection that breaks off.
    let shaking = async |server: &Server| {
        let (stream, _) = server.listener.accept().await.unwrap();
        drop(server.acceptor.accept(stream).await);
    };
    let (found, ()) = tokio::join!(failure(&stranger.address), shaking(&stranger));
    assert_eq!(found, Some(TunnelError::Tls));
    let another_name = at("127.0.0.1", server.address.port);
    let (found, ()) = tokio::join!(failure(&another_name), shaking(&server));
    assert_eq!(found, Some(TunnelError::Tls));
    let (found, ()) = tokio::join!(failure(&server.address), async {
        let (mut stream, _) = server.listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    assert_eq!(found, Some(TunnelError::Tls));
    let (found, ()) = tokio::join!(failure(&server.address), async {
        let (mut stream, _) = server.listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
    });
    assert_eq!(found, Some(TunnelError::Closed));
}
