//! authenticatorMakeCredential (CTAP 2.3 section 6.1). Step numbers are those of section 6.1.2.

use latchkey_ctap::{
    Algorithm, AttestationFormat, AttestationStatement, AttestedCredentialData, AuthenticatorData,
    CredProtect, Flags, MakeCredentialRequest, MakeCredentialResponse, PrfRegistrationOutput, PublicKey,
    Status,
};
use sha2_sign::{Digest as _, Sha256};

use crate::authenticator::Authenticator;
use crate::cancel::Cancel;
use crate::ceremony::Ceremony;
use crate::credential::{Credential, CredentialId};
use crate::keys::{CredentialKey, SoftwareKey};
use crate::policy::{Backup, Counter, KeyStorage, Profile};
use crate::ports::{PromptKind, StoreError};
use crate::prf::{self, PrfSecret};

/// Length of a new credential ID, in random bytes.
const CREDENTIAL_ID: usize = 32;

/// RP ID of the request that stands for a bare touch in clients that do not know
/// authenticatorSelection.
const DUMMY_RP_ID: &str = ".dummy";

impl Authenticator {
    /// Makes a credential. It is on disk before this returns, and is not there after an error.
    ///
    /// * The person is verified whenever the device can, asked for or not; on a device that cannot,
    ///   presence is enough unless the request says `uv: true`.
    /// * The credential is discoverable exactly if the request says `rk: true`.
    /// * The attestation format is the first of the client's preference that the policy offers, else
    ///   the policy's first.
    /// * `prf`: its outputs are there if the person was verified; `enabled` always is.
    /// * Both profiles get the same: what differs between operating systems (backup state, attestation)
    ///   is in the policy.
    ///
    /// # Errors
    /// * [`Status::INVALID_PARAMETER`]: a user handle not of 1 to 64 bytes, a `pinUvAuthProtocol`
    ///   (none is supported), enterprise attestation;
    /// * [`Status::PIN_NOT_SET`]: the answer to a bare touch, after it;
    /// * [`Status::MISSING_PARAMETER`]: `pinUvAuthParam` without protocol;
    /// * [`Status::UNSUPPORTED_ALGORITHM`]; [`Status::LIMIT_EXCEEDED`]: the exclude list;
    /// * [`Status::INVALID_OPTION`]: `up: false`, or `uv: true` where nobody can be verified;
    /// * [`Status::CREDENTIAL_EXCLUDED`]: only after a gesture; also where
    ///   [`Policy::replaces`](crate::Policy::replaces) is false and the account has a credential;
    /// * [`Status::OPERATION_DENIED`], [`Status::USER_ACTION_TIMEOUT`], [`Status::UV_BLOCKED`],
    ///   [`Status::PUAT_REQUIRED`]: what became of the prompt;
    /// * [`Status::KEY_STORE_FULL`]: a limit of the policy;
    /// * [`Status::CHANNEL_BUSY`], [`Status::KEEPALIVE_CANCEL`], [`Status::OTHER`].
    pub async fn make_credential(
        &self,
        _profile: Profile,
        request: &MakeCredentialRequest,
        cancel: &Cancel,
    ) -> Result<MakeCredentialResponse, Status> {
        let ceremony = self.begin(cancel)?;
        let outcome = self.register(&ceremony, request).await;
        // The key of the credential that was replaced, or of the one that did not come to be.
        self.delete_unused_keys().await;
        outcome
    }

