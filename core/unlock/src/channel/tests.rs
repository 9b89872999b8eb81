use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::*;
use crate::message::{FromComputer, FromPhone, Offline, Reason, SignInOutcome};

const MACHINE_ID: &str = "machine-7";

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(3)
}

fn machine(seed: u64) -> KeyPair {
    KeyPair::generate(&mut ChaCha20Rng::seed_from_u64(seed)).unwrap()
}

fn psk(byte: u8) -> Psk {
    Psk::of_pairing(&[byte; 32])
}

/// A handshake that went well: the phone's channel and the workstation's.
fn channels(ids: [&str; 2]) -> (Channel, Channel) {
    let (machine, psk, mut rng) = (machine(1), psk(7), rng());
    let (message1, opening) = Opening::start(machine.public(), ids[0], &psk, &mut rng).unwrap();
    let (message2, workstation) = accept(&machine, ids[1], &psk, &message1, &mut rng).unwrap();
    (opening.finish(&message2).unwrap(), workstation)
}

#[test]
fn both_sides_understand_each_other_and_compute_the_same_challenge() {
    let (mut phone, mut workstation) = channels([MACHINE_ID; 2]);
    assert_eq!(phone.challenge(), workstation.challenge());
    for _ in 0..3 {
        let said = FromPhone::SignInServed(SignInOutcome::Served);
        let heard: FromPhone = workstation.open(&phone.seal(&said).unwrap()).unwrap();
        assert_eq!(heard, said);
        let said = FromComputer::Unlocked { offline: Offline::Coming };
        let heard: FromComputer = phone.open(&workstation.seal(&said).unwrap()).unwrap();
        assert_eq!(heard, said);
    }
}

#[test]
fn every_channel_has_its_own_challenge() {
    let machine = machine(1);
    let mut rng = rng();
    let mut challenge = || {
        let (message1, _) = Opening::start(machine.public(), MACHINE_ID, &psk(7), &mut rng).unwrap();
        *accept(&machine, MACHINE_ID, &psk(7), &message1, &mut rng).unwrap().1.challenge()
    };
    assert_ne!(challenge(), challenge());
}

/// The same first message again: a new channel, in which an old proof is worth nothing.
#[test]
fn a_replayed_first_message_leads_to_another_challenge() {
    let (machine, mut rng) = (machine(1), rng());
    let (message1, _) = Opening::start(machine.public(), MACHINE_ID, &psk(7), &mut rng).unwrap();
    let (_, first) = accept(&machine, MACHINE_ID, &psk(7), &message1, &mut rng).unwrap();
    let (_, second) = accept(&machine, MACHINE_ID, &psk(7), &message1, &mut rng).unwrap();
    assert_ne!(first.challenge(), second.challenge());
}

#[test]
fn another_machine_id_gives_another_challenge() {
    let (phone, workstation) = channels([MACHINE_ID, "machine-8"]);
    assert_ne!(phone.challenge(), workstation.challenge());
}

#[test]
fn another_secret_or_machine_key_ends_the_handshake() {
    let mut rng = rng();
    let (message1, _) = Opening::start(machine(1).public(), MACHINE_ID, &psk(7), &mut rng).unwrap();
    for (machine, psk) in [(machine(1), psk(8)), (machine(2), psk(7))] {
        let refused = accept(&machine, MACHINE_ID, &psk, &message1, &mut rng).unwrap_err();
        assert_eq!(refused, UnlockError::Handshake(latchkey_hybrid::HybridError::HandshakeTag));
    }
}

/// Somebody who knows the secret but not the machine key cannot answer in the workstation's place.
#[test]
fn an_answer_of_another_machine_is_refused() {
    let mut rng = rng();
    let (_, opening) = Opening::start(machine(1).public(), MACHINE_ID, &psk(7), &mut rng).unwrap();
    let (other1, _) = Opening::start(machine(2).public(), MACHINE_ID, &psk(7), &mut rng).unwrap();
    let (message2, _) = accept(&machine(2), MACHINE_ID, &psk(7), &other1, &mut rng).unwrap();
    assert!(matches!(opening.finish(&message2), Err(UnlockError::Handshake(_))));
}

