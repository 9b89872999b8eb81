//! Whole ceremonies: phone and computer in one process, with a tunnel and an air between them that
//! the tests disturb.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::VecDeque;
use std::time::Duration;

use latchkey_ctap::cbor::CborError;
use latchkey_ctap::{GetInfo, Status};
use latchkey_hybrid::computer::CodeOptions;
use latchkey_hybrid::derive::{self, EidKey};
use latchkey_hybrid::message::{Message, encode_update};
use latchkey_hybrid::noise::{EphemeralKey, Initiator, Responder};
use latchkey_hybrid::transport::Transport;
use latchkey_hybrid::{
    ClientPayload, ComputerCeremony, ComputerEffect, ComputerEvent, ComputerLink, Eid, HybridError, KeyPair,
    LinkOffer, MAX_MESSAGE_SIZE, PhoneCeremony, PhoneConfig, PhoneEffect, PhoneEvent, PhoneLink,
    PostHandshake, Push, QrPayload, RequestHint, RoutingId, Secret, Stage, TunnelDomain, TunnelId,
    TunnelPath,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn get_info() -> GetInfo {
    GetInfo {
        versions: vec!["FIDO_2_1".into()],
        options: vec![("rk".into(), true), ("uv".into(), true)],
        max_msg_size: Some(1 << 16),
        ..GetInfo::default()
    }
}

const ROUTING_ID: RoutingId = RoutingId::new([0xAA, 0xBB, 0xCC]);

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn config() -> PhoneConfig {
    PhoneConfig { domain: TunnelDomain::new(266).unwrap(), get_info: get_info(), link_offer: None }
}

fn link_offer(seed: u64) -> LinkOffer {
    let rng = &mut rng(seed);
    LinkOffer {
        contact_id: b"contact".to_vec(),
        link_id: [7; 8],
        link_secret: Secret::random(rng),
        identity: KeyPair::generate(rng).unwrap(),
        phone_name: "phone".into(),
    }
}

/// How one side ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
    Done,
    Failed(HybridError),
}

/// Decides what becomes of a message, by its direction and its number in that direction.
type Tunnel = Box<dyn FnMut(Direction, usize, Vec<u8>) -> Vec<Vec<u8>>>;

/// Both sides and what is on its way between them.
struct World {
    phone: PhoneCeremony,
    computer: ComputerCeremony,
    to_phone: VecDeque<PhoneEvent>,
    to_computer: VecDeque<ComputerEvent>,
    phone_timer: bool,
    computer_timer: bool,
    advertising: bool,
    phone_end: Option<End>,
    computer_end: Option<End>,
    /// Commands that the authenticator was given.
    ran: Vec<Vec<u8>>,
    cancelled: bool,
    responses: Vec<Vec<u8>>,
    get_info: Option<Box<GetInfo>>,
    linked: Option<Box<ComputerLink>>,
    /// What the computer still wants to ask.
    script: VecDeque<Vec<u8>>,
    tunnel: Tunnel,
    frames: [usize; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    ToPhone,
    ToComputer,
}

impl World {
    /// A QR ceremony in which the computer sends `script`.
    fn qr(script: &[&[u8]]) -> Self {
        Self::qr_with(CodeOptions::default(), config(), script)
    }

    fn qr_with(options: CodeOptions, config: PhoneConfig, script: &[&[u8]]) -> Self {
        let (computer, text, computer_effects) = ComputerCeremony::show_code(options, &mut rng(1)).unwrap();
        let qr = QrPayload::parse(&text).unwrap();
        let (phone, phone_effects) = PhoneCeremony::scan(qr, config, &mut rng(2)).unwrap();
        Self::new(phone, phone_effects, computer, computer_effects, script)
    }

    fn new(
        phone: PhoneCeremony,
        phone_effects: Vec<PhoneEffect>,
        computer: ComputerCeremony,
        computer_effects: Vec<ComputerEffect>,
        script: &[&[u8]],
    ) -> Self {
        let mut world = World {
            phone,
            computer,
            to_phone: VecDeque::new(),
            to_computer: VecDeque::new(),
            phone_timer: false,
            computer_timer: false,
            advertising: false,
            phone_end: None,
            computer_end: None,
            ran: Vec::new(),
            cancelled: false,
            responses: Vec::new(),
            get_info: None,
            linked: None,
            script: script.iter().map(|command| command.to_vec()).collect(),
            tunnel: Box::new(|_, _, frame| vec![frame]),
            frames: [0; 2],
        };
        world.phone_effects(phone_effects);
        world.computer_effects(computer_effects);
        world
    }

