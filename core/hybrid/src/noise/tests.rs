use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;

/// The keys of both sides.
struct Keys {
    static_key: KeyPair,
    psk: Secret<32>,
    computer: EphemeralKey,
    phone: EphemeralKey,
}

fn keys(seed: u64) -> Keys {
    let rng = &mut ChaCha20Rng::seed_from_u64(seed);
    Keys {
        static_key: KeyPair::generate(rng).unwrap(),
        psk: Secret::random(rng),
        computer: EphemeralKey::generate(rng).unwrap(),
        phone: EphemeralKey::generate(rng).unwrap(),
    }
}

impl Keys {
    fn initiator(&self, linked: bool) -> Initiator {
        if linked {
            Initiator::linked(self.static_key.public(), &self.psk, &self.computer).unwrap()
        } else {
            Initiator::qr(&self.static_key, &self.psk, &self.computer).unwrap()
        }
    }

    fn responder(&self, linked: bool) -> Responder {
        if linked {
            Responder::linked(&self.static_key, &self.psk, &self.phone).unwrap()
        } else {
            Responder::qr(self.static_key.public(), &self.psk, &self.phone).unwrap()
        }
    }
}

/// What a message with a changed byte may be refused for: only the form byte and the point can be
/// told apart from the tag, and a tag that covers the point is checked first.
fn refused(error: &HybridError) -> bool {
    matches!(error, HybridError::HandshakePoint | HybridError::HandshakeTag)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn both_sides_agree(seed: u64, linked: bool) {
        let keys = keys(seed);
        let (message1, initiated) = keys.initiator(linked).start().unwrap();
        let (message2, mut phone) = keys.responder(linked).respond(&message1).unwrap();
        let mut computer = initiated.finish(&message2).unwrap();
        prop_assert_eq!(phone.handshake_hash, computer.handshake_hash);
        prop_assert_eq!(phone.transport.open(computer.transport.seal(b"hi").unwrap()).unwrap(), b"hi");
        prop_assert_eq!(computer.transport.open(phone.transport.seal(b"ho").unwrap()).unwrap(), b"ho");
    }

    #[test]
    fn garbage_of_the_right_shape_is_refused(mut message in proptest::collection::vec(any::<u8>(), 81), linked: bool) {
        message[0] = 4;
        let keys = keys(1);
        prop_assert!(refused(&keys.responder(linked).respond(&message).unwrap_err()));
        let (_, initiated) = keys.initiator(linked).start().unwrap();
        prop_assert!(refused(&initiated.finish(&message).unwrap_err()));
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    for linked in [false, true] {
        let keys = keys(2);
        let (message1, _) = keys.initiator(linked).start().unwrap();
        let (message2, _) = keys.responder(linked).respond(&message1).unwrap();
        for bit in 0..MESSAGE_LEN * 8 {
            let flip = |mut message: [u8; MESSAGE_LEN]| {
                message[bit / 8] ^= 1 << (bit % 8);
                message
            };
            assert!(refused(&keys.responder(linked).respond(&flip(message1)).unwrap_err()), "bit {bit}");
            let (_, initiated) = keys.initiator(linked).start().unwrap();
            assert!(refused(&initiated.finish(&flip(message2)).unwrap_err()), "bit {bit}");
        }
    }
}

#[test]
fn length_and_form_are_checked() {
    let keys = keys(3);
    let (message1, _) = keys.initiator(false).start().unwrap();
    for len in [0, 1, 65, 80] {
        let error = keys.responder(false).respond(&message1[..len]).unwrap_err();
        assert_eq!(error, HybridError::HandshakeLength(len));
        let (_, initiated) = keys.initiator(false).start().unwrap();
        assert_eq!(initiated.finish(&message1[..len]).unwrap_err(), HybridError::HandshakeLength(len));
    }
    let longer = [message1.as_slice(), &[0]].concat();
    assert_eq!(keys.responder(false).respond(&longer).unwrap_err(), HybridError::HandshakeLength(82));
    let mut compressed = message1;
    compressed[0] = 2;
    assert_eq!(keys.responder(false).respond(&compressed).unwrap_err(), HybridError::HandshakePoint);
}

/// A message 1 whose tag is right but whose point is not on the curve, as a computer that holds the
/// keys could send it.
#[test]
fn a_point_off_the_curve_is_refused() {
    struct OffCurve;
    impl Dh for OffCurve {
        fn name(&self) -> &'static str {
            "P256"
        }
        fn pub_len(&self) -> usize {
            65
        }
        fn priv_len(&self) -> usize {
            32
        }
        fn dh_len(&self) -> usize {
            32
        }
        fn set(&mut self, _: &[u8]) {}
        fn generate(&mut self, _: &mut dyn Random) -> Result<(), snow::Error> {
            Ok(())
        }
        fn pubkey(&self) -> &[u8] {
            static POINT: [u8; 65] = [4; 65];
            &POINT
        }
        fn privkey(&self) -> &[u8] {
            &[]
        }
        fn dh(&self, _: &[u8], _: &mut [u8]) -> Result<(), snow::Error> {
            Ok(())
        }
    }
    struct Hostile(Primitives);
    impl CryptoResolver for Hostile {
        fn resolve_rng(&self) -> Option<Box<dyn Random>> {
            self.0.resolve_rng()
        }
        fn resolve_dh(&self, _: &DHChoice) -> Option<Box<dyn Dh>> {
            Some(Box::new(OffCurve))
        }
        fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
            self.0.resolve_hash(choice)
        }
        fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
            self.0.resolve_cipher(choice)
        }
    }
    let psk = Secret::new([7; 32]);
    let hostile = Hostile(Primitives { ephemeral: None });
    let mut initiator = Builder::with_resolver(QR.name.parse().unwrap(), Box::new(hostile))
        .prologue(QR.prologue)
        .and_then(|builder| builder.psk(0, psk.expose()))
        .and_then(|builder| builder.local_private_key(&[1; 32]))
        .and_then(Builder::build_initiator)
        .unwrap();
    let mut message1 = [0; MESSAGE_LEN];
    initiator.write_message(&[], &mut message1).unwrap();
    // Message 1 does not depend on the static key being a point; the phone only hashes it.
    let ephemeral = EphemeralKey::generate(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let params = QR.builder(Some(&ephemeral.0)).unwrap();
    let state = params
        .remote_public_key(&[4; 65])
        .and_then(|builder| builder.psk(0, psk.expose()))
        .and_then(Builder::build_responder)
        .unwrap();
    let responder = Responder(Handshake::new(state));
    assert_eq!(responder.respond(&message1).unwrap_err(), HybridError::HandshakePoint);
}

