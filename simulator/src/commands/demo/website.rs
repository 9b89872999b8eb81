//! The scenes on the web: a passkey is made and used across devices, and a page with the wrong origin fails.

use std::path::Path;
use std::sync::Arc;

use latchkey_authenticator::Cancel;
use latchkey_ctap::{Algorithm, RelyingParty as Rp, User};
use latchkey_hybrid::RequestHint;
use rand_core::{OsRng, RngCore};
use serde::Serialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::super::Failure;
use super::keep;
use super::world::{World, failed};
use crate::computer::ComputerStep;
use crate::timeline::{Actor, Timeline};
use crate::webauthn::client::{self, Assertion, ClientError, Creation};
use crate::webauthn::json::Base64Url;
use crate::webauthn::relying_party::{self, Refusal, RelyingParty};

pub(super) const RP_ID: &str = "example.com";
pub(super) const ORIGIN: &str = "https://login.example.com";
const LOOK_ALIKE: &str = "https://login.examp1e.com";

/// A website and somebody who has an account there.
pub(super) struct Website {
    relying_party: RelyingParty,
    user: User,
}

impl Website {
    pub(super) fn new() -> Self {
        let mut handle = vec![0; 16];
        OsRng.fill_bytes(&mut handle);
        Website {
            relying_party: RelyingParty::new(RP_ID, ORIGIN),
            user: User {
                id: handle,
                name: Some("ada@example.com".to_owned()),
                display_name: Some("Ada".to_owned()),
            },
        }
    }

    pub(super) async fn register(
        &mut self,
        world: &World,
        timeline: &Arc<Timeline>,
        out: Option<&Path>,
    ) -> Result<(), Failure> {
        let challenge = relying_party::challenge();
        let pending = client::create(&Creation {
            origin: ORIGIN.to_owned(),
            rp: Rp { id: RP_ID.to_owned(), name: Some("Example".to_owned()) },
            user: self.user.clone(),
            challenge: challenge.clone(),
            algorithms: vec![Algorithm::ES256, Algorithm::EDDSA],
            exclude: vec![],
            discoverable: true,
            attestation: true,
            prf: None,
        })?;
        timeline.verified(
            Actor::Computer,
            format!("page {ORIGIN} asks for a passkey"),
            &["origin may use the RP ID"],
        );
        let answer = meet(world, timeline, RequestHint::MakeCredential, pending.request.clone(), out).await?;
        let response = pending.created(&answer)?;
        let verified = self.relying_party.register(&self.user.id, &challenge, &response)?;
        timeline.verified(Actor::RelyingParty, "accepts the registration", &verified);
        if let Some(directory) = out {
            keep(directory, "registration.json", &self.evidence(&challenge, &response))?;
        }
        Ok(())
    }

    pub(super) async fn sign_in(
        &mut self,
        world: &World,
        timeline: &Arc<Timeline>,
        out: Option<&Path>,
    ) -> Result<(), Failure> {
        let challenge = relying_party::challenge();
        let pending = client::get(&Assertion {
            origin: ORIGIN.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge.clone(),
            allow: vec![],
            prf: None,
        })?;
        timeline.verified(
            Actor::Computer,
            format!("page {ORIGIN} asks for a sign-in"),
            &["origin may use the RP ID"],
        );
        let answer = meet(world, timeline, RequestHint::GetAssertion, pending.request.clone(), None).await?;
        let response = pending.asserted(&answer)?;
        let verified = self.relying_party.authenticate(&challenge, &response)?;
        timeline.verified(Actor::RelyingParty, "accepts the sign-in", &verified);
        if let Some(directory) = out {
            keep(directory, "authentication.json", &self.evidence(&challenge, &response))?;
        }
        Ok(())
    }

