use std::collections::BTreeSet;

use latchkey_authenticator::testing::SeededRng;

use super::*;

#[test]
fn typed_codes_use_every_character_about_equally_often() {
    let rng = SeededRng::new(1);
    let mut counts = [0_u32; 31];
    for _ in 0..20_000 {
        let code = typed_code(&rng);
        assert_eq!(code.len(), CODE_LENGTH);
        for byte in code.bytes() {
            counts[CODE_ALPHABET.iter().position(|&character| character == byte).unwrap()] += 1;
        }
    }
    // 120,000 characters, 3,871 expected of each; the standard deviation is 61.
    assert!(counts.iter().all(|&count| (3_565..4_177).contains(&count)), "{counts:?}");
    assert!(!CODE_ALPHABET.iter().any(|byte| b"ilo01".contains(byte)));
}

#[test]
fn ids_are_uuids_of_version_4_and_differ() {
    let rng = SeededRng::new(2);
    let ids: BTreeSet<String> = (0..1000).map(|_| uuid(&rng)).collect();
    assert_eq!(ids.len(), 1000);
    for id in ids {
        let bytes: Vec<u8> = id.bytes().collect();
        assert_eq!((id.len(), bytes[8], bytes[13], bytes[18], bytes[23]), (36, b'-', b'-', b'-', b'-'));
        assert_eq!(bytes[14], b'4');
        assert!(b"89ab".contains(&bytes[19]));
    }
}

#[test]
fn a_phones_token_depends_on_key_nonce_and_request() {
    let key = [1; 32];
    let token = of_phone(&key, b"nonce", "request");
    assert_eq!(token, of_phone(&key, b"nonce", "request"));
    let others = [
        of_phone(&[2; 32], b"nonce", "request"),
        of_phone(&key, b"other", "request"),
        of_phone(&key, b"nonce", "x"),
    ];
    assert!(others.iter().all(|other| *other != token));
    assert_eq!(Kind::of(&token), Some(Kind::Phone));
    assert_ne!(user_handle(&key, "ada"), user_handle(&key, "bo"));
}
