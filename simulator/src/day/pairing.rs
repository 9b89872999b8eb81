//! Pairing, unpairing, and settling what was interrupted.

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::{AccountKind, CreateQrRequest, CreateQrResponse, path};
use latchkey_phone::{Approval, ErrorId, Removal};
use latchkey_scan::Code;
use serde_json::{Value, json};

use super::faults::Fault;
use super::model::ACCOUNTS;
use super::unlocking::{expect_refusal, id};
use super::{Broken, Day, Sabotage, broken};
use crate::control_center::WEB_APP;
use crate::workstation::WorkstationError;
use crate::workstation::pairing::ShownCode;

impl Day {
    /// The workstation of somebody who is signed in shows a code, and the phone reads it, or its owner types it.
    pub(super) async fn pair(&mut self, p: usize, d: usize, a: usize, typed: bool) -> Result<String, Broken> {
        if typed {
            // The server takes ten typed codes a minute.
            self.world.time.pass(61);
        }
        let Some(code) = self.begin_pairing(d, a, typed).await? else {
            return Ok("refused: sign in first".to_owned());
        };
        let phone = self.world.phone(p)?;
        let (cancel, text) = (Cancel::new(), code.text.to_string());
        let paired = match &code.typed {
            Some(typed) => {
                self.model.secrets.insert(typed.clone());
                match phone.look_up(&self.world.phone_wire.url(), typed, &cancel).await {
                    Ok(code) => phone.approve_code(Code::ControlCenter(Box::new(code)), &cancel).await,
                    Err(error) => Err(error),
                }
            }
            None => phone.approve(&[&text], &cancel).await,
        };
        let refusal = self.pairing_refusal(p, a);
        if let Some(refusal) = refusal {
            let outcome = expect_refusal(paired, &[refusal])?;
            self.world.workstation(d).sync().await.map_err(broken)?;
            self.model.synced(d);
            return Ok(outcome);
        }
        match paired {
            Ok(Approval::Paired(paired)) if paired.account == ACCOUNTS[a] => {}
            other => return Err(Broken(format!("this must pair, and what came of it is {other:?}"))),
        }
        let workstation = self.world.workstation(d);
        let pairing = workstation.finish_pairing(&code.request_id, &cancel).await.map_err(broken)?;
        if pairing.username != ACCOUNTS[a] {
            return Err(Broken("the workstation paired another account".to_owned()));
        }
        self.used_code = Some(text);
        self.paired(p, Some(d), a)?;
        if self.sabotage == Some(Sabotage::RegistrationsForgotten) {
            self.world.kill_center().await;
            self.world.forget_registrations()?;
            self.world.start_center().await?;
        }
        Ok("paired".to_owned())
    }

    /// Why a phone must not be paired with an account now.
    fn pairing_refusal(&self, p: usize, a: usize) -> Option<ErrorId> {
        let phone = &self.model.phones[p];
        if self.world.phones[p].clock.wrong_by() > 0 {
            Some(ErrorId::PairingExpired)
        } else if !phone.online {
            Some(ErrorId::HybridNoInternet)
        } else if phone.account.is_some_and(|account| account != a) {
            Some(ErrorId::ProviderEntraPasskeyExists)
        } else {
            None
        }
    }

    /// Step 1, unless the workstation wants somebody to sign in first.
    async fn begin_pairing(&mut self, d: usize, a: usize, typed: bool) -> Result<Option<ShownCode>, Broken> {
        let desk = &self.model.desks[d];
        let has_phone = desk.phones.values().any(|account| *account == a);
        let signed_in = desk.session.is_some_and(|(account, ..)| account == a);
        let begun =
            self.world.workstation(d).begin_pairing(ACCOUNTS[a], AccountKind::EntraCloud, typed).await;
        match (begun, has_phone && !signed_in) {
            (Err(WorkstationError::SignInFirst), true) => Ok(None),
            (Ok(code), false) => Ok(Some(code)),
            (Err(error), false) => Err(Broken(format!("a code must be shown: {error}"))),
            (outcome, true) => {
                Err(Broken(format!("another phone needs its account signed in: {:?}", outcome.err())))
            }
        }
    }

