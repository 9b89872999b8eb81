//! The phone's side of a ceremony (CTAP 2.3 section 11.5.1, authenticator role).
//!
//! ```text
//! scan --TunnelOpened--> advertising --Frame: message 1--> connected --Frame: command--> running
//!                                                           ^                               |
//!                                                           +---------- CtapResponse -------+
//! ```
//!
//! Every state that waits has a timer. Whatever ends the ceremony wipes its keys, stops what is still
//! running and closes the tunnel; the last effect is always `Done` or `Failed`.

use core::fmt;
use core::mem;
use core::time::Duration;

use latchkey_ctap::{Command, GetInfo, Status};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use crate::derive::{self, EidKey};
use crate::message::{self, LinkOffer, Message, PostHandshake};
use crate::noise::{EphemeralKey, Responder};
use crate::transport::Transport;
use crate::{
    ADVERT_LEN, ClientPayload, Eid, HybridError, KeyPair, PublicKey, QrPayload, RoutingId, Secret, Stage,
    TunnelDomain, TunnelId, TunnelPath,
};

/// Time for the tunnel to open.
pub const TUNNEL_TIMEOUT: Duration = Duration::from_secs(20);

/// Time for the computer to hear the advert and begin the handshake.
pub const ADVERT_TIMEOUT: Duration = Duration::from_secs(60);

/// Time for the computer to send its command once connected.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);

/// Time for a command to be answered. Browsers wait no longer; the authenticator's own prompt
/// time-out is shorter and comes first.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(180);

/// Time for the computer to end the ceremony after the answer.
pub const LINGER_TIMEOUT: Duration = Duration::from_secs(5);

/// How many commands one ceremony reads, those that are refused included. Tunnel services allow a
/// peer as few as 16 messages in all.
pub const MAX_COMMANDS: u8 = 16;

/// What a phone brings to a ceremony.
#[derive(Debug)]
pub struct PhoneConfig {
    /// The phone's tunnel service.
    pub domain: TunnelDomain,
    /// What the authenticator says about itself over hybrid. A command longer than its `max_msg_size`
    /// is answered with `REQUEST_TOO_LARGE`.
    pub get_info: GetInfo,
    /// Offered to a computer that shows a QR code and says that it keeps links.
    pub link_offer: Option<LinkOffer>,
}

/// A call from a linked computer, as the tunnel service pushes it.
#[derive(Clone, Debug)]
pub struct Push {
    /// Where the computer waits.
    pub routing_id: RoutingId,
    /// The tunnel that it opened.
    pub tunnel_id: TunnelId,
    /// Which link, and what will be asked.
    pub client_payload: ClientPayload,
}

/// What a phone keeps of a link.
#[derive(Debug)]
pub struct PhoneLink {
    /// The secret of the link.
    pub link_secret: Secret<32>,
    /// The phone's key of the link.
    pub identity: KeyPair,
}

/// What happened.
pub enum PhoneEvent {
    /// The tunnel is open. A new tunnel has the routing ID of the response header
    /// [`ROUTING_ID_HEADER`](crate::tunnel::ROUTING_ID_HEADER).
    TunnelOpened {
        /// `None` when the header is absent or not valid.
        routing_id: Option<RoutingId>,
    },
    /// A binary message came through the tunnel.
    Frame(Vec<u8>),
    /// The authenticator answered [`PhoneEffect::RunCtap`]: status byte and CBOR.
    CtapResponse(Vec<u8>),
    /// The tunnel could not be opened, was closed, or broke.
    Closed,
    /// The timer ran out.
    Timeout,
    /// The person gave up.
    Cancel,
}

/// What the caller has to do, in this order.
pub enum PhoneEffect {
    /// Open a WebSocket to this path at the domain's host, then report [`PhoneEvent::TunnelOpened`].
    OpenTunnel {
        /// The tunnel service.
        domain: TunnelDomain,
        /// The path there.
        path: TunnelPath,
    },
    /// Advertise these bytes under [`SERVICE_UUID`](crate::advert::SERVICE_UUID).
    Advertise([u8; ADVERT_LEN]),
    /// Stop advertising.
    StopAdvertising,
    /// Send one binary message through the tunnel.
    SendFrame(Vec<u8>),
    /// Let the authenticator run a command (command byte and CBOR), then report
    /// [`PhoneEvent::CtapResponse`].
    RunCtap(Vec<u8>),
    /// Cancel the command that is running; its answer is of no interest any more.
    CancelCtap,
    /// Report [`PhoneEvent::Timeout`] after this time. Replaces the timer set before; there is one.
    SetTimer(Duration),
    /// Close the tunnel, after everything sent has left. It may be closed already, or never have opened.
    Close,
    /// The ceremony is over: a command was answered, and stays answered however the rest went.
    Done {
        /// Status of the answer.
        status: Status,
    },
    /// The ceremony is over: what was asked was not answered.
    Failed(HybridError),
}

