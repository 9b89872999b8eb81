//! Pairing: the account that is signed in on this workstation gets a phone (docs/control-center.md,
//! section "Pairing").

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::{AccountKind, QrState};
use latchkey_scan::{Code as Scanned, ControlCenterCode, Operation, code_from_text};
use zeroize::Zeroizing;

use super::Workstation;
use super::error::WorkstationError;
use super::lock::LockState;
use super::store::{Code, Pairing};

/// A code to show to a phone.
pub struct ShownCode {
    /// The text of the QR code. A secret until it ends.
    pub text: Zeroizing<String>,
    /// The code to type instead, if one was asked for.
    pub typed: Option<String>,
    /// Names the request.
    pub request_id: String,
    /// When it ends, by the server's clock.
    pub expires_at: u64,
}

impl Workstation {
    /// Step 1: asks for a code that pairs a phone with `account`, which is signed in to this workstation.
    ///
    /// The first phone of an account is paired in the session that its password opened, which this program
    /// does not model; another phone only while the account has the workstation unlocked.
    ///
    /// # Errors
    /// [`WorkstationError::LocalAccount`], before anybody is asked;
    /// [`WorkstationError::SignInFirst`]; [`WorkstationError::ForeignAnswer`];
    /// [`WorkstationError::ControlCenter`]
    pub async fn begin_pairing(
        &self,
        account: &str,
        kind: AccountKind,
        typed: bool,
    ) -> Result<ShownCode, WorkstationError> {
        if kind == AccountKind::Local {
            return Err(WorkstationError::LocalAccount);
        }
        // Names of accounts do not differ in case.
        let account = &account.to_lowercase();
        let has_phone = self.store.pairings()?.iter().any(|pairing| pairing.username == *account);
        let signed_in =
            matches!(self.lock_state()?, LockState::Unlocked(session) if session.account == *account);
        if has_phone && !signed_in {
            return Err(WorkstationError::SignInFirst);
        }

        let answer = self.control_center()?.create_pairing_code(account, kind, typed).await?;
        let text = Zeroizing::new(answer.qr_code);
        let code = self.own_code(&text, Operation::Register, &answer.request_id)?;
        // On disk before it is shown: the phone may answer it and this program not live to hear.
        self.store.put_code(&Code {
            request_id: answer.request_id.clone(),
            username: account.to_owned(),
            nonce: Zeroizing::new(code.nonce),
            expires_at: answer.expires_at,
        })?;
        Ok(ShownCode {
            text,
            typed: answer.qr_fallback_activation_code,
            request_id: answer.request_id,
            expires_at: answer.expires_at,
        })
    }

    /// Step 5: waits until a phone has answered the code. If this fails on the way, or is cancelled, the
    /// next [`Workstation::sync`] finds out what became of the code.
    ///
    /// # Errors
    /// [`WorkstationError::CodeCanceled`], [`WorkstationError::CodeExpired`],
    /// [`WorkstationError::ForeignAnswer`], [`WorkstationError::ControlCenter`],
    /// [`WorkstationError::Cancelled`]
    pub async fn finish_pairing(
        &self,
        request_id: &str,
        cancel: &Cancel,
    ) -> Result<Pairing, WorkstationError> {
        let control_center = self.control_center()?;
        loop {
            let answer = tokio::select! {
                answer = control_center.code_state(request_id) => answer?,
                () = cancel.cancelled() => return Err(WorkstationError::Cancelled),
            };
            match (answer.state, answer.pairing) {
                (QrState::Pending, _) => {}
                (QrState::Completed, Some(listed)) if listed.request_id == request_id => {
                    return match self.adopt(&listed)? {
                        Some(pairing) => Ok(pairing),
                        // A sync was faster.
                        None => self.store.pairing(&listed.device_id)?.ok_or(WorkstationError::NotPaired),
                    };
                }
                (QrState::Completed, _) => return Err(WorkstationError::ForeignAnswer),
                (QrState::Canceled, _) => {
                    self.store.forget_code(request_id)?;
                    return Err(WorkstationError::CodeCanceled);
                }
                (QrState::Expired, _) => {
                    self.store.forget_code(request_id)?;
                    return Err(WorkstationError::CodeExpired);
                }
            }
        }
    }

    /// Reads a code that is about to be shown. A server that puts another machine's ID or key in it would
    /// lead the phone to that machine.
    pub(super) fn own_code(
        &self,
        text: &str,
        operation: Operation,
        request_id: &str,
    ) -> Result<Box<ControlCenterCode>, WorkstationError> {
        let Ok(Scanned::ControlCenter(code)) = code_from_text(text) else {
            return Err(WorkstationError::ForeignAnswer);
        };
        let identity = self.store.identity()?;
        let own = code.operation == operation
            && code.request_id == request_id
            && code.machine_id.as_ref() == Some(&identity.machine_id)
            && code.public_key == Some(identity.key.public().compressed());
        if own { Ok(code) } else { Err(WorkstationError::ForeignAnswer) }
    }
}
