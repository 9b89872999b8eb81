use p256::ecdsa::signature::Signer as _;

use super::*;

const RP_ID: &str = "login.example.com";
const CHALLENGE: [u8; 32] = [9; 32];

/// A passkey that signs what a test wants.
enum Passkey {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
}

impl Passkey {
    fn es256() -> Self {
        Passkey::Es256(p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap())
    }

    fn ed_dsa() -> Self {
        Passkey::EdDsa(ed25519_dalek::SigningKey::from_bytes(&[4; 32]))
    }

    fn known(&self, sign_count: u32) -> KnownPasskey {
        let public_key = match self {
            Passkey::Es256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                let (x, y) = (point.x().unwrap(), point.y().unwrap());
                PublicKey::Es256 { x: (*x).into(), y: (*y).into() }
            }
            Passkey::EdDsa(key) => PublicKey::EdDsa { x: key.verifying_key().to_bytes() },
        };
        KnownPasskey {
            credential_id: vec![1; 16],
            public_key: public_key.to_cose(),
            rp_id: RP_ID.to_owned(),
            sign_count,
        }
    }

    fn sign(&self, data: &AuthenticatorData, client_data_json: &str) -> Proof {
        let authenticator_data = data.encode();
        let signed = [&authenticator_data[..], &Sha256::digest(client_data_json)].concat();
        let signature = match self {
            Passkey::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(&signed);
                signature.to_der().as_bytes().to_vec()
            }
            Passkey::EdDsa(key) => key.sign(&signed).to_bytes().to_vec(),
        };
        Proof {
            credential_id: vec![1; 16],
            authenticator_data,
            client_data_json: client_data_json.as_bytes().to_vec(),
            signature,
            offline_held: None,
        }
    }
}

fn data(sign_count: u32) -> AuthenticatorData {
    AuthenticatorData {
        rp_id_hash: Sha256::digest(RP_ID).into(),
        flags: Flags(Flags::UP.0 | Flags::UV.0),
        sign_count,
        attested_credential: None,
        cred_protect: None,
    }
}

fn client_data(kind: &str, challenge: &[u8], origin: &str, more: &str) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#)
}

