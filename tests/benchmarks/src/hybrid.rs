//! The phone's work from QR text to Noise reply, beside the same handshake by `snow` alone.

use std::time::Duration;

use latchkey_ctap::GetInfo;
use latchkey_hybrid::computer::CodeOptions;
use latchkey_hybrid::{
    ComputerCeremony, ComputerEffect, ComputerEvent, PhoneCeremony, PhoneConfig, PhoneEffect, PhoneEvent,
    QrPayload, RoutingId, TunnelDomain,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};

use crate::report::Line;
use crate::rounds::{Group, timed};

/// Times snow's own handshake.
const AT_MOST: f64 = 1.10;

pub(crate) fn measure() -> Vec<Line> {
    let (bare, phone) = (Bare::new(), Phone::new());
    let mut group = Group::default();
    let alone = group.add("snow's own handshake, the responder's side", || timed(|| bare.reply()));
    let whole = group.add("phone, QR text to Noise reply", || timed(|| phone.reply()));
    group.compare(whole, alone, AT_MOST);
    group.measure(Duration::from_secs(6))
}

const NOISE: &str = "Noise_KNpsk0_P256_AESGCM_SHA256";
const PSK: [u8; 32] = [7; 32];
const ROUTING_ID: RoutingId = RoutingId::new([1, 2, 3]);

/// `snow`'s own primitives with the random source of the other side of the comparison: a phone that is
/// played a recorded message 1 has to draw what it drew when that message was made.
struct Seeded;

struct Source(ChaCha20Rng);

impl Random for Source {
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), snow::Error> {
        self.0.fill_bytes(out);
        Ok(())
    }
}

impl CryptoResolver for Seeded {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Source(ChaCha20Rng::seed_from_u64(2))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(choice)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

fn builder<'a>() -> snow::Builder<'a> {
    snow::Builder::with_resolver(NOISE.parse().unwrap(), Box::new(Seeded))
        .prologue(&[1])
        .unwrap()
        .psk(0, &PSK)
        .unwrap()
}

/// A bare handshake: the computer's static public key and message 1.
struct Bare {
    computer: Vec<u8>,
    message1: Vec<u8>,
}

impl Bare {
    fn new() -> Self {
        let keypair = builder().generate_keypair().unwrap();
        let mut initiator = builder().local_private_key(&keypair.private).unwrap().build_initiator().unwrap();
        let mut message1 = vec![0; 81];
        initiator.write_message(&[], &mut message1).unwrap();
        Bare { computer: keypair.public, message1 }
    }

    /// Builder, message 1 in, message 2 out.
    fn reply(&self) -> [u8; 81] {
        let mut responder = builder().remote_public_key(&self.computer).unwrap().build_responder().unwrap();
        let mut message2 = [0; 81];
        responder.read_message(&self.message1, &mut []).unwrap();
        responder.write_message(&[], &mut message2).unwrap();
        message2
    }
}

/// A whole phone: the QR text and the message 1 that belongs to its advert.
struct Phone {
    text: String,
    message1: Vec<u8>,
}

impl Phone {
    fn new() -> Self {
        let (mut computer, text, _) =
            ComputerCeremony::show_code(CodeOptions::default(), &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        let mut phone = Phone { text: text.to_string(), message1: Vec::new() };
        for effect in phone.advertise().1 {
            if let PhoneEffect::Advertise(advert) = effect {
                computer.handle(ComputerEvent::Advert(advert.to_vec()));
            }
        }
        for effect in computer.handle(ComputerEvent::TunnelOpened) {
            if let ComputerEffect::SendFrame(message1) = effect {
                phone.message1 = message1;
            }
        }
        phone
    }

    fn advertise(&self) -> (PhoneCeremony, Vec<PhoneEffect>) {
        let config =
            PhoneConfig { domain: TunnelDomain::GOOGLE, get_info: GetInfo::default(), link_offer: None };
        let qr = QrPayload::parse(&self.text).unwrap();
        let (mut phone, _) = PhoneCeremony::scan(qr, config, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
        let effects = phone.handle(PhoneEvent::TunnelOpened { routing_id: Some(ROUTING_ID) });
        (phone, effects)
    }

    /// QR text, key schedule, advert, message 1 in, message 2 and the phone's introduction out.
    fn reply(&self) -> Vec<PhoneEffect> {
        let (mut phone, _) = self.advertise();
        let effects = phone.handle(PhoneEvent::Frame(self.message1.clone()));
        assert!(matches!(effects.first(), Some(PhoneEffect::SendFrame(_))));
        effects
    }
}
