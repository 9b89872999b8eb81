use core::fmt::Debug;

use super::*;
use crate::computer::CodeOptions;
use crate::derive::{self, EidKey};
use crate::fixture::Repeating;
use crate::noise::{EphemeralKey, Initiator, Responder};
use crate::transport::Transport;
use crate::{
    ClientPayload, ComputerCeremony, ComputerEffect, ComputerEvent, ComputerLink, Eid, KeyPair, LinkOffer,
    PhoneCeremony, PhoneConfig, PhoneEffect, PhoneEvent, PhoneLink, Push, QrPayload, RequestHint, RoutingId,
    TunnelDomain, TunnelPath,
};

/// The byte that all secrets of this test are made of.
const BYTE: u8 = 0xA7;

/// A source of nothing else.
fn source() -> Repeating {
    Repeating::new([BYTE])
}

/// Fails when a printed value shows the byte in decimal or hex, or digits in a row of any other secret.
#[track_caller]
fn redacted(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}"), format!("{value:x?}")] {
        let runs = shown
            .split(|c: char| !c.is_ascii_hexdigit())
            .filter(|run| run.len() >= 6 && run.bytes().any(|byte| byte.is_ascii_digit()));
        assert_eq!(runs.collect::<Vec<_>>(), Vec::<&str>::new(), "{shown}");
        for secret in ["167", "a7", "A7", "Alice"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

fn link_offer() -> LinkOffer {
    LinkOffer {
        contact_id: vec![BYTE; 20],
        link_id: [BYTE; 8],
        link_secret: Secret::random(&mut source()),
        identity: KeyPair::generate(&mut source()).unwrap(),
        phone_name: "Alice's phone".into(),
    }
}

#[test]
fn nothing_secret_is_printed() {
    let secret = Secret::<16>::random(&mut source());
    let wide = Secret::<32>::random(&mut source());
    let pair = KeyPair::generate(&mut source()).unwrap();
    let ephemeral = EphemeralKey::generate(&mut source()).unwrap();
    let eid = Eid::new([BYTE; 10], RoutingId::new([1, 2, 3]), TunnelDomain::GOOGLE);
    redacted(&secret);
    redacted(&wide);
    redacted(&pair);
    redacted(pair.public());
    redacted(&ephemeral);
    redacted(&eid);
    redacted(&EidKey::of_qr(&secret));
    redacted(&derive::tunnel_id(&secret));
    for path in [
        TunnelPath::New(derive::tunnel_id(&secret)),
        TunnelPath::Connect(RoutingId::new([BYTE; 3]), derive::tunnel_id(&secret)),
        TunnelPath::Contact(vec![BYTE; 20]),
    ] {
        redacted(&path);
    }
    redacted(&QrPayload::new(*pair.public(), secret.clone(), RequestHint::MakeCredential));
    redacted(&Transport::new(&wide, &wide));
    let payload =
        ClientPayload { link_id: [BYTE; 8], client_nonce: [BYTE; 16], hint: RequestHint::GetAssertion };
    redacted(&payload);
    let tunnel_id = derive::tunnel_id(&secret);
    redacted(&Push { routing_id: RoutingId::new([1, 2, 3]), tunnel_id, client_payload: payload });

    let initiator = Initiator::qr(&pair, &wide, &ephemeral).unwrap();
    redacted(&initiator);
    let (message1, initiated) = initiator.start().unwrap();
    redacted(&initiated);
    let responder = Responder::qr(pair.public(), &wide, &ephemeral).unwrap();
    redacted(&responder);
    redacted(&responder.respond(&message1).unwrap().1.transport);

    redacted(&link_offer());
    let linking = link_offer().sign(pair.public(), &[BYTE; 32]).unwrap();
    redacted(&linking);
    let link = ComputerLink::new(TunnelDomain::GOOGLE, linking);
    redacted(&link);
    redacted(&ComputerEffect::Linked(Box::new(link)));
    redacted(&PhoneLink { link_secret: wide, identity: pair });
}

#[test]
fn a_ceremony_prints_nothing_secret() {
    let options = CodeOptions { accept_link: true, ..CodeOptions::default() };
    let (mut computer, text, mut to_do) = ComputerCeremony::show_code(options, &mut source()).unwrap();
    let config = PhoneConfig {
        domain: TunnelDomain::GOOGLE,
        get_info: latchkey_ctap::GetInfo { versions: vec!["FIDO_2_1".into()], ..Default::default() },
        link_offer: Some(link_offer()),
    };
    redacted(&config);
    let (mut phone, mut phone_to_do) =
        PhoneCeremony::scan(QrPayload::parse(&text).unwrap(), config, &mut source()).unwrap();
    let event = PhoneEvent::TunnelOpened { routing_id: Some(RoutingId::new([1, 2, 3])) };
    redacted(&event);
    phone_to_do.extend(phone.handle(event));

    let mut seen = Vec::new();
    for _ in 0..20 {
        redacted(&phone);
        redacted(&computer);
        let mut for_phone = Vec::new();
        for effect in core::mem::take(&mut to_do) {
            redacted(&effect);
            match effect {
                ComputerEffect::OpenTunnel { .. } => {
                    to_do.extend(computer.handle(ComputerEvent::TunnelOpened))
                }
                ComputerEffect::SendFrame(frame) => for_phone.push(PhoneEvent::Frame(frame)),
                ComputerEffect::Ready { .. } => {
                    let command = ComputerEvent::Command([&[1, 0xA0], [BYTE; 30].as_slice()].concat());
                    redacted(&command);
                    to_do.extend(computer.handle(command));
                }
                _ => {}
            }
        }
        for event in for_phone {
            redacted(&event);
            phone_to_do.extend(phone.handle(event));
        }
        for effect in core::mem::take(&mut phone_to_do) {
            redacted(&effect);
            seen.push(core::mem::discriminant(&effect));
            let event = match effect {
                PhoneEffect::Advertise(advert) => ComputerEvent::Advert(advert.to_vec()),
                PhoneEffect::SendFrame(frame) => ComputerEvent::Frame(frame),
                _ => continue,
            };
            redacted(&event);
            to_do.extend(computer.handle(event));
        }
    }
    assert!(seen.contains(&core::mem::discriminant(&PhoneEffect::RunCtap(vec![]))), "it came to the command");
}

#[test]
fn a_secret_is_compared_by_value() {
    assert_eq!(Secret::new([1; 16]), Secret::new([1; 16]));
    assert_ne!(Secret::new([1; 16]), Secret::new([2; 16]));
    assert_eq!(Secret::<16>::random(&mut source()).expose(), &[BYTE; 16]);
}
