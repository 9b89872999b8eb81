use latchkey_authenticator::ports::HardwareKey;
use latchkey_authenticator::prf::PrfSecret;
use latchkey_authenticator::store_contract::credential;
use latchkey_ctap::PublicKey;

use super::*;

fn software() -> Credential {
    credential(1, "example.com", b"alice")
}

fn hardware() -> Credential {
    let public_key = PublicKey::Es256 { x: [1; 32], y: [2; 32] };
    Credential { key: CredentialKey::Hardware(HardwareKey { handle: vec![9; 16], public_key }), ..software() }
}

#[test]
fn every_combination_has_its_bytes() {
    let prf = || Some(PrfSecret::unseal(Zeroizing::new([7; 32])));
    let of = |credential: &Credential| Secrets::of(credential).map(|plain| plain.to_vec());
    let (key, both) = ([1; 32].to_vec(), [[1; 32], [7; 32]].concat());
    assert_eq!(of(&Credential { prf_secret: None, ..software() }), Some(key));
    assert_eq!(of(&Credential { prf_secret: prf(), ..software() }), Some(both));
    assert_eq!(of(&Credential { prf_secret: prf(), ..hardware() }), Some(vec![7; 32]));
    assert_eq!(of(&Credential { prf_secret: None, ..hardware() }), None);
}

#[test]
fn bytes_are_read_as_the_record_says() {
    let open = |key, prf, plain: &[u8]| {
        Secrets::open(key, prf, plain)
            .map(|secrets| (secrets.key.map(|key| *key), secrets.prf.map(|prf| *prf)))
    };
    let both = [[1; 32], [7; 32]].concat();
    assert_eq!(open(true, true, &both), Ok((Some([1; 32]), Some([7; 32]))));
    assert_eq!(open(true, false, &[1; 32]), Ok((Some([1; 32]), None)));
    assert_eq!(open(false, true, &[7; 32]), Ok((None, Some([7; 32]))));
    assert_eq!(open(false, false, &[]), Ok((None, None)));
    for (key, prf, right) in [(true, true, 64), (true, false, 32), (false, true, 32), (false, false, 0)] {
        for length in [0, 1, 31, 32, 33, 63, 64, 65, 96] {
            assert_eq!(open(key, prf, &vec![1; length]).is_ok(), length == right, "{key} {prf} {length}");
        }
    }
}
