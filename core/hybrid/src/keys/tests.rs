use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::*;
use crate::fixture::Repeating;

/// A scalar that is zero or not below the group order is no key.
#[test]
fn scalars_outside_the_group() {
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order = base16ct::lower::decode_vec(order).unwrap();
    for scalar in [[0; 32], [0xFF; 32], order.try_into().unwrap()] {
        assert_eq!(KeyPair::from_secret(&Secret::new(scalar)).unwrap_err(), HybridError::InvalidPrivateKey);
    }
    // Such a draw is repeated; a source that gives nothing else is reported.
    assert_eq!(draw_scalar(&mut Repeating::new([0])).unwrap_err(), HybridError::Randomness);
    assert_eq!(draw_scalar(&mut Repeating::new([0xFF])).unwrap_err(), HybridError::Randomness);
    assert!(draw_scalar(&mut Repeating::new([1])).is_ok());
}

#[test]
fn forms_of_a_public_key() {
    let pair = KeyPair::generate(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let (public, compressed) = (*pair.public(), pair.public().compressed());
    assert_eq!(PublicKey::from_compressed(&compressed), Ok(public));
    assert_eq!(PublicKey::from_uncompressed(public.uncompressed()), Ok(public));

    // The other tags of SEC 1: identity, compact, hybrid.
    for tag in [0, 4, 5, 6, 7] {
        let mut other = compressed;
        other[0] = tag;
        assert_eq!(PublicKey::from_compressed(&other), Err(HybridError::InvalidPublicKey), "{tag}");
    }
    for tag in [0, 2, 3, 5, 6, 7] {
        let mut other = *public.uncompressed();
        other[0] = tag;
        assert_eq!(PublicKey::from_uncompressed(&other), Err(HybridError::InvalidPublicKey), "{tag}");
    }
    let mut off_curve = *public.uncompressed();
    off_curve[64] ^= 1;
    assert_eq!(PublicKey::from_uncompressed(&off_curve), Err(HybridError::InvalidPublicKey));
    assert!(ecdh(&pair.secret, &off_curve).is_none());
}

#[test]
fn both_sides_share_a_secret() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let (a, b) = (KeyPair::generate(rng).unwrap(), KeyPair::generate(rng).unwrap());
    assert_ne!(a.public(), b.public());
    assert_eq!(a.diffie_hellman(b.public()), b.diffie_hellman(a.public()));
}
