use super::*;
use crate::fixture::{account, cheap, set};
use crate::verifier::Argon2Cost;
use crate::verifier::stretch::Stretcher;

const SALT: [u8; 16] =
    [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F];

fn secret() -> UnlockSecret {
    UnlockSecret::new(core::array::from_fn(|i| 0xE0 + i as u8))
}

fn stretched(index: u16, cost: Argon2Cost) -> Zeroizing<[u8; 32]> {
    Stretcher::new(cost).unwrap().stretch(&set().pin(index), &SALT).unwrap()
}

fn slot(index: u16, cost: Argon2Cost) -> Slot {
    wrap(&stretched(index, cost), &set().set_id, index, &account(), &secret())
}

/// From `tests/vectors.py`: Argon2id, HKDF and AES-GCM together.
#[test]
fn slots_are_those_of_the_vectors() {
    for (index, cost, expected) in [
        (
            0,
            cheap(),
            "1701b3166a04e1067ade5be8f26e20c46c604fba3cb76b4beb3722c0b023e9a8\
             13dc6270bcf9575fbd309c161a9f5029",
        ),
        (
            1,
            cheap(),
            "f2cbef8a18fca6e05005e969c9b6b8b9764a94e544f97be75b2325dc8722b134\
             5fa8d1d43cd9f100bc9d064c3744bb41",
        ),
        (
            1,
            Argon2Cost::default(),
            "27c04601abf7b04359a4eec10b95e2e3621ee66d88e42002caf99f4f6ab31c74\
             9bd6e2f491bfc1e6872c02dc05f22895",
        ),
    ] {
        let slot = slot(index, cost);
        assert_eq!(slot.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), expected);
    }
}

#[test]
fn a_slot_opens_in_its_place_only() {
    let set_id = set().set_id;
    let slot = slot(3, cheap());
    let key = stretched(3, cheap());
    let account = account();
    assert_eq!(unwrap(&key, &set_id, 3, &account, &slot).unwrap().expose(), secret().expose());

    let other = |change: fn(&mut Account)| {
        let mut account = account.clone();
        change(&mut account);
        account
    };
    let refused = [
        unwrap(&stretched(4, cheap()), &set_id, 3, &account, &slot),
        unwrap(&key, &SetId([0; 16]), 3, &account, &slot),
        unwrap(&key, &set_id, 4, &account, &slot),
        unwrap(&key, &set_id, 3, &other(|account| account.user_sid.push('2')), &slot),
        unwrap(&key, &set_id, 3, &other(|account| account.machine_id.push('2')), &slot),
        // The same characters, divided differently.
        unwrap(
            &key,
            &set_id,
            3,
            &other(|account| {
                account.user_sid.push('m');
                account.machine_id.remove(0);
            }),
            &slot,
        ),
    ];
    assert!(refused.iter().all(Option::is_none));
    for byte in 0..SLOT_LEN {
        let mut damaged = slot;
        damaged[byte] ^= 1;
        assert!(unwrap(&key, &set_id, 3, &account, &damaged).is_none());
    }
}

#[test]
fn the_secret_wipes_itself_and_does_not_print() {
    fn wipes(_: &impl ZeroizeOnDrop) {}
    wipes(&secret());
    assert_eq!(format!("{:?}", secret()), "UnlockSecret(redacted)");
}