/// One ceremony.
pub struct PhoneCeremony {
    config: PhoneConfig,
    state: State,
}

enum State {
    TunnelOpening(Prepared),
    Advertising(Advertised),
    Connected(Session),
    Finished,
}

/// Everything random of a ceremony, drawn when it starts.
struct Prepared {
    keys: CeremonyKeys,
    ephemeral: EphemeralKey,
}

enum CeremonyKeys {
    Qr { qr: QrPayload, nonce: [u8; 10] },
    Linked { link: PhoneLink, eid_key: EidKey, eid: Eid },
}

struct Advertised {
    responder: Responder,
    /// The key that linking data is signed for, if the computer wants any.
    link_with: Option<PublicKey>,
}

struct Session {
    transport: Transport,
    /// The command that the authenticator runs.
    running: Option<u8>,
    commands_left: u8,
    /// Whether the one makeCredential or getAssertion of a ceremony was given to the authenticator.
    served: bool,
    /// Status of the answer that counts.
    answered: Option<Status>,
}

/// Where a step leads, or why the ceremony ends.
type Step = Result<State, HybridError>;

impl PhoneCeremony {
    /// Starts the ceremony of a QR code that was scanned and that the person wants to answer.
    ///
    /// # Errors
    /// [`HybridError::Randomness`]
    pub fn scan(
        qr: QrPayload,
        config: PhoneConfig,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(Self, Vec<PhoneEffect>), HybridError> {
        let path = TunnelPath::New(derive::tunnel_id(&qr.secret));
        let mut nonce = [0; 10];
        rng.fill_bytes(&mut nonce);
        Self::open(path, CeremonyKeys::Qr { qr, nonce }, config, rng)
    }

    /// Starts the ceremony that a linked computer calls for. `link` is the one that the push names.
    ///
    /// # Errors
    /// [`HybridError::Randomness`]
    pub fn answer_push(
        push: &Push,
        link: PhoneLink,
        config: PhoneConfig,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(Self, Vec<PhoneEffect>), HybridError> {
        let path = TunnelPath::Connect(push.routing_id, push.tunnel_id);
        let eid_key = EidKey::of_link(&link.link_secret, &push.client_payload.client_nonce);
        let eid = Eid::random(rng)?;
        Self::open(path, CeremonyKeys::Linked { link, eid_key, eid }, config, rng)
    }

    fn open(
        path: TunnelPath,
        keys: CeremonyKeys,
        config: PhoneConfig,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(Self, Vec<PhoneEffect>), HybridError> {
        let prepared = Prepared { keys, ephemeral: EphemeralKey::generate(rng)? };
        let effects = vec![
            PhoneEffect::OpenTunnel { domain: config.domain, path },
            PhoneEffect::SetTimer(TUNNEL_TIMEOUT),
        ];
        Ok((PhoneCeremony { config, state: State::TunnelOpening(prepared) }, effects))
    }

    /// Whether `Done` or `Failed` was given. Nothing has an effect after that.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        matches!(self.state, State::Finished)
    }

    /// Takes an event and says what to do.
    pub fn handle(&mut self, event: PhoneEvent) -> Vec<PhoneEffect> {
        let mut effects = Vec::new();
        let state = mem::replace(&mut self.state, State::Finished);
        let stop = state.running_after(&event);
        let answered = state.answered();
        let step = match (state, event) {
            (State::Finished, _) => return effects,
            (State::TunnelOpening(prepared), PhoneEvent::TunnelOpened { routing_id }) => {
                self.advertise(prepared, routing_id, &mut effects)
            }
            (State::Advertising(advertised), PhoneEvent::Frame(frame)) => {
                self.shake_hands(advertised, &frame, &mut effects)
            }
            (State::Connected(session), PhoneEvent::Frame(frame)) => self.serve(session, frame, &mut effects),
            (State::Connected(session), PhoneEvent::CtapResponse(response)) => {
                session.answer(&Zeroizing::new(response), &mut effects)
            }
            (state, PhoneEvent::Closed) => Err(HybridError::Closed(state.stage())),
            (state, PhoneEvent::Timeout) => Err(HybridError::TimedOut(state.stage())),
            (_, PhoneEvent::Cancel) => Err(HybridError::Cancelled),
            _ => Err(HybridError::UnexpectedEvent),
        };
        let last = match (step, answered) {
            (Ok(state), _) => {
                self.state = state;
                return effects;
            }
            (Err(_), Some(status)) => PhoneEffect::Done { status },
            (Err(error), None) => PhoneEffect::Failed(error),
        };
        effects.extend(stop);
        effects.extend([PhoneEffect::Close, last]);
        effects
    }

    /// The tunnel is open: tell the computer where, in an advert that only it can read.
    fn advertise(
        &self,
        Prepared { keys, ephemeral }: Prepared,
        routing_id: Option<RoutingId>,
        effects: &mut Vec<PhoneEffect>,
    ) -> Step {
        let (advert, advertised) = match keys {
            CeremonyKeys::Qr { qr, nonce } => {
                let routing_id = routing_id.ok_or(HybridError::NoRoutingId)?;
                let eid = Eid::new(nonce, routing_id, self.config.domain);
                let psk = derive::psk(&qr.secret, &eid);
                let responder = Responder::qr(&qr.public_key, &psk, &ephemeral)?;
                let link_with = (qr.linking == Some(true)).then_some(qr.public_key);
                (EidKey::of_qr(&qr.secret).seal(&eid), Advertised { responder, link_with })
            }
            CeremonyKeys::Linked { link, eid_key, eid } => {
                let psk = derive::psk(&link.link_secret, &eid);
                let responder = Responder::linked(&link.identity, &psk, &ephemeral)?;
                (eid_key.seal(&eid), Advertised { responder, link_with: None })
            }
        };
        effects.extend([PhoneEffect::Advertise(advert), PhoneEffect::SetTimer(ADVERT_TIMEOUT)]);
        Ok(State::Advertising(advertised))
    }

    /// Message 1 is here: the computer is near. Finish the handshake and introduce the phone.
    fn shake_hands(
        &self,
        Advertised { responder, link_with }: Advertised,
        message1: &[u8],
        effects: &mut Vec<PhoneEffect>,
    ) -> Step {
        let (message2, established) = responder.respond(message1)?;
        let mut transport = established.transport;
        let introduction = transport.seal(&PostHandshake::ctap(self.config.get_info.encode()).encode())?;
        effects.extend([
            PhoneEffect::SendFrame(message2.into()),
            PhoneEffect::SendFrame(introduction),
            PhoneEffect::StopAdvertising,
        ]);
        if let (Some(offer), Some(computer)) = (&self.config.link_offer, link_with) {
            let linking = offer.sign(&computer, &established.handshake_hash)?;
            let update = message::encode_update(Some(&linking));
            effects.push(PhoneEffect::SendFrame(transport.seal(&Message::Update(&update).encode())?));
        }
        effects.push(PhoneEffect::SetTimer(COMMAND_TIMEOUT));
        Ok(State::Connected(Session {
            transport,
            running: None,
            commands_left: MAX_COMMANDS,
            served: false,
            answered: None,
        }))
    }

    /// A frame from the computer: a command, or the end.
    fn serve(&self, mut session: Session, frame: Vec<u8>, effects: &mut Vec<PhoneEffect>) -> Step {
        let message = session.transport.open(frame)?;
        let command = match Message::decode(&message)? {
            Message::Ctap(command) => command,
            Message::Shutdown => return Err(HybridError::CancelledByComputer),
            other => return Err(HybridError::UnexpectedMessage(other.kind())),
        };
        session.commands_left = session.commands_left.checked_sub(1).ok_or(HybridError::TooManyCommands)?;

        const MAKE_CREDENTIAL: u8 = Command::MakeCredential as u8;
        const GET_ASSERTION: u8 = Command::GetAssertion as u8;
        const GET_INFO: u8 = Command::GetInfo as u8;
        const SELECTION: u8 = Command::Selection as u8;
        let code = command.first().copied().unwrap_or_default();
        match code {
            _ if self.config.get_info.max_msg_size.is_some_and(|max| command.len() as u64 > max) => {
                session.reply(Status::REQUEST_TOO_LARGE, &[], effects)?;
            }
            // It has no parameters (CTAP 2.3 section 6.4).
            GET_INFO if command.len() > 1 => session.reply(Status::INVALID_LENGTH, &[], effects)?,
            GET_INFO => session.reply(Status::OK, &self.config.get_info.encode(), effects)?,
            // One makeCredential or getAssertion for each scan.
            MAKE_CREDENTIAL | GET_ASSERTION if session.served => {
                session.reply(Status::NOT_ALLOWED, &[], effects)?;
            }
            MAKE_CREDENTIAL | GET_ASSERTION | SELECTION if session.running.is_some() => {
                session.reply(Status::CHANNEL_BUSY, &[], effects)?;
            }
            MAKE_CREDENTIAL | GET_ASSERTION | SELECTION => {
                session.served |= code != SELECTION;
                session.running = Some(code);
                effects
                    .extend([PhoneEffect::RunCtap(command.to_vec()), PhoneEffect::SetTimer(ANSWER_TIMEOUT)]);
            }
            _ => session.reply(Status::INVALID_COMMAND, &[], effects)?,
        }
        Ok(State::Connected(session))
    }
}

impl Session {
    /// The authenticator has answered: pass it on, then wait a little for the computer to end.
    ///
    /// It may send another command instead: browsers ask for a touch (selection) before they report
    /// certain errors.
    fn answer(mut self, response: &[u8], effects: &mut Vec<PhoneEffect>) -> Step {
        let command = self.running.take().ok_or(HybridError::UnexpectedEvent)?;
        let status = response.first().copied().map(Status).ok_or(HybridError::EmptyMessage)?;
        // It may hold PRF outputs.
        let message = Zeroizing::new(Message::Ctap(response).encode());
        effects.push(PhoneEffect::SendFrame(self.transport.seal(&message)?));
        if self.answered.is_none() || command != Command::Selection as u8 {
            self.answered = Some(status);
        }
        let wait = if self.served { LINGER_TIMEOUT } else { COMMAND_TIMEOUT };
        effects.push(PhoneEffect::SetTimer(wait));
        Ok(State::Connected(self))
    }

    /// Answers without the authenticator. The timer goes on, so that this cannot prolong anything.
    fn reply(
        &mut self,
        status: Status,
        body: &[u8],
        effects: &mut Vec<PhoneEffect>,
    ) -> Result<(), HybridError> {
        let response: Vec<u8> = core::iter::once(status.0).chain(body.iter().copied()).collect();
        effects.push(PhoneEffect::SendFrame(self.transport.seal(&Message::Ctap(&response).encode())?));
        Ok(())
    }
}

impl State {
    fn stage(&self) -> Stage {
        match self {
            State::TunnelOpening(_) => Stage::TunnelOpening,
            State::Advertising(_) => Stage::Advertising,
            State::Connected(Session { running: Some(_), .. }) => Stage::Command,
            State::Connected(_) | State::Finished => Stage::Connected,
        }
    }

    /// Status of the answer that counts, if what was asked is answered. A touch that was answered says
    /// nothing about the request that came after it.
    fn answered(&self) -> Option<Status> {
        match self {
            State::Connected(Session { running: Some(code), .. }) if *code != Command::Selection as u8 => {
                None
            }
            State::Connected(session) => session.answered,
            _ => None,
        }
    }

    /// What has to be stopped if the ceremony ends with `event`.
    fn running_after(&self, event: &PhoneEvent) -> Option<PhoneEffect> {
        match (self, event) {
            (State::Advertising(_), _) => Some(PhoneEffect::StopAdvertising),
            (_, PhoneEvent::CtapResponse(_)) => None,
            (State::Connected(Session { running: Some(_), .. }), _) => Some(PhoneEffect::CancelCtap),
            _ => None,
        }
    }
}

impl fmt::Debug for PhoneCeremony {
    /// Shows where the ceremony is, nothing of its keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            State::Finished => f.write_str("PhoneCeremony(Finished)"),
            state => write!(f, "PhoneCeremony({:?})", state.stage()),
        }
    }
}