    fn phone_effects(&mut self, effects: Vec<PhoneEffect>) {
        for effect in effects {
            assert_eq!(self.phone_end, None, "an effect after the end: {effect:?}");
            match effect {
                PhoneEffect::OpenTunnel { path, .. } => {
                    let routing_id = matches!(path, TunnelPath::New(_)).then_some(ROUTING_ID);
                    self.to_phone.push_back(PhoneEvent::TunnelOpened { routing_id });
                }
                PhoneEffect::Advertise(advert) => {
                    self.advertising = true;
                    // Somebody else's phone, the right one in an old style, the right one again.
                    self.to_computer.push_back(ComputerEvent::Advert(vec![0x55; 20]));
                    self.to_computer.push_back(ComputerEvent::Advert(advert.to_vec()));
                    self.to_computer.push_back(ComputerEvent::Advert(advert.to_vec()));
                }
                PhoneEffect::StopAdvertising => self.advertising = false,
                PhoneEffect::SendFrame(frame) => {
                    let index = self.frames[1];
                    self.frames[1] += 1;
                    for frame in (self.tunnel)(Direction::ToComputer, index, frame) {
                        self.to_computer.push_back(ComputerEvent::Frame(frame));
                    }
                }
                PhoneEffect::RunCtap(command) => {
                    let status = if command[0] == 0x0B { 0x00 } else { command.get(1).copied().unwrap_or(0) };
                    self.ran.push(command);
                    self.to_phone.push_back(PhoneEvent::CtapResponse(vec![status, 0xA0]));
                }
                PhoneEffect::CancelCtap => {
                    self.cancelled = true;
                    self.to_phone.retain(|event| !matches!(event, PhoneEvent::CtapResponse(_)));
                }
                PhoneEffect::SetTimer(time) => {
                    assert!(!time.is_zero());
                    self.phone_timer = true;
                }
                PhoneEffect::Close => self.to_computer.push_back(ComputerEvent::Closed),
                PhoneEffect::Done { .. } => self.phone_end = Some(End::Done),
                PhoneEffect::Failed(error) => self.phone_end = Some(End::Failed(error)),
            }
        }
        assert_eq!(self.phone.is_finished(), self.phone_end.is_some());
        assert!(self.phone_end.is_none() || !self.advertising, "still advertising after the end");
    }

    fn computer_effects(&mut self, effects: Vec<ComputerEffect>) {
        for effect in effects {
            assert_eq!(self.computer_end, None, "an effect after the end: {effect:?}");
            match effect {
                ComputerEffect::Listen | ComputerEffect::StopListening => {}
                ComputerEffect::OpenTunnel { .. } => self.to_computer.push_back(ComputerEvent::TunnelOpened),
                ComputerEffect::SendFrame(frame) => {
                    let index = self.frames[0];
                    self.frames[0] += 1;
                    for frame in (self.tunnel)(Direction::ToPhone, index, frame) {
                        self.to_phone.push_back(PhoneEvent::Frame(frame));
                    }
                }
                ComputerEffect::Ready { get_info } => {
                    self.get_info = Some(get_info);
                    self.next_command();
                }
                ComputerEffect::Response(response) => {
                    self.responses.push(response);
                    self.next_command();
                }
                ComputerEffect::Linked(link) => self.linked = Some(link),
                ComputerEffect::SetTimer(time) => {
                    assert!(!time.is_zero());
                    self.computer_timer = true;
                }
                ComputerEffect::Close => self.to_phone.push_back(PhoneEvent::Closed),
                ComputerEffect::Done => self.computer_end = Some(End::Done),
                ComputerEffect::Failed(error) => self.computer_end = Some(End::Failed(error)),
            }
        }
        assert_eq!(self.computer.is_finished(), self.computer_end.is_some());
    }

    fn next_command(&mut self) {
        self.to_computer.push_back(match self.script.pop_front() {
            Some(command) => ComputerEvent::Command(command),
            None => ComputerEvent::Finish,
        });
    }

    /// Delivers one event, if any is on its way.
    fn step(&mut self) -> bool {
        if let Some(event) = self.to_computer.pop_front() {
            let effects = self.computer.handle(event);
            self.computer_effects(effects);
        } else if let Some(event) = self.to_phone.pop_front() {
            let effects = self.phone.handle(event);
            self.phone_effects(effects);
        } else {
            return false;
        }
        true
    }

    /// Delivers everything; when nothing moves any more, lets the timers run out, until both ended.
    fn run(&mut self) {
        for _ in 0..1000 {
            if self.step() {
                continue;
            }
            if self.computer_end.is_none() {
                assert!(self.computer_timer, "the computer hangs without a timer");
                let effects = self.computer.handle(ComputerEvent::Timeout);
                self.computer_effects(effects);
            } else if self.phone_end.is_none() {
                assert!(self.phone_timer, "the phone hangs without a timer");
                let effects = self.phone.handle(PhoneEvent::Timeout);
                self.phone_effects(effects);
            } else {
                return;
            }
        }
        panic!("no end");
    }

    fn ends(&self) -> (End, End) {
        (self.phone_end.clone().unwrap(), self.computer_end.clone().unwrap())
    }
}

const MAKE_CREDENTIAL: &[u8] = &[0x01, 0x00, 0xA0];

#[test]
fn a_qr_ceremony_serves_one_command() {
    let mut world = World::qr(&[MAKE_CREDENTIAL]);
    world.run();
    assert_eq!(world.ends(), (End::Done, End::Done));
    assert_eq!(world.get_info.as_deref(), Some(&get_info()));
    assert_eq!(world.ran, [MAKE_CREDENTIAL]);
    assert_eq!(world.responses, [[0x00, 0xA0]]);
    assert!(!world.cancelled);
}

const GET_ASSERTION: &[u8] = &[0x02, 0x00, 0xA0];
const GET_INFO: &[u8] = &[0x04];
const SELECTION: &[u8] = &[0x0B];

/// A phone that is connected to a computer made by hand, which can send anything.
struct ByHand {
    phone: PhoneCeremony,
    transport: Transport,
}

impl ByHand {
    fn new() -> Self {
        Self::with(config())
    }

