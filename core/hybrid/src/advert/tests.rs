use proptest::prelude::*;

use super::*;
use crate::Secret;
use crate::fixture::Repeating;

fn key(byte: u8) -> EidKey {
    EidKey::of_qr(&Secret::new([byte; 16]))
}

fn any_eid() -> impl Strategy<Value = Eid> {
    let domain = prop_oneof![0u16..2, 256..=u16::MAX].prop_map(|number| TunnelDomain::new(number).unwrap());
    (any::<[u8; 10]>(), any::<[u8; 3]>(), domain)
        .prop_map(|(nonce, routing, domain)| Eid::new(nonce, RoutingId::new(routing), domain))
}

proptest! {
    #[test]
    fn an_advert_comes_back(eid in any_eid(), suffix: Vec<u8>) {
        let mut data = key(1).seal(&eid).to_vec();
        data.extend(suffix);
        prop_assert_eq!(key(1).open(&data), Ok(eid.clone()));
        prop_assert_eq!(key(2).open(&data), Err(HybridError::AdvertForeign));
        let _ = channel_psm(&data);
    }

    #[test]
    fn any_flipped_bit_is_noticed(eid in any_eid()) {
        let advert = key(1).seal(&eid);
        for bit in 0..ADVERT_LEN * 8 {
            let mut changed = advert;
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(key(1).open(&changed), Err(HybridError::AdvertForeign));
        }
    }

    #[test]
    fn a_short_advert_is_noticed(eid in any_eid(), len in 0..ADVERT_LEN) {
        prop_assert_eq!(key(1).open(&key(1).seal(&eid)[..len]), Err(HybridError::AdvertTooShort));
    }

    #[test]
    fn anything_else_is_foreign(data in proptest::collection::vec(any::<u8>(), 20..64)) {
        prop_assert_eq!(key(1).open(&data), Err(HybridError::AdvertForeign));
    }
}

/// Computers read a domain from the last two bytes even where there is none.
#[test]
fn a_linked_advert_avoids_unassigned_domains() {
    for number in 2u16..256 {
        let mut bytes = vec![0x11; 14];
        bytes.extend(number.to_le_bytes());
        let refused = Eid::random(&mut Repeating::new(bytes.clone()));
        assert_eq!(refused, Err(HybridError::Randomness));

        bytes.extend([0x22; 16]);
        let eid = Eid::random(&mut Repeating::new(bytes)).unwrap();
        assert_eq!(eid.as_bytes()[0], 0);
        assert_eq!(eid.as_bytes()[1..], [0x22; 15]);
        assert_eq!(key(1).open(&key(1).seal(&eid)), Ok(eid));
    }
    for number in [0u16, 1, 256, u16::MAX] {
        let mut bytes = vec![0x11; 14];
        bytes.extend(number.to_le_bytes());
        assert_eq!(Eid::random(&mut Repeating::new(bytes)).unwrap().domain().number(), number);
    }
}

#[test]
fn suffixes() {
    let psm = |suffix: &[u8]| channel_psm(&[[0; 20].as_slice(), suffix].concat());
    assert_eq!(psm(&[]), Ok(None));
    assert_eq!(psm(&[0xA0]), Ok(None));
    assert_eq!(psm(&[0xA1, 0x00, 0x18, 0x81]), Ok(None));
    assert_eq!(psm(&[0xA1, 0x01, 0x18, 0x81]), Ok(Some(0x81)));
    assert_eq!(psm(&[0xA1, 0x01, 0x1A, 0, 1, 0, 0]), Err(HybridError::AdvertSuffix));
    assert_eq!(psm(&[0xA1, 0x01, 0x61, b'x']), Err(HybridError::AdvertSuffix));
    assert_eq!(psm(&[0x01]), Err(HybridError::AdvertSuffix));
    assert_eq!(psm(&[0xA1]), Err(HybridError::AdvertSuffix));
    assert_eq!(channel_psm(&[0; 19]), Err(HybridError::AdvertTooShort));
}