    /// A local account is not paired, whoever asks.
    pub(super) async fn pair_local(&mut self, d: usize) -> Result<String, Broken> {
        match self.world.workstation(d).begin_pairing("DESK\\ada", AccountKind::Local, false).await {
            Err(WorkstationError::LocalAccount) => Ok("refused: local account".to_owned()),
            other => Err(Broken(format!("a local account must be refused: {:?}", other.err()))),
        }
    }

    /// The owner of a Magic Link adds a phone in the Device Manager.
    pub(super) async fn pair_by_link(&mut self, p: usize, a: usize) -> Result<String, Broken> {
        let session = self.device_manager(a).await?;
        let request = CreateQrRequest {
            rp_app_id: WEB_APP.to_owned(),
            username: None,
            account_kind: None,
            include_qr_fallback_code: false,
        };
        let code: CreateQrResponse = session.post(path::CREATE_QR, &request).await.map_err(broken)?;
        let paired = self.world.phone(p)?.approve(&[&code.qr_code], &Cancel::new()).await;
        if let Some(refusal) = self.pairing_refusal(p, a) {
            return expect_refusal(paired, &[refusal]);
        }
        match paired {
            Ok(Approval::Paired(paired)) if paired.account == ACCOUNTS[a] && paired.machine_id.is_none() => {
                self.paired(p, None, a)?;
                Ok("paired".to_owned())
            }
            other => Err(Broken(format!("this must pair, and what came of it is {other:?}"))),
        }
    }

    async fn device_manager(&mut self, a: usize) -> Result<latchkey_phone::control_center::Client, Broken> {
        let link = self.world.administrator.magic_link(ACCOUNTS[a]).await.map_err(broken)?;
        let token = link.rsplit_once('/').map_or("", |(_, token)| token).to_owned();
        let browser = self.world.browser()?;
        let session: Value =
            browser.post("/dm/api/session", &json!({ "token": token })).await.map_err(broken)?;
        self.model.secrets.insert(token);
        Ok(browser.with_token(session["sessionToken"].as_str().unwrap_or_default()))
    }

    /// An owner removes the phone in the Device Manager.
    pub(super) async fn remove_at_center(&mut self, p: usize) -> Result<String, Broken> {
        let account = self.account_of(p)?;
        let session = self.device_manager(account).await?;
        let devices: Value = session.get("/dm/api/devices").await.map_err(broken)?;
        let name = self.world.phones[p].name;
        let found =
            devices["devices"].as_array().into_iter().flatten().find(|device| device["deviceName"] == name);
        let Some(id) = found.and_then(|device| device["deviceId"].as_str()) else {
            return Err(Broken(format!("the Device Manager must show {name}")));
        };
        session.delete(&format!("/dm/api/devices/{id}")).await.map_err(broken)?;
        self.model.deregistered(p);
        self.sync_desks().await?;
        Ok("removed".to_owned())
    }

    /// What a pairing leaves behind.
    fn paired(&mut self, p: usize, d: Option<usize>, a: usize) -> Result<(), Broken> {
        let phone = &mut self.model.phones[p];
        let stranger = !phone.registered;
        phone.account = Some(a);
        phone.registered = true;
        if let Some(d) = d {
            phone.computers.insert(d, self.world.desks[d].name.to_owned());
            phone.leaving.remove(&d);
            // Whether the PINs of before go on is not promised.
            phone.sets.remove(&d);
            let desk = &mut self.model.desks[d];
            desk.at_center.insert(p);
            desk.phones.insert(p, a);
            if desk.accounts.contains_key(&a) {
                self.model.doubt(d, a);
            }
        }
        if stranger {
            // The computers of an earlier registration stay in the list until they are paired again.
            self.learn_computers(p)?;
        }
        self.learn_sets(p)?;
        self.keep_credentials(p)
    }

