//! The computer's side of a ceremony (CTAP 2.3 section 11.5.1, client role).
//!
//! ```text
//! QR code: listening --Advert--> joining --TunnelOpened--> handshake --Frame--> introduction --Frame--> ready
//! linked:  calling --TunnelOpened and Advert, in either order--> handshake ...
//! ready --Command--> asking --Frame: response--> ready --Finish--> leaving --Closed or Timeout--> over
//! ```
//!
//! Every state that waits has a timer. The last effect is always `Done` or `Failed`.

use core::fmt;
use core::mem;
use core::time::Duration;

use latchkey_ctap::GetInfo;
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use crate::derive::{self, EidKey};
use crate::message::{self, Linking, Message, PostHandshake};
use crate::noise::{EphemeralKey, Initiated, Initiator};
use crate::transport::Transport;
use crate::{
    ClientPayload, Eid, HybridError, KeyPair, PublicKey, QrPayload, RequestHint, Secret, Stage, TunnelDomain,
    TunnelPath,
};

/// Time to hear the phone's advert.
pub const ADVERT_TIMEOUT: Duration = Duration::from_secs(180);

/// Time for the tunnel to open.
pub const TUNNEL_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for each of the phone's two messages of the handshake.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for the caller to say what comes next.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Time for the phone, and the person who holds it, to answer a command.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(180);

/// Time for the phone to close the tunnel after the end.
pub const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);

/// What the QR code of a ceremony says about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeOptions {
    /// What will be asked.
    pub hint: RequestHint,
    /// The computer's time in seconds since 1970, if it is to be told.
    pub client_time: Option<u64>,
    /// Whether the computer keeps links.
    pub accept_link: bool,
}

/// What a computer keeps of a link; from [`Linking`] and the domain of the ceremony that brought it.
#[derive(Clone, PartialEq, Eq)]
pub struct ComputerLink {
    /// The phone's tunnel service.
    pub domain: TunnelDomain,
    /// How the service finds the phone.
    pub contact_id: Vec<u8>,
    /// Names the link.
    pub link_id: [u8; 8],
    /// The secret of the link.
    pub link_secret: Secret<32>,
    /// The phone's key of the link.
    pub phone_key: PublicKey,
}

impl ComputerLink {
    /// What to keep of linking data.
    #[must_use]
    pub fn new(domain: TunnelDomain, linking: Linking) -> Self {
        let Linking { contact_id, link_id, link_secret, phone_key, .. } = linking;
        ComputerLink { domain, contact_id, link_id, link_secret, phone_key }
    }
}

/// What happened.
pub enum ComputerEvent {
    /// Service data was heard under one of the two service UUIDs. Anybody's: what is not of this
    /// ceremony is ignored.
    Advert(Vec<u8>),
    /// The tunnel is open.
    TunnelOpened,
    /// A binary message came through the tunnel.
    Frame(Vec<u8>),
    /// Send this command (command byte and CBOR) to the phone. After [`ComputerEffect::Ready`] and
    /// after each [`ComputerEffect::Response`].
    Command(Vec<u8>),
    /// All is asked; end the ceremony. At the same moments as a command.
    Finish,
    /// The tunnel could not be opened, was closed, or broke.
    Closed,
    /// The timer ran out.
    Timeout,
    /// The person gave up. At any moment.
    Cancel,
}

/// What the caller has to do, in this order.
pub enum ComputerEffect {
    /// Report all service data that is heard as [`ComputerEvent::Advert`].
    Listen,
    /// Stop listening.
    StopListening,
    /// Open a WebSocket to this path at the domain's host, then report [`ComputerEvent::TunnelOpened`].
    OpenTunnel {
        /// The tunnel service.
        domain: TunnelDomain,
        /// The path there.
        path: TunnelPath,
        /// Goes into the header [`CLIENT_PAYLOAD_HEADER`](crate::tunnel::CLIENT_PAYLOAD_HEADER).
        client_payload: Option<ClientPayload>,
    },
    /// Send one binary message through the tunnel.
    SendFrame(Vec<u8>),
    /// Connected. Send commands.
    Ready {
        /// What the phone's authenticator says about itself.
        get_info: Box<GetInfo>,
    },
    /// The phone answered the command: status byte and CBOR.
    Response(Vec<u8>),
    /// The phone offers a link; its signature was checked.
    Linked(Box<ComputerLink>),
    /// Report [`ComputerEvent::Timeout`] after this time. Replaces the timer set before; there is one.
    SetTimer(Duration),
    /// Close the tunnel, after everything sent has left. It may be closed already, or never have opened.
    Close,
    /// The ceremony is over: at least one command was answered.
    Done,
    /// The ceremony is over: nothing was answered, or not everything was in order.
    Failed(HybridError),
}

