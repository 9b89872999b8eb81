//! Unlocking by phone: the workstation's side of an out-of-band request (docs/control-center.md, section
//! "Unlock"; the numbers of the steps are those of the table there).

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::{RequestState, WaitingRequest};
use latchkey_scan::Operation;
use latchkey_unlock::{Channel, FromComputer, FromPhone, Offline, Psk, Reason, accept, pairing_secret};
use zeroize::Zeroizing;

use super::Workstation;
use super::control_center::ControlCenter;
use super::conversation::Conversation;
use super::error::WorkstationError;
use super::lock::{How, Session, Unlock};
use super::offline::HandedOver;
use super::pairing::ShownCode;
use super::store::{Code, Pairing};

/// A phone unlocked the workstation.
#[derive(Debug)]
pub struct Served {
    /// Who is signed in now.
    pub session: Session,
    /// What became of offline PINs.
    pub offline: HandedOver,
}

impl Workstation {
    /// Serves the request of a paired phone.
    ///
    /// # Errors
    /// [`WorkstationError`]; the lock is as it was.
    pub async fn serve(&self, request: &WaitingRequest) -> Result<Served, WorkstationError> {
        if !self.store.take_request(&request.request_id, request.expires_at)? {
            return Err(WorkstationError::AlreadyServed);
        }
        let mut talk = Conversation::new(self.control_center()?, &request.request_id);
        // The settings and passkeys of now, as far as they can be had.
        let _ = self.sync().await;
        let device_id = request.device_id.as_deref().unwrap_or_default();
        let Some(pairing) = self.store.pairing(device_id)? else {
            talk.end(RequestState::Failed).await;
            return Err(WorkstationError::NotPaired);
        };
        let psk = pairing.psk();
        self.respond(&mut talk, pairing, How::Phone, &psk, None).await
    }

    /// Shows a sign-in code and serves the phone that reads it: one of the tenant, which is paired with
    /// this workstation afterwards.
    ///
    /// # Errors
    /// [`WorkstationError`]; the lock is as it was.
    pub async fn unlock_by_code(
        &self,
        typed: bool,
        show: impl FnOnce(&ShownCode) + Send,
        cancel: &Cancel,
    ) -> Result<Served, WorkstationError> {
        let control_center = self.control_center()?;
        let answer = control_center.create_sign_in_code(typed).await?;
        let text = Zeroizing::new(answer.qr_code);
        let code = self.own_code(&text, Operation::Authenticate, &answer.request_id)?;
        let nonce = Zeroizing::new(code.nonce);
        let (request_id, expires_at) = (answer.request_id, answer.expires_at);
        let mut talk = Conversation::new(control_center.clone(), &request_id);
        let shown =
            ShownCode { text, typed: answer.activation_code, request_id: request_id.clone(), expires_at };
        show(&shown);

        // Message 1 tells that a phone has read the code, and the server which phone it is.
        let message1 = tokio::select! {
            message1 = talk.receive() => message1,
            () = cancel.cancelled() => Err(WorkstationError::Cancelled),
        };
        let message1 = match message1 {
            Ok(message1) => message1,
            Err(error) => {
                talk.end(RequestState::Canceled).await;
                return Err(match error {
                    WorkstationError::RequestOver => WorkstationError::CodeExpired,
                    error => error,
                });
            }
        };
        let (psk, pairing) = (Psk::of_code(&nonce), self.claimer(&control_center, &request_id, &nonce).await);
        let pairing = match pairing {
            Ok(pairing) => pairing,
            Err(error) => {
                talk.end(RequestState::Failed).await;
                return Err(error);
            }
        };
        self.respond(&mut talk, pairing, How::Code, &psk, Some(message1)).await
    }

    /// The phone that has claimed a sign-in code, as it will be paired once its proof verified: the code's
    /// nonce gives the secret. A phone that is paired already is known by the passkey that it has here.
    async fn claimer(
        &self,
        control_center: &ControlCenter,
        request_id: &str,
        nonce: &Zeroizing<[u8; 32]>,
    ) -> Result<Pairing, WorkstationError> {
        let waiting = control_center.waiting_requests(false).await?.requests;
        let request =
            waiting.into_iter().find(|request| request.request_id == request_id && request.from_code);
        let device_id = request.and_then(|request| request.device_id).ok_or(WorkstationError::NotPaired)?;
        let (answer, _) = self.sync_with(control_center).await?;
        if let Some(known) = self.store.pairing(&device_id)? {
            return Ok(Pairing { secret: pairing_secret(nonce, request_id), ..known });
        }
        let listed = answer.pairings.into_iter().find(|listed| listed.device_id == device_id);
        let listed = listed.ok_or(WorkstationError::NotPaired)?;
        let code = Code {
            request_id: request_id.to_owned(),
            username: listed.username.clone(),
            nonce: nonce.clone(),
            expires_at: 0,
        };
        Pairing::of_code(&listed, &code, self.ports.clock.unix_seconds())
    }

