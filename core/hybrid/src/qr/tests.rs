use proptest::option::of;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::KeyPair;

fn payload() -> QrPayload {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let key = KeyPair::generate(rng).unwrap();
    QrPayload::new(*key.public(), Secret::random(rng), RequestHint::MakeCredential)
}

fn any_payload() -> impl Strategy<Value = QrPayload> {
    let hint = prop_oneof![
        Just(RequestHint::MakeCredential),
        Just(RequestHint::GetAssertion),
        Just(RequestHint::PresentCredential),
        Just(RequestHint::IssueCredential),
    ];
    let channels = prop_oneof![
        Just(Channels::Default),
        any::<bool>().prop_map(Channels::NonDiscoverable),
        proptest::collection::vec(any::<u64>(), 0..5).prop_map(Channels::List),
    ];
    (any::<u64>(), any::<[u8; 16]>(), any::<u64>(), of(any::<u64>()), of(any::<bool>()), hint, channels)
        .prop_map(|(seed, secret, known_domains, client_time, linking, hint, channels)| {
            let key = KeyPair::generate(&mut ChaCha20Rng::seed_from_u64(seed)).unwrap();
            let secret = Secret::new(secret);
            let public_key = *key.public();
            QrPayload { public_key, secret, known_domains, client_time, linking, hint, channels }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_payload_comes_back(payload in any_payload()) {
        let text = payload.to_text();
        prop_assert_eq!(&QrPayload::parse(&text).unwrap(), &payload);
        prop_assert_eq!(&QrPayload::parse(&text.to_ascii_lowercase()).unwrap(), &payload);
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>) {
        let _ = QrPayload::from_cbor(&bytes);
    }

    #[test]
    fn any_text_is_refused(text: String) {
        prop_assert!(QrPayload::parse(&text).is_err());
    }

    /// A code that was read wrongly gives another payload or an error, never a panic.
    #[test]
    fn a_changed_digit(payload in any_payload(), at: usize, digit in 0u8..10) {
        let mut text = payload.to_text().to_string();
        let at = PREFIX.len() + at % (text.len() - PREFIX.len());
        text.replace_range(at..=at, &digit.to_string());
        if let Ok(other) = QrPayload::parse(&text) {
            prop_assert_eq!(other == payload, text == *payload.to_text());
        }
    }

    #[test]
    fn a_shortened_text(payload in any_payload(), len: usize) {
        let text = payload.to_text();
        prop_assert!(QrPayload::parse(&text[..len % text.len()]).is_err());
    }
}

/// The map of [`payload`] with one more entry at the end.
fn with_entry(key: u64, write: impl FnOnce(&mut Writer)) -> Result<QrPayload, QrError> {
    let payload = payload();
    let mut map = Writer::new();
    map.map(3);
    map.unsigned(0).bytes(&payload.public_key.compressed());
    map.unsigned(1).bytes(payload.secret.expose());
    map.unsigned(key);
    write(&mut map);
    QrPayload::from_cbor(&map.finish())
}

#[test]
fn known_keys_are_strict() {
    let text = |map: &mut Writer| {
        map.text("1");
    };
    let integer = |map: &mut Writer| {
        map.integer(1);
    };
    for key in [2, 3, 4] {
        assert_eq!(with_entry(key, text), Err(QrError::WrongType(key as u8)));
    }
    assert_eq!(
        with_entry(2, |map| {
            map.integer(-1);
        }),
        Err(QrError::WrongType(2))
    );
    assert_eq!(with_entry(4, integer), Err(QrError::WrongType(4)));
    assert_eq!(with_entry(5, integer), Err(QrError::WrongType(5)));
    assert!(with_entry(2, integer).is_ok());
}

#[test]
fn key_6_is_lenient() {
    let channels = |write: fn(&mut Writer)| with_entry(6, write).unwrap().channels;
    assert_eq!(
        channels(|map| {
            map.boolean(false);
        }),
        Channels::NonDiscoverable(false)
    );
    assert_eq!(
        channels(|map| {
            map.array(0);
        }),
        Channels::List(vec![])
    );
    assert_eq!(
        channels(|map| {
            map.array(2).unsigned(0).unsigned(7);
        }),
        Channels::List(vec![0, 7])
    );
    assert_eq!(
        channels(|map| {
            map.array(1).integer(-1);
        }),
        Channels::Default
    );
    assert_eq!(
        channels(|map| {
            map.array(1).text("0");
        }),
        Channels::Default
    );
    assert_eq!(
        channels(|map| {
            map.text("tunnel");
        }),
        Channels::Default
    );
    assert_eq!(
        channels(|map| {
            map.unsigned(1);
        }),
        Channels::Default
    );
    assert_eq!(
        channels(|map| {
            map.map(0);
        }),
        Channels::Default
    );
}

#[test]
fn unknown_keys_do_not_matter() {
    for key in [7, 23, 24, 1000, 65535, u64::MAX] {
        assert!(
            with_entry(key, |map| {
                map.array(1).map(1).text("x").boolean(true);
            })
            .is_ok()
        );
    }
    let payload = payload();
    let mut map = Writer::new();
    map.map(4);
    map.unsigned(0).bytes(&payload.public_key.compressed());
    map.unsigned(1).bytes(payload.secret.expose());
    map.integer(-1).text("negative");
    map.text("0").text("a text key is not the number");
    assert!(QrPayload::from_cbor(&map.finish()).is_ok());
}

#[test]
fn the_text_is_bounded() {
    let text = format!("{PREFIX}{}", "0".repeat(MAX_TEXT_LEN));
    assert_eq!(QrPayload::parse(&text), Err(QrError::TextTooLong));
    for text in ["", "F", "FIDO", "FIDO:", "fIdO:x", "FID\u{d6}:/", "https://example.com/"] {
        assert_eq!(QrPayload::parse(text), Err(QrError::NotFido), "{text}");
    }
}

#[test]
fn a_secret_of_the_wrong_type() {
    let payload = payload();
    let map = |key: &dyn Fn(&mut Writer), secret: &dyn Fn(&mut Writer)| {
        let mut map = Writer::new();
        map.map(2);
        map.unsigned(0);
        key(&mut map);
        map.unsigned(1);
        secret(&mut map);
        QrPayload::from_cbor(&map.finish())
    };
    let key = |map: &mut Writer| {
        map.bytes(&payload.public_key.compressed());
    };
    let secret = |map: &mut Writer| {
        map.bytes(payload.secret.expose());
    };
    let text = |map: &mut Writer| {
        map.text("sixteen letters!");
    };
    assert!(map(&key, &secret).is_ok());
    assert_eq!(map(&key, &text), Err(QrError::WrongType(1)));
    assert_eq!(map(&text, &secret), Err(QrError::WrongType(0)));
}
