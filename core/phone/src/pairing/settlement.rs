//! How a pairing ends: committed, taken back or given up, on both sides.

use core::time::Duration;

use latchkey_authenticator::credential::Credential;
use latchkey_authenticator::ports::StoreError;
use latchkey_ctap::Status;
use latchkey_unlock::pairing_secret;
use latchkey_vault::{Computer, PendingPairing, Registration};
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::Paired;
use crate::computers::shown;
use crate::control_center::wire::{
    QrState, RefusalCode, RegistrationQuery, RegistrationResponseBody, RegistrationStateResponse, path,
};
use crate::control_center::{Client, ControlCenterError, path_of};
use crate::error::PhoneError;
use crate::error_id::{Call, Phase};
use crate::phone::Phone;
use crate::webauthn::json::Base64Url;

/// How long somebody who gave a pairing up waits for the server to hear of it.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(3);

impl Phone {
    /// Finds out what became of a registration whose answer was lost, and ends the pairing: with
    /// success, or for good (`None`).
    ///
    /// # Errors
    /// [`PhoneError`]: it cannot be told now, the pairing stays open; or the server registered something
    /// else than the code named, which was taken back.
    pub(crate) async fn settle_pairing(
        &self,
        client: &Client,
        pairing: &PendingPairing,
    ) -> Result<Option<Paired>, PhoneError> {
        let query = query(pairing);
        match client.post(path::REGISTRATION_STATE, &query).await {
            Ok(RegistrationStateResponse { state: QrState::Completed, registration: Some(registered) }) => {
                return self.commit(client, pairing, registered).await.map(Some);
            }
            // It never arrived, or is still on its way: the server must not take it any more.
            Ok(RegistrationStateResponse { state: QrState::Pending, .. }) => {
                cancel_at(client, &query).await?
            }
            // Without a registration to tell it was removed again, or somebody else has used its token.
            Ok(RegistrationStateResponse { .. }) => {}
            Err(error) => unless_unknown(error)?,
        }
        self.abandon(pairing).await?;
        Ok(None)
    }

    /// The server has registered the phone: makes passkey, registration and computer visible, in one
    /// transaction. What cannot be what the code named is taken back instead.
    ///
    /// # Errors
    /// [`PhoneError`]; with [`PhoneError::Store`] the pairing stays open.
    pub(super) async fn commit(
        &self,
        client: &Client,
        pairing: &PendingPairing,
        registered: RegistrationResponseBody,
    ) -> Result<Paired, PhoneError> {
        let device_id = registered.device_id.clone();
        match self.store(pairing, registered) {
            Ok((paired, replaced)) => {
                self.show_token(&device_id).await;
                if let Some(replaced) = replaced {
                    self.authenticator.delete_key(&replaced.key).await;
                }
                Ok(paired)
            }
            Err(PhoneError::Store(error)) => Err(error.into()),
            Err(refusal) => {
                // The phone has not shown the token: the server takes the registration back, unless the
                // phone was registered before. If it cannot be told, the pairing stays open.
                let over = match cancel_at(client, &query(pairing)).await {
                    Ok(()) => true,
                    Err(PhoneError::ControlCenter(_, error)) => {
                        error.refusal() == Some(RefusalCode::WrongState)
                    }
                    Err(_) => false,
                };
                if over {
                    self.abandon(pairing).await?;
                }
                Err(refusal)
            }
        }
    }

    /// Uses the new token for the first time, if the server can be reached: from then on nobody who has
    /// seen the code can take the registration back.
    async fn show_token(&self, device_id: &str) {
        let Ok(Some(registration)) = self.vault.registration(device_id) else { return };
        let Ok(client) = self.registered(&registration) else { return };
        tokio::select! {
            biased;
            _ = client.get::<IgnoredAny>(path::PROFILE) => {}
            () = self.ports.clock.sleep(CANCEL_TIMEOUT) => {}
        }
    }