    fn with(config: PhoneConfig) -> Self {
        let (mut phone, code_key, secret) = scanned(config);
        let eid = advertised(&mut phone, &secret);
        let psk = derive::psk(&secret, &eid);
        let ephemeral = EphemeralKey::generate(&mut rng(5)).unwrap();
        let (message1, initiated) = Initiator::qr(&code_key, &psk, &ephemeral).unwrap().start().unwrap();
        let effects = phone.handle(PhoneEvent::Frame(message1.into()));
        let [PhoneEffect::SendFrame(message2), PhoneEffect::SendFrame(introduction), ..] = effects.as_slice()
        else {
            panic!("{effects:?}")
        };
        let mut transport = initiated.finish(message2).unwrap().transport;
        transport.open(introduction.clone()).unwrap();
        ByHand { phone, transport }
    }

    fn send(&mut self, message: &[u8]) -> Vec<PhoneEffect> {
        let frame = self.transport.seal(message).unwrap();
        self.phone.handle(PhoneEvent::Frame(frame))
    }

    fn command(&mut self, command: &[u8]) -> Vec<PhoneEffect> {
        self.send(&[&[1], command].concat())
    }

    /// The one answer among the effects.
    fn answer(&mut self, effects: &[PhoneEffect]) -> Vec<u8> {
        let mut frames = effects.iter().filter_map(|effect| match effect {
            PhoneEffect::SendFrame(frame) => Some(frame.clone()),
            _ => None,
        });
        let message = self.transport.open(frames.next().unwrap()).unwrap();
        assert!(frames.next().is_none());
        assert_eq!(message[0], 1);
        message[1..].to_vec()
    }

    /// Sends a command that the phone answers by itself, without moving the timer.
    fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        let effects = self.command(command);
        assert_eq!(kinds(&effects), ["SendFrame"]);
        self.answer(&effects)
    }

    fn finish_command(&mut self, response: &[u8]) {
        let effects = self.phone.handle(PhoneEvent::CtapResponse(response.to_vec()));
        assert_eq!(kinds(&effects), ["SendFrame", "SetTimer"]);
        assert_eq!(self.answer(&effects), response);
    }
}

fn scanned(config: PhoneConfig) -> (PhoneCeremony, KeyPair, Secret<16>) {
    let code_key = KeyPair::generate(&mut rng(3)).unwrap();
    let secret = Secret::random(&mut rng(4));
    let mut qr = QrPayload::new(*code_key.public(), secret.clone(), RequestHint::GetAssertion);
    qr.linking = Some(true);
    let (phone, effects) = PhoneCeremony::scan(qr, config, &mut rng(2)).unwrap();
    assert_eq!(kinds(&effects), ["OpenTunnel", "SetTimer"]);
    (phone, code_key, secret)
}

fn advertised(phone: &mut PhoneCeremony, secret: &Secret<16>) -> Eid {
    let effects = phone.handle(PhoneEvent::TunnelOpened { routing_id: Some(ROUTING_ID) });
    assert_eq!(kinds(&effects), ["Advertise", "SetTimer"]);
    let [PhoneEffect::Advertise(advert), ..] = effects.as_slice() else { panic!("{effects:?}") };
    EidKey::of_qr(secret).open(advert).unwrap()
}

/// Names of effects, without their contents.
fn kinds<E: std::fmt::Debug>(effects: &[E]) -> Vec<String> {
    let name = |effect: &E| format!("{effect:?}").split('(').next().unwrap().to_owned();
    effects.iter().map(name).collect()
}

/// The error that the last effect reports.
fn failure(effects: &[PhoneEffect]) -> HybridError {
    match effects.last() {
        Some(PhoneEffect::Failed(error)) => error.clone(),
        other => panic!("not a failure: {other:?}"),
    }
}

fn status_of_done(effects: &[PhoneEffect]) -> Status {
    match effects.last() {
        Some(PhoneEffect::Done { status }) => *status,
        other => panic!("not done: {other:?}"),
    }
}

#[test]
fn one_request_for_each_scan() {
    let mut world = World::qr(&[GET_ASSERTION, MAKE_CREDENTIAL, GET_INFO, SELECTION, &[0x08], &[0x40, 1]]);
    world.run();
    assert_eq!(world.ends(), (End::Done, End::Done));
    assert_eq!(world.ran, [GET_ASSERTION, SELECTION]);
    let info = [vec![0], get_info().encode()].concat();
    let expected: [&[u8]; 6] = [&[0x00, 0xA0], &[0x30], &info, &[0x00, 0xA0], &[0x01], &[0x01]];
    assert_eq!(world.responses, expected);
}

#[test]
fn a_touch_is_served_after_an_error() {
    // Browsers send selection before they report that no algorithm is supported.
    let refused: &[u8] = &[0x01, 0x26];
    let mut world = World::qr(&[refused, SELECTION]);
    world.run();
    assert_eq!(world.ends(), (End::Done, End::Done));
    assert_eq!(world.responses, [[0x26, 0xA0], [0x00, 0xA0]]);

    let mut hand = ByHand::new();
    assert_eq!(kinds(&hand.command(refused)), ["RunCtap", "SetTimer"]);
    hand.finish_command(&[0x26]);
    assert_eq!(kinds(&hand.command(SELECTION)), ["RunCtap", "SetTimer"]);
    // The answer that counts is the refusal, also when the computer ends during the touch.
    let effects = hand.send(&[0]);
    assert_eq!(kinds(&effects), ["CancelCtap", "Close", "Done"]);
    assert_eq!(status_of_done(&effects), Status::UNSUPPORTED_ALGORITHM);
}

