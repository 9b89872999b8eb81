use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::transport::Transport;

fn offer(contact_id: Vec<u8>, phone_name: String) -> LinkOffer {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    LinkOffer {
        contact_id,
        link_id: [1; 8],
        link_secret: Secret::random(rng),
        identity: KeyPair::generate(rng).unwrap(),
        phone_name,
    }
}

fn code_key() -> KeyPair {
    KeyPair::generate(&mut ChaCha20Rng::seed_from_u64(2)).unwrap()
}

fn linking() -> Linking {
    offer(b"contact".to_vec(), "phone".into()).sign(code_key().public(), &[9; 32]).unwrap()
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes: Vec<u8>) {
        let _ = PostHandshake::decode(&bytes);
        let _ = decode_update(&bytes);
        let _ = Linking::decode(&bytes);
        match Message::decode(&bytes) {
            Ok(Message::Shutdown) => prop_assert_eq!(bytes[0], 0),
            Ok(message) => prop_assert_eq!(message.encode(), bytes),
            Err(_) => {}
        }
    }

    /// An observer sees the same length whether or not there is linking data.
    #[test]
    fn an_update_fills_512_bytes(contact_id in proptest::collection::vec(any::<u8>(), 0..200), name in "[a-z]{0,60}") {
        let linking = offer(contact_id, name).sign(code_key().public(), &[9; 32]).unwrap();
        for linking in [None, Some(linking)] {
            let update = encode_update(linking.as_ref());
            let message = Message::Update(&update).encode();
            prop_assert_eq!(Transport::pad(&message).len(), UPDATE_LEN);
            prop_assert_eq!(decode_update(&update).unwrap(), linking);
        }
    }

    #[test]
    fn a_longer_update_fills_a_multiple(name in "[a-z]{300,2000}") {
        let linking = offer(vec![], name).sign(code_key().public(), &[9; 32]).unwrap();
        let update = encode_update(Some(&linking));
        prop_assert_eq!(Transport::pad(&Message::Update(&update).encode()).len() % UPDATE_LEN, 0);
        prop_assert_eq!(decode_update(&update).unwrap(), Some(linking));
    }
}

#[test]
fn types() {
    assert_eq!(Message::decode(&[]), Err(HybridError::EmptyMessage));
    assert_eq!(Message::decode(&[0]), Ok(Message::Shutdown));
    assert_eq!(Message::decode(&[1]), Err(HybridError::EmptyMessage));
    assert_eq!(Message::decode(&[1, 4]), Ok(Message::Ctap(&[4])));
    assert_eq!(Message::decode(&[2]), Ok(Message::Update(&[])));
    assert_eq!(Message::decode(&[3, b'{']), Ok(Message::Json(b"{")));
    for kind in 4..=255 {
        assert_eq!(Message::decode(&[kind, 0]), Err(HybridError::UnexpectedMessage(kind)));
    }
}

#[test]
fn introductions() {
    let introduction = |features: Option<&[&str]>| {
        let mut map = Writer::new();
        map.map(if features.is_some() { 2 } else { 1 }).unsigned(1).bytes(&[0xA0]);
        if let Some(features) = features {
            map.unsigned(3).array(features.len());
            for feature in features {
                map.text(feature);
            }
        }
        PostHandshake::decode(&map.finish())
    };
    assert_eq!(introduction(None).unwrap(), PostHandshake::ctap(vec![0xA0]));
    assert_eq!(introduction(Some(&["ctap", "dc"])).unwrap().features, ["ctap", "dc"]);
    assert_eq!(introduction(Some(&["dc"])), Err(HybridError::NoCtap));
    assert_eq!(introduction(Some(&[])), Err(HybridError::NoCtap));
    // Without getInfo there may be no CTAP; unknown members do not matter.
    let other = PostHandshake::decode(&[0xA2, 0x03, 0x81, 0x62, b'd', b'c', 0x18, 99, 0xF5]).unwrap();
    assert_eq!((other.get_info, other.features), (None, vec!["dc".to_owned()]));

    let refused = |bytes: &[u8]| PostHandshake::decode(bytes).unwrap_err();
    assert_eq!(refused(&[]), HybridError::Cbor(CborError::Truncated));
    assert_eq!(refused(&[0x80]), HybridError::Cbor(CborError::UnexpectedType));
    assert_eq!(refused(&[0xA1, 0x01, 0xA0]), HybridError::Cbor(CborError::UnexpectedType));
    assert_eq!(refused(&[0xA1, 0x01, 0x41, 0x80]), HybridError::Cbor(CborError::UnexpectedType));
    assert_eq!(refused(&[0xA1, 0x01, 0x42, 0xA0, 0x00]), HybridError::Cbor(CborError::TrailingBytes));
    assert_eq!(refused(&[0xA1, 0x03, 0x81, 0x01]), HybridError::Cbor(CborError::UnexpectedType));
}

#[test]
fn a_signature_belongs_to_keys_and_handshake() {
    let linking = linking();
    assert_eq!(linking.verify(&code_key(), &[9; 32]), Ok(()));
    let wrong = Err(HybridError::LinkingSignature);
    assert_eq!(linking.verify(&code_key(), &[8; 32]), wrong);
    let other_key = KeyPair::generate(&mut ChaCha20Rng::seed_from_u64(3)).unwrap();
    assert_eq!(linking.verify(&other_key, &[9; 32]), wrong);
    let other_phone = Linking { phone_key: *other_key.public(), ..linking.clone() };
    assert_eq!(other_phone.verify(&code_key(), &[9; 32]), wrong);
    for bit in 0..256 {
        let mut changed = linking.clone();
        changed.signature[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(changed.verify(&code_key(), &[9; 32]), wrong);
    }
}

#[test]
fn every_member_of_linking_data_is_required() {
    let encoded = linking().encode();
    for left_out in 1..=6u8 {
        let mut map = Writer::new();
        map.map(5);
        for (key, value) in Item::parse(&encoded).unwrap().map().unwrap() {
            if key.unsigned() != Ok(left_out.into()) {
                map.raw(key.raw()).raw(value.raw());
            }
        }
        assert_eq!(Linking::decode(&map.finish()), Err(HybridError::MissingMember(left_out)));
    }
    let mut off_curve = encoded.clone();
    let at = encoded.windows(3).position(|window| window == [0x58, 65, 4]).unwrap() + 3;
    off_curve[at] ^= 1;
    assert_eq!(Linking::decode(&off_curve), Err(HybridError::InvalidPublicKey));
}

#[test]
fn a_mark_of_another_maker_is_ignored() {
    // Key 999 marks Android's Play services.
    let mut with_mark = linking().encode();
    with_mark[0] += 1;
    with_mark.extend([0x19, 0x03, 0xE7, 0xF5]);
    assert_eq!(Linking::decode(&with_mark), Ok(linking()));
}
