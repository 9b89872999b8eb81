//! A relying party: makes challenges and verifies what comes back (WebAuthn Level 3 section 7).

use std::collections::HashMap;

use latchkey_ctap::{AttestationStatement, AuthenticatorData, Flags, MakeCredentialResponse, PublicKey};
use rand_core::{OsRng, RngCore};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::json::{AuthenticationResponse, Base64Url, ClientData, RegistrationResponse};

/// Why a response is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A part of the response cannot be read.
    #[error("the response is malformed")]
    Malformed,
    /// Client data of another ceremony.
    #[error("the client data is of another type")]
    WrongType,
    /// The challenge is not the one that was given out.
    #[error("the challenge does not match")]
    WrongChallenge,
    /// The page that collected the response is not this relying party's.
    #[error("the origin does not match")]
    WrongOrigin,
    /// Authenticator data for another RP ID.
    #[error("the RP ID hash does not match")]
    WrongRpId,
    /// The user was not present or not verified.
    #[error("the user was not verified")]
    NotVerified,
    /// Backup flags that contradict each other or the registration.
    #[error("the backup flags are inconsistent")]
    BackupFlags,
    /// A credential that is not registered.
    #[error("the credential is unknown")]
    UnknownCredential,
    /// The user handle belongs to someone else.
    #[error("the user handle does not match")]
    WrongUser,
    /// The signature does not verify.
    #[error("the signature does not verify")]
    BadSignature,
    /// The signature counter did not grow.
    #[error("the signature counter went back")]
    CounterWentBack,
}

/// A credential as its relying party knows it.
#[derive(Clone, Debug)]
pub struct Known {
    /// The user handle of its account.
    pub user_handle: Vec<u8>,
    /// Its public key.
    pub public_key: PublicKey,
    /// Its signature counter when it was last used.
    pub sign_count: u32,
    /// Whether it may be backed up; never changes.
    pub backup_eligible: bool,
}

/// What identifies a relying party: enough to verify what was made for it.
#[derive(Clone, Debug)]
pub struct Verifier {
    /// RP ID.
    pub id: String,
    /// The one origin that its pages have.
    pub origin: String,
}

/// A relying party with one origin, and its users' credentials in memory.
pub struct RelyingParty {
    verifier: Verifier,
    credentials: HashMap<Vec<u8>, Known>,
}

/// A challenge: 32 random bytes.
#[must_use]
pub fn challenge() -> Vec<u8> {
    let mut challenge = vec![0; 32];
    OsRng.fill_bytes(&mut challenge);
    challenge
}

impl RelyingParty {
    /// A relying party without users.
    #[must_use]
    pub fn new(id: &str, origin: &str) -> Self {
        let verifier = Verifier { id: id.to_owned(), origin: origin.to_owned() };
        RelyingParty { verifier, credentials: HashMap::new() }
    }

    /// Verifies a registration (section 7.1) and remembers the credential. Returns what was
    /// verified, for people to read.
    ///
    /// # Errors
    /// [`Refusal`]; nothing is remembered then.
    pub fn register(
        &mut self,
        user_handle: &[u8],
        challenge: &[u8],
        response: &RegistrationResponse,
    ) -> Result<Vec<&'static str>, Refusal> {
        let (credential_id, known, attestation) =
            self.verifier.registration(user_handle, challenge, response)?;
        self.credentials.insert(credential_id, known);
        Ok(vec!["challenge", "origin", "RP ID", "user verified", "backup flags", attestation])
    }

    /// Verifies an assertion (section 7.2). Returns what was verified, for people to read.
    ///
    /// # Errors
    /// [`Refusal`]; the stored counter does not change then.
    pub fn authenticate(
        &mut self,
        challenge: &[u8],
        response: &AuthenticationResponse,
    ) -> Result<Vec<&'static str>, Refusal> {
        let known = self.credentials.get_mut(&response.raw_id.0).ok_or(Refusal::UnknownCredential)?;
        known.sign_count = self.verifier.assertion(known, challenge, response)?;
        Ok(vec!["challenge", "origin", "RP ID", "user verified", "user handle", "signature", "counter"])
    }
}

