//! A message that comes through the tunnel, from the tunnel service or from the other side itself:
//! both roles take it or end with an error.
#![no_main]

use latchkey_ctap::GetInfo;
use latchkey_hybrid::computer::CodeOptions;
use latchkey_hybrid::message::{self, Message};
use latchkey_hybrid::noise::{EphemeralKey, Initiator, Responder};
use latchkey_hybrid::rand_core::{CryptoRng, Error, RngCore, impls};
use latchkey_hybrid::transport::Transport;
use latchkey_hybrid::{
    ComputerCeremony, ComputerEffect, ComputerEvent, Eid, KeyPair, PhoneCeremony, PhoneConfig, PhoneEffect,
    PhoneEvent, PostHandshake, QrPayload, RequestHint, RoutingId, Secret, TunnelDomain, derive,
};
use libfuzzer_sys::fuzz_target;

const ROUTING_ID: RoutingId = RoutingId::new([1, 2, 3]);

fuzz_target!(|bytes: &[u8]| {
    // From the tunnel service, which has no keys.
    let key = Secret::new([7; 32]);
    assert!(Transport::new(&key, &key).open(bytes.to_vec()).is_err());

    // From the other side.
    let _ = PostHandshake::decode(bytes);
    match Message::decode(bytes) {
        Ok(Message::Update(body)) => drop(message::decode_update(body)),
        Ok(_) => {}
        // Handshakes are slow; most of what is not a message at all need not see one.
        Err(_) if bytes.len() % 8 != 0 => return,
        Err(_) => {}
    }
    phone_receives(bytes);
    computer_receives(bytes);
});

fn phone_receives(message: &[u8]) {
    let (mut phone, mut computer) = connected_phone();
    for _ in 0..2 {
        let Ok(frame) = computer.seal(message) else { return };
        for effect in phone.handle(PhoneEvent::Frame(frame)) {
            match effect {
                PhoneEffect::SendFrame(frame) => assert_eq!(computer.open(frame).unwrap()[0], 1),
                PhoneEffect::RunCtap(command) => assert_eq!(command, message[1..]),
                PhoneEffect::Failed(_) | PhoneEffect::Done { .. } => assert!(phone.is_finished()),
                _ => {}
            }
        }
    }
    phone.handle(PhoneEvent::CtapResponse(message.to_vec()));
    phone.handle(PhoneEvent::Timeout);
    assert!(phone.is_finished());
}

/// As the introduction, while ready, and as the answer to a command.
fn computer_receives(message: &[u8]) {
    for state in 0..3 {
        let (mut computer, mut phone) = connected_computer();
        if state > 0 {
            let introduction = PostHandshake::ctap(get_info().encode()).encode();
            computer.handle(ComputerEvent::Frame(phone.seal(&introduction).unwrap()));
        }
        if state > 1 {
            computer.handle(ComputerEvent::Command(vec![2]));
        }
        let Ok(frame) = phone.seal(message) else { return };
        for effect in computer.handle(ComputerEvent::Frame(frame)) {
            match effect {
                ComputerEffect::Response(response) => assert_eq!(response, message[1..]),
                ComputerEffect::Linked(_) => panic!("nobody signed this"),
                ComputerEffect::Failed(_) | ComputerEffect::Done => assert!(computer.is_finished()),
                _ => {}
            }
        }
        computer.handle(ComputerEvent::Timeout);
        assert!(computer.is_finished());
    }
}

fn get_info() -> GetInfo {
    GetInfo { versions: vec!["FIDO_2_1".into()], max_msg_size: Some(4096), ..GetInfo::default() }
}

/// A phone, and the transport of the computer that it is connected to.
fn connected_phone() -> (PhoneCeremony, Transport) {
    let code_key = KeyPair::generate(&mut Counter(1)).unwrap();
    let secret = Secret::random(&mut Counter(2));
    let qr = QrPayload::new(*code_key.public(), secret.clone(), RequestHint::GetAssertion);
    let config = PhoneConfig { domain: TunnelDomain::GOOGLE, get_info: get_info(), link_offer: None };
    let (mut phone, _) = PhoneCeremony::scan(qr, config, &mut Counter(3)).unwrap();
    let effects = phone.handle(PhoneEvent::TunnelOpened { routing_id: Some(ROUTING_ID) });
    let Some(PhoneEffect::Advertise(advert)) = effects.first() else { panic!("{effects:?}") };
    let eid = derive::EidKey::of_qr(&secret).open(advert).unwrap();

    let ephemeral = EphemeralKey::generate(&mut Counter(4)).unwrap();
    let initiator = Initiator::qr(&code_key, &derive::psk(&secret, &eid), &ephemeral).unwrap();
    let (message1, initiated) = initiator.start().unwrap();
    let mut frames =
        phone.handle(PhoneEvent::Frame(message1.into())).into_iter().filter_map(|effect| match effect {
            PhoneEffect::SendFrame(frame) => Some(frame),
            _ => None,
        });
    let mut transport = initiated.finish(&frames.next().unwrap()).unwrap().transport;
    transport.open(frames.next().unwrap()).unwrap();
    (phone, transport)
}

/// A computer that waits for the introduction, and the transport of the phone that it is connected to.
fn connected_computer() -> (ComputerCeremony, Transport) {
    let options = CodeOptions { accept_link: true, ..CodeOptions::default() };
    let (mut computer, text, _) = ComputerCeremony::show_code(options, &mut Counter(5)).unwrap();
    let qr = QrPayload::parse(&text).unwrap();
    let eid = Eid::new([1; 10], ROUTING_ID, TunnelDomain::GOOGLE);
    computer.handle(ComputerEvent::Advert(derive::EidKey::of_qr(&qr.secret).seal(&eid).to_vec()));
    let effects = computer.handle(ComputerEvent::TunnelOpened);
    let Some(ComputerEffect::SendFrame(message1)) = effects.first() else { panic!("{effects:?}") };

    let ephemeral = EphemeralKey::generate(&mut Counter(6)).unwrap();
    let responder = Responder::qr(&qr.public_key, &derive::psk(&qr.secret, &eid), &ephemeral).unwrap();
    let (message2, established) = responder.respond(message1).unwrap();
    computer.handle(ComputerEvent::Frame(message2.into()));
    (computer, established.transport)
}

/// A source that counts, so that every run is the same.
struct Counter(u64);

impl RngCore for Counter {
    fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        impls::fill_bytes_via_next(self, out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Counter {}