#[test]
fn a_touch_may_come_before_the_request() {
    let mut hand = ByHand::new();
    assert_eq!(kinds(&hand.command(SELECTION)), ["RunCtap", "SetTimer"]);
    hand.finish_command(&[0x00]);
    assert_eq!(kinds(&hand.command(MAKE_CREDENTIAL)), ["RunCtap", "SetTimer"]);
    hand.finish_command(&[0x27]);
    assert_eq!(status_of_done(&hand.send(&[0])), Status::OPERATION_DENIED);

    // It is no answer to a request that never got one.
    let mut hand = ByHand::new();
    hand.command(SELECTION);
    hand.finish_command(&[0x00]);
    hand.command(MAKE_CREDENTIAL);
    let effects = hand.send(&[0]);
    assert_eq!(kinds(&effects), ["CancelCtap", "Close", "Failed"]);
    assert_eq!(failure(&effects), HybridError::CancelledByComputer);
}

#[test]
fn what_is_answered_stays_answered() {
    for message in [&[][..], &[4], &[2, 0xA0]] {
        let mut hand = ByHand::new();
        hand.command(MAKE_CREDENTIAL);
        hand.finish_command(&[0x00, 0xA0]);
        assert_eq!(status_of_done(&hand.send(message)), Status::OK);
    }
    let mut hand = ByHand::new();
    hand.command(MAKE_CREDENTIAL);
    hand.finish_command(&[0x00, 0xA0]);
    assert_eq!(status_of_done(&hand.phone.handle(PhoneEvent::Frame(vec![7; 40]))), Status::OK);
}

#[test]
fn while_a_command_runs() {
    let mut hand = ByHand::new();
    assert_eq!(kinds(&hand.command(SELECTION)), ["RunCtap", "SetTimer"]);
    assert_eq!(hand.ask(MAKE_CREDENTIAL), [0x06]);
    assert_eq!(hand.ask(SELECTION), [0x06]);
    hand.finish_command(&[0x00]);
    assert_eq!(kinds(&hand.command(MAKE_CREDENTIAL)), ["RunCtap", "SetTimer"]);
    assert_eq!(hand.ask(GET_ASSERTION), [0x30]);
    assert_eq!(hand.ask(SELECTION), [0x06]);
    assert_eq!(hand.ask(GET_INFO)[0], 0);
    assert_eq!(hand.ask(&[0x06]), [0x01]);
    hand.finish_command(&[0x00, 0xA0]);
}

#[test]
fn a_command_that_is_too_large() {
    let mut hand = ByHand::new();
    let mut command = vec![0x01; (1 << 16) + 1];
    assert_eq!(hand.ask(&command), [0x39]);
    command.truncate(1 << 16);
    assert_eq!(kinds(&hand.command(&command)), ["RunCtap", "SetTimer"]);

    let mut hand = ByHand::new();
    let effects = hand.phone.handle(PhoneEvent::Frame(vec![0; MAX_MESSAGE_SIZE + 1]));
    assert_eq!(failure(&effects), HybridError::MessageTooLong(MAX_MESSAGE_SIZE + 1));
}

#[test]
fn get_info_takes_no_parameters() {
    let mut hand = ByHand::new();
    assert_eq!(hand.ask(&[0x04, 0xA0]), [0x03]);
    assert_eq!(hand.ask(GET_INFO)[0], 0);
}

#[test]
fn commands_are_counted() {
    let mut hand = ByHand::new();
    for _ in 0..16 {
        hand.ask(GET_INFO);
    }
    assert_eq!(failure(&hand.command(GET_INFO)), HybridError::TooManyCommands);
    assert!(hand.phone.is_finished());
}

#[test]
fn messages_that_do_not_belong_end_the_ceremony() {
    let cases: [(&[u8], HybridError); 6] = [
        (&[], HybridError::EmptyMessage),
        (&[1], HybridError::EmptyMessage),
        (&[2, 0xA0], HybridError::UnexpectedMessage(2)),
        (&[3, b'{', b'}'], HybridError::UnexpectedMessage(3)),
        (&[4], HybridError::UnexpectedMessage(4)),
        (&[0xFF, 1, 2, 3], HybridError::UnexpectedMessage(0xFF)),
    ];
    for (message, error) in cases {
        let mut hand = ByHand::new();
        let effects = hand.send(message);
        assert_eq!(kinds(&effects), ["Close", "Failed"]);
        assert_eq!(failure(&effects), error);
        assert!(hand.phone.is_finished());
        assert!(hand.command(MAKE_CREDENTIAL).is_empty(), "nothing has an effect any more");
    }
}

#[test]
fn the_computer_cancels() {
    let mut hand = ByHand::new();
    assert_eq!(failure(&hand.send(&[0])), HybridError::CancelledByComputer);

    let mut hand = ByHand::new();
    hand.command(MAKE_CREDENTIAL);
    let effects = hand.send(&[0]);
    assert_eq!(kinds(&effects), ["CancelCtap", "Close", "Failed"]);
    assert_eq!(failure(&effects), HybridError::CancelledByComputer);

    let mut hand = ByHand::new();
    hand.command(MAKE_CREDENTIAL);
    let effects = hand.phone.handle(PhoneEvent::Closed);
    assert_eq!(kinds(&effects), ["CancelCtap", "Close", "Failed"]);
    assert_eq!(failure(&effects), HybridError::Closed(Stage::Command));
}

