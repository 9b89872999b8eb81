use latchkey_ctap::cbor::CborError;
use proptest::prelude::*;

use super::*;

fn proof(offline_held: Option<Vec<u8>>) -> FromPhone {
    FromPhone::Proof(Box::new(Proof {
        credential_id: vec![1],
        authenticator_data: vec![2],
        client_data_json: vec![3],
        signature: vec![4],
        offline_held,
    }))
}

fn from_phone() -> Vec<FromPhone> {
    use SignInOutcome::{Declined, Failed, NotNear, Served};
    let mut all = vec![proof(None), proof(Some(vec![5])), FromPhone::OfflineStored(vec![6])];
    all.extend([Served, NotNear, Declined, Failed].map(FromPhone::SignInServed));
    all
}

fn from_computer() -> Vec<FromComputer> {
    let mut all = vec![
        FromComputer::OfflineSet(Zeroizing::new(vec![7; 40])),
        FromComputer::SignIn { code: Zeroizing::new("FIDO:/1".to_owned()) },
        FromComputer::Bye,
    ];
    all.extend([Offline::Off, Offline::Coming].map(|offline| FromComputer::Unlocked { offline }));
    all.extend(
        [Reason::NotVerified, Reason::Counter, Reason::NotPaired, Reason::Unavailable]
            .map(FromComputer::Refused),
    );
    all
}

fn comes_back<M: Message + Clone + PartialEq + fmt::Debug>(messages: Vec<M>) {
    for message in messages {
        let bytes = message.encode();
        assert_eq!(M::decode(&bytes), Ok(message.clone()));
        for len in 0..bytes.len() {
            assert!(matches!(M::decode(&bytes[..len]), Err(UnlockError::Malformed(_))), "cut at {len}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(M::decode(&longer), Err(UnlockError::Malformed(CborError::TrailingBytes)));
    }
}

#[test]
fn messages_come_back_as_they_were_and_only_whole() {
    comes_back(from_phone());
    comes_back(from_computer());
}

#[test]
fn the_encoding_is_fixed() {
    assert_eq!(*proof(None).encode(), hex("a5 0101 024101 034102 044103 054104"));
    assert_eq!(*proof(Some(vec![5])).encode(), hex("a6 0101 024101 034102 044103 054104 064105"));
    assert_eq!(*FromPhone::OfflineStored(vec![6]).encode(), hex("a2 0102 024106"));
    assert_eq!(*FromPhone::SignInServed(SignInOutcome::NotNear).encode(), hex("a2 0103 0202"));
    assert_eq!(*FromComputer::Unlocked { offline: Offline::Coming }.encode(), hex("a2 0101 0201"));
    assert_eq!(*FromComputer::Refused(Reason::Counter).encode(), hex("a2 0102 0202"));
    assert_eq!(*FromComputer::OfflineSet(Zeroizing::new(vec![7])).encode(), hex("a2 0103 024107"));
    assert_eq!(
        *FromComputer::SignIn { code: Zeroizing::new("F".to_owned()) }.encode(),
        hex("a2 0104 026146")
    );
    assert_eq!(*FromComputer::Bye.encode(), hex("a1 0105"));
}

#[test]
fn what_does_not_belong_is_refused() {
    use UnlockError::{Malformed, UnexpectedEntries, UnknownMessage, UnknownValue};
    const TYPE: UnlockError = Malformed(CborError::UnexpectedType);
    for (encoded, error) in [
        ("a0", UnexpectedEntries),
        ("80", TYPE),
        ("a10101", UnexpectedEntries),
        ("a10102", UnexpectedEntries),
        ("a20102 0300", UnexpectedEntries),
        ("a3 0102 024106 0300", UnexpectedEntries),
        ("a6 0101 024101 034102 044103 054104 0700", UnexpectedEntries),
        ("a4 0101 024101 034102 044103", UnexpectedEntries),
        ("a2 0102 0206", TYPE),
        ("a2 0120 024106", TYPE),
        ("a2 0103 0200", UnknownValue(0)),
        ("a2 0103 0205", UnknownValue(5)),
        ("a2 0104 0201", UnknownMessage(4)),
        ("a2 0102 02580106", Malformed(CborError::NotShortest)),
        ("bf0102024106ff", Malformed(CborError::Indefinite)),
        ("a2 024106 0102", Malformed(CborError::KeyOrder)),
    ] {
        assert_eq!(FromPhone::decode(&hex(encoded)), Err(error), "{encoded}");
    }
    for (encoded, error) in [
        ("a2 0101 0202", UnknownValue(2)),
        ("a2 0102 0200", UnknownValue(0)),
        ("a2 0102 0205", UnknownValue(5)),
        ("a2 0103 0201", TYPE),
        ("a2 0104 024106", TYPE),
        ("a2 0105 0200", UnexpectedEntries),
        ("a1 0106", UnknownMessage(6)),
        ("a1 0100", UnknownMessage(0)),
    ] {
        assert_eq!(FromComputer::decode(&hex(encoded)), Err(error), "{encoded}");
    }
}

proptest! {
    /// What is read from any bytes is what would have been written.
    #[test]
    fn there_is_one_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..64), kind in 0u8..7) {
        let framed = [&[0xA2, 0x01, kind, 0x02][..], &bytes].concat();
        for bytes in [&bytes, &framed] {
            if let Ok(message) = FromPhone::decode(bytes) {
                prop_assert_eq!(&*message.encode(), bytes);
            }
            if let Ok(message) = FromComputer::decode(bytes) {
                prop_assert_eq!(&*message.encode(), bytes);
            }
        }
    }
}

#[test]
fn debug_shows_no_content() {
    let shown = format!("{:?} {:?}", from_phone(), from_computer());
    assert!(!shown.contains("FIDO") && !shown.contains("7, 7"), "{shown}");
    assert!(shown.contains("OfflineSet(redacted)") && shown.contains("Proof(redacted)"), "{shown}");
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
