//! A tunnel at work: the phone waits, the client comes, and messages go both ways.

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use tokio::{
    io::AsyncWriteExt,
    sync::{oneshot, watch},
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_tungstenite::tungstenite::{
    Bytes, Error as WsError, Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{
    Limits,
    connection::Peer,
    event::{Ending, Traffic},
};

/// How a phone's waiting ended.
pub(super) enum Waiting {
    Paired {
        client: Box<Peer>,
        /// What the phone sent before the client was there.
        backlog: Vec<Bytes>,
    },
    Over(Ending),
}

/// Waits for the client. The phone is read meanwhile, so that its leaving is noticed and its pings
/// are answered.
pub(super) async fn wait(
    phone: &mut Peer,
    client: &mut oneshot::Receiver<Peer>,
    limits: &Limits,
    stopped: &mut watch::Receiver<bool>,
) -> Waiting {
    let deadline = sleep(limits.unpaired);
    tokio::pin!(deadline);
    let mut backlog = Vec::new();
    loop {
        tokio::select! {
            arrived = &mut *client => return match arrived {
                Ok(client) => Waiting::Paired { client: Box::new(client), backlog },
                Err(_) => Waiting::Over(Ending::ClientLeft),
            },
            received = phone.next() => match message(received) {
                Ok(Some(_)) if backlog.len() >= limits.backlog => return Waiting::Over(Ending::TooMany),
                Ok(Some(message)) => backlog.push(message),
                Ok(None) => {}
                Err(fault) => return Waiting::Over(fault.ending(Ending::PhoneLeft)),
            },
            () = &mut deadline => return Waiting::Over(Ending::NobodyCame),
            _ = stopped.wait_for(|stopped| *stopped) => return Waiting::Over(Ending::Shutdown),
        }
    }
}

/// A tunnel that has ended, with the connections that are still to be closed.
pub(super) struct Ended {
    pub(super) ending: Ending,
    pub(super) from_phone: Traffic,
    pub(super) from_client: Traffic,
    pub(super) peers: Vec<Peer>,
}

/// Carries messages until one peer leaves or breaks a rule.
pub(super) async fn relay(
    phone: Peer,
    client: Peer,
    backlog: Vec<Bytes>,
    limits: &Limits,
    stopped: &mut watch::Receiver<bool>,
) -> Ended {
    let (mut to_phone, mut phone) = phone.split();
    let (mut to_client, mut client) = client.split();
    let (mut from_phone, mut from_client) = (Traffic::default(), Traffic::default());

    // Each direction has its own pump: a peer that does not read holds up only what is meant for it.
    let ending = tokio::select! {
        ending = pump(&mut phone, &mut to_client, backlog, &mut from_phone, limits) => {
            ending.unwrap_or(Ending::PhoneLeft)
        }
        ending = pump(&mut client, &mut to_phone, Vec::new(), &mut from_client, limits) => {
            ending.unwrap_or(Ending::ClientLeft)
        }
        () = sleep(limits.paired) => Ending::Expired,
        _ = stopped.wait_for(|stopped| *stopped) => Ending::Shutdown,
    };
    let peers = [to_phone.reunite(phone), to_client.reunite(client)].into_iter().flatten().collect();
    Ended { ending, from_phone, from_client, peers }
}

/// Carries the messages of one peer to the other. Returns `None` when the sender left.
async fn pump(
    from: &mut SplitStream<Peer>,
    to: &mut SplitSink<Peer, Message>,
    backlog: Vec<Bytes>,
    sent: &mut Traffic,
    limits: &Limits,
) -> Option<Ending> {
    let mut backlog = backlog.into_iter();
    loop {
        let next = match backlog.next() {
            Some(message) => message,
            None => match message(from.next().await) {
                Ok(Some(message)) => message,
                Ok(None) => continue,
                Err(Fault::Left) => return None,
                Err(Fault::Rule(ending)) => return Some(ending),
            },
        };
        if sent.messages >= limits.messages {
            return Some(Ending::TooMany);
        }
        sent.messages = sent.messages.saturating_add(1);
        sent.bytes = sent.bytes.saturating_add(next.len() as u64);
        if !matches!(timeout(limits.stalled, to.send(Message::Binary(next))).await, Ok(Ok(()))) {
            return Some(Ending::Stalled);
        }
    }
}

/// Why nothing more can be read from a peer.
enum Fault {
    Left,
    Rule(Ending),
}

impl Fault {
    fn ending(self, left: Ending) -> Ending {
        match self {
            Self::Left => left,
            Self::Rule(ending) => ending,
        }
    }
}

/// The message in what was received; `None` for the pings and pongs that keep a connection alive.
fn message(received: Option<Result<Message, WsError>>) -> Result<Option<Bytes>, Fault> {
    match received {
        Some(Ok(Message::Binary(message))) if !message.is_empty() => Ok(Some(message)),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        None | Some(Ok(Message::Close(_)) | Err(WsError::ConnectionClosed | WsError::Io(_))) => {
            Err(Fault::Left)
        }
        Some(Err(WsError::Capacity(_))) => Err(Fault::Rule(Ending::TooLong)),
        // An empty message, a text message, or a frame that no WebSocket peer may send.
        Some(_) => Err(Fault::Rule(Ending::Violation)),
    }
}

/// Closes a connection and waits for the peer to do the same: a socket that is dropped with unread
/// data is reset, which may take away what the peer has not read yet.
pub(super) async fn close(peer: &mut Peer, ending: Ending, limits: &Limits) {
    let (code, reason) = match ending {
        Ending::PhoneLeft => (CloseCode::Normal, "the phone left"),
        Ending::ClientLeft => (CloseCode::Normal, "the client left"),
        Ending::NobodyCame => (CloseCode::Away, "nobody came"),
        Ending::Expired => (CloseCode::Away, "the tunnel expired"),
        Ending::Shutdown => (CloseCode::Away, "the service is shutting down"),
        Ending::Stalled => (CloseCode::Policy, "the peer does not read"),
        Ending::TooMany => (CloseCode::Policy, "too many messages"),
        Ending::TooLong => (CloseCode::Size, "the message is too long"),
        Ending::Violation => (CloseCode::Protocol, "a message must be binary and not empty"),
    };
    let deadline = Instant::now() + limits.stalled;
    let closing = async {
        // Fails when the peer was first; then reading on sends the answer to its close frame.
        let _ = peer.close(Some(CloseFrame { code, reason: reason.into() })).await;
        while let Some(Ok(_)) = peer.next().await {}
    };
    let _ = timeout_at(deadline, closing).await;
    let _ = timeout_at(deadline, peer.get_mut().shutdown()).await;
}
