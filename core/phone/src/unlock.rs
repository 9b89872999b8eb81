//! Unlocking a computer online. Steps are those of docs/control-center.md, section "Unlock".

use core::convert::Infallible;
use core::future::pending;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use latchkey_authenticator::ports::{GateError, PromptKind, StoreError, UserVerification};
use latchkey_authenticator::{Cancel, CredentialId, Profile};
use latchkey_ctap::Status;
use latchkey_unlock::{
    Channel, FromComputer, FromPhone, Offline, Opening, Proof, Psk, PublicKey, UnlockError,
};
use latchkey_vault::{Computer, Registration};

use crate::control_center::ControlCenterError;
use crate::control_center::wire::{OpenRequest, OpenRequestResponse, Purpose, RefusalCode, path};
use crate::error::PhoneError;
use crate::error_id::Phase;
use crate::gate_witness::asking_as;
use crate::hybrid::PortRng;
use crate::mailbox::{Mailbox, in_sign_in};
use crate::phone::Phone;
use crate::ports::Step;
use crate::webauthn::client::{self, Assertion, ClientError};

/// The computer has this long to answer before the person is offered an offline PIN.
const OFFER_PIN_AFTER: Duration = Duration::from_secs(5);

/// How long an out-of-band request lives.
pub(crate) const REQUEST_LIFETIME: Duration = Duration::from_secs(120);

/// Time for new offline PINs to arrive: the workstation makes them with Argon2id.
const HANDOVER_TIMEOUT: Duration = Duration::from_secs(60);

/// A computer that was unlocked.
#[derive(Debug)]
pub struct Unlocked {
    /// Its machine ID.
    pub machine_id: String,
    /// What became of offline PINs.
    pub pins: PinsAfter,
}

/// What became of a computer's offline PINs after an unlock. Nothing of this takes the unlock back.
#[derive(Debug)]
#[non_exhaustive]
pub enum PinsAfter {
    /// The computer issues none; those that there were are erased.
    Off,
    /// There is a whole new set.
    Replenished,
    /// No new set came; those that there were stay.
    Kept,
    /// The handover failed; those that there were stay.
    Failed(PhoneError),
}

/// The other side of a channel, and the passkey that opens it.
pub(crate) struct Counterpart<'a> {
    pub(crate) machine_id: &'a str,
    pub(crate) machine_key: &'a [u8; 33],
    pub(crate) psk: Psk,
    /// For the prompt.
    pub(crate) name: &'a str,
    pub(crate) credential_id: &'a CredentialId,
    pub(crate) rp_id: &'a str,
}

impl Phone {
    /// Unlocks a computer of this phone. The person is asked once, when the computer has answered.
    ///
    /// [`Step::OfferPin`] tells that the computer does not answer and that there are offline PINs;
    /// [`Phone::offline_pins`] may be used meanwhile. Must run on a tokio runtime. Cancelling, or
    /// dropping the future, ends the request; once the computer is unlocked it only ends the handover of
    /// new PINs.
    ///
    /// # Errors
    /// [`PhoneError`]: the computer was not unlocked. [`PhoneError::ComputerUnreachable`] if it does
    /// not answer as long as the request lives; [`PhoneError::Channel`] if it is not the computer that
    /// was paired; [`PhoneError::ComputerRefused`].
    pub async fn unlock(&self, machine_id: &str, cancel: &Cancel) -> Result<Unlocked, PhoneError> {
        let _ceremony = self.ceremony.try_lock().map_err(|_| PhoneError::Busy)?;
        let computer = self.computer_of(machine_id)?;
        let registration = self.registration_behind(&computer)?;
        self.can_unlock()?;
        let begun = self.ports.clock.monotonic();
        let answered = AtomicBool::new(false);
        let unlocked = tokio::select! {
            biased;
            unlocked = self.unlock_online(&computer, &registration, &answered, cancel) => unlocked,
            never = self.offer_pin_later(machine_id, &answered) => match never {},
        };
        // When it is clear sooner that the computer cannot be reached, nobody waits for the PIN.
        let waited = self.ports.clock.monotonic().saturating_sub(begun);
        if unlocked.as_ref().is_err_and(is_unreachable) && waited < OFFER_PIN_AFTER {
            self.offer_pin(machine_id);
        }
        unlocked
    }

    async fn unlock_online(
        &self,
        computer: &Computer,
        registration: &Registration,
        answered: &AtomicBool,
        cancel: &Cancel,
    ) -> Result<Unlocked, PhoneError> {
        let client = self.registered(registration)?;
        let counterpart = Counterpart::paired(computer);

        // Step 1.
        self.ports.observer.reached(Step::ContactingComputer);
        let open = OpenRequest {
            purpose: Purpose::Unlock,
            machine_id: computer.machine_id.clone(),
            device_id: None,
        };
        let opened: OpenRequestResponse = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(PhoneError::Canceled(Phase::Get)),
            opened = client.post(path::REQUESTS, &open) => opened.map_err(not_opened)?,
        };
        let mut mailbox = Mailbox::open(self, client.clone(), &opened.request_id, REQUEST_LIFETIME, cancel)?;

