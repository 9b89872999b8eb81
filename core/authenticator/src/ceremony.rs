//! What every ceremony is made of: the lock, the prompt, the cancellation.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use std::sync::atomic::Ordering;

use latchkey_ctap::Status;

use crate::authenticator::Authenticator;
use crate::cancel::Cancel;
use crate::keys::{self, CredentialKey};
use crate::ports::{Consent, Prompt, PromptKind, UserVerification};

/// One command that involves the person. While it lives no other can begin; dropping it, wherever
/// the command was interrupted, lets the next one in.
pub(crate) struct Ceremony<'a> {
    authenticator: &'a Authenticator,
    cancel: &'a Cancel,
}

impl Authenticator {
    /// Begins a ceremony: [`Status::CHANNEL_BUSY`] while another one is open,
    /// [`Status::KEEPALIVE_CANCEL`] if it is cancelled already, [`Status::OTHER`] after
    /// [`Authenticator::close`].
    pub(crate) fn begin<'a>(&'a self, cancel: &'a Cancel) -> Result<Ceremony<'a>, Status> {
        if self.busy.swap(true, Ordering::Acquire) {
            return Err(Status::CHANNEL_BUSY);
        }
        let ceremony = Ceremony { authenticator: self, cancel };
        ceremony.check_cancelled()?;
        Ok(ceremony)
    }
}

impl Drop for Ceremony<'_> {
    fn drop(&mut self) {
        self.authenticator.busy.store(false, Ordering::Release);
    }
}

impl Ceremony<'_> {
    /// Whether the prompt of this ceremony verifies the person: always when the device can (the
    /// meaning of `alwaysUv`, without advertising it). A client that insists on what the device
    /// cannot do gets [`Status::INVALID_OPTION`].
    pub(crate) fn verifies(&self, requested: Option<bool>) -> Result<bool, Status> {
        match self.authenticator.ports.gate.user_verification() {
            UserVerification::Configured => Ok(true),
            UserVerification::NotConfigured if requested == Some(true) => Err(Status::INVALID_OPTION),
            UserVerification::NotConfigured => Ok(false),
        }
    }

    /// Shows a prompt and waits for a yes, for the time-out of the policy, or for the cancellation.
    /// A prompt that had to verify the person and did not is no yes.
    pub(crate) async fn ask(&self, kind: PromptKind, verify: bool) -> Result<Consent, Status> {
        let timeout = self.authenticator.policy.prompt_timeout;
        let signs = matches!(kind, PromptKind::Register { .. } | PromptKind::SignIn { .. });
        let mut answer = self.authenticator.ports.gate.ask(Prompt { kind, verify, timeout });
        let mut too_late = self.authenticator.ports.clock.sleep(timeout);
        let answered_in_time = poll_fn(|context| match answer.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(answer.map_err(Status::from)),
            Poll::Pending => {
                // The person has the prompt before them: nobody waits for this thread.
                if signs {
                    keys::prepare();
                }
                too_late.as_mut().poll(context).map(|()| Err(Status::USER_ACTION_TIMEOUT))
            }
        });
        let consent = self.unless_cancelled(answered_in_time).await??;
        if verify && !consent.verified { Err(Status::PUAT_REQUIRED) } else { Ok(consent) }
    }

    /// Steps 1 and 2 of makeCredential and getAssertion (CTAP 2.3 sections 6.1.2 and 6.2.2): there is
    /// no PIN, and no PIN/UV auth protocol is supported.
    pub(crate) async fn refuse_pin_uv_auth(
        &self,
        param: Option<&[u8]>,
        protocol: Option<u64>,
    ) -> Result<(), Status> {
        match (param, protocol) {
            (None, _) => Ok(()),
            (Some([]), _) => Err(self.touch().await),
            (Some(_), None) => Err(Status::MISSING_PARAMETER),
            (Some(_), Some(_)) => Err(Status::INVALID_PARAMETER),
        }
    }

    /// Asks for a bare touch, as clients do that let the person choose among several authenticators
    /// and do not know authenticatorSelection. The answer to a touch is [`Status::PIN_NOT_SET`].
    pub(crate) async fn touch(&self) -> Status {
        match self.ask(PromptKind::Presence { rp_id: None }, false).await {
            Ok(_) => Status::PIN_NOT_SET,
            Err(status) => status,
        }
    }

    /// Signs authenticator data and client data hash with a credential's key.
    pub(crate) async fn sign(
        &self,
        key: &CredentialKey,
        auth_data: &[u8],
        client_data_hash: &[u8; 32],
    ) -> Result<Vec<u8>, Status> {
        let message = [auth_data, client_data_hash].concat();
        match key {
            CredentialKey::Software(key) => Ok(key.sign(&message)),
            CredentialKey::Hardware(key) => {
                let signature = self.authenticator.ports.keys.sign(&key.handle, &message);
                Ok(self.unless_cancelled(signature).await??)
            }
        }
    }

    /// [`Status::OTHER`] once the authenticator is closed, [`Status::KEEPALIVE_CANCEL`] once the ceremony
    /// is cancelled.
    pub(crate) fn check_cancelled(&self) -> Result<(), Status> {
        if self.authenticator.closed.is_cancelled() {
            Err(Status::OTHER)
        } else if self.cancel.is_cancelled() {
            Err(Status::KEEPALIVE_CANCEL)
        } else {
            Ok(())
        }
    }

    /// The outcome of `future`, or what [`Ceremony::check_cancelled`] says as soon as it says so, even when
    /// both are there at once.
    pub(crate) async fn unless_cancelled<T>(&self, future: impl Future<Output = T>) -> Result<T, Status> {
        let mut closed = pin!(self.authenticator.closed.cancelled());
        let mut cancelled = pin!(self.cancel.cancelled());
        let mut future = pin!(future);
        poll_fn(|context| {
            if closed.as_mut().poll(context).is_ready() {
                Poll::Ready(Err(Status::OTHER))
            } else if cancelled.as_mut().poll(context).is_ready() {
                Poll::Ready(Err(Status::KEEPALIVE_CANCEL))
            } else {
                future.as_mut().poll(context).map(Ok)
            }
        })
        .await
    }
}
