//! Pairing: from the code on a computer's screen to a computer in My Computers and a passkey in My
//! Security Keys. Steps are those of docs/control-center.md, section "Pairing".
//!
//! What the phone makes stays pending until the server confirms it; [`Phone::resume`] settles what was
//! interrupted.

mod settlement;

use latchkey_authenticator::ports::{GateError, PromptKind, StoreError, UserGate, UserVerification};
use latchkey_authenticator::{Cancel, CredentialId, Profile};
use latchkey_ctap::{Algorithm, RelyingParty, Status, User};
use latchkey_scan::{CodeError, ControlCenterCode, Operation};
use latchkey_vault::{PendingPairing, Registration};
use zeroize::Zeroizing;

use crate::computers::shown;
use crate::control_center::wire::{
    AttestationOptionsRequest, CreationOptions, RefusalCode, RegistrationRequest, path,
};
use crate::control_center::{Address, Client};
use crate::error::PhoneError;
use crate::error_id::{Call, ErrorId, Phase};
use crate::gate_witness::asking_as;
use crate::phone::Phone;
use crate::webauthn::client::{self, ClientError, Creation};
use crate::webauthn::json::{Base64Url, RegistrationResponse};

/// The public type of all credentials (WebAuthn Level 3 section 5.8.2).
const PUBLIC_KEY: &str = "public-key";

/// A phone that was paired. Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Paired {
    /// The account.
    pub account: String,
    /// Base URL of the Control Center.
    pub tenant: String,
    /// The computer; a code from a web page has none.
    pub machine_id: Option<String>,
    /// The passkey.
    pub credential_id: CredentialId,
}

impl core::fmt::Debug for Paired {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Paired(redacted)")
    }
}

impl Phone {
    /// Pairs this phone with the computer that shows this code, or with the account of the web page
    /// that does. The person is asked once, with the host, the computer and the account.
    ///
    /// Must run on a tokio runtime. Cancelling before the registration is sent gives the pairing up;
    /// afterwards it is settled like a lost answer. Dropping the future leaves it to [`Phone::resume`].
    ///
    /// # Errors
    /// [`PhoneError`]: no computer and no passkey were added. If the registration's answer was lost
    /// ([`PhoneError::ControlCenter`] with [`Call::Activate`]) and the server cannot be asked about it,
    /// [`Phone::resume`] may still add both later.
    pub async fn pair(&self, code: &ControlCenterCode, cancel: &Cancel) -> Result<Paired, PhoneError> {
        let _ceremony = self.ceremony.try_lock().map_err(|_| PhoneError::Busy)?;
        // Step 2: end, host and account.
        let address = self.check(code)?;
        if !self.ports.network.is_online() {
            return Err(PhoneError::Offline);
        }
        let client = self.control_center(&address)?;

        // An earlier pairing with this server whose end is not known comes first: its passkey may be of
        // the same account, and may be the one that the server has.
        for earlier in self.vault.pending_pairings()? {
            if earlier.tenant == address.base() {
                let paired = self.settle_pairing(&client, &earlier).await?;
                if earlier.request_id == code.request_id {
                    return paired.ok_or(PhoneError::CodeExpired);
                }
            }
        }

        // On disk before anything is asked for or made: whatever happens from here on, it is settled.
        let pairing = PendingPairing {
            request_id: code.request_id.clone(),
            tenant: address.base().to_owned(),
            nonce: Zeroizing::new(code.nonce),
            machine_key: code.public_key,
            started_at: self.ports.clock.unix_seconds(),
        };
        self.vault.begin_pairing(&pairing)?;

        // Step 2: creation options, and the passkey, pending.
        let made = async {
            let (registrar, options) = self.creation_options(&client, code, &pairing, cancel).await?;
            Ok::<_, PhoneError>((registrar, self.make_passkey(code, &address, options, cancel).await?))
        };
        let (registrar, credential) = match made.await {
            Ok(made) => made,
            // The code is over. Whoever answered it: what they have registered is not this phone's to take back.
            Err(error) if error.id() == ErrorId::PairingExpired => {
                self.abandon(&pairing).await?;
                return Err(error);
            }
            Err(error) => {
                self.give_up(&client, &pairing).await;
                return Err(error);
            }
        };

        // No longer cancelled: from here on the server may carry it out.
        let facts = self.ports.device.facts();
        let request = RegistrationRequest {
            request_id: pairing.request_id.clone(),
            nonce: Base64Url(pairing.nonce.to_vec()),
            device_name: facts.name,
            app_version: facts.app_version.to_string(),
            credential,
        };

        // Steps 3 and 4.
        match registrar.post(path::REGISTRATION, &request).await {
            Ok(registered) => self.commit(&client, &pairing, registered).await,
            Err(error) if error.changed_nothing() => {
                self.give_up(&client, &pairing).await;
                Err(PhoneError::ControlCenter(Call::Activate, error))
            }
            // The answer was lost. What cannot be settled now is settled when the phone is opened again.
            Err(error) => match self.settle_pairing(&client, &pairing).await {
                Ok(Some(paired)) => Ok(paired),
                Ok(None) | Err(_) => Err(PhoneError::ControlCenter(Call::Activate, error)),
            },
        }
    }