/// One ceremony.
pub struct ComputerCeremony {
    state: State,
}

enum State {
    /// Listening; a linked computer calls the phone meanwhile.
    Listening {
        keys: Keys,
        ephemeral: EphemeralKey,
        tunnel_open: bool,
    },
    /// The phone was heard, the tunnel is opening.
    Joining(Initiator, Origin),
    /// Message 1 is sent.
    Handshake(Initiated, Origin),
    /// The handshake is done, the phone has yet to introduce itself.
    Introduction(Session),
    Ready(Session),
    Asking(Session),
    /// The phone was told to end.
    Leaving(Session),
    Finished,
}

enum Keys {
    Qr { code_key: KeyPair, secret: Secret<16>, eid_key: EidKey },
    Linked { link: ComputerLink, eid_key: EidKey },
}

impl Keys {
    const fn eid_key(&self) -> &EidKey {
        match self {
            Keys::Qr { eid_key, .. } | Keys::Linked { eid_key, .. } => eid_key,
        }
    }
}

/// What linking data is checked against.
enum Origin {
    Qr { code_key: KeyPair, domain: TunnelDomain },
    Linked,
}

struct Session {
    transport: Transport,
    handshake_hash: [u8; 32],
    origin: Origin,
    answered: bool,
}

/// Where a step leads.
enum Next {
    State(State),
    Done,
}

type Step = Result<Next, HybridError>;

