//! Manual entry: a Control Center's address and a typed code stand for the QR code that a camera would
//! have read.

use std::sync::PoisonError;

use latchkey_authenticator::Cancel;
use latchkey_scan::{Code, CodeError, ControlCenterCode, code_from_text};

use super::wire::{PendingQrRequest, PendingQrResponse, RefusalCode, path};
use super::{BackOff, Client, ControlCenterError};
use crate::error::PhoneError;
use crate::error_id::{Call, Phase};
use crate::phone::Phone;

/// How the look-up is sent. The documentation of products of this kind names both, so that a server
/// of other makers may want either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LookUpMethod {
    /// POST with a JSON body: the code stands in no log of addresses.
    #[default]
    Post,
    /// GET with `?activationCode=`.
    Get,
}

impl Phone {
    /// Asks the Control Center at `base_url`, as the person typed it, for the code that the typed
    /// `activation_code` stands for. The result goes on like a scanned one. Show
    /// [`Address::host`](super::Address::host) of what was typed before calling this.
    ///
    /// # Errors
    /// [`PhoneError::Address`]; [`PhoneError::InvalidActivationCode`]; [`PhoneError::TooManyAttempts`]
    /// after five codes that were not found; [`PhoneError::ControlCenter`];
    /// [`PhoneError::Code`] if the answer is no code of a Control Center, [`PhoneError::ForeignCode`] if
    /// it is one of another host.
    pub async fn look_up(
        &self,
        base_url: &str,
        activation_code: &str,
        cancel: &Cancel,
    ) -> Result<ControlCenterCode, PhoneError> {
        let address = self.address(base_url)?;
        let activation_code = activation_code_of(activation_code)?;
        let seconds = self.back_off(|back_off, now| back_off.remaining(now));
        if seconds > 0 {
            return Err(PhoneError::TooManyAttempts { seconds });
        }
        if !self.ports.network.is_online() {
            return Err(PhoneError::Offline);
        }

        let client = self.control_center(&address)?;
        let answer = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(PhoneError::Canceled(Phase::Create)),
            answer = ask(&client, self.config.look_up, activation_code) => answer,
        };
        self.back_off(|back_off, now| match &answer {
            Ok(_) => back_off.succeeded(),
            Err(ControlCenterError::Refused { retry_after: Some(wait), .. }) => {
                back_off.hold(wait.as_secs(), now);
            }
            Err(ControlCenterError::Refused { status: 400 | 404 | 429, .. }) => back_off.failed(now),
            Err(_) => {}
        });

        // Whoever answers is as little trusted as whoever printed a code on a wall.
        let Code::ControlCenter(code) = code_from_text(&answer.map_err(in_look_up)?.qr_code)? else {
            return Err(CodeError::InvalidQr.into());
        };
        if self.address(&code.rp_url).ok() != Some(address) {
            return Err(PhoneError::ForeignCode);
        }
        Ok(*code)
    }
}

impl Phone {
    /// Works with the failed look-ups, at the present time.
    fn back_off<T>(&self, work: impl FnOnce(&mut BackOff, u64) -> T) -> T {
        let mut back_off = self.back_off.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut back_off, self.ports.clock.unix_seconds())
    }
}

/// What was typed, without the spaces and dashes that make codes readable: 6 to 64 letters and digits,
/// otherwise exactly as typed (control-center.md section 2.2).
fn activation_code_of(typed: &str) -> Result<String, PhoneError> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    if (6..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(code)
    } else {
        Err(PhoneError::InvalidActivationCode)
    }
}

async fn ask(
    client: &Client,
    method: LookUpMethod,
    activation_code: String,
) -> Result<PendingQrResponse, ControlCenterError> {
    match method {
        LookUpMethod::Post => client.post(path::PENDING_QR, &PendingQrRequest { activation_code }).await,
        // Letters and digits need no escaping.
        LookUpMethod::Get => {
            client.get(&format!("{}?activationCode={activation_code}", path::PENDING_QR)).await
        }
    }
}

/// Every 400 means the same to a person, whatever the body says.
fn in_look_up(error: ControlCenterError) -> PhoneError {
    let error = match error {
        ControlCenterError::Refused { status: 400, retry_after, .. } => {
            ControlCenterError::Refused { status: 400, code: RefusalCode::CodeNotFound, retry_after }
        }
        error => error,
    };
    PhoneError::ControlCenter(Call::LookUp, error)
}

#[cfg(test)]
mod tests;