#[test]
fn every_wait_of_the_phone_ends() {
    for event in [|| PhoneEvent::Timeout, || PhoneEvent::Closed, || PhoneEvent::Cancel] {
        let expected = |stage| match event() {
            PhoneEvent::Timeout => HybridError::TimedOut(stage),
            PhoneEvent::Closed => HybridError::Closed(stage),
            _ => HybridError::Cancelled,
        };
        let (mut phone, _, secret) = scanned(config());
        let effects = phone.handle(event());
        assert_eq!(kinds(&effects), ["Close", "Failed"]);
        assert_eq!(failure(&effects), expected(Stage::TunnelOpening));

        let (mut phone, ..) = scanned(config());
        advertised(&mut phone, &secret);
        let effects = phone.handle(event());
        assert_eq!(kinds(&effects), ["StopAdvertising", "Close", "Failed"]);
        assert_eq!(failure(&effects), expected(Stage::Advertising));

        let mut hand = ByHand::new();
        let effects = hand.phone.handle(event());
        assert_eq!(kinds(&effects), ["Close", "Failed"]);
        assert_eq!(failure(&effects), expected(Stage::Connected));

        let mut hand = ByHand::new();
        hand.command(MAKE_CREDENTIAL);
        let effects = hand.phone.handle(event());
        assert_eq!(kinds(&effects), ["CancelCtap", "Close", "Failed"]);
        assert_eq!(failure(&effects), expected(Stage::Command));

        let mut hand = ByHand::new();
        hand.command(MAKE_CREDENTIAL);
        hand.finish_command(&[0x00, 0xA0]);
        let effects = hand.phone.handle(event());
        assert_eq!(status_of_done(&effects), Status::OK);
        assert!(hand.phone.is_finished());
    }
}

#[test]
fn the_wait_after_the_answer_is_short() {
    let mut hand = ByHand::new();
    hand.command(MAKE_CREDENTIAL);
    let effects = hand.phone.handle(PhoneEvent::CtapResponse(vec![0, 0xA0]));
    assert!(matches!(effects.last(), Some(PhoneEffect::SetTimer(wait)) if *wait == Duration::from_secs(5)));
}

#[test]
fn events_that_do_not_belong() {
    let unexpected = |phone: &mut PhoneCeremony, event| {
        assert_eq!(failure(&phone.handle(event)), HybridError::UnexpectedEvent);
        assert!(phone.is_finished());
    };
    unexpected(&mut scanned(config()).0, PhoneEvent::Frame(vec![1]));
    unexpected(&mut scanned(config()).0, PhoneEvent::CtapResponse(vec![0]));
    unexpected(&mut ByHand::new().phone, PhoneEvent::CtapResponse(vec![0]));
    unexpected(&mut ByHand::new().phone, PhoneEvent::TunnelOpened { routing_id: None });

    let mut hand = ByHand::new();
    hand.command(MAKE_CREDENTIAL);
    assert_eq!(failure(&hand.phone.handle(PhoneEvent::CtapResponse(vec![]))), HybridError::EmptyMessage);
}

#[test]
fn a_tunnel_without_routing_id() {
    let (mut phone, ..) = scanned(config());
    let effects = phone.handle(PhoneEvent::TunnelOpened { routing_id: None });
    assert_eq!(failure(&effects), HybridError::NoRoutingId);
}

#[test]
fn nothing_is_offered_to_a_computer_that_keeps_no_links() {
    let config = PhoneConfig { link_offer: Some(link_offer(9)), ..config() };
    let mut world = World::qr_with(CodeOptions::default(), config, &[MAKE_CREDENTIAL]);
    world.run();
    assert_eq!(world.ends(), (End::Done, End::Done));
    assert!(world.linked.is_none());
    assert_eq!(world.frames[1], 3, "message 2, introduction, answer");
}

/// A QR ceremony that links, then a ceremony between the linked devices.
#[test]
fn linked_devices_do_without_a_code() {
    let options = CodeOptions { accept_link: true, ..CodeOptions::default() };
    let offering = PhoneConfig { link_offer: Some(link_offer(9)), ..config() };
    let mut world = World::qr_with(options, offering, &[MAKE_CREDENTIAL]);
    world.run();
    assert_eq!(world.ends(), (End::Done, End::Done));
    let link = *world.linked.unwrap();
    assert_eq!((link.domain, link.link_id), (config().domain, [7; 8]));

    let hint = RequestHint::GetAssertion;
    let (computer, computer_effects) = ComputerCeremony::call(link, hint, &mut rng(11)).unwrap();
    let Some(ComputerEffect::OpenTunnel { domain, path, client_payload: Some(payload) }) =
        computer_effects.first()
    else {
        panic!("{computer_effects:?}")
    };
    assert_eq!((*domain, path), (config().domain, &TunnelPath::Contact(b"contact".to_vec())));
    let push = Push {
        routing_id: ROUTING_ID,
        tunnel_id: TunnelId::new([5; 16]),
        client_payload: ClientPayload::from_header(&payload.to_header()).unwrap(),
    };
    assert_eq!((push.client_payload.link_id, push.client_payload.hint), ([7; 8], hint));
    let LinkOffer { link_secret, identity, .. } = link_offer(9);
    let link = PhoneLink { link_secret, identity };
    let (phone, phone_effects) = PhoneCeremony::answer_push(&push, link, config(), &mut rng(12)).unwrap();
    let [PhoneEffect::OpenTunnel { path, .. }, ..] = phone_effects.as_slice() else { panic!("no tunnel") };
    assert_eq!(path, &TunnelPath::Connect(ROUTING_ID, TunnelId::new([5; 16])));

    let mut world = World::new(phone, phone_effects, computer, computer_effects, &[GET_ASSERTION]);
    world.run();
    assert_eq!(world.ends(), (End::Done, End::Done));
    assert_eq!(world.ran, [GET_ASSERTION]);
}

