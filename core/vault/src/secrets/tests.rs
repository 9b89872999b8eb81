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
    let open = |hardware, plain: &[u8]| {
        Secrets::open(hardware, plain)
            .map(|secrets| (secrets.key.map(|key| *key), secrets.prf.map(|prf| *prf)))
    };
    let both = [[1; 32], [7; 32]].concat();
    assert_eq!(open(false, &both), Ok((Some([1; 32]), Some([7; 32]))));
    assert_eq!(open(false, &[1; 32]), Ok((Some([1; 32]), None)));
    assert_eq!(open(true, &[7; 32]), Ok((None, Some([7; 32]))));
    assert_eq!(open(true, &[]), Ok((None, None)));
    for (hardware, length) in [(false, 0), (false, 31), (false, 63), (false, 65), (true, 31), (true, 64)] {
        assert_eq!(open(hardware, &vec![1; length]), Err(Damaged), "{hardware} {length}");
    }
}
