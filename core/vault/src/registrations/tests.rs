use super::*;
use crate::fixture::{Scratch, computer, pairing, registration};
use latchkey_authenticator::store_contract::{NO_LIMITS, credential};

fn registered(numbers: &[u8]) -> Scratch {
    let scratch = Scratch::new();
    for &number in numbers {
        let request_id = format!("request-{number}");
        scratch.vault.begin_pairing(&pairing(number)).unwrap();
        let passkey = credential(number, "login.microsoft.com", &[number]);
        scratch.vault.pending_store(&request_id).insert(&passkey, &NO_LIMITS).unwrap();
        scratch.vault.complete_pairing(&request_id, &registration(number), None).unwrap();
    }
    scratch
}

#[test]
fn registrations_come_back_and_go() {
    let scratch = registered(&[2, 1]);
    let vault = &scratch.vault;
    assert_eq!(vault.registrations().unwrap(), [registration(2), registration(1)]);
    assert_eq!(vault.registration("device-1"), Ok(Some(registration(1))));
    assert_eq!(vault.registration("device-3"), Ok(None));
    vault.remove_registration("device-2").unwrap();
    assert_eq!(vault.remove_registration("device-2"), Err(StoreError::NotFound));
    assert_eq!(vault.registrations().unwrap(), [registration(1)]);
}

#[test]
fn a_token_that_was_removed_is_gone_from_the_file() {
    let scratch = registered(&[1]);
    let cell = scratch.cell("registration", "secret", 1);
    scratch.vault.remove_registration("device-1").unwrap();
    assert!(!crate::fixture::contains(&scratch.closed_files(), &crate::fixture::blob(&cell)[..28]));
}

#[test]
fn a_record_is_read_strictly() {
    let stored = registration(1);
    let (record, secret) = (stored.record(), stored.secret());
    assert!(Registration::unseal(&record, &secret).unwrap() == stored);
    assert_eq!(Registration::unseal(&record, &[0xFF]), Err(Damaged));
    let mut other = record;
    other[2] = 2;
    assert_eq!(Registration::unseal(&other, &secret), Err(Damaged));
    assert_eq!(Registration::unseal(&computer(1).record(), &secret), Err(Damaged));
}

#[test]
fn nothing_is_shown() {
    assert_eq!(format!("{:?}", registration(1)), "Registration(redacted)");
}