#[test]
fn a_linked_phone_may_be_heard_before_the_tunnel_is_open() {
    for advert_first in [false, true] {
        let offer = link_offer(9);
        let linking = offer.sign(KeyPair::generate(&mut rng(1)).unwrap().public(), &[0; 32]).unwrap();
        let link = ComputerLink::new(TunnelDomain::GOOGLE, linking);
        let (mut computer, effects) =
            ComputerCeremony::call(link, RequestHint::GetAssertion, &mut rng(2)).unwrap();
        let Some(ComputerEffect::OpenTunnel { client_payload: Some(payload), .. }) =
            effects.into_iter().next()
        else {
            panic!("no call")
        };
        let key = EidKey::of_link(&offer.link_secret, &payload.client_nonce);
        let advert = key.seal(&Eid::random(&mut rng(3)).unwrap()).to_vec();
        if advert_first {
            let effects = computer.handle(ComputerEvent::Advert(advert));
            assert_eq!(kinds(&effects), ["StopListening", "SetTimer"]);
            let effects = computer.handle(ComputerEvent::TunnelOpened);
            assert_eq!(kinds(&effects), ["SendFrame", "SetTimer"]);
        } else {
            assert!(computer.handle(ComputerEvent::TunnelOpened).is_empty());
            let effects = computer.handle(ComputerEvent::Advert(advert));
            assert_eq!(kinds(&effects), ["StopListening", "SendFrame", "SetTimer"]);
        }
    }
}

/// Brings a computer to the point where it waits for the next event, with a phone made by hand.
struct ByHandPhone {
    computer: ComputerCeremony,
    transport: Transport,
    code: QrPayload,
    handshake_hash: [u8; 32],
}

impl ByHandPhone {
    fn new() -> Self {
        let (mut computer, text, _) =
            ComputerCeremony::show_code(CodeOptions::default(), &mut rng(1)).unwrap();
        let code = QrPayload::parse(&text).unwrap();
        let eid = Eid::new([1; 10], ROUTING_ID, TunnelDomain::GOOGLE);
        let advert = EidKey::of_qr(&code.secret).seal(&eid);
        let effects = computer.handle(ComputerEvent::Advert(advert.to_vec()));
        assert_eq!(kinds(&effects), ["StopListening", "OpenTunnel", "SetTimer"]);
        let effects = computer.handle(ComputerEvent::TunnelOpened);
        let [ComputerEffect::SendFrame(message1), ComputerEffect::SetTimer(_)] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        let ephemeral = EphemeralKey::generate(&mut rng(2)).unwrap();
        let responder =
            Responder::qr(&code.public_key, &derive::psk(&code.secret, &eid), &ephemeral).unwrap();
        let (message2, established) = responder.respond(message1).unwrap();
        let effects = computer.handle(ComputerEvent::Frame(message2.into()));
        assert_eq!(kinds(&effects), ["SetTimer"]);
        let (transport, handshake_hash) = (established.transport, established.handshake_hash);
        ByHandPhone { computer, transport, code, handshake_hash }
    }

    fn ready() -> Self {
        let mut hand = Self::new();
        let effects = hand.send(&PostHandshake::ctap(get_info().encode()).encode());
        assert_eq!(kinds(&effects), ["Ready", "SetTimer"]);
        hand
    }

    fn asking() -> Self {
        let mut hand = Self::ready();
        let effects = hand.computer.handle(ComputerEvent::Command(MAKE_CREDENTIAL.to_vec()));
        assert_eq!(kinds(&effects), ["SendFrame", "SetTimer"]);
        hand
    }

    fn answered() -> Self {
        let mut hand = Self::asking();
        assert_eq!(kinds(&hand.send(&[1, 0])), ["Response", "SetTimer"]);
        hand
    }

    fn send(&mut self, message: &[u8]) -> Vec<ComputerEffect> {
        let frame = self.transport.seal(message).unwrap();
        self.computer.handle(ComputerEvent::Frame(frame))
    }

    fn failure(&mut self, message: &[u8]) -> HybridError {
        computer_failure(&self.send(message))
    }

    fn update(&self, link: &LinkOffer, handshake_hash: &[u8; 32]) -> Vec<u8> {
        let linking = link.sign(&self.code.public_key, handshake_hash).unwrap();
        Message::Update(&encode_update(Some(&linking))).encode()
    }
}

fn computer_failure(effects: &[ComputerEffect]) -> HybridError {
    match effects {
        [.., ComputerEffect::Close, ComputerEffect::Failed(error)] => error.clone(),
        other => panic!("not a failure: {other:?}"),
    }
}

#[test]
fn updates_may_come_at_any_time() {
    let empty = Message::Update(&encode_update(None)).encode();
    for mut hand in [ByHandPhone::ready(), ByHandPhone::asking(), ByHandPhone::answered()] {
        assert!(hand.send(&empty).is_empty());
        let update = hand.update(&link_offer(9), &hand.handshake_hash);
        assert_eq!(kinds(&hand.send(&update)), ["Linked"]);
        assert!(!hand.computer.is_finished());
    }
    let mut hand = ByHandPhone::answered();
    assert_eq!(kinds(&hand.computer.handle(ComputerEvent::Finish)), ["SendFrame", "SetTimer"]);
    let update = hand.update(&link_offer(9), &hand.handshake_hash);
    assert_eq!(kinds(&hand.send(&update)), ["Linked"], "late");
    assert_eq!(kinds(&hand.computer.handle(ComputerEvent::Closed)), ["Close", "Done"]);
}

