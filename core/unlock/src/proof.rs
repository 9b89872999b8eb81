//! Checking a proof: the verification of an assertion (WebAuthn Level 3 section 7.2) where the relying
//! party is a workstation and the challenge is the channel.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_ctap::{AuthenticatorData, Flags, PublicKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::message::{Proof, Reason};

/// A passkey as the workstation knows it since the pairing.
#[derive(Clone, PartialEq, Eq)]
pub struct KnownPasskey {
    /// Credential ID.
    pub credential_id: Vec<u8>,
    /// COSE key.
    pub public_key: Vec<u8>,
    /// RP ID.
    pub rp_id: String,
    /// The counter of the last proof that verified.
    pub sign_count: u32,
}

/// Why a proof does not unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProofError {
    /// It was made with another passkey than the pairing's.
    #[error("a proof of another passkey")]
    OtherPasskey,
    /// Client data or authenticator data cannot be read.
    #[error("the proof is malformed")]
    Malformed,
    /// The client data is not that of an assertion.
    #[error("the client data is of another type")]
    WrongType,
    /// The challenge is that of another channel or machine.
    #[error("a proof for another channel")]
    WrongChallenge,
    /// The origin is not the RP ID's, or a frame of another origin asked.
    #[error("a proof for another origin")]
    WrongOrigin,
    /// Authenticator data for another RP ID.
    #[error("a proof for another RP ID")]
    WrongRpId,
    /// Nobody was there.
    #[error("the user was not present")]
    NotPresent,
    /// The phone did not verify its user.
    #[error("the user was not verified")]
    NotVerified,
    /// The stored public key is not one that can be computed with.
    #[error("the stored public key is not usable")]
    UnusableKey,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    BadSignature,
    /// The counter did not grow: the passkey may have been copied.
    #[error("the signature counter went back")]
    CounterWentBack,
}

impl ProofError {
    /// What the phone is told: no more than it needs to tell its owner.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            ProofError::CounterWentBack => Reason::Counter,
            ProofError::OtherPasskey => Reason::NotPaired,
            ProofError::UnusableKey => Reason::Unavailable,
            _ => Reason::NotVerified,
        }
    }
}

/// Checks `proof` against the challenge of the channel that it came through, and returns the passkey's new
/// counter, to be stored before anything is unlocked.
///
/// # Errors
/// [`ProofError`]
pub fn verify(proof: &Proof, known: &KnownPasskey, challenge: &[u8; 32]) -> Result<u32, ProofError> {
    // Step 5: the passkey is the one that was asked for.
    if proof.credential_id != known.credential_id {
        return Err(ProofError::OtherPasskey);
    }
    // Steps 9 to 14: client data.
    let client_data: ClientData =
        serde_json::from_slice(&proof.client_data_json).map_err(|_| ProofError::Malformed)?;
    if client_data.kind != "webauthn.get" {
        return Err(ProofError::WrongType);
    }
    if client_data.challenge != URL_SAFE_NO_PAD.encode(challenge) {
        return Err(ProofError::WrongChallenge);
    }
    if client_data.origin.strip_prefix("https://") != Some(&known.rp_id) || client_data.cross_origin {
        return Err(ProofError::WrongOrigin);
    }
    // Steps 15 to 18: authenticator data. Decoding refuses BS without BE.
    let data = AuthenticatorData::decode(&proof.authenticator_data).map_err(|_| ProofError::Malformed)?;
    if data.rp_id_hash != <[u8; 32]>::from(Sha256::digest(&known.rp_id)) {
        return Err(ProofError::WrongRpId);
    }
    if !data.flags.contains(Flags::UP) {
        return Err(ProofError::NotPresent);
    }
    if !data.flags.contains(Flags::UV) {
        return Err(ProofError::NotVerified);
    }
    // Steps 20 and 21: the signature.
    let signed = [&proof.authenticator_data[..], &Sha256::digest(&proof.client_data_json)].concat();
    verify_signature(&known.public_key, &signed, &proof.signature)?;
    // Step 22: the counter, of which zero on both sides means that there is none.
    if (data.sign_count != 0 || known.sign_count != 0) && data.sign_count <= known.sign_count {
        return Err(ProofError::CounterWentBack);
    }
    Ok(data.sign_count)
}

/// WebAuthn Level 3 section 5.8.1. Members that are not named here may follow in later versions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

fn verify_signature(cose: &[u8], signed: &[u8], signature: &[u8]) -> Result<(), ProofError> {
    match PublicKey::from_cose(cose).map_err(|_| ProofError::UnusableKey)? {
        PublicKey::Es256 { x, y } => {
            use p256::ecdsa::signature::Verifier as _;
            let point = p256::EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
            let key =
                p256::ecdsa::VerifyingKey::from_encoded_point(&point).map_err(|_| ProofError::UnusableKey)?;
            let signature =
                p256::ecdsa::Signature::from_der(signature).map_err(|_| ProofError::BadSignature)?;
            key.verify(signed, &signature).map_err(|_| ProofError::BadSignature)
        }
        PublicKey::EdDsa { x } => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(&x).map_err(|_| ProofError::UnusableKey)?;
            let signature =
                ed25519_dalek::Signature::from_slice(signature).map_err(|_| ProofError::BadSignature)?;
            key.verify_strict(signed, &signature).map_err(|_| ProofError::BadSignature)
        }
    }
}

impl core::fmt::Debug for KnownPasskey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KnownPasskey(redacted)")
    }
}

#[cfg(test)]
mod tests;
