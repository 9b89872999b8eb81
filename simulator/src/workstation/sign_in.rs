//! The session passkey: signing in to websites with the phone that unlocked the workstation, without
//! scanning anything (docs/control-center.md, section "Unlock").

use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::{OpenRequest, Purpose, RequestState};
use latchkey_unlock::{Channel, FromComputer, FromPhone, SignInOutcome, accept};
use tokio::sync::oneshot;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::Workstation;
use super::conversation::Conversation;
use super::error::WorkstationError;
use super::hybrid::{ask, request, same_account};
use super::lock::{LockState, Session};
use super::pairing::ShownCode;
use crate::air::Scanner;
use crate::computer::{Computer, ComputerStep};

/// How long the phone has to come to the channel. It is in its owner's pocket, with the screen on or not.
const PHONE_COMES: Duration = Duration::from_secs(30);

/// How a sign-in was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// The phone that unlocked the workstation was near.
    SessionPasskey,
    /// Nearness could not be shown: a phone read the sign-in code on the screen.
    Code,
}

impl Workstation {
    /// Signs the account of this session in at the tenant's sign-in page. `show` gets the sign-in code if
    /// nearness cannot be shown.
    ///
    /// # Errors
    /// [`WorkstationError::SignInFirst`] when the workstation is locked; [`WorkstationError`]
    pub async fn sign_in(
        &self,
        computer: &Computer,
        scanner: &mut dyn Scanner,
        show: impl FnOnce(&ShownCode) + Send,
        cancel: &Cancel,
    ) -> Result<SignedIn, WorkstationError> {
        let LockState::Unlocked(session) = self.lock_state()? else {
            return Err(WorkstationError::SignInFirst);
        };
        match self.sign_in_nearby(&session, computer, scanner, cancel).await {
            Ok(()) => return Ok(SignedIn::SessionPasskey),
            // The owner said no, here or there: no other way is offered.
            Err(error @ (WorkstationError::Cancelled | WorkstationError::WebAuthn(_))) => return Err(error),
            Err(error @ WorkstationError::ForeignAnswer) => return Err(error),
            Err(_) => {}
        }
        let served = self.unlock_by_code(false, show, cancel).await?;
        match served.session.account == session.account {
            true => Ok(SignedIn::Code),
            false => Err(WorkstationError::ForeignAnswer),
        }
    }

    /// The phone serves a fresh code as if it had read it from the screen.
    async fn sign_in_nearby(
        &self,
        session: &Session,
        computer: &Computer,
        scanner: &mut dyn Scanner,
        cancel: &Cancel,
    ) -> Result<(), WorkstationError> {
        let device_id = session.device_id.as_ref().ok_or(WorkstationError::NotPaired)?;
        let pairing = self.store.pairing(device_id)?.ok_or(WorkstationError::NotPaired)?;
        let identity = self.store.identity()?;
        let control_center = self.control_center()?;
        let opened = control_center
            .open_request(&OpenRequest {
                purpose: Purpose::SignIn,
                machine_id: identity.machine_id.clone(),
                device_id: Some(device_id.clone()),
            })
            .await?;
        let mut talk = Conversation::new(control_center.clone(), &opened.request_id);

        let signed_in = async {
            // Step 1 of the channel: the phone opens it.
            let message1 =
                timeout(PHONE_COMES, talk.receive()).await.map_err(|_| WorkstationError::RequestOver)??;
            let (message2, mut channel) =
                accept(&identity.key, &identity.machine_id, &pairing.psk(), &message1, &mut self.rng())?;
            talk.send(message2).await?;

            // The code goes through the channel as soon as there is one, while this computer listens.
            let pending = request(&control_center.assertion_options().await?);
            let (code_made, code) = oneshot::channel();
            let mut code_made = Some(code_made);
            let answered = ask(computer, pending, scanner, |step| {
                if let (ComputerStep::Show(code), Some(made)) = (&step, code_made.take()) {
                    let _ = made.send(Zeroizing::new((*code).to_owned()));
                }
            });
            let refused = send_code(&mut talk, &mut channel, code);
            let assertion = tokio::select! {
                answered = answered => answered?,
                refused = refused => return Err(refused),
            };
            let verified = control_center.assertion_result(assertion).await?;
            if same_account(&verified, session) { Ok(()) } else { Err(WorkstationError::ForeignAnswer) }
        };
        let signed_in = tokio::select! {
            signed_in = signed_in => signed_in,
            () = cancel.cancelled() => Err(WorkstationError::Cancelled),
        };
        talk.end(match &signed_in {
            Ok(()) => RequestState::Completed,
            Err(WorkstationError::Cancelled) => RequestState::Canceled,
            Err(_) => RequestState::Failed,
        })
        .await;
        signed_in
    }
}

/// Sends the code through the channel and hears what the phone says about it. Returns only when the phone
/// says that it will not answer the code.
async fn send_code(
    talk: &mut Conversation,
    channel: &mut Channel,
    code: oneshot::Receiver<Zeroizing<String>>,
) -> WorkstationError {
    let told = async {
        let code = code.await.map_err(|_| WorkstationError::Cancelled)?;
        talk.send(channel.seal(&FromComputer::SignIn { code })?).await?;
        match channel.open(&talk.receive().await?)? {
            FromPhone::SignInServed(SignInOutcome::Served) => Ok(()),
            FromPhone::SignInServed(SignInOutcome::Declined) => Err(WorkstationError::Cancelled),
            FromPhone::SignInServed(_) => Err(WorkstationError::RequestOver),
            _ => Err(WorkstationError::UnexpectedMessage),
        }
    };
    match told.await {
        // The answer comes through the tunnel.
        Ok(()) => std::future::pending().await,
        Err(error) => error,
    }
}
