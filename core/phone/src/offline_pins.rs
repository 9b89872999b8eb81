//! Offline PINs on the phone: when one is offered, and showing it.

use latchkey_authenticator::Cancel;
use latchkey_authenticator::ports::{GateError, Prompt, PromptKind, StoreError, UserGate, UserVerification};
use latchkey_offline::{Ledger, LedgerStatus, OfflineError, Pin, State};
use latchkey_vault::Computer;

use crate::error::PhoneError;
use crate::error_id::{ErrorId, Phase};
use crate::events::Event;
use crate::phone::Phone;
use crate::ports::Step;

/// The offline PINs of a phone's computers.
#[derive(Clone, Copy)]
pub struct OfflinePins<'a> {
    phone: &'a Phone,
}

/// Where the offline PINs of a computer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinStatus {
    /// Where they stand.
    pub state: State,
    /// PINs that were not shown yet.
    pub remaining: u16,
    /// PINs that the set began with.
    pub total: u16,
    /// When they end, in Unix seconds; `None` without a living set.
    pub expires_at: Option<u64>,
    /// What the person should know about them: a warning, or why there is none.
    pub notice: Option<ErrorId>,
}

/// A PIN on the screen.
#[derive(Debug)]
pub struct ShownPin {
    /// The PIN.
    pub pin: Pin,
    /// Hide it at this time, in Unix seconds of the phone's clock.
    pub hide_at: u64,
    /// Where the set stands with this PIN burnt.
    pub status: PinStatus,
}

/// What a tap on a computer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlockWay {
    /// It unlocks online ([`Phone::unlock`]).
    Online {
        /// A long press shows a PIN instead.
        pin_on_long_press: bool,
    },
    /// The phone is offline, and says so on its main screen (`hybrid.no_internet`): the tap goes straight to the PIN.
    Offline {
        /// There is something to go to: the computer was unlocked online before.
        pin_on_tap: bool,
    },
}

impl PinStatus {
    /// Whether the button for a PIN is there. It stays away before the first set has come, and comes
    /// with it for good: later it is also where the person learns why there is no PIN.
    #[must_use]
    pub const fn offered(&self) -> bool {
        !matches!(self.state, State::NotProvisioned)
    }
}

impl From<LedgerStatus> for PinStatus {
    fn from(status: LedgerStatus) -> Self {
        let LedgerStatus { state, remaining, total, expires_at } = status;
        PinStatus { state, remaining, total, expires_at, notice: notice(state) }
    }
}

/// What a state means to the person.
pub(crate) const fn notice(state: State) -> Option<ErrorId> {
    match state {
        State::Ok => None,
        State::Low => Some(ErrorId::OfflineLow),
        State::Exhausted => Some(ErrorId::OfflineExhausted),
        State::Expired => Some(ErrorId::OfflineExpired),
        State::Revoked => Some(ErrorId::OfflineDisabled),
        State::NotProvisioned => Some(ErrorId::OfflineNotProvisioned),
        _ => Some(ErrorId::AnyInternal),
    }
}

impl<'a> OfflinePins<'a> {
    pub(crate) const fn new(phone: &'a Phone) -> Self {
        OfflinePins { phone }
    }

    /// Where the PINs of a computer stand. Changes nothing.
    ///
    /// # Errors
    /// [`PhoneError::UnknownComputer`], [`PhoneError::Store`], [`PhoneError::OfflinePin`]
    pub fn status(self, machine_id: &str) -> Result<PinStatus, PhoneError> {
        self.phone.computer_of(machine_id)?;
        Ok(self.phone.ledger().status(machine_id, self.phone.ports.clock.unix_seconds())?.into())
    }

    /// What a tap on a computer does now.
    ///
    /// # Errors
    /// Those of [`OfflinePins::status`]
    pub fn unlock_way(self, machine_id: &str) -> Result<UnlockWay, PhoneError> {
        let offered = self.status(machine_id)?.offered();
        Ok(if self.phone.ports.network.is_online() {
            UnlockWay::Online { pin_on_long_press: offered }
        } else {
            UnlockWay::Offline { pin_on_tap: offered }
        })
    }

