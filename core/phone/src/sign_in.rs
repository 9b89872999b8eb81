//! Signing in with what a computer asks for by itself: a sign-in code on its screen, or, while it is unlocked, the
//! session passkey. Steps are those of docs/control-center.md, section "Unlock".

use core::sync::atomic::AtomicBool;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use latchkey_authenticator::Cancel;
use latchkey_ctap::Status;
use latchkey_hybrid::{HybridError, QrPayload};
use latchkey_scan::{CodeError, ControlCenterCode, Operation};
use latchkey_unlock::{Channel, FromComputer, FromPhone, Psk, SignInOutcome, pairing_secret};
use latchkey_vault::{Computer, Registration};
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::computers::shown;
use crate::control_center::wire::{ClaimRequest, Purpose, RefusalCode, WaitingRequests, path};
use crate::control_center::{Client, path_of};
use crate::error::PhoneError;
use crate::error_id::Phase;
use crate::hybrid::{self, Answer};
use crate::mailbox::{Mailbox, in_sign_in};
use crate::phone::Phone;
use crate::ports::Step;
use crate::unlock::{Counterpart, REQUEST_LIFETIME, Unlocked, hear, say};
use crate::webauthn::json::Base64Url;

/// A computer that waits for the session passkey of this phone.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInRequest {
    /// The computer.
    pub machine_id: String,
    /// When the request ends, in Unix seconds of the server.
    pub expires_at: u64,
    request_id: String,
}

impl core::fmt::Debug for SignInRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SignInRequest(redacted)")
    }
}

/// What a sign-in code says of the computer that shows it.
struct CodeOf {
    machine_id: String,
    machine_key: [u8; 33],
    registration: Registration,
    /// The computer, if it is paired with this phone already.
    known: Option<Computer>,
}

impl Phone {
    /// Unlocks the computer that shows this sign-in code: any computer of an organisation that this phone
    /// is registered with. The person is asked once. Afterwards the computer is in the list.
    ///
    /// Must run on a tokio runtime. Cancelling, or dropping the future, ends the request; once the
    /// computer is unlocked it only ends the handover of new PINs.
    ///
    /// # Errors
    /// [`PhoneError`]: the computer was not unlocked, or ([`PhoneError::Store`]) it was and could not be
    /// added to the list. [`PhoneError::CodeExpired`]; [`PhoneError::OtherAccount`] if the code is of
    /// another organisation; those of [`Phone::unlock`].
    pub async fn sign_in_with_code(
        &self,
        code: &ControlCenterCode,
        cancel: &Cancel,
    ) -> Result<Unlocked, PhoneError> {
        let _ceremony = self.ceremony.try_lock().map_err(|_| PhoneError::Busy)?;
        let CodeOf { machine_id, machine_key, registration, known } = self.check_sign_in(code)?;
        self.can_unlock()?;
        let client = self.registered(&registration)?;
        let machine_name = code.machine_name.clone().unwrap_or_else(|| machine_id.clone());
        let name = known.as_ref().map_or_else(|| shown(&machine_name), |known| known.name.clone());
        let counterpart = Counterpart {
            machine_id: &machine_id,
            machine_key: &machine_key,
            psk: Psk::of_code(&code.nonce),
            name: &name,
            credential_id: &registration.credential_id,
            rp_id: &registration.rp_id,
        };

        // Step 1.
        self.ports.observer.reached(Step::ContactingComputer);
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(PhoneError::Canceled(Phase::Get)),
            claimed = claim(&client, code) => claimed?,
        }
        let mut mailbox = Mailbox::open(self, client.clone(), &code.request_id, REQUEST_LIFETIME, cancel)?;

        // Steps 1 to 3. The computer is there: it shows the code.
        let answered = AtomicBool::new(true);
        let (mut channel, offline) = match self.prove(&mut mailbox, &counterpart, &answered, cancel).await {
            Ok(unlocked) => unlocked,
            Err(error) => {
                mailbox.give_up().await;
                return Err(error);
            }
        };

