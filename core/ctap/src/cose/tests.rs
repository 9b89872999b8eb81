use coset::cbor::Value;
use coset::{CborSerializable, CoseKey, CoseKeyBuilder};

use super::*;
use crate::cbor::CborError;
use crate::testing::hex;

const ES256: PublicKey = PublicKey::Es256 { x: [0x11; 32], y: [0xFE; 32] };
const EDDSA: PublicKey = PublicKey::EdDsa { x: [0x22; 32] };

fn builder(key: &PublicKey) -> CoseKeyBuilder {
    match key {
        PublicKey::Es256 { x, y } => {
            CoseKeyBuilder::new_ec2_pub_key(iana::EllipticCurve::P_256, x.to_vec(), y.to_vec())
                .algorithm(iana::Algorithm::ES256)
        }
        PublicKey::EdDsa { x } => CoseKeyBuilder::new_okp_key()
            .algorithm(iana::Algorithm::EdDSA)
            .param(CRV, Value::from(ED25519))
            .param(X, Value::Bytes(x.to_vec())),
    }
}

fn read(key: CoseKey) -> Result<PublicKey, DecodeError> {
    PublicKey::from_cose(&key.to_vec().unwrap())
}

#[test]
fn keys_have_the_form_that_relying_parties_know() {
    let x = "1111111111111111111111111111111111111111111111111111111111111111";
    let y = x.replace("11", "fe");
    assert_eq!(ES256.to_cose(), hex(&format!("a5 01 02 03 26 20 01 21 5820{x} 22 5820{y}")));
    assert_eq!(ES256.to_cose().len(), 77);
    let x = x.replace("11", "22");
    assert_eq!(EDDSA.to_cose(), hex(&format!("a4 01 01 03 27 20 06 21 5820{x}")));
    assert_eq!(EDDSA.to_cose().len(), 42);
}

#[test]
fn coset_writes_and_reads_the_same_keys() {
    for key in [ES256, EDDSA] {
        let theirs = builder(&key).build();
        assert_eq!(theirs.clone().to_vec().unwrap(), key.to_cose());
        assert_eq!(CoseKey::from_slice(&key.to_cose()).unwrap(), theirs);
        assert_eq!(PublicKey::from_cose(&key.to_cose()), Ok(key));
    }
}

#[test]
fn refuses_keys_of_another_shape() {
    let unknown = Err(DecodeError::UnknownKey);
    let ec2 = |x: usize, y: usize| {
        CoseKeyBuilder::new_ec2_pub_key(iana::EllipticCurve::P_256, vec![1; x], vec![1; y])
            .algorithm(iana::Algorithm::ES256)
    };
    assert!(read(ec2(32, 32).build()).is_ok());
    assert_eq!(read(ec2(31, 32).build()), unknown);
    assert_eq!(read(ec2(32, 33).build()), unknown);
    assert_eq!(read(ec2(0, 0).build()), unknown);
    // Another algorithm, or none.
    assert_eq!(read(ec2(32, 32).algorithm(iana::Algorithm::ES384).build()), unknown);
    assert_eq!(
        read(CoseKeyBuilder::new_ec2_pub_key(iana::EllipticCurve::P_256, vec![1; 32], vec![1; 32]).build()),
        unknown
    );
    // Another curve.
    assert_eq!(
        read(
            CoseKeyBuilder::new_ec2_pub_key(iana::EllipticCurve::Secp256k1, vec![1; 32], vec![1; 32])
                .algorithm(iana::Algorithm::ES256)
                .build()
        ),
        unknown
    );
    // A compressed point.
    assert_eq!(
        read(
            CoseKeyBuilder::new_ec2_pub_key_y_sign(iana::EllipticCurve::P_256, vec![1; 32], true)
                .algorithm(iana::Algorithm::ES256)
                .build()
        ),
        unknown
    );
    // Optional parameters, which WebAuthn forbids.
    assert_eq!(read(builder(&ES256).key_id(vec![1]).build()), unknown);
    assert_eq!(read(builder(&ES256).param(-4, Value::Bytes(vec![1; 32])).build()), unknown);
    assert_eq!(read(builder(&EDDSA).add_key_op(iana::KeyOperation::Verify).build()), unknown);
    // Another key type.
    assert_eq!(read(builder(&ES256).key_type(iana::KeyType::OKP).build()), unknown);
    assert_eq!(read(builder(&EDDSA).key_type(iana::KeyType::EC2).build()), unknown);
    assert_eq!(read(CoseKeyBuilder::new_symmetric_key(vec![1; 32]).build()), unknown);
    // RS256.
    assert_eq!(
        PublicKey::from_cose(&hex("a4 01 03 03 390100 20 43010203 21 43010001")),
        Err(DecodeError::UnknownKey)
    );
}

#[test]
fn refuses_what_is_not_a_canonical_map() {
    let good = ES256.to_cose();
    assert_eq!(PublicKey::from_cose(&[]), Err(CborError::Truncated.into()));
    assert_eq!(PublicKey::from_cose(&good[..76]), Err(CborError::Truncated.into()));
    assert_eq!(PublicKey::from_cose(&[&good[..], &[0]].concat()), Err(CborError::TrailingBytes.into()));
    assert_eq!(PublicKey::from_cose(&hex("80")), Err(CborError::UnexpectedType.into()));
    // alg before kty.
    let swapped = [&good[..1], &good[3..5], &good[1..3], &good[5..]].concat();
    assert_eq!(PublicKey::from_cose(&swapped), Err(CborError::KeyOrder.into()));
}
