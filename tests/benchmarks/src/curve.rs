//! p256 0.14, with which credentials sign, beside 0.13, on which snow and the hybrid transport are. 0.14
//! multiplies the generator with a table that it builds when a process first needs it.

use std::time::Duration;

use ecdsa::hazmat::SignPrimitive as _;
use p256::ecdsa::{DerSignature, Signature};
use rand_core::OsRng;
use sha2::{Digest as _, Sha256};

use crate::bare;
use crate::report::Line;
use crate::rounds::{Group, timed};

pub(crate) fn measure() -> Vec<Line> {
    let mut group = Group::default();
    let (old, new) = (p256::NonZeroScalar::random(&mut OsRng), bare::scalar());
    let old_signs = group.add("signature, p256 0.13", || timed(|| old_signature(&old)));
    let signs = group.add("signature, p256 0.14", || timed(|| bare::signature(&new)));
    group.compare(signs, old_signs, None);

    let old_makes = group.add("key generation, p256 0.13", || {
        timed(|| p256::PublicKey::from_secret_scalar(&p256::NonZeroScalar::random(&mut OsRng)))
    });
    let makes = group.add("key generation, p256 0.14", || timed(bare::key));
    group.compare(makes, old_makes, None);

    let point = *p256::PublicKey::from_secret_scalar(&old).as_affine();
    let old_agrees =
        group.add("key agreement, p256 0.13", || timed(|| p256::ecdh::diffie_hellman(old, point)));
    let point = *p256_sign::PublicKey::from_secret_scalar(&new).as_affine();
    let agrees =
        group.add("key agreement, p256 0.14", || timed(|| p256_sign::ecdh::diffie_hellman(new, point)));
    group.compare(agrees, old_agrees, None);
    group.measure(Duration::from_secs(4))
}

/// The first signature of this process.
pub(crate) fn first_old_signature() -> Duration {
    let scalar = p256::NonZeroScalar::try_from([7; 32].as_slice()).unwrap();
    timed(|| old_signature(&scalar))
}

fn old_signature(scalar: &p256::NonZeroScalar) -> DerSignature {
    let hash = Sha256::digest(std::hint::black_box(&[5; 69]));
    let (signature, _): (Signature, _) = scalar.try_sign_prehashed_rfc6979::<Sha256>(&hash, &[]).unwrap();
    signature.to_der()
}
