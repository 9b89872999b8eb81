//! The lock of the workstation, and all ways to leave it.
//!
//! The lock is left by handing an `Unlock` to the store. Its fields are private to this file, and each
//! function that makes one checks the proof itself: whoever holds one has seen a proof verified.

use latchkey_offline::{OfflineError, Verifier};
use latchkey_phone::control_center::wire::AccountKind;
use latchkey_unlock::{Proof, ProofError, verify};

use super::control_center::ControlCenter;
use super::error::WorkstationError;
use super::store::Pairing;
use crate::webauthn::json::AuthenticationResponse;

/// Whether the workstation is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockState {
    /// Nobody is signed in.
    Locked,
    /// Somebody is.
    Unlocked(Session),
}

/// Who is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The account.
    pub account: String,
    /// What let it in.
    pub how: How,
    /// The phone that did, if it is one that is paired.
    pub device_id: Option<String>,
    /// Unix seconds.
    pub since: u64,
}

/// A way to leave the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The owner of a paired phone chose this workstation on it.
    Phone,
    /// A phone read the workstation's sign-in code.
    Code,
    /// A phone read the workstation's `FIDO:/` code, "Scan QR to Login".
    Scan,
    /// An offline PIN was typed.
    Pin,
}

impl How {
    /// A short name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            How::Phone => "phone",
            How::Code => "code",
            How::Scan => "scan",
            How::Pin => "pin",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [How::Phone, How::Code, How::Scan, How::Pin].into_iter().find(|how| how.name() == name)
    }
}

/// A proof was checked: the capability to leave the lock, once.
#[must_use]
pub(super) struct Unlock {
    account: String,
    how: How,
    /// The phone whose passkey proved it, and its counter before and after.
    phone: Option<(Pairing, u32)>,
}

impl Unlock {
    /// A proof that came through the channel with this challenge. `how` tells whether the phone is paired
    /// already, or is from the sign-in code.
    pub(super) fn by_proof(
        pairing: Pairing,
        how: How,
        proof: &Proof,
        challenge: &[u8; 32],
    ) -> Result<Self, ProofError> {
        let counter = verify(proof, &pairing.passkey, challenge)?;
        Ok(Unlock { account: pairing.username.clone(), how, phone: Some((pairing, counter)) })
    }

    /// An assertion that the Control Center verified, whose challenge it was. The account is one of its
    /// own, and not local.
    pub(super) async fn by_assertion(
        control_center: &ControlCenter,
        assertion: AuthenticationResponse,
    ) -> Result<Self, WorkstationError> {
        let verified = control_center.assertion_result(assertion).await?;
        if verified.account_kind == AccountKind::Local {
            return Err(WorkstationError::LocalAccount);
        }
        Ok(Unlock { account: verified.username, how: How::Scan, phone: None })
    }

    /// A PIN that the verifier of this account accepted and used up. Also returns how many are left.
    pub(super) fn by_pin(
        verifier: &Verifier,
        account: &str,
        typed: &str,
        now: u64,
    ) -> Result<(Self, u16), OfflineError> {
        let accepted = verifier.verify(typed, now)?;
        Ok((Unlock { account: account.to_owned(), how: How::Pin, phone: None }, accepted.remaining))
    }

    pub(super) fn session(&self, now: u64) -> Session {
        Session {
            account: self.account.clone(),
            how: self.how,
            device_id: self.phone.as_ref().map(|(pairing, _)| pairing.device_id.clone()),
            since: now,
        }
    }

    /// The pairing that a sign-in code leaves behind.
    pub(super) fn new_pairing(&self) -> Option<&Pairing> {
        self.phone.as_ref().filter(|_| self.how == How::Code).map(|(pairing, _)| pairing)
    }

    /// Of which phone the passkey's counter goes on, from where and to where.
    pub(super) fn counter(&self) -> Option<(&str, u32, u32)> {
        let (pairing, after) = self.phone.as_ref()?;
        Some((&pairing.device_id, pairing.passkey.sign_count, *after))
    }
}

impl core::fmt::Debug for Session {
    /// Without the account's name.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session").field("how", &self.how).field("since", &self.since).finish_non_exhaustive()
    }
}