        // Steps 1 to 3.
        let (mut channel, offline) = match self.prove(&mut mailbox, &counterpart, answered, cancel).await {
            Ok(unlocked) => unlocked,
            Err(error) => {
                mailbox.give_up().await;
                return Err(error);
            }
        };
        let now = self.ports.clock.unix_seconds();
        // A convenience for the list.
        let _ =
            self.vault.change_computer(&computer.machine_id, |computer| computer.last_online_at = Some(now));

        // Step 4.
        let pins = self.take_over(&computer.machine_id, &mut mailbox, &mut channel, offline).await;
        self.report_events(registration, &client, cancel).await;
        Ok(Unlocked { machine_id: computer.machine_id.clone(), pins })
    }

    /// Steps 1 to 3 in an open request: handshake, proof, and the computer's answer to it.
    pub(crate) async fn prove(
        &self,
        mailbox: &mut Mailbox<'_>,
        counterpart: &Counterpart<'_>,
        answered: &AtomicBool,
        cancel: &Cancel,
    ) -> Result<(Channel, Offline), PhoneError> {
        // Step 1.
        let mut channel = self.shake_hands(mailbox, counterpart).await?;
        answered.store(true, Ordering::Relaxed);
        self.ports.observer.reached(Step::ComputerReached);

        // Step 2.
        let proof = self.proof(counterpart, channel.challenge(), cancel).await?;
        say(mailbox, &mut channel, &FromPhone::Proof(Box::new(proof))).await?;
        self.authenticator.settle().await;

        // Step 3.
        match hear(mailbox, &mut channel).await? {
            FromComputer::Unlocked { offline } => {
                self.ports.observer.reached(Step::Unlocked);
                Ok((channel, offline))
            }
            FromComputer::Refused(reason) => Err(PhoneError::ComputerRefused(reason)),
            _ => Err(PhoneError::OutOfTurn),
        }
    }

    /// The handshake: afterwards the other side has shown that it is the computer that was paired, or
    /// that shows the code.
    pub(crate) async fn shake_hands(
        &self,
        mailbox: &mut Mailbox<'_>,
        counterpart: &Counterpart<'_>,
    ) -> Result<Channel, PhoneError> {
        let machine_key =
            PublicKey::from_compressed(counterpart.machine_key).map_err(UnlockError::Handshake)?;
        let mut rng = PortRng(&*self.ports.rng);
        let (message1, opening) =
            Opening::start(&machine_key, counterpart.machine_id, &counterpart.psk, &mut rng)?;
        mailbox.post(message1).await?;
        let message2 = match mailbox.receive().await {
            // A computer that refuses the handshake can only end the request.
            Err(PhoneError::PeerCanceled) if mailbox.failed() => return Err(PhoneError::HandshakeRefused),
            Err(PhoneError::PeerCanceled) => return Err(PhoneError::ComputerUnreachable),
            message2 => message2?,
        };
        Ok(opening.finish(&message2)?)
    }

    /// An assertion over the channel's challenge, which the person agreed to as to an unlock.
    async fn proof(
        &self,
        counterpart: &Counterpart<'_>,
        challenge: &[u8; 32],
        cancel: &Cancel,
    ) -> Result<Proof, PhoneError> {
        let page = Assertion {
            origin: format!("https://{}", counterpart.rp_id),
            rp_id: counterpart.rp_id.to_owned(),
            challenge: challenge.to_vec(),
            allow: vec![counterpart.credential_id.0.clone()],
            prf: None,
        };
        let prompt = PromptKind::Unlock { computer: counterpart.name.to_owned() };
        let pending = client::get_unchecked(&page);
        self.gate.take_failure();
        let answer =
            asking_as(prompt, self.authenticator.handle(Profile::Provider, &pending.request, cancel)).await;
        let assertion = pending.asserted(&answer).map_err(|error| match error {
            ClientError::Refused(status) => self.not_asserted(status),
            _ => PhoneError::Passkey(Status::OTHER, Phase::Get),
        })?;
        let held = self.ledger().acknowledgement(counterpart.machine_id)?;
        Ok(Proof {
            credential_id: assertion.raw_id.0,
            authenticator_data: assertion.response.authenticator_data.0,
            client_data_json: assertion.response.client_data_json.0,
            signature: assertion.response.signature.0,
            offline_held: held.map(|held| held.encode()),
        })
    }

    /// Why the passkey did not sign, in the phone's own words: the prompt knows more than the status.
    fn not_asserted(&self, status: Status) -> PhoneError {
        match (status, self.gate.take_failure()) {
            (
                _,
                Some(
                    failure @ (GateError::VerificationFailed | GateError::LockedOut | GateError::Unavailable),
                ),
            ) => PhoneError::Prompt(failure),
            (Status::OPERATION_DENIED | Status::KEEPALIVE_CANCEL, _) => PhoneError::Canceled(Phase::Get),
            (Status::USER_ACTION_TIMEOUT, _) => PhoneError::TimedOut(Phase::Get),
            // The passkey of the pairing was deleted on this phone.
            (Status::NO_CREDENTIALS, _) => PhoneError::Store(StoreError::NotFound),
            (Status::CHANNEL_BUSY, _) => PhoneError::Busy,
            (Status::OTHER, _) if self.is_closed() => PhoneError::Store(StoreError::Closed),
            (status, _) => PhoneError::Passkey(status, Phase::Get),
        }
    }

    /// Step 4: takes over the set of offline PINs that the computer issues. The set is on disk before
    /// the computer hears that it is; if it never hears, both go on with what they have.
    pub(crate) async fn take_over(
        &self,
        machine_id: &str,
        mailbox: &mut Mailbox<'_>,
        channel: &mut Channel,
        offline: Offline,
    ) -> PinsAfter {
        let ledger = self.ledger();
        if offline == Offline::Off {
            return match ledger.revoke(machine_id) {
                Ok(()) => PinsAfter::Off,
                Err(error) => PinsAfter::Failed(error.into()),
            };
        }
        mailbox.shorten(HANDOVER_TIMEOUT);
        let set = match hear(mailbox, channel).await {
            Ok(FromComputer::OfflineSet(set)) => set,
            Ok(FromComputer::Bye) => return PinsAfter::Kept,
            Ok(_) => return PinsAfter::Failed(PhoneError::OutOfTurn),
            Err(error) => return PinsAfter::Failed(error),
        };
        match ledger.accept(machine_id, &set, self.ports.clock.unix_seconds()) {
            Ok(acknowledgement) => {
                self.ports.observer.reached(Step::OfflineSetStored);
                let stored = FromPhone::OfflineStored(acknowledgement.encode());
                if say(mailbox, channel, &stored).await.is_ok() {
                    // Bye. Without it the next unlock says again which set is here.
                    let _ = hear(mailbox, channel).await;
                }
                PinsAfter::Replenished
            }
            Err(error) => PinsAfter::Failed(error.into()),
        }
    }

    /// Offers an offline PIN if the computer does not answer soon.
    async fn offer_pin_later(&self, machine_id: &str, answered: &AtomicBool) -> Infallible {
        self.ports.clock.sleep(OFFER_PIN_AFTER).await;
        if !answered.load(Ordering::Relaxed) {
            self.offer_pin(machine_id);
        }
        pending().await
    }

    /// Offers an offline PIN if there has been a set.
    fn offer_pin(&self, machine_id: &str) {
        if self.offline_pins().status(machine_id).is_ok_and(|status| status.offered()) {
            self.ports.observer.reached(Step::OfferPin);
        }
    }

    /// What must hold before a computer is called.
    pub(crate) fn can_unlock(&self) -> Result<(), PhoneError> {
        if !self.ports.network.is_online() {
            return Err(PhoneError::Offline);
        }
        if self.ports.gate.user_verification() == UserVerification::NotConfigured {
            return Err(PhoneError::NoUserVerification);
        }
        Ok(())
    }

    /// The registration that a computer belongs to.
    pub(crate) fn registration_behind(&self, computer: &Computer) -> Result<Registration, PhoneError> {
        self.vault.registration(&computer.device_id)?.ok_or(PhoneError::UnknownComputer)
    }
}

