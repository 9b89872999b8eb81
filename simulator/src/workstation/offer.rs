//! The offer to create a passkey on this workstation, after a sign-in with the phone's.

use std::sync::Arc;

use latchkey_authenticator::{Authenticator, Cancel, CredentialId, Policy, Ports, Profile};
use latchkey_ctap::{Algorithm, RelyingParty, User};
use latchkey_phone::control_center::ControlCenterError;
use latchkey_phone::control_center::wire::{CreationOptions, RefusalCode};
use latchkey_vault::Vault;

use super::error::WorkstationError;
use super::lock::LockState;
use super::{Workstation, is_unclear};
use crate::webauthn::client::{self, Creation};
use crate::webauthn::json::RegistrationResponse;

/// "I'll do it later" silences the offer for this many successful sign-ins ...
pub const SIGN_INS: u32 = 10;

/// ... or this many seconds, whichever comes first: seven days.
pub const PAUSE: u64 = 7 * 86_400;

/// How often the registration of a new passkey is sent when its answer is lost.
const TRIES: u32 = 3;

/// Whether an account has a passkey on this workstation, or does not want one now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// The offer was never answered.
    Never,
    /// A passkey was created here.
    Created,
    /// "I'll do it later".
    Later {
        /// When, in Unix seconds.
        since: u64,
        /// Successful sign-ins since then.
        sign_ins: u32,
    },
}

impl Offer {
    /// Whether to offer a passkey now. A clock that was turned back counts as no time at all.
    #[must_use]
    pub const fn is_due(self, now: u64) -> bool {
        match self {
            Offer::Never => true,
            Offer::Created => false,
            Offer::Later { since, sign_ins } => sign_ins >= SIGN_INS || now.saturating_sub(since) >= PAUSE,
        }
    }
}

impl Workstation {
    /// Whether to offer the account a passkey on this workstation.
    ///
    /// # Errors
    /// [`WorkstationError::Database`]
    pub fn offers_passkey(&self, account: &str) -> Result<bool, WorkstationError> {
        Ok(self.store.offer(account)?.is_due(self.ports.clock.unix_seconds()))
    }

    /// "I'll do it later".
    ///
    /// # Errors
    /// [`WorkstationError::SignInFirst`], [`WorkstationError::Database`]
    pub fn decline_passkey(&self) -> Result<(), WorkstationError> {
        let since = self.ports.clock.unix_seconds();
        self.store.set_offer(&self.signed_in()?, Offer::Later { since, sign_ins: 0 })
    }

    /// Creates a passkey of the account that is signed in on this workstation, and registers it. When the
    /// Control Center refuses it, nothing is left behind.
    ///
    /// # Errors
    /// [`WorkstationError`]
    pub async fn create_passkey(&self, cancel: &Cancel) -> Result<(), WorkstationError> {
        let account = self.signed_in()?;
        let control_center = self.control_center()?;
        let options = control_center.attestation_options(&account).await?;
        let authenticator = self.authenticator()?;
        let pending = client::create(&creation(options))?;
        let answer = authenticator.handle(Profile::Provider, &pending.request, cancel).await;
        let credential: RegistrationResponse = pending.created(&answer)?;
        let id = CredentialId(credential.raw_id.0.clone());

        let mut tries = 0;
        let registered = loop {
            tries += 1;
            match control_center.attestation_result(&account, credential.clone()).await {
                Err(error) if is_unclear(&error) && tries < TRIES => {}
                // It was registered before, and the answer lost.
                Err(error) if tries > 1 && is_known(&error) => break Ok(()),
                outcome => break outcome,
            }
        };
        match registered {
            Ok(()) => self.store.set_offer(&account, Offer::Created),
            // Whether it is registered is not known: an unknown passkey does less harm than a lost one.
            Err(error) if is_unclear(&error) => Err(error.into()),
            Err(error) => {
                authenticator.delete(&id).await.map_err(|_| WorkstationError::Damaged)?;
                Err(error.into())
            }
        }
    }

    /// The account that is signed in.
    fn signed_in(&self) -> Result<String, WorkstationError> {
        match self.lock_state()? {
            LockState::Unlocked(session) => Ok(session.account),
            LockState::Locked => Err(WorkstationError::SignInFirst),
        }
    }

    /// The workstation's own authenticator. Several accounts may have a passkey of the same tenant on it.
    fn authenticator(&self) -> Result<Authenticator, WorkstationError> {
        let file = self.config.state.join("passkeys.sqlite");
        let vault = Vault::open(&file, &*self.keys, Arc::clone(&self.ports.rng))?;
        let ports = Ports {
            store: Arc::new(vault),
            gate: Arc::clone(&self.ports.gate),
            keys: self.keys.clone(),
            clock: Arc::clone(&self.ports.clock),
            rng: Arc::clone(&self.ports.rng),
        };
        Ok(Authenticator::new(ports, Policy { single_passkey_rp_ids: Vec::new(), ..Policy::default() }))
    }
}

fn is_known(error: &ControlCenterError) -> bool {
    error.refusal() == Some(RefusalCode::AlreadyRegistered)
}

/// What the sign-in page of the tenant asks for.
fn creation(options: CreationOptions) -> Creation {
    Creation {
        origin: format!("https://{}", options.rp.id),
        rp: RelyingParty { id: options.rp.id, name: Some(options.rp.name) },
        user: User {
            id: options.user.id.0,
            name: Some(options.user.name),
            display_name: Some(options.user.display_name),
        },
        challenge: options.challenge.0,
        algorithms: options.pub_key_cred_params.iter().map(|parameters| Algorithm(parameters.alg)).collect(),
        exclude: options.exclude_credentials.into_iter().map(|credential| credential.id.0).collect(),
        discoverable: true,
        attestation: options.attestation == "direct",
        prf: None,
    }
}

#[cfg(test)]
mod tests;
