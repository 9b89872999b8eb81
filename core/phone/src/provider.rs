//! The operating system's door to the authenticator: iOS hands over a parsed request and a client data
//! hash ([`Provider::register`], [`Provider::sign_in`]), Android a request in WebAuthn's JSON and the
//! calling app ([`Provider::create_json`], [`Provider::get_json`]).
//!
//! Both lead to the same two ceremonies. The person is verified in each that has an interface, whatever
//! the relying party asked for; on a phone that cannot verify anybody no passkey is made or used.
//!
//! Where nothing may be shown, iOS has [`Provider::sign_in_quietly`], and both systems a registration that
//! is [`Registration::conditional`]. The answer says truthfully whether the person was verified. What
//! needs more than that is refused with [`GateError::Unavailable`], which becomes `provider.locked`: of a
//! sign-in iOS calls again with an interface then. Of a registration it tells nothing that is on this phone.
//!
//! A third door is silent: what relying parties signal about the passkeys that they know
//! ([`Provider::signal_unknown`] and its like, [`Provider::signal_json`]).

mod android;
mod asset_links;
mod caller;
mod error;
mod options;
mod quiet_gate;
mod quiet_sign_in;
mod signals;

use std::sync::Arc;

use latchkey_authenticator::policy::{Backup, Counter};
use latchkey_authenticator::ports::{CredentialStore, GateError, StoreError, UserGate, UserVerification};
use latchkey_authenticator::{Authenticator, Cancel, CredentialId, CredentialSummary, Policy, Profile};
use latchkey_ctap::get_assertion::GetAssertionOptions;
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{
    Algorithm, AttestationFormat, AuthenticatorData, CredentialDescriptor, GetAssertionRequest,
    GetAssertionResponse, MakeCredentialRequest, MakeCredentialResponse, PrfAssertion, PrfRegistration,
    RelyingParty, Status, User,
};

pub use asset_links::asset_links_url;
pub use caller::{Caller, CallingApp, TrustedBrowsers};
pub use error::ProviderError;
pub use options::MAX_REQUEST;
pub use signals::SignalKind;

use crate::error::PhoneError;
use crate::error_id::Phase;
use crate::phone::Phone;
use crate::ports::System;
use quiet_gate::QuietGate;

/// Longest RP ID: the longest domain name.
const MAX_RP_ID: usize = 253;

/// The door of the operating system's passkey provider.
#[derive(Clone, Copy)]
pub struct Provider<'a> {
    phone: &'a Phone,
}

/// What the operating system asks for when a passkey is to be made. Personal data: never logged.
#[derive(Clone)]
pub struct Registration {
    /// SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// The relying party.
    pub rp: RelyingParty,
    /// The account; its user handle has 1 to 64 bytes.
    pub user: User,
    /// Acceptable algorithms, best first.
    pub algorithms: Vec<Algorithm>,
    /// Passkeys of which none may be on this phone.
    pub excluded: Vec<CredentialId>,
    /// Made without asking, right after its owner has signed in to the account in another way
    /// (WebAuthn Level 3 section 5.1.3, conditional mediation). The answer says UP and not UV. Never
    /// replaces a passkey, not even a hidden one, whose owner may want it back.
    ///
    /// Nobody has agreed that the relying party learns what is on this phone (section 6.3.2 step 3): where the
    /// account has a passkey, `excluded` names one or a limit is reached, it is refused with
    /// [`GateError::Unavailable`], like one that requires verification; nobody calls again then.
    pub conditional: bool,
    /// The relying party requires that the person is verified. They always are, unless the registration
    /// is conditional: then nobody can be, and it is refused (section 5.1.3, `ConstraintError`).
    pub verification_required: bool,
    /// `prf`, if asked for. Salts are hashed already. A conditional registration has no outputs.
    pub prf: Option<PrfRegistration>,
}

/// What the operating system asks for when somebody signs in. Tells where somebody has an account:
/// never logged.
#[derive(Clone)]
pub struct SignIn {
    /// SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// RP ID.
    pub rp_id: String,
    /// Acceptable passkeys; none given means any. The one that was chosen in the system's own list
    /// comes alone.
    pub allowed: Vec<CredentialId>,
    /// `prf`, if asked for. Salts are hashed already.
    pub prf: Option<PrfAssertion>,
    /// The relying party discourages verification (WebAuthn Level 3 section 5.8.6). Of account in
    /// [`Provider::sign_in_quietly`] alone: with an interface the person is verified all the same.
    pub verification_discouraged: bool,
}

/// A passkey that was made.
#[derive(Debug)]
pub struct Registered {
    /// Its ID.
    pub id: CredentialId,
    /// Attestation, authenticator data and extension outputs.
    pub response: MakeCredentialResponse,
}

