//! "Scan QR to Login": the lock screen shows a `FIDO:/` code, the phone answers it with a passkey of the
//! tenant, near by (CTAP 2.3 section 11.5), and the Control Center verifies the answer.

use latchkey_hybrid::RequestHint;
use latchkey_phone::control_center::wire::{AssertionResultResponse, RequestOptions};

use super::Workstation;
use super::error::WorkstationError;
use super::lock::{Session, Unlock};
use crate::air::Scanner;
use crate::computer::{Computer, ComputerError, ComputerStep};
use crate::webauthn::client::{self, Assertion, Pending};
use crate::webauthn::json::AuthenticationResponse;

/// A phone unlocked the workstation across devices.
#[derive(Debug)]
pub struct Scanned {
    /// Who is signed in now.
    pub session: Session,
    /// Whether to offer a passkey on this workstation: [`Workstation::create_passkey`] or
    /// [`Workstation::decline_passkey`].
    pub offer_passkey: bool,
}

impl Workstation {
    /// Shows a code (the first step told) and unlocks for the account whose passkey answers it.
    ///
    /// # Errors
    /// [`WorkstationError`]; the lock is as it was.
    pub async fn unlock_by_scan(
        &self,
        computer: &Computer,
        scanner: &mut dyn Scanner,
        tell: impl FnMut(ComputerStep<'_>) + Send,
    ) -> Result<Scanned, WorkstationError> {
        let control_center = self.control_center()?;
        let unlocked = async {
            let pending = request(&control_center.assertion_options().await?);
            let assertion = ask(computer, pending, scanner, tell).await?;
            let unlock = Unlock::by_assertion(&control_center, assertion).await?;
            self.leave_lock(&unlock)
        };
        match unlocked.await {
            Ok(session) => {
                self.note("X_UNLOCK_COMPLETED")?;
                let offer_passkey = self.offers_passkey(&session.account)?;
                Ok(Scanned { session, offer_passkey })
            }
            Err(error) => {
                self.note("X_UNLOCK_FAILED")?;
                Err(error)
            }
        }
    }
}

/// The page's request to a passkey: the sign-in page of the tenant, whose origin is its RP ID.
pub(super) fn request(options: &RequestOptions) -> Pending {
    client::get_unchecked(&Assertion {
        origin: format!("https://{}", options.rp_id),
        rp_id: options.rp_id.clone(),
        challenge: options.challenge.0.clone(),
        allow: options.allow_credentials.iter().map(|credential| credential.id.0.clone()).collect(),
        prf: None,
    })
}

/// Has the request answered by a phone near by.
pub(super) async fn ask(
    computer: &Computer,
    pending: Pending,
    scanner: &mut dyn Scanner,
    tell: impl FnMut(ComputerStep<'_>) + Send,
) -> Result<AuthenticationResponse, WorkstationError> {
    let answer: Result<Vec<u8>, ComputerError> =
        computer.ask(RequestHint::GetAssertion, pending.request.clone(), scanner, tell).await;
    Ok(pending.asserted(&answer?)?)
}

/// Whether the account that a website let in is the one that is signed in here.
pub(super) fn same_account(verified: &AssertionResultResponse, session: &Session) -> bool {
    verified.username == session.account
}