        // From now on both know the secret of this pairing.
        let now = self.ports.clock.unix_seconds();
        self.vault.put_computer(&Computer {
            machine_id: machine_id.clone(),
            name: name.clone(),
            machine_name,
            os_user: registration.username.clone(),
            tenant: registration.tenant.clone(),
            rp_app_id: code.rp_app_id.clone(),
            device_id: registration.device_id.clone(),
            public_key: machine_key,
            pairing_secret: pairing_secret(&code.nonce, &code.request_id),
            credential_id: registration.credential_id.clone(),
            rp_id: registration.rp_id.clone(),
            paired_at: known.as_ref().map_or(now, |known| known.paired_at),
            last_online_at: Some(now),
            leaving: false,
        })?;

        // Step 4.
        let pins = self.take_over(&machine_id, &mut mailbox, &mut channel, offline).await;
        self.report_events(&registration, &client, cancel).await;
        Ok(Unlocked { machine_id, pins })
    }

    /// What can be said about a sign-in code before anybody is asked.
    fn check_sign_in(&self, code: &ControlCenterCode) -> Result<CodeOf, PhoneError> {
        if code.operation != Operation::Authenticate {
            return Err(CodeError::Malformed("op").into());
        }
        let address = self.address(&code.rp_url).map_err(|_| CodeError::Malformed("rpUrl"))?;
        let machine_id = code.machine_id.clone().ok_or(CodeError::Malformed("machineId"))?;
        // It must be possible to name it to the server later.
        path_of(path::COMPUTER, &machine_id).map_err(|_| CodeError::Malformed("machineId"))?;
        let machine_key = code.public_key.ok_or(CodeError::Malformed("pk"))?;
        if code.expires_at <= self.ports.clock.unix_seconds() {
            return Err(PhoneError::CodeExpired);
        }
        let is_of = |registration: &Registration| {
            registration.tenant == address.base()
                && code
                    .user
                    .as_ref()
                    .is_none_or(|user| user.to_lowercase() == registration.username.to_lowercase())
        };
        // The newest, if there are several.
        let registration = self.vault.registrations()?.into_iter().rev().find(is_of);
        let registration = registration.ok_or(PhoneError::OtherAccount)?;
        let known = self.vault.computer(&machine_id)?;
        // A machine keeps its key: one with another key only says that it is this machine.
        if known.as_ref().is_some_and(|known| known.public_key != machine_key) {
            return Err(PhoneError::OtherMachine);
        }
        Ok(CodeOf { machine_id, machine_key, registration, known })
    }

    /// The computers that wait for this phone's session passkey, of all its accounts. Waits up to `wait`
    /// seconds (at most 25) for one; it stands for the push message that an app gets.
    ///
    /// # Errors
    /// [`PhoneError::Offline`], [`PhoneError::Canceled`], [`PhoneError::Store`];
    /// [`PhoneError::ControlCenter`] when no server could be asked.
    pub async fn waiting_requests(
        &self,
        wait: u64,
        cancel: &Cancel,
    ) -> Result<Vec<SignInRequest>, PhoneError> {
        if !self.ports.network.is_online() {
            return Err(PhoneError::Offline);
        }
        let registrations = self.vault.registrations()?;
        let mut asked: FuturesUnordered<_> = registrations
            .iter()
            .map(async |registration| {
                let client = self.registered(registration)?;
                let waiting =
                    client.get_waiting::<WaitingRequests>(path::DEVICE_REQUESTS, wait.min(25)).await;
                self.of_computers(waiting.map_err(in_sign_in)?)
            })
            .collect();
        let mut failure = None;
        let mut answers = 0_usize;
        loop {
            let answer = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(PhoneError::Canceled(Phase::Get)),
                answer = asked.next() => answer,
            };
            match answer {
                Some(Ok(requests)) if requests.is_empty() => answers = answers.saturating_add(1),
                Some(Ok(requests)) => return Ok(requests),
                Some(Err(error)) => failure = Some(error),
                None => break,
            }
        }
        match failure {
            Some(failure) if answers == 0 => Err(failure),
            _ => Ok(Vec::new()),
        }
    }

    /// Those requests that are for the session passkey and come from a computer of this phone.
    fn of_computers(&self, waiting: WaitingRequests) -> Result<Vec<SignInRequest>, PhoneError> {
        let mut requests = Vec::new();
        for waiting in waiting.requests {
            if waiting.purpose == Purpose::SignIn
                && !waiting.from_code
                && self.vault.computer(&waiting.machine_id)?.is_some_and(|computer| !computer.leaving)
            {
                requests.push(SignInRequest {
                    machine_id: waiting.machine_id,
                    expires_at: waiting.expires_at,
                    request_id: waiting.request_id,
                });
            }
        }
        Ok(requests)
    }

    /// Answers a computer that waits for the session passkey: serves the code that it sends through the
    /// channel as if it had been read from its screen. The person is asked as for any sign-in.
    ///
    /// # Errors
    /// [`PhoneError`] if nothing was answered: those of [`Phone::unlock`] and of [`Phone::approve`]. The
    /// computer has been told, as far as it can be.
    pub async fn answer(&self, request: &SignInRequest, cancel: &Cancel) -> Result<Answer, PhoneError> {
        let _ceremony = self.ceremony.try_lock().map_err(|_| PhoneError::Busy)?;
        let computer = self.computer_of(&request.machine_id)?;
        let registration = self.registration_behind(&computer)?;
        self.can_unlock()?;
        let client = self.registered(&registration)?;
        self.ports.observer.reached(Step::ContactingComputer);
        let mut mailbox = Mailbox::open(self, client, &request.request_id, REQUEST_LIFETIME, cancel)?;

        let (mut channel, code) = match self.code_of(&mut mailbox, &computer).await {
            Ok(sent) => sent,
            Err(error) => {
                mailbox.give_up().await;
                return Err(error);
            }
        };
        self.ports.observer.reached(Step::ComputerReached);

        let served = self.serve_code(&code, cancel).await;
        // The computer hears it through the tunnel too, if there was one.
        let _ = say(&mailbox, &mut channel, &FromPhone::SignInServed(outcome(&served))).await;
        served
    }

    /// The handshake, and the code that the computer sends then.
    async fn code_of(
        &self,
        mailbox: &mut Mailbox<'_>,
        computer: &Computer,
    ) -> Result<(Channel, Zeroizing<String>), PhoneError> {
        let mut channel = self.shake_hands(mailbox, &Counterpart::paired(computer)).await?;
        match hear(mailbox, &mut channel).await? {
            FromComputer::SignIn { code } => Ok((channel, code)),
            _ => Err(PhoneError::OutOfTurn),
        }
    }

    async fn serve_code(&self, code: &Zeroizing<String>, cancel: &Cancel) -> Result<Answer, PhoneError> {
        let code = QrPayload::parse(code).map_err(HybridError::from)?;
        hybrid::serve(self, code, cancel).await
    }
}