#[test]
fn every_changed_byte_of_the_handshake_is_refused() {
    let (machine, psk) = (machine(1), psk(7));
    let (message1, _) = Opening::start(machine.public(), MACHINE_ID, &psk, &mut rng()).unwrap();
    let (message2, _) = accept(&machine, MACHINE_ID, &psk, &message1, &mut rng()).unwrap();
    for at in 0..message1.len() {
        let mut changed = message1.clone();
        changed[at] ^= 1;
        assert!(accept(&machine, MACHINE_ID, &psk, &changed, &mut rng()).is_err(), "byte {at}");
        let mut changed = message2.clone();
        changed[at] ^= 1;
        let (_, opening) = Opening::start(machine.public(), MACHINE_ID, &psk, &mut rng()).unwrap();
        assert!(matches!(opening.finish(&changed), Err(UnlockError::Handshake(_))), "byte {at}");
    }
    for len in 0..message1.len() {
        assert!(accept(&machine, MACHINE_ID, &psk, &message1[..len], &mut rng()).is_err());
        let (_, opening) = Opening::start(machine.public(), MACHINE_ID, &psk, &mut rng()).unwrap();
        assert!(opening.finish(&message2[..len]).is_err());
    }
}

#[test]
fn every_changed_byte_of_a_frame_is_refused_and_ends_the_channel() {
    let said = FromComputer::Refused(Reason::NotVerified);
    let len = channels([MACHINE_ID; 2]).1.seal(&said).unwrap().len();
    for at in 0..len {
        let (mut phone, mut workstation) = channels([MACHINE_ID; 2]);
        let mut frame = workstation.seal(&said).unwrap();
        frame[at] ^= 0x10;
        assert!(matches!(phone.open::<FromComputer>(&frame), Err(UnlockError::Frame(_))), "byte {at}");
        frame[at] ^= 0x10;
        assert!(matches!(phone.open::<FromComputer>(&frame), Err(UnlockError::Frame(_))), "it stays closed");
    }
}

#[test]
fn frames_are_read_once_in_order_whole_and_in_their_direction() {
    let said = FromComputer::Bye;
    let refused = |frames: &dyn Fn(&mut Channel, &mut Channel) -> Vec<u8>| {
        let (mut phone, mut workstation) = channels([MACHINE_ID; 2]);
        let frame = frames(&mut phone, &mut workstation);
        assert!(matches!(phone.open::<FromComputer>(&frame), Err(UnlockError::Frame(_))));
    };
    // Replayed.
    refused(&|phone, workstation| {
        let frame = workstation.seal(&said).unwrap();
        assert_eq!(phone.open::<FromComputer>(&frame).as_ref(), Ok(&said));
        frame
    });
    // One is missing.
    refused(&|_, workstation| {
        workstation.seal(&said).unwrap();
        workstation.seal(&said).unwrap()
    });
    // Truncated.
    refused(&|_, workstation| {
        let mut frame = workstation.seal(&said).unwrap();
        frame.pop();
        frame
    });
    refused(&|_, _| Vec::new());
    // Reflected.
    refused(&|phone, _| phone.seal(&said).unwrap());
}

#[test]
fn frames_are_bounded() {
    let (mut phone, mut workstation) = channels([MACHINE_ID; 2]);
    let long = FromPhone::OfflineStored(vec![0; MAX_FRAME]);
    assert!(matches!(phone.seal(&long), Err(UnlockError::TooLong(_))));
    let refused = workstation.open::<FromPhone>(&vec![0; MAX_FRAME + 1]);
    assert_eq!(refused, Err(UnlockError::TooLong(MAX_FRAME + 1)));

    let (mut phone, mut workstation) = channels([MACHINE_ID; 2]);
    let longest = FromPhone::OfflineStored(vec![0; MAX_FRAME - 64]);
    let frame = phone.seal(&longest).unwrap();
    assert_eq!(workstation.open::<FromPhone>(&frame), Ok(longest));
}

#[test]
fn a_broken_random_source_is_an_error() {
    struct Broken;
    impl rand_core::RngCore for Broken {
        fn next_u32(&mut self) -> u32 {
            0
        }
        fn next_u64(&mut self) -> u64 {
            0
        }
        fn fill_bytes(&mut self, out: &mut [u8]) {
            out.fill(0);
        }
        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
            out.fill(0);
            Ok(())
        }
    }
    impl rand_core::CryptoRng for Broken {}
    let refused = Opening::start(machine(1).public(), MACHINE_ID, &psk(7), &mut Broken).unwrap_err();
    assert_eq!(refused, UnlockError::Handshake(latchkey_hybrid::HybridError::Randomness));
}

#[test]
fn debug_shows_no_key() {
    let (phone, _) = channels([MACHINE_ID; 2]);
    assert_eq!(format!("{phone:?}"), "Channel(<redacted>)");
}