    /// What can be said about a code before anybody is asked: the address of its server, if the phone
    /// may be paired with it now.
    fn check(&self, code: &ControlCenterCode) -> Result<Address, PhoneError> {
        if code.operation != Operation::Register {
            return Err(CodeError::Malformed("op").into());
        }
        let address = self.address(&code.rp_url).map_err(|_| CodeError::Malformed("rpUrl"))?;
        if code.machine_id.is_some() && code.public_key.is_none() {
            return Err(CodeError::Malformed("pk").into());
        }
        if code.expires_at <= self.ports.clock.unix_seconds() {
            return Err(PhoneError::CodeExpired);
        }
        if code.user.as_deref().is_some_and(|user| !is_work_account(user)) {
            return Err(PhoneError::NotWorkAccount);
        }
        if self.gate.user_verification() == UserVerification::NotConfigured {
            return Err(PhoneError::NoUserVerification);
        }
        Ok(address)
    }

    /// Asks for the options of the pairing's passkey, with the code's nonce. Also gives the client to
    /// register with: a phone that is registered for the account says so, and gets one more computer,
    /// with a new passkey in the place of the old one.
    async fn creation_options(
        &self,
        client: &Client,
        code: &ControlCenterCode,
        pairing: &PendingPairing,
        cancel: &Cancel,
    ) -> Result<(Client, CreationOptions), PhoneError> {
        if let Some(registration) = self.registration_of(pairing, code.user.as_deref())? {
            let known = client.clone().with_token(&registration.token);
            match ask_for_options(&known, pairing, cancel).await {
                // It was removed at the server: there this is a new phone.
                Err(PhoneError::ControlCenter(_, error))
                    if error.refusal() == Some(RefusalCode::Unauthorized) => {}
                options => return Ok((known, options?)),
            }
        }
        Ok((client.clone(), ask_for_options(client, pairing, cancel).await?))
    }

    /// The registration of this account at the pairing's Control Center, if there is one.
    fn registration_of(
        &self,
        pairing: &PendingPairing,
        account: Option<&str>,
    ) -> Result<Option<Registration>, PhoneError> {
        let Some(account) = account else { return Ok(None) };
        // The newest: an older one may be one that the server has removed.
        let registrations = self.vault.registrations()?;
        Ok(registrations.into_iter().rev().find(|registration| {
            registration.tenant == pairing.tenant && same_account(&registration.username, account)
        }))
    }