impl fmt::Debug for PhoneEvent {
    /// Shows kinds and lengths only: commands and answers are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PhoneEvent::TunnelOpened { .. } => f.write_str("TunnelOpened"),
            PhoneEvent::Frame(frame) => write!(f, "Frame({} bytes)", frame.len()),
            PhoneEvent::CtapResponse(response) => write!(f, "CtapResponse({} bytes)", response.len()),
            PhoneEvent::Closed => f.write_str("Closed"),
            PhoneEvent::Timeout => f.write_str("Timeout"),
            PhoneEvent::Cancel => f.write_str("Cancel"),
        }
    }
}

impl fmt::Debug for PhoneEffect {
    /// Shows kinds and lengths only: commands and answers are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PhoneEffect::OpenTunnel { domain, path } => {
                write!(f, "OpenTunnel({}, {path:?})", domain.number())
            }
            PhoneEffect::Advertise(_) => f.write_str("Advertise"),
            PhoneEffect::StopAdvertising => f.write_str("StopAdvertising"),
            PhoneEffect::SendFrame(frame) => write!(f, "SendFrame({} bytes)", frame.len()),
            PhoneEffect::RunCtap(command) => write!(f, "RunCtap({} bytes)", command.len()),
            PhoneEffect::CancelCtap => f.write_str("CancelCtap"),
            PhoneEffect::SetTimer(time) => write!(f, "SetTimer({time:?})"),
            PhoneEffect::Close => f.write_str("Close"),
            PhoneEffect::Done { status } => write!(f, "Done({status})"),
            PhoneEffect::Failed(error) => write!(f, "Failed({error:?})"),
        }
    }
}
