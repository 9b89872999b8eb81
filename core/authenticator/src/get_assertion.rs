//! authenticatorGetAssertion (CTAP 2.3 section 6.2). Step numbers are those of section 6.2.2.

use core::cmp::Reverse;

use latchkey_ctap::{
    AuthenticatorData, CredProtect, Flags, GetAssertionRequest, GetAssertionResponse, Status, User,
};
use sha2_sign::{Digest as _, Sha256};

use crate::authenticator::{Authenticator, LastUse, lock};
use crate::cancel::Cancel;
use crate::credential::{Credential, CredentialId};
use crate::policy::Profile;
use crate::ports::{Account, Consent, PromptKind, StoreError};
use crate::prf;

/// The credentials that a request may use.
#[derive(Default)]
struct Applicable {
    /// The suggestion first.
    credentials: Vec<Credential>,
    /// One that the allow list names can no longer be read.
    damaged: bool,
}

impl Authenticator {
    /// Signs in with a credential that the person agrees to.
    ///
    /// * The person is verified whenever the device can, asked for or not; on a device that cannot,
    ///   presence is enough unless the request says `uv: true`.
    /// * With several accounts the person chooses in the same prompt, so `numberOfCredentials` is
    ///   never sent. The answer carries the user handle and nothing else of the account: a client
    ///   that gets a name as well may ask once more.
    /// * `prf`: its outputs are there if the person was verified, there are salts for this credential
    ///   and it has a secret; there is no error otherwise.
    /// * `up: false` signs silently: no prompt, neither UP nor UV, the first credential. The operating
    ///   system on this device may ask for it; over hybrid it would tell another machine where the
    ///   person has passkeys.
    /// * A hidden credential is used only if the allow list names it. It stays hidden: also this device
    ///   puts IDs into an allow list, so that a use says nothing of the relying party.
    /// * A signature counter is on disk before the signature leaves. Call
    ///   [`Authenticator::settle`] after the answer was sent, so that lists show the use.
    ///
    /// # Errors
    /// * [`Status::PIN_NOT_SET`]: the answer to a bare touch, after it;
    /// * [`Status::MISSING_PARAMETER`]: `pinUvAuthParam` without protocol;
    ///   [`Status::INVALID_PARAMETER`]: with one (none is supported);
    /// * [`Status::INVALID_OPTION`]: `uv: true` where nobody can be verified, or together with
    ///   `up: false`;
    /// * [`Status::UNSUPPORTED_OPTION`]: `rk`; `up: false` over hybrid;
    /// * [`Status::LIMIT_EXCEEDED`]: the allow list;
    /// * [`Status::NO_CREDENTIALS`], [`Status::INTEGRITY_FAILURE`]: only after a gesture;
    /// * [`Status::OPERATION_DENIED`], [`Status::USER_ACTION_TIMEOUT`], [`Status::UV_BLOCKED`],
    ///   [`Status::PUAT_REQUIRED`]: what became of the prompt;
    /// * [`Status::CHANNEL_BUSY`], [`Status::KEEPALIVE_CANCEL`], [`Status::OTHER`].
    pub async fn get_assertion(
        &self,
        profile: Profile,
        request: &GetAssertionRequest,
        cancel: &Cancel,
    ) -> Result<GetAssertionResponse, Status> {
        let ceremony = self.begin(cancel)?;

        // Steps 1 and 2.
        ceremony
            .refuse_pin_uv_auth(request.pin_uv_auth_param.as_deref(), request.pin_uv_auth_protocol)
            .await?;

        // Steps 3 to 5: UP and UV come from the prompt alone; it verifies whenever it can.
        let verify = ceremony.verifies(request.options.uv)?;
        if request.options.rk.is_some() {
            return Err(Status::UNSUPPORTED_OPTION);
        }
        let silent = request.options.up == Some(false);
        if silent && profile == Profile::Hybrid {
            return Err(Status::UNSUPPORTED_OPTION);
        }
        if silent && request.options.uv == Some(true) {
            return Err(Status::INVALID_OPTION);
        }
        if request.allow_list.as_ref().is_some_and(|list| list.len() > self.policy.max_credentials_in_list) {
            return Err(Status::LIMIT_EXCEEDED);
        }

        // Step 7. What is found is not told before the person has made a gesture, the same one in
        // either case.
        let applicable = self.locate(request, verify && !silent)?;
        if applicable.credentials.is_empty() {
            if !silent {
                let rp_id = Some(request.rp_id.clone());
                ceremony.ask(PromptKind::Presence { rp_id }, verify).await?;
            }
            let damaged = applicable.damaged;
            return Err(if damaged { Status::INTEGRITY_FAILURE } else { Status::NO_CREDENTIALS });
        }

        // Steps 6, 8, 9, 11 and 12: verification, consent and choice in one prompt.
        let several = applicable.credentials.len() > 1;
        let consent = if silent {
            Consent::default()
        } else {
            let accounts = applicable.credentials.iter().map(account).collect();
            let prompt = PromptKind::SignIn { rp_id: request.rp_id.clone(), accounts };
            ceremony.ask(prompt, verify).await?
        };
        let credential = applicable.credentials.into_iter().nth(consent.account).ok_or(Status::OTHER)?;

        // Step 13. A counter that was advanced for a signature that then failed leaves a gap, which
        // is harmless; the same value twice would not be.
        let sign_count = match credential.sign_count {
            Some(_) => self.ports.store.advance_counter(&request.rp_id, &credential.id)?,
            None => 0,
        };
        let auth_data = AuthenticatorData {
            rp_id_hash: Sha256::digest(&request.rp_id).into(),
            flags: credential.flags().with(Flags::UP, !silent).with(Flags::UV, consent.verified),
            sign_count,
            attested_credential: None,
            cred_protect: None,
        }
        .encode();
        let signature = ceremony.sign(&credential.key, &auth_data, &request.client_data_hash).await?;
        let salts = request.prf.as_ref().and_then(|input| input.salts(&credential.id.0));
        let prf = prf::results(credential.prf_secret.as_ref(), salts, &consent);
        *lock(&self.last_use) =
            Some(LastUse { id: credential.id.clone(), at: self.ports.clock.unix_seconds() });
        Ok(GetAssertionResponse {
            credential_id: credential.id.0,
            auth_data,
            signature,
            user: Some(User { id: credential.user.id, name: None, display_name: None }),
            number_of_credentials: None,
            // Not allowed in the answer to an allow list (CTAP 2.3 section 6.2).
            user_selected: several && !silent && request.allow_list.is_none(),
            prf,
        })
    }