    /// Steps 1 to 4 with a phone that claims to be `pairing`'s.
    async fn respond(
        &self,
        talk: &mut Conversation,
        pairing: Pairing,
        how: How,
        psk: &Psk,
        message1: Option<Vec<u8>>,
    ) -> Result<Served, WorkstationError> {
        // Steps 1 and 2.
        let (session, held, mut channel) = match self.prove(talk, pairing, how, psk, message1).await {
            Ok(proved) => proved,
            Err(error) => {
                talk.end(RequestState::Failed).await;
                return Err(error);
            }
        };
        // Step 3. From here on the workstation is unlocked, whatever becomes of the phone.
        let offline = match self.hand_over(talk, &mut channel, &session.account, held).await {
            Ok(offline) => offline,
            Err(error) => HandedOver::Unconfirmed(error),
        };
        talk.end(RequestState::Completed).await;
        Ok(Served { session, offline })
    }

    /// Step 1, the handshake, and step 2, the proof; leaves the lock. Returns what the phone holds of
    /// offline PINs.
    async fn prove(
        &self,
        talk: &mut Conversation,
        pairing: Pairing,
        how: How,
        psk: &Psk,
        message1: Option<Vec<u8>>,
    ) -> Result<(Session, Option<Vec<u8>>, Channel), WorkstationError> {
        let message1 = match message1 {
            Some(message1) => message1,
            None => talk.receive().await?,
        };
        let identity = self.store.identity()?;
        let (message2, mut channel) =
            accept(&identity.key, &identity.machine_id, psk, &message1, &mut self.rng())?;
        talk.send(message2).await?;

        let FromPhone::Proof(proof) = channel.open(&talk.receive().await?)? else {
            return Err(WorkstationError::UnexpectedMessage);
        };
        let unlocked = match Unlock::by_proof(pairing, how, &proof, channel.challenge()) {
            Ok(unlock) => self.leave_lock(&unlock),
            Err(error) => Err(error.into()),
        };
        match unlocked {
            Ok(session) => Ok((session, proof.offline_held, channel)),
            Err(error) => {
                // The phone is told as far as it can be told.
                if let Ok(refused) = channel.seal(&FromComputer::Refused(reason(&error))) {
                    let _ = talk.send(refused).await;
                }
                Err(error)
            }
        }
    }

    /// Steps 3 and 4 as far as the phone hears of them: it is unlocked, and here are offline PINs.
    async fn hand_over(
        &self,
        talk: &mut Conversation,
        channel: &mut Channel,
        account: &str,
        held: Option<Vec<u8>>,
    ) -> Result<HandedOver, WorkstationError> {
        let issue = match self.prepare_pins(account, held) {
            Ok(None) => {
                talk.send(channel.seal(&FromComputer::Unlocked { offline: Offline::Off })?).await?;
                return Ok(HandedOver::Off);
            }
            Ok(Some(issue)) => Ok(issue),
            Err(error) => Err(error),
        };
        talk.send(channel.seal(&FromComputer::Unlocked { offline: Offline::Coming })?).await?;
        let issued = match issue {
            Ok(issue) => issue.run().await,
            Err(error) => Err(error),
        };
        let set = match issued {
            Ok(issued) => issued.handover,
            // No set could be made: the phone keeps the one that it has.
            Err(error) => {
                talk.send(channel.seal(&FromComputer::Bye)?).await?;
                return Err(error);
            }
        };
        self.note("X_OFFLINE_SET_ISSUED")?;
        let set = Zeroizing::new(set.as_bytes().to_vec());
        talk.send(channel.seal(&FromComputer::OfflineSet(set))?).await?;

        let FromPhone::OfflineStored(stored) = channel.open(&talk.receive().await?)? else {
            return Err(WorkstationError::UnexpectedMessage);
        };
        self.confirm_pins(account, &stored)?;
        self.note("X_OFFLINE_SET_CONFIRMED")?;
        talk.send(channel.seal(&FromComputer::Bye)?).await?;
        Ok(HandedOver::Confirmed)
    }
}

/// What the phone is told.
fn reason(error: &WorkstationError) -> Reason {
    match error {
        WorkstationError::Proof(error) => error.reason(),
        WorkstationError::NotPaired => Reason::NotPaired,
        _ => Reason::Unavailable,
    }
}
