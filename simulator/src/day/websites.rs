//! A website on somebody's computer, and a passkey of the phone: the hybrid transport.

use latchkey_authenticator::Cancel;
use latchkey_ctap::{Algorithm, RelyingParty as Rp, User};
use latchkey_hybrid::RequestHint;
use tokio::sync::oneshot;

use super::{Broken, Day, broken};
use crate::computer::ComputerStep;
use crate::webauthn::client::{self, Assertion, Creation};
use crate::webauthn::relying_party::{self, RelyingParty};

const ORIGIN: &str = "https://shop.example.net";
const RP_ID: &str = "shop.example.net";

impl Day {
    /// Makes a passkey for a website, and signs in with it.
    pub(super) async fn website(&mut self, p: usize) -> Result<String, Broken> {
        let mut website = RelyingParty::new(RP_ID, ORIGIN);
        let name = format!("customer {}", self.model.phones[p].websites);
        let handle = format!("{name} of {p}").into_bytes();
        let challenge = relying_party::challenge();
        let pending = client::create(&Creation {
            origin: ORIGIN.to_owned(),
            rp: Rp { id: RP_ID.to_owned(), name: None },
            user: User { id: handle.clone(), name: Some(name), display_name: None },
            challenge: challenge.clone(),
            algorithms: vec![Algorithm::ES256],
            exclude: vec![],
            discoverable: true,
            attestation: false,
            prf: None,
        })
        .map_err(broken)?;
        let answer = self.meet_nearby(p, RequestHint::MakeCredential, pending.request.clone()).await?;
        let created = pending.created(&answer).map_err(broken)?;
        website.register(&handle, &challenge, &created).map_err(broken)?;
        self.model.phones[p].websites += 1;

        let challenge = relying_party::challenge();
        let pending = client::get(&Assertion {
            origin: ORIGIN.to_owned(),
            rp_id: RP_ID.to_owned(),
            challenge: challenge.clone(),
            allow: vec![created.raw_id.0.clone()],
            prf: None,
        })
        .map_err(broken)?;
        let answer = self.meet_nearby(p, RequestHint::GetAssertion, pending.request.clone()).await?;
        website.authenticate(&challenge, &pending.asserted(&answer).map_err(broken)?).map_err(broken)?;
        Ok("registered and signed in".to_owned())
    }

    async fn meet_nearby(
        &mut self,
        p: usize,
        hint: RequestHint,
        request: Vec<u8>,
    ) -> Result<Vec<u8>, Broken> {
        let phone = self.world.phone(p)?;
        let (computer, mut scanner) = (self.world.computer(), self.world.listen()?);
        let (shown, code) = oneshot::channel();
        let mut shown = Some(shown);
        let asking = computer.ask(hint, request, &mut *scanner, |step| {
            if let (ComputerStep::Show(code), Some(shown)) = (&step, shown.take()) {
                let _ = shown.send((*code).to_owned());
            }
        });
        let reading = async {
            let code = code.await.map_err(|_| Broken("a code must be shown".to_owned()))?;
            phone.approve(&[code], &Cancel::new()).await.map_err(broken)
        };
        let (answer, approved) = tokio::join!(asking, reading);
        approved?;
        answer.map_err(broken)
    }
}
