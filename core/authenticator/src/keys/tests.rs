use p256::ecdsa::signature::Verifier as _;

use super::*;

fn hex<const N: usize>(text: &str) -> [u8; N] {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|b| !b.is_ascii_whitespace())
        .map(|b| char::from(b).to_digit(16).unwrap() as u8)
        .collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().unwrap()
}

fn key(algorithm: Algorithm, secret: &str) -> SoftwareKey {
    SoftwareKey::unseal(algorithm, Zeroizing::new(hex(secret))).unwrap()
}

/// Counts up, so that keys differ.
struct Counting(core::sync::atomic::AtomicU8);

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, core::sync::atomic::Ordering::Relaxed));
    }
}

/// RFC 6979 appendix A.2.5.
const RFC6979_KEY: &str = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";

#[test]
fn es256_public_key_is_that_of_rfc_6979() {
    assert_eq!(
        key(Algorithm::ES256, RFC6979_KEY).public_key(),
        PublicKey::Es256 {
            x: hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
            y: hex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"),
        }
    );
}

#[test]
fn es256_signs_the_vectors_of_rfc_6979_as_der() {
    let vectors = [
        (
            "sample",
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
            "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        ),
        (
            "test",
            "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
            "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
        ),
    ];
    for (message, r, s) in vectors {
        let signature = key(Algorithm::ES256, RFC6979_KEY).sign(message.as_bytes());
        let integer = |value: [u8; 32]| {
            let mut der = vec![0x02];
            if value[0] & 0x80 == 0 {
                der.push(32);
            } else {
                der.extend([33, 0]);
            }
            der.extend(value);
            der
        };
        let body = [integer(hex(r)), integer(hex(s))].concat();
        let expected = [vec![0x30, body.len() as u8], body].concat();
        assert_eq!(signature, expected, "{message}");
    }
}

#[test]
fn eddsa_signs_the_vectors_of_rfc_8032() {
    let vectors: [(&str, &str, &[u8], &str); 3] = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            &[],
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b\
             d25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            &[0x72],
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c\
             387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            &[0xaf, 0x82],
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659\
             4a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    for (seed, public, message, signature) in vectors {
        let key = key(Algorithm::EDDSA, seed);
        assert_eq!(key.public_key(), PublicKey::EdDsa { x: hex(public) });
        assert_eq!(key.sign(message), hex::<64>(signature));
    }
}

#[test]
fn a_generated_key_survives_its_store() {
    let rng = Counting(1.into());
    for algorithm in SoftwareKey::ALGORITHMS {
        let key = SoftwareKey::generate(algorithm, &rng).unwrap();
        let sealed = key.seal(|secret| *secret);
        let again = SoftwareKey::unseal(algorithm, Zeroizing::new(sealed)).unwrap();
        assert_eq!(again.algorithm(), algorithm);
        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(again.sign(b"message"), key.sign(b"message"));
    }
}

#[test]
fn generated_keys_sign_what_their_public_half_verifies() {
    let rng = Counting(1.into());
    for _ in 0..20 {
        let key = SoftwareKey::generate(Algorithm::ES256, &rng).unwrap();
        let PublicKey::Es256 { x, y } = key.public_key() else { panic!() };
        let point = p256::EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
        let verifier = p256::ecdsa::VerifyingKey::from_encoded_point(&point).unwrap();
        let signature = p256::ecdsa::Signature::from_der(&key.sign(b"message")).unwrap();
        verifier.verify(b"message", &signature).unwrap();
        assert!(verifier.verify(b"another", &signature).is_err());
    }
}

#[test]
fn generation_draws_again_after_an_invalid_scalar() {
    // The first draw is all zero, the second all 0x01.
    let key = SoftwareKey::generate(Algorithm::ES256, &Counting(0.into())).unwrap();
    key.seal(|secret| assert_eq!(secret, &[1; 32]));
}

#[test]
fn invalid_scalars_and_unknown_algorithms_are_refused() {
    let order = hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    for secret in [[0; 32], order, [0xFF; 32]] {
        assert_eq!(SoftwareKey::unseal(Algorithm::ES256, Zeroizing::new(secret)).unwrap_err(), InvalidKey);
    }
    assert!(SoftwareKey::unseal(Algorithm(-257), Zeroizing::new([1; 32])).is_err());
    assert!(SoftwareKey::generate(Algorithm(-257), &Counting(1.into())).is_none());
}

#[test]
fn debug_output_shows_no_key() {
    for algorithm in SoftwareKey::ALGORITHMS {
        let key = SoftwareKey::generate(algorithm, &Counting(0xAB.into())).unwrap();
        assert_eq!(format!("{key:?}"), format!("SoftwareKey({algorithm:?}, redacted)"));
    }
}