impl Verifier {
    /// Verifies a registration (section 7.1). Returns the credential's ID, the credential, and how it
    /// was attested, for people to read.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn registration(
        &self,
        user_handle: &[u8],
        challenge: &[u8],
        response: &RegistrationResponse,
    ) -> Result<(Vec<u8>, Known, &'static str), Refusal> {
        let client_data_json = &response.response.client_data_json.0;
        self.check_client_data(client_data_json, "webauthn.create", challenge)?;
        let object = MakeCredentialResponse::from_attestation_object(&response.response.attestation_object.0)
            .map_err(|_| Refusal::Malformed)?;
        let data = AuthenticatorData::decode(&object.auth_data).map_err(|_| Refusal::Malformed)?;
        self.check_authenticator_data(&data)?;
        let attested = data.attested_credential.ok_or(Refusal::Malformed)?;
        if attested.credential_id != response.raw_id.0 {
            return Err(Refusal::Malformed);
        }
        let attestation = match &object.attestation {
            AttestationStatement::None => "attestation none",
            AttestationStatement::PackedSelf { algorithm, signature } => {
                if *algorithm != attested.public_key.algorithm() {
                    return Err(Refusal::BadSignature);
                }
                verify(&attested.public_key, &object.auth_data, client_data_json, signature)?;
                "self attestation signature"
            }
            _ => return Err(Refusal::Malformed),
        };
        let known = Known {
            user_handle: user_handle.to_vec(),
            public_key: attested.public_key,
            sign_count: data.sign_count,
            backup_eligible: data.flags.contains(Flags::BE),
        };
        Ok((attested.credential_id, known, attestation))
    }

    /// Verifies an assertion with a known credential (section 7.2). Returns the counter to store.
    ///
    /// # Errors
    /// [`Refusal`]
    pub fn assertion(
        &self,
        known: &Known,
        challenge: &[u8],
        response: &AuthenticationResponse,
    ) -> Result<u32, Refusal> {
        let client_data_json = &response.response.client_data_json.0;
        self.check_client_data(client_data_json, "webauthn.get", challenge)?;
        let bytes = &response.response.authenticator_data.0;
        let data = AuthenticatorData::decode(bytes).map_err(|_| Refusal::Malformed)?;
        self.check_authenticator_data(&data)?;
        if let Some(Base64Url(handle)) = &response.response.user_handle
            && *handle != known.user_handle
        {
            return Err(Refusal::WrongUser);
        }
        if data.flags.contains(Flags::BE) != known.backup_eligible {
            return Err(Refusal::BackupFlags);
        }
        verify(&known.public_key, bytes, client_data_json, &response.response.signature.0)?;
        if (data.sign_count != 0 || known.sign_count != 0) && data.sign_count <= known.sign_count {
            return Err(Refusal::CounterWentBack);
        }
        Ok(data.sign_count)
    }

    fn check_client_data(&self, json: &[u8], kind: &str, challenge: &[u8]) -> Result<(), Refusal> {
        let data: ClientData = serde_json::from_slice(json).map_err(|_| Refusal::Malformed)?;
        if data.kind != kind {
            return Err(Refusal::WrongType);
        }
        if data.challenge.0 != challenge {
            return Err(Refusal::WrongChallenge);
        }
        if data.origin != self.origin || data.cross_origin {
            return Err(Refusal::WrongOrigin);
        }
        Ok(())
    }

    fn check_authenticator_data(&self, data: &AuthenticatorData) -> Result<(), Refusal> {
        if data.rp_id_hash != <[u8; 32]>::from(Sha256::digest(&self.id)) {
            return Err(Refusal::WrongRpId);
        }
        if !data.flags.contains(Flags::UP) || !data.flags.contains(Flags::UV) {
            return Err(Refusal::NotVerified);
        }
        if data.flags.contains(Flags::BS) && !data.flags.contains(Flags::BE) {
            return Err(Refusal::BackupFlags);
        }
        Ok(())
    }
}

/// Verifies a signature over authenticator data and the hash of the client data.
fn verify(
    key: &PublicKey,
    auth_data: &[u8],
    client_data_json: &[u8],
    signature: &[u8],
) -> Result<(), Refusal> {
    let message = [auth_data, &Sha256::digest(client_data_json)[..]].concat();
    match key {
        PublicKey::Es256 { x, y } => {
            use p256::ecdsa::signature::Verifier;
            let point = p256::EncodedPoint::from_affine_coordinates(x.into(), y.into(), false);
            let key =
                p256::ecdsa::VerifyingKey::from_encoded_point(&point).map_err(|_| Refusal::Malformed)?;
            let signature = p256::ecdsa::Signature::from_der(signature).map_err(|_| Refusal::BadSignature)?;
            key.verify(&message, &signature).map_err(|_| Refusal::BadSignature)
        }
        PublicKey::EdDsa { x } => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(x).map_err(|_| Refusal::Malformed)?;
            let signature =
                ed25519_dalek::Signature::from_slice(signature).map_err(|_| Refusal::BadSignature)?;
            key.verify_strict(&message, &signature).map_err(|_| Refusal::BadSignature)
        }
    }
}

#[cfg(test)]
mod tests;