    /// Stores what the server has registered. Also gives the passkey that was replaced.
    fn store(
        &self,
        pairing: &PendingPairing,
        registered: RegistrationResponseBody,
    ) -> Result<(Paired, Option<Credential>), PhoneError> {
        let (registration, computer) = self.records_of(pairing, registered)?;
        let stored = self.vault.complete_pairing(&pairing.request_id, &registration, computer.as_ref());
        let replaced = stored.map_err(|error| match error {
            // Other passkeys were made meanwhile.
            StoreError::OnlyOnePerDevice => PhoneError::OnlyOnePasskey,
            StoreError::Full => PhoneError::Passkey(Status::KEY_STORE_FULL, Phase::Create),
            error => error.into(),
        })?;
        let paired = Paired {
            account: registration.username,
            tenant: registration.tenant,
            machine_id: computer.map(|computer| computer.machine_id),
            credential_id: registration.credential_id,
        };
        Ok((paired, replaced))
    }

    /// What the phone keeps of a registration, if the server's word fits the code and can be kept.
    fn records_of(
        &self,
        pairing: &PendingPairing,
        registered: RegistrationResponseBody,
    ) -> Result<(Registration, Option<Computer>), PhoneError> {
        let malformed = || PhoneError::ControlCenter(Call::Activate, ControlCenterError::Malformed);
        let token = Zeroizing::new(registered.device_token);
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(malformed());
        }
        let passkey = self.vault.pending_passkey(&pairing.request_id)?.ok_or_else(malformed)?;
        let now = self.ports.clock.unix_seconds();
        let computer = match (registered.computer, pairing.machine_key) {
            (None, None) => None,
            (Some(computer), Some(key)) if computer.public_key.0 == key => {
                // It must be possible to name it to the server later.
                path_of(path::COMPUTER, &computer.machine_id).map_err(|_| malformed())?;
                Some(Computer {
                    name: shown(&computer.machine_name),
                    machine_id: computer.machine_id,
                    machine_name: computer.machine_name,
                    os_user: computer.os_user,
                    tenant: pairing.tenant.clone(),
                    rp_app_id: computer.rp_app_id,
                    device_id: registered.device_id.clone(),
                    public_key: key,
                    pairing_secret: pairing_secret(&pairing.nonce, &pairing.request_id),
                    credential_id: passkey.id.clone(),
                    rp_id: passkey.rp_id.clone(),
                    paired_at: now,
                    last_online_at: None,
                    leaving: false,
                })
            }
            _ => return Err(PhoneError::OtherComputer),
        };
        let registration = Registration {
            device_id: registered.device_id,
            tenant: pairing.tenant.clone(),
            username: registered.username,
            token,
            credential_id: passkey.id,
            rp_id: passkey.rp_id,
            registered_at: now,
        };
        Ok((registration, computer))
    }

    /// Ends a pairing that the server has not registered: here, and at the server if it can be told,
    /// so that the computer need not wait for the code's end.
    pub(super) async fn give_up(&self, client: &Client, pairing: &PendingPairing) {
        // What cannot be removed now is settled later.
        let _ = self.abandon(pairing).await;
        let query = query(pairing);
        tokio::select! {
            biased;
            _ = cancel_at(client, &query) => {}
            () = self.ports.clock.sleep(CANCEL_TIMEOUT) => {}
        }
    }

    /// Removes a pairing with its passkey and the passkey's key.
    pub(super) async fn abandon(&self, pairing: &PendingPairing) -> Result<(), PhoneError> {
        if let Some(passkey) = self.vault.abandon_pairing(&pairing.request_id)? {
            self.authenticator.delete_key(&passkey.key).await;
        }
        Ok(())
    }
}

fn query(pairing: &PendingPairing) -> RegistrationQuery {
    RegistrationQuery { request_id: pairing.request_id.clone(), nonce: Base64Url(pairing.nonce.to_vec()) }
}

/// Tells the server that nothing comes of a pairing.
async fn cancel_at(client: &Client, query: &RegistrationQuery) -> Result<(), PhoneError> {
    match client.post::<_, IgnoredAny>(path::REGISTRATION_CANCEL, query).await {
        Ok(_) => Ok(()),
        Err(error) => unless_unknown(error),
    }
}

/// A server that does not know the pairing (any more) has nothing registered for it.
fn unless_unknown(error: ControlCenterError) -> Result<(), PhoneError> {
    match error.refusal() {
        Some(RefusalCode::NotFound) => Ok(()),
        _ => Err(PhoneError::ControlCenter(Call::Activate, error)),
    }
}