    async fn register(
        &self,
        ceremony: &Ceremony<'_>,
        request: &MakeCredentialRequest,
    ) -> Result<MakeCredentialResponse, Status> {
        // Step 0, for requests that did not come as CTAP bytes.
        if !(1..=64).contains(&request.user.id.len()) {
            return Err(Status::INVALID_PARAMETER);
        }

        // Steps 1 and 2.
        ceremony
            .refuse_pin_uv_auth(request.pin_uv_auth_param.as_deref(), request.pin_uv_auth_protocol)
            .await?;
        if request.rp.id == DUMMY_RP_ID {
            return Err(ceremony.touch().await);
        }

        // Step 3.
        let algorithm = *request
            .algorithms
            .iter()
            .find(|algorithm| SoftwareKey::ALGORITHMS.contains(algorithm))
            .ok_or(Status::UNSUPPORTED_ALGORITHM)?;

        // Steps 4 to 8, 10: UP and UV come from the prompt alone; it verifies whenever it can.
        let verify = ceremony.verifies(request.options.uv)?;
        if request.options.up == Some(false) {
            return Err(Status::INVALID_OPTION);
        }
        if request.exclude_list.len() > self.policy.max_credentials_in_list {
            return Err(Status::LIMIT_EXCEEDED);
        }

        // Step 9: not capable of enterprise attestation.
        if request.enterprise_attestation.is_some() {
            return Err(Status::INVALID_PARAMETER);
        }

        // Steps 11 and 12. A prompt that verifies is step 11 and has to succeed; one that does not is
        // the gesture of step 12, after which the answer is the same whatever the person said.
        if self.is_excluded(request, verify)? {
            let rp_id = Some(request.rp.id.clone());
            return match ceremony.ask(PromptKind::Presence { rp_id }, verify).await {
                Err(Status::OPERATION_DENIED) if !verify => Err(Status::CREDENTIAL_EXCLUDED),
                Err(status) => Err(status),
                Ok(_) => Err(Status::CREDENTIAL_EXCLUDED),
            };
        }

        // Steps 11, 13 and 14: verification and consent in one prompt.
        let prompt = PromptKind::Register { rp: request.rp.clone(), user: request.user.clone() };
        let consent = ceremony.ask(prompt, verify).await?;

        // Step 18, up to the attestation: what cannot be attested is not stored.
        let (key, public_key) = self.new_key(ceremony, algorithm).await?;
        let mut draft =
            Draft { authenticator: self, credential: self.credential(request, key), stored: false };
        ceremony.check_cancelled()?;
        let credential = &draft.credential;
        let auth_data = AuthenticatorData {
            rp_id_hash: Sha256::digest(&request.rp.id).into(),
            flags: credential.flags().with(Flags::UP, true).with(Flags::UV, consent.verified),
            sign_count: credential.sign_count.unwrap_or(0),
            attested_credential: Some(AttestedCredentialData {
                aaguid: self.policy.aaguid,
                credential_id: credential.id.0.clone(),
                public_key,
            }),
            // Step 15.
            cred_protect: request.cred_protect,
        }
        .encode();
        let attestation = match self.policy.attestation_format(&request.attestation_formats) {
            AttestationFormat::None => AttestationStatement::None,
            AttestationFormat::PackedSelf => AttestationStatement::PackedSelf {
                algorithm,
                signature: ceremony.sign(&credential.key, &auth_data, &request.client_data_hash).await?,
            },
        };

        let prf = request.prf.as_ref().map(|input| PrfRegistrationOutput {
            enabled: true,
            results: prf::results(credential.prf_secret.as_ref(), input.eval.as_ref(), &consent),
        });

        // Steps 16 and 17: the store replaces the credential of the same account and keeps the limits,
        // all in one transaction. From here on nothing can fail.
        let replaced = self.ports.store.insert(credential, &self.policy.insert_limits(&request.rp.id))?;
        draft.stored = true;
        if let Some(replaced) = replaced {
            self.retire(&replaced.key);
        }
        Ok(MakeCredentialResponse { attestation, auth_data, prf })
    }

    /// Whether the exclude list names a credential of this RP ID that may be found. One that is
    /// damaged cannot be used and must not keep its owner from making a new one.
    fn is_excluded(&self, request: &MakeCredentialRequest, verify: bool) -> Result<bool, StoreError> {
        for descriptor in &request.exclude_list {
            match self.ports.store.get(&request.rp.id, &CredentialId(descriptor.id.clone())) {
                Ok(Some(credential)) if verify || credential.cred_protect < CredProtect::UvRequired => {
                    return Ok(true);
                }
                Ok(_) | Err(StoreError::Damaged) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// A new key where the policy wants it, and its public half.
    async fn new_key(
        &self,
        ceremony: &Ceremony<'_>,
        algorithm: Algorithm,
    ) -> Result<(CredentialKey, PublicKey), Status> {
        let hardware_key = match self.policy.key_storage {
            KeyStorage::PreferHardware if algorithm == Algorithm::ES256 => {
                // Hardware takes its time. A key that nobody waits for any more is the port's to delete.
                ceremony.unless_cancelled(self.ports.keys.create_key()).await??
            }
            KeyStorage::PreferHardware | KeyStorage::Software => None,
        };
        if let Some(key) = hardware_key {
            let public_key = key.public_key.clone();
            return Ok((CredentialKey::Hardware(key), public_key));
        }
        let key = SoftwareKey::generate(algorithm, &*self.ports.rng).ok_or(Status::UNSUPPORTED_ALGORITHM)?;
        let public_key = key.public_key();
        Ok((CredentialKey::Software(key), public_key))
    }

    /// The new credential as the policy wants it.
    fn credential(&self, request: &MakeCredentialRequest, key: CredentialKey) -> Credential {
        let mut id = vec![0; CREDENTIAL_ID];
        self.ports.rng.fill(&mut id);
        let synced = self.policy.backup == Backup::Synced;
        // The first value is signed now. It is not zero, because zero tells a relying party that
        // there is no counter.
        let counts = self.policy.counter == Counter::PerCredential && !synced;
        Credential {
            id: CredentialId(id),
            rp_id: request.rp.id.clone(),
            rp_name: request.rp.name.clone(),
            user: request.user.clone(),
            key,
            // Asked for or not: a relying party may ask for it later.
            prf_secret: Some(PrfSecret::generate(&*self.ports.rng)),
            discoverable: request.options.rk == Some(true),
            hidden: false,
            cred_protect: request.cred_protect.unwrap_or_default(),
            sign_count: counts.then_some(1),
            backup_eligible: synced,
            backed_up: synced,
            label: None,
            created_at: self.ports.clock.unix_seconds(),
            last_used_at: None,
        }
    }
}

/// A credential that is not stored yet. If it never is, by an error or because the ceremony's future
/// was dropped, its hardware key is retired.
struct Draft<'a> {
    authenticator: &'a Authenticator,
    credential: Credential,
    stored: bool,
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.stored {
            self.authenticator.retire(&self.credential.key);
        }
    }
}

#[cfg(test)]
mod tests;