impl SignIn {
    fn command(&self) -> GetAssertionRequest {
        let allowed: Vec<_> = self.allowed.iter().map(descriptor).collect();
        GetAssertionRequest {
            rp_id: self.rp_id.clone(),
            client_data_hash: self.client_data_hash,
            allow_list: (!allowed.is_empty()).then_some(allowed),
            prf: self.prf.clone(),
            options: GetAssertionOptions::default(),
            pin_uv_auth_param: None,
            pin_uv_auth_protocol: None,
        }
    }
}

impl Phone {
    /// The door of the operating system's passkey provider.
    #[must_use]
    pub const fn provider(&self) -> Provider<'_> {
        Provider { phone: self }
    }
}

/// The policy that a system's passkey provider needs. iOS takes a passkey only as synchronised and
/// without attestation; a synchronised passkey has no counter.
#[must_use]
pub fn policy_for(system: System) -> Policy {
    match system {
        System::Ios => Policy {
            backup: Backup::Synced,
            counter: Counter::Zero,
            attestation_formats: vec![AttestationFormat::None],
            ..Policy::default()
        },
        System::Android | System::Other => Policy::default(),
    }
}

impl Provider<'_> {
    /// The passkeys that can sign in to a relying party, the most recently used first: those that
    /// `allowed` names, or if it is empty all discoverable ones that are not hidden. Shows nothing and
    /// asks nobody.
    ///
    /// # Errors
    /// [`ProviderError::Closed`] after [`Phone::close`]: the passkeys are locked until the phone is
    /// opened again; [`ProviderError::ListTooLong`], [`PhoneError::Store`].
    pub fn entries(
        self,
        rp_id: &str,
        allowed: &[CredentialId],
    ) -> Result<Vec<CredentialSummary>, PhoneError> {
        let vault = &self.phone.vault;
        let mut entries = Vec::new();
        if allowed.is_empty() {
            let found = vault.discoverable(rp_id).map_err(of_store)?;
            entries.extend(found.iter().map(|credential| credential.summary()));
        }
        self.check_list(allowed.len())?;
        for id in allowed {
            match vault.get(rp_id, id) {
                Ok(Some(credential)) if !entries.iter().any(|entry: &CredentialSummary| entry.id == *id) => {
                    entries.push(credential.summary());
                }
                Ok(_) | Err(StoreError::Damaged) => {}
                Err(error) => return Err(of_store(error)),
            }
        }
        entries.sort_by_key(|entry| core::cmp::Reverse((entry.last_used_at, entry.created_at)));
        Ok(entries)
    }

    /// Makes a passkey. It is on disk before this returns, and not there after an error.
    ///
    /// # Errors
    /// [`PhoneError::NoUserVerification`], [`PhoneError::Busy`], [`PhoneError::Canceled`],
    /// [`PhoneError::TimedOut`], [`PhoneError::Prompt`], [`PhoneError::Passkey`] with the engine's
    /// status, [`PhoneError::Provider`].
    pub async fn register(self, request: &Registration, cancel: &Cancel) -> Result<Registered, PhoneError> {
        let rp_id = &request.rp.id;
        self.admit(rp_id, request.excluded.len())?;
        let command = MakeCredentialRequest {
            client_data_hash: request.client_data_hash,
            rp: request.rp.clone(),
            user: request.user.clone(),
            algorithms: request.algorithms.clone(),
            exclude_list: request.excluded.iter().map(descriptor).collect(),
            cred_protect: None,
            prf: request.prf.clone(),
            // What cannot be found without an allow list cannot be in the system's list.
            options: MakeCredentialOptions { rk: Some(true), up: None, uv: None },
            pin_uv_auth_param: None,
            pin_uv_auth_protocol: None,
            enterprise_attestation: None,
            // The system's clients refuse any other.
            attestation_formats: vec![AttestationFormat::None.identifier().to_owned()],
        };
        let response = if request.conditional {
            self.admit_quietly(request)?;
            let made = self.quiet().make_credential(Profile::Provider, &command, cancel).await;
            made.map_err(|status| self.quiet_refusal(status, rp_id))?
        } else {
            let authenticator = &self.phone.authenticator;
            let made = authenticator.make_credential(Profile::Provider, &command, cancel).await;
            made.map_err(|status| self.refusal(status, Phase::Create, rp_id))?
        };
        let data = AuthenticatorData::decode(&response.auth_data).ok();
        let attested = data.and_then(|data| data.attested_credential);
        let attested = attested.ok_or(PhoneError::Passkey(Status::OTHER, Phase::Create))?;
        Ok(Registered { id: CredentialId(attested.credential_id), response })
    }

    /// Signs in with a passkey. A counter is on disk before its signature leaves; nothing of the
    /// ceremony is left to do once this returns.
    ///
    /// # Errors
    /// Those of [`Provider::register`].
    pub async fn sign_in(
        self,
        request: &SignIn,
        cancel: &Cancel,
    ) -> Result<GetAssertionResponse, PhoneError> {
        self.admit(&request.rp_id, request.allowed.len())?;
        let authenticator = &self.phone.authenticator;
        let answer = authenticator.get_assertion(Profile::Provider, &request.command(), cancel).await;
        let answer = answer.map_err(|status| self.refusal(status, Phase::Get, &request.rp_id))?;
        // An extension may be gone once the system has the answer.
        authenticator.settle().await;
        Ok(answer)
    }

    /// What is refused without asking anybody.
    fn admit(self, rp_id: &str, list: usize) -> Result<(), PhoneError> {
        check_rp_id(rp_id)?;
        self.check_list(list)?;
        if self.phone.gate.user_verification() == UserVerification::NotConfigured {
            return Err(PhoneError::NoUserVerification);
        }
        Ok(())
    }

    /// What a conditional registration is refused for before a key is made. Of several at once the store
    /// refuses all but one.
    fn admit_quietly(self, request: &Registration) -> Result<(), PhoneError> {
        let held = || self.phone.vault.holds_account(&request.rp.id, &request.user.id).map_err(of_store);
        if request.verification_required || held()? {
            return Err(PhoneError::Prompt(GateError::Unavailable));
        }
        Ok(())
    }

    fn check_list(self, length: usize) -> Result<(), ProviderError> {
        if length > self.phone.config.policy.max_credentials_in_list {
            return Err(ProviderError::ListTooLong);
        }
        Ok(())
    }

    /// The same authenticator with nobody to ask, which is why it replaces nothing.
    fn quiet(self) -> Authenticator {
        let policy = Policy { replaces: false, ..self.phone.config.policy.clone() };
        self.phone.authenticator.beside(Arc::new(QuietGate), policy)
    }

    /// What a status of the engine means where nobody was asked. Nobody has agreed that the relying party
    /// learns what is on this phone (WebAuthn Level 3 section 6.3.2 step 3): all that tells of it reads alike,
    /// and so does what comes to light only where the account has no passkey.
    fn quiet_refusal(self, status: Status, rp_id: &str) -> PhoneError {
        match status {
            Status::CREDENTIAL_EXCLUDED
            | Status::KEY_STORE_FULL
            | Status::UNSUPPORTED_ALGORITHM
            | Status::PUAT_REQUIRED => PhoneError::Prompt(GateError::Unavailable),
            // How a prompt failed is of somebody else's ceremony.
            status => self.meaning(status, None, Phase::Create, rp_id),
        }
    }

    /// What a status of the engine means after its prompt, which knows more than a CTAP client may learn.
    fn refusal(self, status: Status, phase: Phase, rp_id: &str) -> PhoneError {
        let failed_prompt = match status {
            Status::OPERATION_DENIED | Status::UV_BLOCKED | Status::PUAT_REQUIRED => {
                self.phone.gate.take_failure()
            }
            _ => None,
        };
        self.meaning(status, failed_prompt, phase, rp_id)
    }

    /// What a status of the engine means here.
    fn meaning(
        self,
        status: Status,
        failed_prompt: Option<GateError>,
        phase: Phase,
        rp_id: &str,
    ) -> PhoneError {
        match (status, failed_prompt) {
            (_, Some(error)) if error != GateError::Denied => PhoneError::Prompt(error),
            (Status::CHANNEL_BUSY, _) => PhoneError::Busy,
            (Status::OTHER, _) if self.phone.is_closed() => ProviderError::Closed.into(),
            (Status::KEEPALIVE_CANCEL, _) => PhoneError::Canceled(phase),
            (Status::USER_ACTION_TIMEOUT, _) => PhoneError::TimedOut(phase),
            (Status::KEY_STORE_FULL, _) if self.phone.config.policy.insert_limits(rp_id).per_rp.is_some() => {
                PhoneError::OnlyOnePasskey
            }
            (status, _) => PhoneError::Passkey(status, phase),
        }
    }
}

fn check_rp_id(rp_id: &str) -> Result<(), ProviderError> {
    if rp_id.is_empty() || rp_id.len() > MAX_RP_ID {
        return Err(ProviderError::InvalidMember("rpId"));
    }
    Ok(())
}

fn descriptor(id: &CredentialId) -> CredentialDescriptor {
    CredentialDescriptor { id: id.0.clone() }
}

fn of_store(error: StoreError) -> PhoneError {
    match error {
        StoreError::Closed => ProviderError::Closed.into(),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests;