impl ComputerCeremony {
    /// Starts a ceremony with a new QR code. Gives the text to show; it holds a secret.
    ///
    /// # Errors
    /// [`HybridError::Randomness`]
    pub fn show_code(
        options: CodeOptions,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(Self, Zeroizing<String>, Vec<ComputerEffect>), HybridError> {
        let code_key = KeyPair::generate(rng)?;
        let secret = Secret::random(rng);
        let mut payload = QrPayload::new(*code_key.public(), secret.clone(), options.hint);
        payload.client_time = options.client_time;
        payload.linking = options.accept_link.then_some(true);

        let eid_key = EidKey::of_qr(&secret);
        let keys = Keys::Qr { code_key, secret, eid_key };
        let ephemeral = EphemeralKey::generate(rng)?;
        let effects = vec![ComputerEffect::Listen, ComputerEffect::SetTimer(ADVERT_TIMEOUT)];
        let state = State::Listening { keys, ephemeral, tunnel_open: false };
        Ok((ComputerCeremony { state }, payload.to_text(), effects))
    }

    /// Starts a ceremony with a linked phone.
    ///
    /// A tunnel service that answers with HTTP status 410 says that the phone is gone for good; the
    /// caller then deletes the link.
    ///
    /// # Errors
    /// [`HybridError::Randomness`]
    pub fn call(
        link: ComputerLink,
        hint: RequestHint,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(Self, Vec<ComputerEffect>), HybridError> {
        let mut client_nonce = [0; 16];
        rng.fill_bytes(&mut client_nonce);
        let payload = ClientPayload { link_id: link.link_id, client_nonce, hint };
        let effects = vec![
            ComputerEffect::OpenTunnel {
                domain: link.domain,
                path: TunnelPath::Contact(link.contact_id.clone()),
                client_payload: Some(payload),
            },
            ComputerEffect::Listen,
            ComputerEffect::SetTimer(ADVERT_TIMEOUT),
        ];
        let eid_key = EidKey::of_link(&link.link_secret, &client_nonce);
        let keys = Keys::Linked { link, eid_key };
        let ephemeral = EphemeralKey::generate(rng)?;
        Ok((ComputerCeremony { state: State::Listening { keys, ephemeral, tunnel_open: false } }, effects))
    }

    /// Whether `Done` or `Failed` was given. Nothing has an effect after that.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        matches!(self.state, State::Finished)
    }

    /// Takes an event and says what to do.
    pub fn handle(&mut self, event: ComputerEvent) -> Vec<ComputerEffect> {
        let mut effects = Vec::new();
        let state = mem::replace(&mut self.state, State::Finished);
        let listening = matches!(state, State::Listening { .. });
        let step = match (state, event) {
            (State::Finished, _) => return effects,

            (State::Listening { keys, ephemeral, tunnel_open }, ComputerEvent::Advert(data)) => {
                match keys.eid_key().open(&data) {
                    Ok(eid) => found(keys, &eid, &ephemeral, tunnel_open, &mut effects),
                    Err(_) => Ok(Next::State(State::Listening { keys, ephemeral, tunnel_open })),
                }
            }
            // Another advert of the same phone, still on its way when the first was heard.
            (state, ComputerEvent::Advert(_)) => Ok(Next::State(state)),
            (
                State::Listening { keys: keys @ Keys::Linked { .. }, ephemeral, tunnel_open: false },
                ComputerEvent::TunnelOpened,
            ) => Ok(Next::State(State::Listening { keys, ephemeral, tunnel_open: true })),
            (State::Joining(initiator, origin), ComputerEvent::TunnelOpened) => {
                shake_hands(initiator, origin, &mut effects)
            }
            (State::Handshake(initiated, origin), ComputerEvent::Frame(frame)) => {
                finish_handshake(initiated, origin, &frame, &mut effects)
            }
            (State::Introduction(session), ComputerEvent::Frame(frame)) => {
                session.introduction(frame, &mut effects)
            }

            (State::Ready(session), ComputerEvent::Command(command)) => session.ask(&command, &mut effects),
            (State::Asking(session), ComputerEvent::Frame(frame)) => session.response(frame, &mut effects),
            (State::Ready(session), ComputerEvent::Frame(frame)) => {
                session.news(frame, &mut effects).map(|session| Next::State(State::Ready(session)))
            }
            (State::Ready(session), ComputerEvent::Finish) => session.leave(&mut effects),
            (State::Leaving(session), ComputerEvent::Frame(frame)) => {
                session.news(frame, &mut effects).map(|session| Next::State(State::Leaving(session)))
            }
            (
                State::Leaving(session),
                ComputerEvent::Closed | ComputerEvent::Timeout | ComputerEvent::Cancel,
            ) => session.end(HybridError::Closed(Stage::Connected)),
            // A phone may close the tunnel right after its answer.
            (State::Ready(session), ComputerEvent::Closed) => {
                session.end(HybridError::Closed(Stage::Connected))
            }

            (state, ComputerEvent::Closed) => Err(HybridError::Closed(state.stage())),
            (state, ComputerEvent::Timeout) => Err(HybridError::TimedOut(state.stage())),
            (
                State::Introduction(session) | State::Ready(session) | State::Asking(session),
                ComputerEvent::Cancel,
            ) => session.cancel(&mut effects),
            (_, ComputerEvent::Cancel) => Err(HybridError::Cancelled),
            _ => Err(HybridError::UnexpectedEvent),
        };
        let last = match step {
            Ok(Next::State(state)) => {
                self.state = state;
                return effects;
            }
            Ok(Next::Done) => ComputerEffect::Done,
            Err(error) => ComputerEffect::Failed(error),
        };
        effects.extend(listening.then_some(ComputerEffect::StopListening));
        effects.extend([ComputerEffect::Close, last]);
        effects
    }
}

/// The phone was heard: it is near, and its advert leads to the tunnel.
fn found(
    keys: Keys,
    eid: &Eid,
    ephemeral: &EphemeralKey,
    tunnel_open: bool,
    effects: &mut Vec<ComputerEffect>,
) -> Step {
    effects.push(ComputerEffect::StopListening);
    match keys {
        Keys::Qr { code_key, secret, .. } => {
            let psk = derive::psk(&secret, eid);
            let initiator = Initiator::qr(&code_key, &psk, ephemeral)?;
            effects.extend([
                ComputerEffect::OpenTunnel {
                    domain: eid.domain(),
                    path: TunnelPath::Connect(eid.routing_id(), derive::tunnel_id(&secret)),
                    client_payload: None,
                },
                ComputerEffect::SetTimer(TUNNEL_TIMEOUT),
            ]);
            Ok(Next::State(State::Joining(initiator, Origin::Qr { code_key, domain: eid.domain() })))
        }
        Keys::Linked { link, .. } => {
            let psk = derive::psk(&link.link_secret, eid);
            let initiator = Initiator::linked(&link.phone_key, &psk, ephemeral)?;
            if tunnel_open {
                return shake_hands(initiator, Origin::Linked, effects);
            }
            effects.push(ComputerEffect::SetTimer(TUNNEL_TIMEOUT));
            Ok(Next::State(State::Joining(initiator, Origin::Linked)))
        }
    }
}

/// Phone and tunnel are there: send message 1.
fn shake_hands(initiator: Initiator, origin: Origin, effects: &mut Vec<ComputerEffect>) -> Step {
    let (message1, initiated) = initiator.start()?;
    effects.extend([ComputerEffect::SendFrame(message1.into()), ComputerEffect::SetTimer(HANDSHAKE_TIMEOUT)]);
    Ok(Next::State(State::Handshake(initiated, origin)))
}

/// Message 2 is here.
fn finish_handshake(
    initiated: Initiated,
    origin: Origin,
    message2: &[u8],
    effects: &mut Vec<ComputerEffect>,
) -> Step {
    let established = initiated.finish(message2)?;
    effects.push(ComputerEffect::SetTimer(HANDSHAKE_TIMEOUT));
    Ok(Next::State(State::Introduction(Session {
        transport: established.transport,
        handshake_hash: established.handshake_hash,
        origin,
        answered: false,
    })))
}

impl Session {
    /// The phone says what it can do.
    fn introduction(mut self, frame: Vec<u8>, effects: &mut Vec<ComputerEffect>) -> Step {
        let message = PostHandshake::decode(&self.transport.open(frame)?)?;
        let get_info = Box::new(GetInfo::decode(&message.get_info.ok_or(HybridError::NoCtap)?)?);
        effects.extend([ComputerEffect::Ready { get_info }, ComputerEffect::SetTimer(IDLE_TIMEOUT)]);
        Ok(Next::State(State::Ready(self)))
    }

