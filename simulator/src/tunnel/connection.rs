//! One connection from its first byte to its last.

use std::{io, time::Instant};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::timeout,
};
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        handshake::server::{Response, write_response},
        http::{HeaderValue, StatusCode},
        protocol::{Role, WebSocketConfig},
    },
};

use super::{
    Shared,
    event::{Event, Traffic},
    registry::Claim,
    relay::{self, Ended, Waiting},
    request::{self, Refusal, RoutingId, Wish},
};

/// A phone or a client whose WebSocket is open.
pub(super) type Peer = WebSocketStream<TlsStream<TcpStream>>;

/// A peer whose request has been read but not answered.
struct Visitor {
    stream: TlsStream<TcpStream>,
    /// What was sent behind the request.
    tail: Vec<u8>,
}

/// Serves one connection.
pub(super) async fn handle(stream: TcpStream, shared: &Shared, mut stopped: watch::Receiver<bool>) {
    let arrival = tokio::select! {
        arrival = timeout(shared.limits.handshake, receive(stream, shared)) => arrival,
        _ = stopped.wait_for(|stopped| *stopped) => return,
    };
    let Ok(Ok((mut visitor, asked))) = arrival else {
        return shared.observer.notify(Event::Abandoned);
    };
    let refusal = match asked {
        Ok((Wish::New(tunnel_id), response)) => match shared.registry.open(tunnel_id) {
            Ok(claim) => return host(visitor, response, claim, shared, stopped).await,
            Err(refusal) => refusal,
        },
        Ok((Wish::Connect(routing_id, tunnel_id), response)) => {
            match shared.registry.join(routing_id, tunnel_id) {
                Ok(door) => {
                    if let Ok(peer) = visitor.welcome(response, shared).await {
                        // The phone may have left just now; then the connection ends here.
                        let _ = door.send(peer);
                    }
                    return;
                }
                Err(refusal) => refusal,
            }
        }
        Err(refusal) => refusal,
    };
    visitor.turn_away(refusal, shared).await;
}

/// A request that could be read: who sent it, and what it asks for or why it is refused.
type Arrival = (Visitor, Result<(Wish, Response), Refusal>);

/// Sets up TLS and reads the request.
async fn receive(stream: TcpStream, shared: &Shared) -> io::Result<Arrival> {
    // Messages are small and answered one by one: held back until the last one is acknowledged
    // (Nagle), each would wait for the peer's delayed acknowledgement.
    stream.set_nodelay(true)?;
    let mut stream = shared.acceptor.accept(stream).await?;

    let mut received = Vec::with_capacity(1024);
    loop {
        let searched = received.len().saturating_sub(3);
        if stream.read_buf(&mut received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = received
            .get(searched..)
            .and_then(|new| new.windows(4).position(|window| window == b"\r\n\r\n"))
            .map(|position| searched + position + 4);
        match end {
            Some(end) if end <= shared.limits.request_bytes => {
                let tail = received.split_off(end);
                return Ok((Visitor { stream, tail }, request::parse(&received)));
            }
            None if received.len() <= shared.limits.request_bytes => {}
            _ => {
                let refusal = Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
                return Ok((Visitor { stream, tail: Vec::new() }, Err(refusal)));
            }
        }
    }
}

/// Keeps a phone's tunnel from its opening to its end.
async fn host(
    visitor: Visitor,
    mut response: Response,
    mut claim: Claim<'_>,
    shared: &Shared,
    mut stopped: watch::Receiver<bool>,
) {
    let opened = Instant::now();
    let Ok(routing_id) = HeaderValue::from_str(&routing_id_hex(claim.routing_id)) else { return };
    response.headers_mut().insert("X-caBLE-Routing-ID", routing_id);
    let Ok(mut phone) = visitor.welcome(response, shared).await else { return };
    let tunnel = claim.number;
    shared.observer.notify(Event::Opened { tunnel });

    let waiting = relay::wait(&mut phone, &mut claim.client, &shared.limits, &mut stopped).await;
    let Ended { ending, from_phone, from_client, mut peers } = match waiting {
        Waiting::Paired { client, backlog } => {
            shared.observer.notify(Event::Paired { tunnel, waited: opened.elapsed() });
            relay::relay(phone, *client, backlog, &shared.limits, &mut stopped).await
        }
        Waiting::Over(ending) => {
            let silence = Traffic::default();
            Ended { ending, from_phone: silence, from_client: silence, peers: vec![phone] }
        }
    };
    drop(claim);
    shared.observer.notify(Event::Closed { tunnel, ending, from_phone, from_client });
    join_all(peers.iter_mut().map(|peer| relay::close(peer, ending, &shared.limits))).await;
}

fn routing_id_hex([a, b, c]: RoutingId) -> String {
    format!("{a:02x}{b:02x}{c:02x}")
}

impl Visitor {
    /// Switches to WebSocket.
    async fn welcome(mut self, response: Response, shared: &Shared) -> io::Result<Peer> {
        let mut head = Vec::with_capacity(256);
        write_response(&mut head, &response).map_err(io::Error::other)?;
        self.send(&head, shared).await?;
        let config = WebSocketConfig::default()
            .read_buffer_size(4 * 1024)
            .write_buffer_size(0)
            .max_write_buffer_size(shared.limits.message_bytes.saturating_add(64 * 1024))
            .max_message_size(Some(shared.limits.message_bytes))
            .max_frame_size(Some(shared.limits.message_bytes));
        Ok(WebSocketStream::from_partially_read(self.stream, self.tail, Role::Server, Some(config)).await)
    }

    /// Answers with an error.
    async fn turn_away(&mut self, refusal: Refusal, shared: &Shared) {
        shared.observer.notify(Event::Refused { status: refusal.status.as_u16() });
        if self.send(refusal.to_http().as_bytes(), shared).await.is_ok() {
            let _ = timeout(shared.limits.stalled, self.stream.shutdown()).await;
        }
    }

    async fn send(&mut self, bytes: &[u8], shared: &Shared) -> io::Result<()> {
        let sending = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(shared.limits.stalled, sending).await?
    }
}