#[test]
fn linking_data_must_be_signed_for_this_handshake() {
    let mut hand = ByHandPhone::ready();
    let update = hand.update(&link_offer(9), &[0; 32]);
    assert_eq!(hand.failure(&update), HybridError::LinkingSignature);
    assert_eq!(ByHandPhone::ready().failure(&[2, 0xA1, 0x01, 0xA0]), HybridError::MissingMember(1));
}

#[test]
fn a_phone_that_is_not_in_order() {
    let introduction = |message: &[u8]| ByHandPhone::new().failure(message);
    assert_eq!(introduction(&[]), HybridError::Cbor(CborError::Truncated));
    assert_eq!(introduction(&[0xA0]), HybridError::NoCtap);
    assert_eq!(
        introduction(&PostHandshake { get_info: None, features: vec!["dc".into()] }.encode()),
        HybridError::NoCtap
    );
    assert!(matches!(introduction(&PostHandshake::ctap(vec![0xA0]).encode()), HybridError::GetInfo(_)));

    assert_eq!(ByHandPhone::ready().failure(&[1, 0]), HybridError::UnexpectedMessage(1));
    assert_eq!(ByHandPhone::ready().failure(&[0]), HybridError::UnexpectedMessage(0));
    assert_eq!(ByHandPhone::asking().failure(&[3, 0]), HybridError::UnexpectedMessage(3));
    assert_eq!(ByHandPhone::asking().failure(&[9]), HybridError::UnexpectedMessage(9));
    assert_eq!(ByHandPhone::asking().failure(&[1]), HybridError::EmptyMessage);
    assert_eq!(ByHandPhone::answered().failure(&[1, 0]), HybridError::UnexpectedMessage(1));
    assert!(ByHandPhone::answered().send(&[0]).is_empty(), "a goodbye is tolerated");
}

#[test]
fn every_wait_of_the_computer_ends() {
    for event in [|| ComputerEvent::Timeout, || ComputerEvent::Closed, || ComputerEvent::Cancel] {
        let expected = |stage| match event() {
            ComputerEvent::Timeout => HybridError::TimedOut(stage),
            ComputerEvent::Closed => HybridError::Closed(stage),
            _ => HybridError::Cancelled,
        };
        let (mut computer, ..) = ComputerCeremony::show_code(CodeOptions::default(), &mut rng(1)).unwrap();
        let effects = computer.handle(event());
        assert_eq!(kinds(&effects), ["StopListening", "Close", "Failed"]);
        assert_eq!(computer_failure(&effects), expected(Stage::Advertising));

        for (mut hand, stage) in [
            (ByHandPhone::new(), Stage::Handshake),
            (ByHandPhone::ready(), Stage::Connected),
            (ByHandPhone::asking(), Stage::Command),
        ] {
            let effects = hand.computer.handle(event());
            assert_eq!(computer_failure(&effects), expected(stage));
            if matches!(event(), ComputerEvent::Cancel) {
                // The phone is told.
                assert_eq!(kinds(&effects), ["SendFrame", "Close", "Failed"]);
                let [ComputerEffect::SendFrame(frame), ..] = effects.as_slice() else {
                    panic!("{effects:?}")
                };
                // While asking, the command came before.
                if stage != Stage::Command {
                    assert_eq!(hand.transport.open(frame.clone()).unwrap(), [0]);
                }
            }
            assert!(hand.computer.is_finished());
            assert!(hand.computer.handle(ComputerEvent::Finish).is_empty());
        }
    }
    // A phone may close right after its answer; a computer that does not end in time is at fault itself.
    assert_eq!(kinds(&ByHandPhone::answered().computer.handle(ComputerEvent::Closed)), ["Close", "Done"]);
    let effects = ByHandPhone::answered().computer.handle(ComputerEvent::Timeout);
    assert_eq!(computer_failure(&effects), HybridError::TimedOut(Stage::Connected));
}

#[test]
fn commands_at_the_wrong_moment() {
    for mut hand in [ByHandPhone::new(), ByHandPhone::asking()] {
        let effects = hand.computer.handle(ComputerEvent::Command(GET_INFO.to_vec()));
        assert_eq!(computer_failure(&effects), HybridError::UnexpectedEvent);
    }
    let effects = ByHandPhone::asking().computer.handle(ComputerEvent::Finish);
    assert_eq!(computer_failure(&effects), HybridError::UnexpectedEvent);
}

/// What a tunnel does to one frame.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Drop,
    Truncate(usize),
    Flip(usize),
    Repeat,
    /// Delivered after the next frame of the same direction.
    Delay,
    Garbage(u8, usize),
    Empty,
    Append,
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Drop),
        any::<usize>().prop_map(Fault::Truncate),
        any::<usize>().prop_map(Fault::Flip),
        Just(Fault::Repeat),
        Just(Fault::Delay),
        (any::<u8>(), 1usize..200).prop_map(|(byte, len)| Fault::Garbage(byte, len)),
        Just(Fault::Empty),
        Just(Fault::Append),
    ]
}

