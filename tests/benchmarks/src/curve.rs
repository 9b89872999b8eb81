//! p256 0.13, on which Latchkey and snow are, beside 0.14, on which passkey-rs is. 0.14 multiplies the
//! generator with a table that it makes when a process first needs it.

use std::time::Duration;

use p256_next::NonZeroScalar;
use p256_next::ecdsa::DerSignature;
use rand_core::{OsRng, RngCore};

use crate::bare;
use crate::report::Line;
use crate::rounds::{Group, timed};

pub(crate) fn measure() -> Vec<Line> {
    let mut group = Group::default();
    let (scalar, _) = bare::key();
    let next = random();
    let old_signs = group.add("signature, p256 0.13", || timed(|| bare::signature(&scalar)));
    let signs = group.add("signature, p256 0.14", || timed(|| signature(&next)));
    group.compare(signs, old_signs, None);

    let old_makes = group.add("key generation, p256 0.13", || timed(bare::key));
    let makes = group.add("key generation, p256 0.14", || {
        timed(|| p256_next::PublicKey::from_secret_scalar(&random()).to_sec1_bytes())
    });
    group.compare(makes, old_makes, None);

    let point = *p256::PublicKey::from_secret_scalar(&scalar).as_affine();
    let old_agrees =
        group.add("key agreement, p256 0.13", || timed(|| p256::ecdh::diffie_hellman(scalar, point)));
    let point = *p256_next::PublicKey::from_secret_scalar(&next).as_affine();
    let agrees =
        group.add("key agreement, p256 0.14", || timed(|| p256_next::ecdh::diffie_hellman(next, point)));
    group.compare(agrees, old_agrees, None);
    group.measure(Duration::from_secs(4))
}

/// The first signature of this process.
pub(crate) fn first_signature() -> Duration {
    let scalar = random();
    timed(|| signature(&scalar))
}

fn random() -> NonZeroScalar {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    p256_next::SecretKey::from_slice(&bytes).unwrap().to_nonzero_scalar()
}

fn signature(scalar: &NonZeroScalar) -> DerSignature {
    use sha2_next::{Digest as _, Sha256};
    let hash = Sha256::digest(std::hint::black_box(&[5; 69]));
    let (signature, _) =
        ecdsa_next::hazmat::sign_prehashed_rfc6979::<p256_next::NistP256, Sha256>(scalar, &hash, &[]);
    signature.to_der()
}