    fn ask(mut self, command: &[u8], effects: &mut Vec<ComputerEffect>) -> Step {
        let frame = self.transport.seal(&Message::Ctap(command).encode())?;
        effects.extend([ComputerEffect::SendFrame(frame), ComputerEffect::SetTimer(ANSWER_TIMEOUT)]);
        Ok(Next::State(State::Asking(self)))
    }

    /// A frame while a command is under way: the answer, or news before it.
    fn response(mut self, frame: Vec<u8>, effects: &mut Vec<ComputerEffect>) -> Step {
        let message = self.transport.open(frame)?;
        match Message::decode(&message)? {
            Message::Ctap(response) => {
                self.answered = true;
                effects.extend([
                    ComputerEffect::Response(response.to_vec()),
                    ComputerEffect::SetTimer(IDLE_TIMEOUT),
                ]);
                Ok(Next::State(State::Ready(self)))
            }
            Message::Update(body) => {
                self.update(body, effects)?;
                Ok(Next::State(State::Asking(self)))
            }
            other => Err(HybridError::UnexpectedMessage(other.kind())),
        }
    }

    /// A frame while no command is under way.
    fn news(mut self, frame: Vec<u8>, effects: &mut Vec<ComputerEffect>) -> Result<Self, HybridError> {
        let message = self.transport.open(frame)?;
        match Message::decode(&message)? {
            Message::Update(body) => self.update(body, effects)?,
            // Some phones say goodbye before they close.
            Message::Shutdown if self.answered => {}
            other => return Err(HybridError::UnexpectedMessage(other.kind())),
        }
        Ok(self)
    }