    /// Verifies the person and shows the next PIN of a computer, which is burnt before this returns.
    /// Within its display time the same PIN is shown again. Works while an unlock is under way.
    ///
    /// # Errors
    /// [`PhoneError::UnknownComputer`]; [`PhoneError::NoUserVerification`]; [`PhoneError::OfflinePin`]
    /// when there is no PIN to show; [`PhoneError::Prompt`], [`PhoneError::Canceled`],
    /// [`PhoneError::TimedOut`]; [`PhoneError::Store`]. No PIN was shown then; when the storage failed
    /// one may be burnt.
    pub async fn display(self, machine_id: &str, cancel: &Cancel) -> Result<ShownPin, PhoneError> {
        let phone = self.phone;
        let computer = phone.computer_of(machine_id)?;
        let ledger = phone.ledger();
        let before = ledger.status(machine_id, phone.ports.clock.unix_seconds())?;
        // Nobody is verified for a set that is not there.
        if before.expires_at.is_none() {
            return Err(gone(before.state).into());
        }
        verify(phone, &computer, cancel).await?;

        let shown = ledger.display(machine_id, phone.ports.clock.unix_seconds())?;
        note(phone, &computer, before, shown.status);
        Ok(ShownPin { pin: shown.pin, hide_at: shown.hide_at, status: shown.status.into() })
    }
}

/// Why there is no living set.
const fn gone(state: State) -> OfflineError {
    match state {
        State::Exhausted => OfflineError::Exhausted,
        State::Expired => OfflineError::Expired,
        State::Revoked => OfflineError::Revoked,
        _ => OfflineError::NotProvisioned,
    }
}

/// One prompt, which must verify the person.
async fn verify(phone: &Phone, computer: &Computer, cancel: &Cancel) -> Result<(), PhoneError> {
    if phone.gate.user_verification() == UserVerification::NotConfigured {
        return Err(PhoneError::NoUserVerification);
    }
    let timeout = phone.config.policy.prompt_timeout;
    let kind = PromptKind::ShowPin { computer: computer.name.clone() };
    let consent = tokio::select! {
        biased;
        () = phone.authenticator.closed() => return Err(StoreError::Closed.into()),
        () = cancel.cancelled() => return Err(PhoneError::Canceled(Phase::Get)),
        consent = phone.gate.ask(Prompt { kind, verify: true, timeout }) => consent?,
        () = phone.ports.clock.sleep(timeout) => return Err(PhoneError::TimedOut(Phase::Get)),
    };
    if consent.verified { Ok(()) } else { Err(GateError::VerificationFailed.into()) }
}

/// Tells the audit trail and the person what has changed by showing a PIN.
fn note(phone: &Phone, computer: &Computer, before: LedgerStatus, after: LedgerStatus) {
    let event = |event| phone.note_event(&computer.tenant, event, &computer.machine_id);
    if after.remaining < before.remaining {
        event(Event::PinDisplayed);
        match after.state {
            State::Exhausted => event(Event::PinsExhausted),
            State::Low if before.state == State::Ok => event(Event::PinsLow),
            _ => {}
        }
    }
    if matches!(after.state, State::Low | State::Exhausted) {
        phone.ports.observer.reached(Step::OfflinePinsLow);
    }
}

impl Phone {
    /// The offline PINs of this phone's computers.
    #[must_use]
    pub const fn offline_pins(&self) -> OfflinePins<'_> {
        OfflinePins::new(self)
    }

    /// The ledger of offline PINs.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::new(self.vault.clone())
    }

    /// A computer of this phone that has not been removed.
    pub(crate) fn computer_of(&self, machine_id: &str) -> Result<Computer, PhoneError> {
        let computer = self.vault.computer(machine_id)?;
        computer.filter(|computer| !computer.leaving).ok_or(PhoneError::UnknownComputer)
    }
}

#[cfg(test)]
mod tests;