    /// The same, and something breaks on the way; then the app is opened again and settles it.
    pub(super) async fn pair_with_fault(
        &mut self,
        p: usize,
        d: usize,
        a: usize,
        fault: Fault,
    ) -> Result<String, Broken> {
        let Some(code) = self.begin_pairing(d, a, false).await? else {
            return Ok("refused: sign in first".to_owned());
        };
        let (phone, cancel, text) = (self.world.phone(p)?, Cancel::new(), code.text.to_string());
        let stop = cancel.clone();
        let ceremony = async move { phone.approve(&[&text], &stop).await };
        let outcome = self.meet(p, d, fault, ceremony, &cancel).await?;
        if matches!(&outcome, Some(Ok(_))) && !self.lists(p, d)? {
            return Err(Broken("a phone that says it is paired must list the computer".to_owned()));
        }
        let resumed = self.world.phone(p)?.resume(&Cancel::new()).await.map_err(broken)?;
        if resumed.open > 0 {
            return Err(Broken(format!("with everybody online nothing must stay open: {resumed:?}")));
        }
        self.world.workstation(d).sync().await.map_err(broken)?;
        let listed = self.lists(p, d)?;
        let known = self.model.phones[p].computers.contains_key(&d);
        if known && !listed {
            return Err(Broken("a computer must not go away by itself".to_owned()));
        }
        let at_desk = self.phones_at(d)?;
        let done = if self.model.desks[d].at_center.contains(&p) {
            // The same computer once more, under its own name if it came to that.
            let name = self.world.desks[d].name;
            if self.named(p, d)?.as_deref() == Some(name) {
                self.model.phones[p].computers.insert(d, name.to_owned());
            }
            self.learn_sets(p)?;
            self.model.doubt(d, a);
            "as before"
        } else if listed && (!known || at_desk > self.model.desks[d].phones.len()) {
            self.paired(p, Some(d), a)?;
            "paired after all"
        } else {
            "given up"
        };
        self.keep_credentials(p)?;
        let expected = self.model.desks[d].phones.len();
        if at_desk != expected {
            return Err(Broken(format!("the workstation must have {expected} phones, and has {at_desk}")));
        }
        let told = outcome.map_or_else(
            || "killed".to_owned(),
            |outcome| match outcome {
                Ok(_) => "paired".to_owned(),
                Err(error) => id(&error).to_owned(),
            },
        );
        Ok(format!("{told}; {done}"))
    }

    fn lists(&self, p: usize, d: usize) -> Result<bool, Broken> {
        Ok(self.named(p, d)?.is_some())
    }

    /// What a phone calls a workstation, if it lists it.
    fn named(&self, p: usize, d: usize) -> Result<Option<String>, Broken> {
        let listed = self.world.phone(p)?.computers().list().map_err(broken)?;
        let found = listed.into_iter().find(|computer| computer.machine_id == self.world.desks[d].machine_id);
        Ok(found.map(|computer| computer.name))
    }

    pub(super) fn phones_at(&self, d: usize) -> Result<usize, Broken> {
        Ok(self.world.workstation(d).status().map_err(broken)?.pairings.len())
    }

    /// The owner removes a computer.
    pub(super) async fn remove(&mut self, p: usize, d: usize) -> Result<String, Broken> {
        let machine_id = self.world.desks[d].machine_id.clone();
        let removed = self.world.phone(p)?.computers().remove(&machine_id, &Cancel::new()).await;
        if !self.model.phones[p].computers.contains_key(&d) {
            return expect_refusal(removed, &[ErrorId::AnyNoDevice]);
        }
        let told = self.model.phones[p].online && self.model.center_up;
        let phone = &mut self.model.phones[p];
        phone.computers.remove(&d);
        phone.sets.remove(&d);
        match removed.map_err(broken)? {
            Removal::Complete if told => {
                self.model.desks[d].at_center.remove(&p);
                self.sync_desks().await?;
                Ok("removed".to_owned())
            }
            Removal::ServerNotTold if !told => {
                phone.leaving.insert(d);
                Ok("removed, the server is told later".to_owned())
            }
            other => Err(Broken(format!("the server can be told: {told}, and the phone says {other:?}"))),
        }
    }