    /// News from the phone. Linking data belongs to QR ceremonies only, and must be signed.
    fn update(&self, body: &[u8], effects: &mut Vec<ComputerEffect>) -> Result<(), HybridError> {
        if let (Some(linking), Origin::Qr { code_key, domain }) =
            (message::decode_update(body)?, &self.origin)
        {
            linking.verify(code_key, &self.handshake_hash)?;
            effects.push(ComputerEffect::Linked(Box::new(ComputerLink::new(*domain, linking))));
        }
        Ok(())
    }

    fn leave(mut self, effects: &mut Vec<ComputerEffect>) -> Step {
        let frame = self.transport.seal(&Message::Shutdown.encode())?;
        effects.extend([ComputerEffect::SendFrame(frame), ComputerEffect::SetTimer(LEAVE_TIMEOUT)]);
        Ok(Next::State(State::Leaving(self)))
    }

    fn cancel(mut self, effects: &mut Vec<ComputerEffect>) -> Step {
        effects.push(ComputerEffect::SendFrame(self.transport.seal(&Message::Shutdown.encode())?));
        Err(HybridError::Cancelled)
    }

    fn end(self, otherwise: HybridError) -> Step {
        if self.answered { Ok(Next::Done) } else { Err(otherwise) }
    }
}

impl State {
    const fn stage(&self) -> Stage {
        match self {
            State::Listening { .. } => Stage::Advertising,
            State::Joining(..) => Stage::TunnelOpening,
            State::Handshake(..) | State::Introduction(_) => Stage::Handshake,
            State::Asking(_) => Stage::Command,
            State::Ready(_) | State::Leaving(_) | State::Finished => Stage::Connected,
        }
    }
}

impl fmt::Debug for ComputerCeremony {
    /// Shows where the ceremony is, nothing of its keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Finished => f.write_str("ComputerCeremony(Finished)"),
            state => write!(f, "ComputerCeremony({:?})", state.stage()),
        }
    }
}

impl fmt::Debug for ComputerLink {
    /// Redacted: it holds a secret and names a phone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ComputerLink(<redacted>)")
    }
}

impl fmt::Debug for ComputerEvent {
    /// Shows kinds and lengths only: commands and answers are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComputerEvent::Advert(data) => write!(f, "Advert({} bytes)", data.len()),
            ComputerEvent::TunnelOpened => f.write_str("TunnelOpened"),
            ComputerEvent::Frame(frame) => write!(f, "Frame({} bytes)", frame.len()),
            ComputerEvent::Command(command) => write!(f, "Command({} bytes)", command.len()),
            ComputerEvent::Finish => f.write_str("Finish"),
            ComputerEvent::Closed => f.write_str("Closed"),
            ComputerEvent::Timeout => f.write_str("Timeout"),
            ComputerEvent::Cancel => f.write_str("Cancel"),
        }
    }
}

impl fmt::Debug for ComputerEffect {
    /// Shows kinds and lengths only: commands and answers are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComputerEffect::Listen => f.write_str("Listen"),
            ComputerEffect::StopListening => f.write_str("StopListening"),
            ComputerEffect::OpenTunnel { domain, path, .. } => {
                write!(f, "OpenTunnel({}, {path:?})", domain.number())
            }
            ComputerEffect::SendFrame(frame) => write!(f, "SendFrame({} bytes)", frame.len()),
            ComputerEffect::Ready { .. } => f.write_str("Ready"),
            ComputerEffect::Response(response) => write!(f, "Response({} bytes)", response.len()),
            ComputerEffect::Linked(_) => f.write_str("Linked"),
            ComputerEffect::SetTimer(time) => write!(f, "SetTimer({time:?})"),
            ComputerEffect::Close => f.write_str("Close"),
            ComputerEffect::Done => f.write_str("Done"),
            ComputerEffect::Failed(error) => write!(f, "Failed({error:?})"),
        }
    }
}
