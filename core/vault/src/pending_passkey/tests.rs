use latchkey_authenticator::credential::CredentialId;
use latchkey_authenticator::keys::CredentialKey;
use latchkey_authenticator::ports::HardwareKey;
use latchkey_authenticator::store_contract::{NO_LIMITS, credential, image, software_key};
use latchkey_ctap::{Algorithm, PublicKey};

use super::*;

fn round_trip(credential: &Credential, limits: &InsertLimits) {
    let sealed = PendingPasskey::seal(credential, limits);
    let (back, back_limits) = PendingPasskey::from_bytes(sealed.as_bytes()).unwrap().open().unwrap();
    assert_eq!(image(&back), image(credential));
    assert_eq!(back_limits, *limits);
}

#[test]
fn every_kind_comes_back() {
    let full = credential(1, "example.com", b"alice");
    let public_key = PublicKey::Es256 { x: [1; 32], y: [2; 32] };
    let hardware =
        || CredentialKey::Hardware(HardwareKey { handle: vec![9; 16], public_key: public_key.clone() });
    let bare = Credential {
        sign_count: None,
        last_used_at: None,
        label: None,
        key: hardware(),
        ..credential(2, "a", b"b")
    };
    let eddsa = Credential {
        id: CredentialId(vec![3; 1023]),
        key: software_key(Algorithm::EDDSA, 3),
        sign_count: Some(u32::MAX),
        last_used_at: Some(u64::MAX),
        ..credential(3, "example.com", b"")
    };
    let without_secrets = Credential { prf_secret: None, key: hardware(), ..credential(4, "a", b"b") };
    let one = InsertLimits { per_user: 1, per_rp: Some(1), replaces: true };
    for credential in [&full, &bare, &eddsa, &without_secrets] {
        round_trip(credential, &NO_LIMITS);
        round_trip(credential, &one);
    }
}

#[test]
fn anything_else_is_damaged() {
    let sealed = PendingPasskey::seal(&credential(1, "example.com", b"alice"), &NO_LIMITS);
    let bytes = sealed.as_bytes();
    assert!(PendingPasskey::from_bytes(&bytes[1..]).is_err());
    assert!(PendingPasskey::from_bytes(&[bytes, &[0]].concat()).is_err());
    assert!(PendingPasskey::from_bytes(&[]).is_err());

    let entries: Vec<_> = Item::parse(bytes).unwrap().map().unwrap().collect();
    let without = |removed: Option<u64>, added: &[u8]| {
        let rest = entries.iter().filter(|(key, _)| key.unsigned().ok() != removed);
        let mut map = Writer::new();
        map.map(rest.clone().count() + added.len() / 2);
        for (key, value) in rest {
            map.raw(key.raw()).raw(value.raw());
        }
        map.raw(added);
        PendingPasskey::from_bytes(&map.finish()).is_ok()
    };
    assert!(without(None, &[]));
    // Counter and last use may be missing, the private key of a key in software may not.
    for (key, sound) in [(1, false), (3, true), (4, true), (5, false), (6, false)] {
        assert_eq!(without(Some(key), &[]), sound, "{key}");
    }
    assert!(!without(None, &[0x07, 0x00]));
}