    /// The app is opened: what was interrupted is settled.
    pub(super) async fn resume(&mut self, p: usize) -> Result<String, Broken> {
        let resumed = self.world.phone(p)?.resume(&Cancel::new()).await;
        if !self.model.phones[p].online {
            return expect_refusal(resumed, &[ErrorId::HybridNoInternet]);
        }
        let resumed = resumed.map_err(broken)?;
        let leaving = self.model.phones[p].leaving.len();
        if !self.model.center_up {
            return match resumed.open == leaving {
                true => Ok(format!("{leaving} stay open")),
                false => Err(Broken(format!("{leaving} removals must stay open: {resumed:?}"))),
            };
        }
        if resumed.open > 0 || resumed.removed < leaving {
            return Err(Broken(format!("{leaving} removals must be told: {resumed:?}")));
        }
        for d in core::mem::take(&mut self.model.phones[p].leaving) {
            self.model.desks[d].at_center.remove(&p);
        }
        self.sync_desks().await?;
        let linked = |d: &usize| self.model.desks[*d].at_center.contains(&p);
        if !self.model.phones[p].computers.keys().all(linked) {
            // The phone was removed and paired again: what is left of the earlier registration goes.
            self.learn_computers(p)?;
        }
        Ok(format!("{leaving} removals told"))
    }

    pub(super) fn rename(&mut self, p: usize, d: usize) -> Result<String, Broken> {
        let name = format!("name {}", self.dice.below(1000));
        let machine_id = &self.world.desks[d].machine_id;
        let renamed = self.world.phone(p)?.computers().rename(machine_id, &name);
        match self.model.phones[p].computers.get_mut(&d) {
            Some(known) => {
                renamed.map_err(broken)?;
                known.clone_from(&name);
                Ok(name)
            }
            None => expect_refusal(renamed, &[ErrorId::AnyNoDevice]),
        }
    }

    /// A code that was answered already is shown to a phone once more.
    pub(super) async fn replay(&mut self, p: usize) -> Result<String, Broken> {
        let Some(code) = self.used_code.clone() else { return Ok("no code was used yet".to_owned()) };
        let refused = self.world.phone(p)?.approve(&[&code], &Cancel::new()).await;
        match refused {
            Err(error) => Ok(format!("refused: {}", id(&error))),
            Ok(outcome) => Err(Broken(format!("a used code must be refused, not {outcome:?}"))),
        }
    }

    /// A machine with another key says that it is a workstation that is known.
    pub(super) async fn swapped(&mut self, p: usize, d: usize) -> Result<String, Broken> {
        let (phone, workstation) = (self.world.phone(p)?, self.world.workstation(d));
        let other = latchkey_unlock::KeyPair::generate(&mut rand_core::OsRng).map_err(broken)?;
        let key = latchkey_phone::webauthn::json::Base64Url(other.public().compressed().to_vec());
        let (shown, code) = tokio::sync::oneshot::channel();
        let cancel = Cancel::new();
        let show = |code: &ShownCode| {
            let _ = shown.send(code.text.to_string());
        };
        let unlocking = workstation.unlock_by_code(false, show, &cancel);
        let reading = async {
            let code = code.await.map_err(|_| Broken("a code must be shown".to_owned()))?;
            let mut code: Value = serde_json::from_str(&code).map_err(broken)?;
            code["pk"] = json!(key);
            let outcome = phone.approve(&[code.to_string()], &Cancel::new()).await;
            cancel.cancel();
            Ok(outcome)
        };
        let (served, outcome) = tokio::join!(unlocking, reading);
        if served.is_ok() {
            return Err(Broken("nobody has unlocked this workstation".to_owned()));
        }
        expect_refusal(outcome?, &[ErrorId::HybridHandshakeFailed])
    }
}