/// Takes part in the request of a sign-in code.
async fn claim(client: &Client, code: &ControlCenterCode) -> Result<(), PhoneError> {
    let claim =
        path_of(path::REQUEST_CLAIM, &code.request_id).map_err(|_| CodeError::Malformed("requestId"))?;
    let nonce = ClaimRequest { nonce: Base64Url(code.nonce.to_vec()) };
    match client.post::<_, IgnoredAny>(&claim, &nonce).await {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.refusal() {
            Some(RefusalCode::NotFound | RefusalCode::Expired) => PhoneError::CodeExpired,
            // Another phone was faster, or this one read the same code twice.
            Some(RefusalCode::WrongState) => HybridError::CodeAlreadyUsed.into(),
            _ => in_sign_in(error),
        }),
    }
}

/// What the computer is told about its code.
fn outcome(served: &Result<Answer, PhoneError>) -> SignInOutcome {
    match served {
        Ok(answer) if answer.error.is_none() => SignInOutcome::Served,
        Ok(Answer { status: Status::OPERATION_DENIED, .. }) | Err(PhoneError::Canceled(_)) => {
            SignInOutcome::Declined
        }
        Err(PhoneError::NotNearby | PhoneError::Advert(_)) => SignInOutcome::NotNear,
        Ok(_) | Err(_) => SignInOutcome::Failed,
    }
}

#[cfg(test)]
mod tests;
