//! Whole ceremonies: phone and computer in one process, with a tunnel and an air between them that
//! the tests disturb.

use std::collections::VecDeque;

use latchkey_ctap::GetInfo;
use latchkey_hybrid::computer::CodeOptions;
use latchkey_hybrid::{
    ComputerCeremony, ComputerEffect, ComputerEvent, ComputerLink, HybridError, KeyPair, LinkOffer,
    PhoneCeremony, PhoneConfig, PhoneEffect, PhoneEvent, QrPayload, RoutingId, Secret, TunnelDomain,
    TunnelPath,
};
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
    /// Changes every message on the tunnel; `None` loses it.
    tunnel: Box<dyn FnMut(Direction, usize, Vec<u8>) -> Vec<Vec<u8>>>,
    frames: [usize; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    ToPhone,
    ToComputer,
}

fn undisturbed() -> Box<dyn FnMut(Direction, usize, Vec<u8>) -> Vec<Vec<u8>>> {
    Box::new(|_, _, frame| vec![frame])
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
            tunnel: undisturbed(),
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
