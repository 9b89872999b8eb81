//! An air that does harm: whoever can send Bluetooth adverts can neither get into a ceremony nor keep
//! the right phone out of it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use latchkey_end_to_end::{Ears, Stage};
use latchkey_phone::PhoneError;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// A registration in which the computer hears through these ears; whether it came to be.
async fn register(stage: &Stage, mut ears: Ears) -> bool {
    let user = stage.new_user();
    let before = stage.list();
    let (challenge, pending) = stage.creation(&user);
    let advertised = stage.air.all().len();
    let meeting = stage.meet(pending.request.clone(), &mut ears);
    let outcome = tokio::select! {
        biased;
        outcome = meeting => outcome,
        () = async {
            // Only who is not heard needs time to pass; hearing takes a moment.
            while stage.air.all().len() == advertised {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            stage.pass_time().await;
        } => unreachable!(),
    };
    match outcome.computer {
        Some(Ok(answer)) => {
            assert_eq!(outcome.phone.unwrap().error, None);
            let response = pending.created(&answer).unwrap();
            stage.relying_party.lock().unwrap().register(&user.id, &challenge, &response).unwrap();
            true
        }
        None => {
            assert!(matches!(outcome.phone, Err(PhoneError::NotNearby)), "{:?}", outcome.phone);
            assert!(stage.list() == before);
            false
        }
        Some(Err(error)) => panic!("{error}"),
    }
}

fn bit_flips(advert: &[u8; 20]) -> Vec<Vec<u8>> {
    (0..160)
        .map(|bit| {
            let mut flipped = advert.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            flipped
        })
        .collect()
}

/// Random adverts of any length that is heard.
fn strangers(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| {
            let mut advert = vec![0; 20 + (rng.next_u32() % 5) as usize];
            rng.fill_bytes(&mut advert);
            advert
        })
        .collect()
}

#[tokio::test]
async fn harm_does_not_keep_the_right_phone_out() {
    let stage = Stage::new().await;
    assert!(register(&stage, stage.air.listen()).await);
    let old = stage.air.all();

    // Every bit flip of the advert comes before the advert.
    let ears = stage.air.listen_through(|advert| [bit_flips(advert), vec![advert.to_vec()]].concat());
    assert!(register(&stage, ears).await);

    // Every old advert comes before the advert.
    let replay: Vec<Vec<u8>> = old.iter().map(|advert| advert.to_vec()).collect();
    let ears =
        stage.air.listen_through(move |advert| replay.iter().cloned().chain([advert.to_vec()]).collect());
    assert!(register(&stage, ears).await);

    // A crowd of strangers.
    let ears = stage
        .air
        .listen_through(|advert| strangers(1, 20_000).into_iter().chain([advert.to_vec()]).collect());
    assert!(register(&stage, ears).await);

    // A suffix, as phones send it that also offer an L2CAP channel, and the same advert many times.
    let ears = stage.air.listen_through(|advert| {
        vec![[advert.as_slice(), &[0xA1, 0x01, 0x18, 0x80]].concat(), advert.to_vec(), advert.to_vec()]
    });
    assert!(register(&stage, ears).await);
}

#[tokio::test]
async fn harm_does_not_get_in() {
    let stage = Stage::new().await;
    assert!(register(&stage, stage.air.listen()).await);
    let own = stage.register().await;
    let old: Vec<Vec<u8>> = stage.air.all().iter().map(|advert| advert.to_vec()).collect();

    let bent = stage.air.listen_through(bit_flips);
    assert!(!register(&stage, bent).await, "a bent advert was accepted");
    stage.sign_in(&own).await;

    let replayed = stage.air.listen_through(move |_| old.clone());
    assert!(!register(&stage, replayed).await, "an advert of another ceremony was accepted");
    stage.sign_in(&own).await;

    let mut seed = 0;
    let foreign = stage.air.listen_through(move |_| {
        seed += 1;
        strangers(seed, 100)
    });
    assert!(!register(&stage, foreign).await, "a foreign advert was accepted");
    stage.sign_in(&own).await;

    // Parts of the right one: 16 bytes without the tag, a wrong length, the tag alone.
    let parts = stage.air.listen_through(|advert| {
        vec![advert[..16].to_vec(), advert[..19].to_vec(), advert[16..].to_vec(), vec![]]
    });
    assert!(!register(&stage, parts).await, "a part of an advert was accepted");
    stage.sign_in(&own).await;
}