    /// Makes the pairing's passkey as the server wants it, and as a client does: for a relying party
    /// that the server may speak for. It is stored as pending.
    async fn make_passkey(
        &self,
        code: &ControlCenterCode,
        address: &Address,
        options: CreationOptions,
        cancel: &Cancel,
    ) -> Result<RegistrationResponse, PhoneError> {
        if !may_ask_for(&options.rp.id, address.host(), &self.config.passkey_rp_ids) {
            return Err(PhoneError::ForeignRelyingParty);
        }
        let account = options.user.name.clone();
        if !is_work_account(&account) || !code.user.as_ref().is_none_or(|user| same_account(user, &account)) {
            return Err(PhoneError::NotWorkAccount);
        }

        let authenticator = self.authenticator.over(self.vault.pending_store(&code.request_id));
        let rp_id = options.rp.id.clone();
        let pending = client::create(&creation(options)).map_err(|_| PhoneError::ForeignRelyingParty)?;
        let prompt = PromptKind::Pair {
            host: address.host().to_owned(),
            computer: code.machine_name.as_deref().map(shown),
            account,
        };
        self.gate.take_failure();
        let answer =
            asking_as(prompt, authenticator.handle(Profile::Provider, &pending.request, cancel)).await;
        pending.created(&answer).map_err(|error| match error {
            ClientError::Refused(status) => self.not_made(status, &rp_id),
            _ => PhoneError::Passkey(Status::OTHER, Phase::Create),
        })
    }

    /// Why no passkey was made, in the phone's own words: the prompt knows more than the status.
    fn not_made(&self, status: Status, rp_id: &str) -> PhoneError {
        match (status, self.gate.take_failure()) {
            (
                _,
                Some(
                    failure @ (GateError::VerificationFailed | GateError::LockedOut | GateError::Unavailable),
                ),
            ) => PhoneError::Prompt(failure),
            (Status::OPERATION_DENIED | Status::KEEPALIVE_CANCEL, _) => PhoneError::Canceled(Phase::Create),
            (Status::USER_ACTION_TIMEOUT, _) => PhoneError::TimedOut(Phase::Create),
            (Status::CHANNEL_BUSY, _) => PhoneError::Busy,
            (Status::OTHER, _) if self.is_closed() => PhoneError::Store(StoreError::Closed),
            (Status::KEY_STORE_FULL, _) if self.config.policy.insert_limits(rp_id).per_rp.is_some() => {
                PhoneError::OnlyOnePasskey
            }
            (status, _) => PhoneError::Passkey(status, Phase::Create),
        }
    }
}

async fn ask_for_options(
    client: &Client,
    pairing: &PendingPairing,
    cancel: &Cancel,
) -> Result<CreationOptions, PhoneError> {
    let request = AttestationOptionsRequest {
        request_id: Some(pairing.request_id.clone()),
        nonce: Some(Base64Url(pairing.nonce.to_vec())),
        username: None,
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(PhoneError::Canceled(Phase::Create)),
        options = client.post(path::ATTESTATION_OPTIONS, &request) => {
            options.map_err(|error| PhoneError::ControlCenter(Call::SetUp, error))
        }
    }
}

/// What the WebAuthn client is asked for. The client data name the relying party's own page: the
/// passkey belongs to it, whoever runs the server.
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
        algorithms: options
            .pub_key_cred_params
            .into_iter()
            .filter(|parameters| parameters.kind == PUBLIC_KEY)
            .map(|parameters| Algorithm(parameters.alg))
            .collect(),
        exclude: options
            .exclude_credentials
            .into_iter()
            .filter(|descriptor| descriptor.kind == PUBLIC_KEY)
            .map(|descriptor| descriptor.id.0)
            .collect(),
        discoverable: true,
        attestation: options.attestation != "none",
        prf: None,
    }
}

/// Whether a Control Center at `host` may have a passkey made for `rp_id`: its own name, a domain above
/// it, or one that this app's configuration names. Otherwise any server could have passkeys made for
/// any site. (A top-level domain is nobody's; longer public suffixes are not known here.)
fn may_ask_for(rp_id: &str, host: &str, allowed: &[String]) -> bool {
    let parent = host.strip_suffix(rp_id).is_some_and(|rest| rest.ends_with('.')) && rp_id.contains('.');
    host == rp_id || parent || allowed.iter().any(|allowed| allowed == rp_id)
}

/// Names of accounts are compared without case, as directories do.
fn same_account(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether a name is that of an account of an organisation, `user@domain`, not of one computer alone.
fn is_work_account(name: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '\\';
    match name.split_once('@') {
        Some((user, domain)) => {
            !user.is_empty()
                && domain.split('.').count() >= 2
                && domain.split('.').all(|label| !label.is_empty())
                && !domain.contains('@')
                && name.chars().all(plain)
        }
        None => false,
    }
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