impl<'a> Counterpart<'a> {
    /// A computer that this phone is paired with.
    pub(crate) fn paired(computer: &'a Computer) -> Self {
        Counterpart {
            machine_id: &computer.machine_id,
            machine_key: &computer.public_key,
            psk: Psk::of_pairing(&computer.pairing_secret),
            name: &computer.name,
            credential_id: &computer.credential_id,
            rp_id: &computer.rp_id,
        }
    }
}

/// Why no request could be opened: a server that does not know the computer is asked for nothing else.
fn not_opened(error: ControlCenterError) -> PhoneError {
    match error.refusal() {
        Some(RefusalCode::NotFound | RefusalCode::Forbidden) => PhoneError::UnknownComputer,
        _ => in_sign_in(error),
    }
}

/// Whether the computer, or the server on the way to it, cannot be reached.
const fn is_unreachable(error: &PhoneError) -> bool {
    match error {
        PhoneError::ComputerUnreachable => true,
        PhoneError::ControlCenter(_, error) => matches!(
            error,
            ControlCenterError::Unreachable
                | ControlCenterError::Untrusted
                | ControlCenterError::TimedOut
                | ControlCenterError::Closed
                | ControlCenterError::Refused { status: 500.., .. }
        ),
        _ => false,
    }
}

pub(crate) async fn say(
    mailbox: &Mailbox<'_>,
    channel: &mut Channel,
    message: &FromPhone,
) -> Result<(), PhoneError> {
    mailbox.post(channel.seal(message)?).await
}

pub(crate) async fn hear(
    mailbox: &mut Mailbox<'_>,
    channel: &mut Channel,
) -> Result<FromComputer, PhoneError> {
    let frame = mailbox.receive().await?;
    Ok(channel.open(&frame)?)
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
