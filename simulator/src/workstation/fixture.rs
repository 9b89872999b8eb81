//! A phone's passkey, for tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_ctap::{AuthenticatorData, Flags, PublicKey};
use latchkey_unlock::{KnownPasskey, Proof};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};

const RP_ID: &str = "login.example.com";

/// A passkey that signs whatever a test wants.
pub(super) struct Passkey(SigningKey);

impl Passkey {
    pub(super) fn new() -> Self {
        Passkey(SigningKey::from_slice(&[3; 32]).unwrap())
    }

    pub(super) fn known(&self) -> KnownPasskey {
        let point = self.0.verifying_key().to_encoded_point(false);
        let (x, y) = (point.x().unwrap(), point.y().unwrap());
        KnownPasskey {
            credential_id: vec![1; 16],
            public_key: PublicKey::Es256 { x: (*x).into(), y: (*y).into() }.to_cose(),
            rp_id: RP_ID.to_owned(),
            sign_count: 0,
        }
    }

    pub(super) fn prove(&self, sign_count: u32, challenge: &[u8; 32]) -> Proof {
        let authenticator_data = AuthenticatorData {
            rp_id_hash: Sha256::digest(RP_ID).into(),
            flags: Flags(Flags::UP.0 | Flags::UV.0),
            sign_count,
            attested_credential: None,
            cred_protect: None,
        }
        .encode();
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let client_data_json =
            format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://{RP_ID}"}}"#)
                .into_bytes();
        let signed = [&authenticator_data[..], &Sha256::digest(&client_data_json)].concat();
        let signature: Signature = self.0.sign(&signed);
        Proof {
            credential_id: vec![1; 16],
            authenticator_data,
            client_data_json,
            signature: signature.to_der().as_bytes().to_vec(),
            offline_held: None,
        }
    }
}