    /// A look-alike page relays a genuine challenge. A browser refuses it; and where the client itself
    /// is hostile, the phone signs over the origin it was told, so that the relying party refuses.
    pub(super) async fn wrong_origin(
        &mut self,
        world: &World,
        timeline: &Arc<Timeline>,
    ) -> Result<(), Failure> {
        let challenge = relying_party::challenge();
        let page = Assertion {
            origin: LOOK_ALIKE.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge.clone(),
            allow: vec![],
            prf: None,
        };
        match client::get(&page) {
            Err(ClientError::OriginMismatch { .. }) => timeline.verified(
                Actor::Computer,
                format!("browser refuses page {LOOK_ALIKE}"),
                &["origin may not use the RP ID"],
            ),
            _ => return Err(Failure::new(1, "the browser let the wrong origin through")),
        }
        let pending = client::get_unchecked(&page);
        timeline.note(Actor::Computer, "hostile client asks all the same");
        let answer = meet(world, timeline, RequestHint::GetAssertion, pending.request.clone(), None).await?;
        match self.relying_party.authenticate(&challenge, &pending.asserted(&answer)?) {
            Err(Refusal::WrongOrigin) => {
                timeline.verified(Actor::RelyingParty, "refuses the sign-in", &["signed origin is not ours"]);
                Ok(())
            }
            Err(other) => Err(Failure::new(1, format!("refused for another reason: {other}"))),
            Ok(_) => Err(Failure::new(1, "the relying party accepted the wrong origin")),
        }
    }

    /// What a relying party needs in order to check a response for itself.
    fn evidence(&self, challenge: &[u8], response: &impl Serialize) -> serde_json::Value {
        json!({
            "rpId": RP_ID,
            "origin": ORIGIN,
            "challenge": Base64Url(challenge.to_vec()),
            "userHandle": Base64Url(self.user.id.clone()),
            "response": response,
        })
    }
}

/// One ceremony: the computer shows a picture, the phone reads it and answers.
async fn meet(
    world: &World,
    timeline: &Arc<Timeline>,
    hint: RequestHint,
    request: Vec<u8>,
    out: Option<&Path>,
) -> Result<Vec<u8>, Failure> {
    let (show, shown) = oneshot::channel();
    let mut show = Some(show);
    let mut scanner = world.air.listen().map_err(failed)?;
    let computer = world.computer.ask(hint, request, &mut scanner, |step| {
        told_by_computer(timeline, &step);
        if let (ComputerStep::Show(code), Some(show)) = (step, show.take()) {
            // A phone that has gone away shows in its own result.
            let _ = show.send(code.to_owned());
        }
    });
    let phone = async {
        let code = shown.await.map_err(|_| Failure::new(1, "the computer showed nothing"))?;
        let texts = world.look_at(timeline, &code, out.map(|folder| folder.join("qr.png")).as_deref())?;
        let approval = world.phone.approve(&texts, &Cancel::new()).await?;
        let answer = approval.into_answer().ok_or_else(|| Failure::new(1, "the phone read another code"))?;
        match answer.error {
            None => Ok(()),
            Some(id) => Err(Failure::of(id, answer.status)),
        }
    };
    let (answer, approved) = tokio::join!(computer, phone);
    // The phone knows better why it did not answer than the computer that got no answer.
    approved?;
    Ok(answer?)
}

/// Notes what the computer tells of a hybrid ceremony.
pub(super) fn told_by_computer(timeline: &Timeline, step: &ComputerStep<'_>) {
    match step {
        ComputerStep::Show(_) => timeline.note(Actor::Computer, "shows a QR code"),
        ComputerStep::PhoneHeard => {
            let verified = ["phone is near and read this code"];
            timeline.verified(Actor::Computer, "hears the phone's advert", &verified);
        }
        ComputerStep::Connected(info) => timeline.verified(
            Actor::Computer,
            format!("connected to a phone that speaks {}", info.versions.join(", ")),
            &["phone holds the secret of the code"],
        ),
        ComputerStep::Answered(bytes) => {
            timeline.note(Actor::Computer, format!("has the answer, {bytes} bytes"));
        }
    }
}
