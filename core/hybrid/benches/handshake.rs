//! The phone's work from QR text to Noise reply, beside the same handshake by `snow` alone.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic, missing_docs)]

use std::time::{Duration, Instant};

use divan::{Bencher, black_box};
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

const NOISE: &str = "Noise_KNpsk0_P256_AESGCM_SHA256";
const PSK: [u8; 32] = [7; 32];
const ROUTING_ID: RoutingId = RoutingId::new([1, 2, 3]);

/// `snow`'s own primitives with the random source of the other side of the comparison.
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

/// A whole phone: the QR text and the message 1 that belongs to its (seeded) advert.
struct Phone {
    text: String,
    message1: Vec<u8>,
}

impl Phone {
    fn new() -> Self {
        let (mut computer, text, _) =
            ComputerCeremony::show_code(CodeOptions::default(), &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        let mut phone = Phone { text: text.to_string(), message1: Vec::new() };
        let (_, effects) = phone.advertise();
        let advert = effects
            .into_iter()
            .find_map(|effect| match effect {
                PhoneEffect::Advertise(advert) => Some(advert),
                _ => None,
            })
            .unwrap();
        computer.handle(ComputerEvent::Advert(advert.to_vec()));
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

#[divan::bench]
fn snow_alone(bencher: Bencher<'_, '_>) {
    let bare = Bare::new();
    bencher.bench(|| black_box(bare.reply()));
}

#[divan::bench]
fn qr_text_to_reply(bencher: Bencher<'_, '_>) {
    let phone = Phone::new();
    bencher.bench(|| black_box(phone.reply()));
}

#[divan::bench]
fn qr_text_alone(bencher: Bencher<'_, '_>) {
    let phone = Phone::new();
    bencher.bench(|| black_box(QrPayload::parse(&phone.text).unwrap()));
}

/// Median of the times of both in turn, so that whatever else the machine does hits both alike.
fn compare(rounds: usize) -> (Duration, Duration) {
    let (bare, phone) = (Bare::new(), Phone::new());
    let (mut alone, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        black_box(bare.reply());
        alone.push(start.elapsed());
        let start = Instant::now();
        black_box(phone.reply());
        whole.push(start.elapsed());
    }
    let median = |mut times: Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    (median(alone), median(whole))
}

fn main() {
    divan::main();
    if std::env::args().any(|arg| arg == "--bench") {
        let (alone, whole) = compare(4000);
        let ratio = whole.as_secs_f64() / alone.as_secs_f64();
        println!(
            "QR text to Noise reply / snow alone: {whole:?} / {alone:?} = {ratio:.3} (aim: at most 1.10)"
        );
    }
}