    /// Step 7: the credentials that the request may use when the person is verified or not. With an
    /// allow list the most recently used first, else the newest.
    fn locate(&self, request: &GetAssertionRequest, verified: bool) -> Result<Applicable, StoreError> {
        let store = &self.ports.store;
        let mut found = Applicable::default();
        let highest = match (&request.allow_list, verified) {
            (_, true) => CredProtect::UvRequired,
            (Some(_), false) => CredProtect::UvOptionalWithCredentialIdList,
            (None, false) => CredProtect::UvOptional,
        };
        match &request.allow_list {
            None => found.credentials = store.discoverable(&request.rp_id)?,
            Some(list) => {
                for descriptor in list {
                    if found.credentials.iter().any(|credential| credential.id.0 == descriptor.id) {
                        continue;
                    }
                    match store.get(&request.rp_id, &CredentialId(descriptor.id.clone())) {
                        Ok(credential) => found.credentials.extend(credential),
                        Err(StoreError::Damaged) => found.damaged = true,
                        Err(error) => return Err(error),
                    }
                }
                found.credentials.sort_by_key(|c| Reverse((c.last_used_at, c.created_at)));
            }
        }
        found.credentials.retain(|credential| credential.cred_protect <= highest);
        Ok(found)
    }
}

fn account(credential: &Credential) -> Account {
    Account { credential_id: credential.id.0.clone(), user: credential.user.clone() }
}

#[cfg(test)]
mod tests;