fn disturb(world: &mut World, direction: Direction, at: usize, fault: Fault) {
    let mut delayed = None;
    world.tunnel = Box::new(move |going, index, mut frame| {
        if going != direction {
            return vec![frame];
        }
        if index != at {
            return core::iter::once(frame).chain(delayed.take()).collect();
        }
        match fault {
            Fault::Drop => vec![],
            Fault::Truncate(len) => {
                frame.truncate(len % frame.len());
                vec![frame]
            }
            Fault::Flip(bit) => {
                let bit = bit % (frame.len() * 8);
                frame[bit / 8] ^= 1 << (bit % 8);
                vec![frame]
            }
            Fault::Repeat => vec![frame.clone(), frame],
            Fault::Delay => {
                delayed = Some(frame);
                vec![]
            }
            Fault::Garbage(byte, len) => vec![vec![byte; len]],
            Fault::Empty => vec![vec![]],
            Fault::Append => {
                frame.push(0);
                vec![frame]
            }
        }
    });
}

/// Every error that a disturbed tunnel may end in.
fn is_of_the_tunnel(end: &End) -> bool {
    matches!(
        end,
        End::Done
            | End::Failed(
                HybridError::HandshakeLength(_)
                    | HybridError::HandshakePoint
                    | HybridError::HandshakeTag
                    | HybridError::Decrypt
                    | HybridError::Closed(_)
                    | HybridError::TimedOut(_)
                    | HybridError::CancelledByComputer
            )
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// One fault anywhere: both sides end with a specific error, and no wrong answer gets through.
    #[test]
    fn a_disturbed_tunnel_ends_in_an_error(to_phone: bool, at in 0usize..5, fault in any_fault()) {
        let options = CodeOptions { accept_link: true, ..CodeOptions::default() };
        let offering = PhoneConfig { link_offer: Some(link_offer(9)), ..config() };
        let mut world = World::qr_with(options, offering, &[MAKE_CREDENTIAL, GET_INFO]);
        let direction = if to_phone { Direction::ToPhone } else { Direction::ToComputer };
        disturb(&mut world, direction, at, fault);
        world.run();
        let (phone, computer) = world.ends();
        prop_assert!(is_of_the_tunnel(&phone), "{:?}", phone);
        prop_assert!(is_of_the_tunnel(&computer), "{:?}", computer);
        prop_assert!(world.ran.iter().all(|command| command == MAKE_CREDENTIAL) && world.ran.len() <= 1);
        let info = [vec![0], get_info().encode()].concat();
        let answers: [&[u8]; 2] = [&[0x00, 0xA0], &info];
        prop_assert!(answers[..].starts_with(&world.responses.iter().map(Vec::as_slice).collect::<Vec<_>>()));
        // A fault in the handshake connects nobody.
        if at == 0 && !matches!(fault, Fault::Repeat) {
            prop_assert!(world.get_info.is_none() && world.ran.is_empty());
            prop_assert!(phone != End::Done && computer != End::Done);
        }
    }

    /// The tunnel closes after any number of steps.
    #[test]
    fn a_closing_tunnel_ends_both(steps in 0usize..40) {
        let mut world = World::qr(&[MAKE_CREDENTIAL]);
        for _ in 0..steps {
            world.step();
        }
        world.to_phone.clear();
        world.to_computer.clear();
        world.to_phone.push_back(PhoneEvent::Closed);
        world.to_computer.push_back(ComputerEvent::Closed);
        world.run();
        let (phone, computer) = world.ends();
        prop_assert!(is_of_the_tunnel(&phone) && is_of_the_tunnel(&computer), "{:?} {:?}", phone, computer);
    }

    /// Both sides fall silent after any number of steps; their timers end them.
    #[test]
    fn silence_ends_both(steps in 0usize..40) {
        let mut world = World::qr(&[MAKE_CREDENTIAL]);
        for _ in 0..steps {
            world.step();
        }
        world.to_phone.clear();
        world.to_computer.clear();
        world.run();
        let (phone, computer) = world.ends();
        prop_assert!(is_of_the_tunnel(&phone) && is_of_the_tunnel(&computer), "{:?} {:?}", phone, computer);
    }

    /// Events in any order: a terminal effect comes last and once, and a state that waits has a timer.
    #[test]
    fn any_events_in_any_order(choices in proptest::collection::vec((0u8..8, any::<Vec<u8>>()), 0..30), connected: bool) {
        let mut timer = true;
        let (mut phone, mut transport) = if connected {
            let ByHand { phone, transport } = ByHand::new();
            (phone, Some(transport))
        } else {
            (scanned(config()).0, None)
        };
        for (choice, bytes) in choices {
            let was_finished = phone.is_finished();
            let effects = phone.handle(match choice {
                0 => PhoneEvent::TunnelOpened { routing_id: Some(ROUTING_ID) },
                1 => PhoneEvent::Frame(bytes),
                2 | 3 => match transport.as_mut().map(|transport| transport.seal(&bytes).unwrap()) {
                    Some(frame) => PhoneEvent::Frame(frame),
                    None => PhoneEvent::TunnelOpened { routing_id: None },
                },
                4 => PhoneEvent::CtapResponse(bytes),
                5 => PhoneEvent::Closed,
                6 => PhoneEvent::Timeout,
                _ => PhoneEvent::Cancel,
            });
            prop_assert!(!was_finished || effects.is_empty());
            timer |= effects.iter().any(|effect| matches!(effect, PhoneEffect::SetTimer(_)));
            let last = effects.iter().position(|effect| matches!(effect, PhoneEffect::Done { .. } | PhoneEffect::Failed(_)));
            prop_assert_eq!(last.is_some(), phone.is_finished() && !was_finished);
            prop_assert!(last.is_none_or(|at| at + 1 == effects.len()));
            prop_assert!(phone.is_finished() || timer);
        }
    }
}