#[test]
fn other_keys_do_not_connect() {
    let (ours, theirs) = (keys(4), keys(5));
    for linked in [false, true] {
        let (message1, _) = ours.initiator(linked).start().unwrap();
        // Another pre-shared key.
        let other = Keys { psk: theirs.psk.clone(), ..keys(4) };
        assert_eq!(other.responder(linked).respond(&message1).unwrap_err(), HybridError::HandshakeTag);
        // Another static key.
        let other = Keys { static_key: keys(5).static_key, ..keys(4) };
        assert_eq!(other.responder(linked).respond(&message1).unwrap_err(), HybridError::HandshakeTag);
        // The other kind of ceremony.
        assert_eq!(ours.responder(!linked).respond(&message1).unwrap_err(), HybridError::HandshakeTag);
    }
}

/// A phone that only knows the QR code's picture, not its private key, cannot play the computer.
#[test]
fn message_2_proves_nothing_without_the_static_key() {
    let (ours, theirs) = (keys(6), keys(7));
    let (message1, _) = ours.initiator(false).start().unwrap();
    let (message2, _) = ours.responder(false).respond(&message1).unwrap();
    let impostor = Keys { static_key: theirs.static_key, ..keys(6) };
    let (_, initiated) = impostor.initiator(false).start().unwrap();
    assert_eq!(initiated.finish(&message2).unwrap_err(), HybridError::HandshakeTag);
}