fn right() -> String {
    client_data("webauthn.get", &CHALLENGE, "https://login.example.com", r#","crossOrigin":false"#)
}

#[test]
fn a_right_proof_gives_the_new_counter() {
    for passkey in [Passkey::es256(), Passkey::ed_dsa()] {
        let proof = passkey.sign(&data(6), &right());
        assert_eq!(verify(&proof, &passkey.known(5), &CHALLENGE), Ok(6));
        // Members that later versions add are passed over, and crossOrigin may be absent.
        let json = client_data("webauthn.get", &CHALLENGE, "https://login.example.com", r#","x":[1]"#);
        assert_eq!(verify(&passkey.sign(&data(6), &json), &passkey.known(5), &CHALLENGE), Ok(6));
    }
}

#[test]
fn the_counter_grows_or_is_always_zero() {
    let passkey = Passkey::es256();
    let check = |sent, known| verify(&passkey.sign(&data(sent), &right()), &passkey.known(known), &CHALLENGE);
    assert_eq!(check(0, 0), Ok(0));
    assert_eq!(check(1, 0), Ok(1));
    for (sent, known) in [(5, 5), (4, 5), (0, 5)] {
        assert_eq!(check(sent, known), Err(ProofError::CounterWentBack), "{sent} after {known}");
    }
}

/// Each proof is signed properly: only what the test names is wrong.
#[test]
fn each_wrong_field_has_its_own_error() {
    const ORIGIN: &str = "https://login.example.com";
    let passkey = Passkey::es256();
    let verdict = |data: &AuthenticatorData, json: &str| {
        verify(&passkey.sign(data, json), &passkey.known(5), &CHALLENGE).unwrap_err()
    };
    for (json, error) in [
        (client_data("webauthn.create", &CHALLENGE, ORIGIN, ""), ProofError::WrongType),
        (client_data("webauthn.get", &[8; 32], ORIGIN, ""), ProofError::WrongChallenge),
        (client_data("webauthn.get", &CHALLENGE[..31], ORIGIN, ""), ProofError::WrongChallenge),
        (client_data("webauthn.get", &CHALLENGE, "https://example.com", ""), ProofError::WrongOrigin),
        (client_data("webauthn.get", &CHALLENGE, "http://login.example.com", ""), ProofError::WrongOrigin),
        (
            client_data("webauthn.get", &CHALLENGE, "https://login.example.com:8443", ""),
            ProofError::WrongOrigin,
        ),
        (client_data("webauthn.get", &CHALLENGE, ORIGIN, r#","crossOrigin":true"#), ProofError::WrongOrigin),
        (
            client_data("webauthn.get", &CHALLENGE, ORIGIN, r#","origin":"https://login.example.com""#),
            ProofError::Malformed,
        ),
        ("{}".to_owned(), ProofError::Malformed),
        (String::new(), ProofError::Malformed),
    ] {
        assert_eq!(verdict(&data(6), &json), error, "{json}");
    }
    let with_flags = |flags| AuthenticatorData { flags: Flags(flags), ..data(6) };
    assert_eq!(verdict(&with_flags(Flags::UV.0), &right()), ProofError::NotPresent);
    assert_eq!(verdict(&with_flags(Flags::UP.0), &right()), ProofError::NotVerified);
    assert_eq!(
        verdict(&with_flags(Flags::UP.0 | Flags::UV.0 | Flags::BS.0), &right()),
        ProofError::Malformed
    );
    let other_rp = AuthenticatorData { rp_id_hash: Sha256::digest("example.com").into(), ..data(6) };
    assert_eq!(verdict(&other_rp, &right()), ProofError::WrongRpId);
}

#[test]
fn another_passkey_key_or_signature_is_refused() {
    for (passkey, other) in [(Passkey::es256(), Passkey::ed_dsa()), (Passkey::ed_dsa(), Passkey::es256())] {
        let proof = passkey.sign(&data(6), &right());
        let known = passkey.known(5);
        let other_id = KnownPasskey { credential_id: vec![2; 16], ..known.clone() };
        assert_eq!(verify(&proof, &other_id, &CHALLENGE), Err(ProofError::OtherPasskey));
        assert_eq!(verify(&proof, &other.known(5), &CHALLENGE), Err(ProofError::BadSignature));
        let no_key = KnownPasskey { public_key: vec![0xA0], ..known.clone() };
        assert_eq!(verify(&proof, &no_key, &CHALLENGE), Err(ProofError::UnusableKey));
        for at in 0..proof.signature.len() {
            let mut changed = proof.clone();
            changed.signature[at] ^= 1;
            assert_eq!(verify(&changed, &known, &CHALLENGE), Err(ProofError::BadSignature), "byte {at}");
        }
    }
}

/// Whatever byte of what was signed is changed, the proof is refused.
#[test]
fn every_changed_byte_is_refused() {
    let passkey = Passkey::es256();
    let (proof, known) = (passkey.sign(&data(6), &right()), passkey.known(5));
    for at in 0..proof.authenticator_data.len() {
        let mut changed = proof.clone();
        changed.authenticator_data[at] ^= 1;
        assert!(verify(&changed, &known, &CHALLENGE).is_err(), "authenticator data, byte {at}");
    }
    for at in 0..proof.client_data_json.len() {
        let mut changed = proof.clone();
        changed.client_data_json[at] ^= 1;
        assert!(verify(&changed, &known, &CHALLENGE).is_err(), "client data, byte {at}");
    }
}

#[test]
fn the_phone_is_told_what_its_owner_needs() {
    assert_eq!(ProofError::CounterWentBack.reason(), Reason::Counter);
    assert_eq!(ProofError::OtherPasskey.reason(), Reason::NotPaired);
    assert_eq!(ProofError::WrongChallenge.reason(), Reason::NotVerified);
}
