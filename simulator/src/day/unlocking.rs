//! Unlocking: by a tap on the phone, by a sign-in code, by Scan QR to Login; and the session passkey.

use std::sync::Arc;
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_phone::{Approval, ErrorId, Phone, PhoneError, PinsAfter, Unlocked};
use tokio::sync::oneshot;

use super::faults::{Fault, for_steps};
use super::model::{ACCOUNTS, session};
use super::{Broken, Day, broken};
use crate::computer::ComputerStep;
use crate::workstation::How;
use crate::workstation::sign_in::SignedIn;

/// Longer than the five seconds after which a phone offers a PIN, by the phone's hurried clock.
const PIN_OFFERED_BY: Duration = Duration::from_secs(10);

/// How long somebody waits for a ceremony that lost a message.
const PATIENCE: Duration = Duration::from_millis(700);

pub(super) fn id(error: &PhoneError) -> &'static str {
    error.id().info().id
}

impl Day {
    /// The owner taps a computer on the phone.
    pub(super) async fn unlock(&mut self, p: usize, d: usize) -> Result<String, Broken> {
        // Sets that are issued in different seconds can be told apart.
        self.world.time.pass(1);
        let (phone, machine_id) = (self.world.phone(p)?, self.world.desks[d].machine_id.clone());
        let linked = self.model.desks[d].at_center.contains(&p);
        let refusal = match &self.model.phones[p] {
            owner if !owner.computers.contains_key(&d) => Some(ErrorId::AnyNoDevice),
            owner if !owner.online => Some(ErrorId::HybridNoInternet),
            _ if !self.model.center_up => Some(ErrorId::AuthUnavailable),
            _ => None,
        };
        if let Some(refusal) = refusal {
            let refused = phone.unlock(&machine_id, &Cancel::new()).await;
            return expect_refusal(refused, &[refusal]);
        }
        if !linked {
            return match phone.unlock(&machine_id, &Cancel::new()).await {
                Err(error) => Ok(format!("refused: {}", id(&error))),
                Ok(_) => Err(Broken("a phone that was removed must not unlock, and did".to_owned())),
            };
        }
        if !self.model.desks[d].online {
            return self.unlock_in_vain(p, phone, machine_id).await;
        }
        match phone.unlock(&machine_id, &Cancel::new()).await {
            Ok(unlocked) => self.unlocked(p, d, How::Phone, &unlocked),
            Err(error) => Err(Broken(format!("this must unlock: {}: {error}", id(&error)))),
        }
    }

    /// The computer does not answer: a PIN is offered after five seconds, and the owner gives up.
    async fn unlock_in_vain(
        &mut self,
        p: usize,
        phone: Arc<Phone>,
        machine_id: String,
    ) -> Result<String, Broken> {
        let offered = phone.offline_pins().status(&machine_id).map_err(broken)?.offered();
        let sight = Arc::clone(&self.world.phones[p].sight);
        sight.take_offer();
        let cancel = Cancel::new();
        let watching = async {
            let seen = async {
                while !sight.take_offer() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            let wait = if offered { PIN_OFFERED_BY } else { Duration::from_millis(300) };
            let seen = tokio::time::timeout(wait, seen).await.is_ok();
            cancel.cancel();
            seen
        };
        let (refused, seen) = tokio::join!(phone.unlock(&machine_id, &cancel), watching);
        if seen != offered {
            return Err(Broken(format!("a PIN must be offered: {offered}; it was: {seen}")));
        }
        let what = expect_refusal(refused, &[ErrorId::AuthNotFoundOrCanceled])?;
        Ok(if seen { format!("no answer, a PIN is offered; {what}") } else { what })
    }

    /// What an unlock leaves behind.
    pub(super) fn unlocked(
        &mut self,
        p: usize,
        d: usize,
        how: How,
        unlocked: &Unlocked,
    ) -> Result<String, Broken> {
        let now = self.world.time.now();
        let account = self.account_of(p)?;
        self.model.synced(d);
        self.model.desks[d].session = Some((account, how, Some(p)));
        let enabled = self.model.pins.enabled;
        let right = self.world.phones[p].clock.wrong_by() == 0;
        let outcome = match (&unlocked.pins, enabled) {
            (PinsAfter::Replenished, true) => {
                self.model.took_over(p, d, self.model.pins.count, now);
                self.model.confirmed(p, d, account, now);
                self.learn_expiry(p, d)?;
                "unlocked, new PINs"
            }
            (PinsAfter::Off, false) => {
                if let Some(set) = self.model.phones[p].sets.get_mut(&d) {
                    set.ended = true;
                }
                self.model.desks[d].accounts.entry(account).or_default().dead = true;
                "unlocked, no PINs"
            }
            // By this phone's clock the set is over already.
            (PinsAfter::Failed(_), true) if !right => {
                self.model.doubt(d, account);
                "unlocked, the PINs are over by the phone's clock"
            }
            (pins, _) => {
                return Err(Broken(format!(
                    "offline PINs are enabled: {enabled}, and the phone says {pins:?}"
                )));
            }
        };
        Ok(outcome.to_owned())
    }

    /// The same tap, and something breaks on the way.
    pub(super) async fn unlock_with_fault(
        &mut self,
        p: usize,
        d: usize,
        fault: Fault,
    ) -> Result<String, Broken> {
        self.world.time.pass(1);
        let account = self.account_of(p)?;
        let (phone, machine_id) = (self.world.phone(p)?, self.world.desks[d].machine_id.clone());
        let before = self.model.desks[d].session.map(|(account, how, _)| (ACCOUNTS[account], how));
        let cancel = Cancel::new();
        let stop = cancel.clone();
        let ceremony = async move { phone.unlock(&machine_id, &stop).await };
        let outcome = self.meet(p, d, fault, ceremony, &cancel).await?;
        self.world.time.pass(150);

        let state = self.world.workstation(d).lock_state().map_err(broken)?;
        let found = session(&state);
        let unlocked = (ACCOUNTS[account], How::Phone);
        let done = matches!(&outcome, Some(Ok(_)));
        if found == Some(unlocked) {
            self.model.desks[d].session = Some((account, How::Phone, Some(p)));
        } else if done || found != before {
            return Err(Broken(format!("unlocked: {done}; the lock was {before:?} and is {found:?}")));
        }
        self.pins_after_fault(p, d, account)?;
        Ok(match outcome {
            None => "killed".to_owned(),
            Some(Ok(unlocked)) => format!("unlocked all the same, PINs {:?}", unlocked.pins),
            Some(Err(error)) => format!("failed: {}", id(&error)),
        })
    }

    /// Which PINs are good after a handover that may have been cut off anywhere.
    fn pins_after_fault(&mut self, p: usize, d: usize, account: usize) -> Result<(), Broken> {
        let now = self.world.time.now();
        let before = self.model.phones[p].sets.get(&d).cloned();
        let machine_id = self.world.desks[d].machine_id.clone();
        let status = self.world.phone(p)?.offline_pins().status(&machine_id).map_err(broken)?;
        let Some(expires_at) = status.expires_at else {
            // No set came, or the one that there was was withdrawn.
            if let Some(set) = self.model.phones[p].sets.get_mut(&d) {
                set.ended = true;
            }
            self.model.doubt(d, account);
            return Ok(());
        };
        let is_new = before.as_ref().is_none_or(|set| set.expires_at != expires_at);
        let standing = self.model.desks[d].accounts.entry(account).or_default().clone();
        let held = standing.holder == Some(p);
        let first = standing.newest == 0 && !standing.doubted;
        if is_new {
            if status.remaining != status.total {
                return Err(Broken(format!("a new set must be whole, and has {} PINs", status.remaining)));
            }
            self.model.took_over(p, d, status.total, now);
            self.learn_expiry(p, d)?;
        } else if before.is_some_and(|set| !set.ended && set.remaining != status.remaining) {
            return Err(Broken("a set must not change without a PIN that is shown".to_owned()));
        }
        let standing = self.model.desks[d].accounts.entry(account).or_default();
        if is_new && (held || first || standing.dead) {
            (standing.holder, standing.dead, standing.failures) = (Some(p), false, Some(0));
            standing.expires_at = standing.expires_at.max(expires_at);
        } else if held && !standing.dead {
            // The old set lives until the new one is confirmed; a lock may have been lifted or not.
            standing.expires_at = standing.expires_at.max(now + 8 * 86_400);
            standing.failures = standing.failures.filter(|failures| *failures == 0);
        } else if !standing.dead {
            self.model.doubt(d, account);
        }
        Ok(())
    }

    /// The set's own end, as the phone tells it.
    fn learn_expiry(&mut self, p: usize, d: usize) -> Result<(), Broken> {
        let machine_id = self.world.desks[d].machine_id.clone();
        let status = self.world.phone(p)?.offline_pins().status(&machine_id).map_err(broken)?;
        if let (Some(set), Some(expires_at)) = (self.model.phones[p].sets.get_mut(&d), status.expires_at) {
            set.expires_at = expires_at;
        }
        Ok(())
    }

    /// The workstation shows a sign-in code, and the phone reads it.
    pub(super) async fn sign_in_code(&mut self, p: usize, d: usize) -> Result<String, Broken> {
        self.world.time.pass(1);
        let (phone, workstation) = (self.world.phone(p)?, self.world.workstation(d));
        let (shown, code) = oneshot::channel();
        let cancel = Cancel::new();
        let show = |code: &crate::workstation::pairing::ShownCode| {
            let _ = shown.send(code.text.to_string());
        };
        let unlocking = workstation.unlock_by_code(false, show, &cancel);
        let reading = async {
            let code = code.await.map_err(|_| Broken("a code must be shown".to_owned()))?;
            let approved = phone.approve(&[&code], &Cancel::new()).await;
            if approved.is_err() {
                cancel.cancel();
            }
            Ok((approved, code))
        };
        let (served, approved) = tokio::join!(unlocking, reading);
        let (approved, code) = approved?;
        self.used_code = Some(code);
        let forward = self.world.phones[p].clock.wrong_by() > 0;
        let refusal = match &self.model.phones[p] {
            _ if forward => Some(ErrorId::PairingExpired),
            owner if owner.account.is_none() => Some(ErrorId::PairingWrongAccount),
            _ => None,
        };
        match (approved, served, refusal) {
            (Err(error), Err(_), Some(refusal)) if error.id() == refusal => {
                Ok(format!("refused: {}", id(&error)))
            }
            (Ok(Approval::Unlocked(unlocked)), Ok(served), None) => {
                let account = self.account_of(p)?;
                if served.session.account != ACCOUNTS[account] {
                    return Err(Broken("a code must unlock for the account of the phone".to_owned()));
                }
                let name = self.world.desks[d].name.to_owned();
                self.model.phones[p].computers.entry(d).or_insert(name);
                self.model.phones[p].leaving.remove(&d);
                self.model.desks[d].at_center.insert(p);
                self.model.desks[d].phones.insert(p, account);
                self.unlocked(p, d, How::Code, &unlocked)
            }
            (Err(error), _, _) => Err(Broken(format!("{refusal:?} expected: {}: {error}", id(&error)))),
            (approved, served, _) => {
                Err(Broken(format!("{refusal:?} expected: phone {approved:?}, workstation {served:?}")))
            }
        }
    }

    /// Scan QR to Login.
    pub(super) async fn scan(&mut self, p: usize, d: usize) -> Result<String, Broken> {
        let (phone, workstation) = (self.world.phone(p)?, self.world.workstation(d));
        let (computer, mut scanner) = (self.world.computer(), self.world.listen()?);
        let (shown, code) = oneshot::channel();
        let mut shown = Some(shown);
        let unlocking = workstation.unlock_by_scan(&computer, &mut *scanner, |step| {
            if let (ComputerStep::Show(code), Some(shown)) = (&step, shown.take()) {
                let _ = shown.send((*code).to_owned());
            }
        });
        let reading = async {
            let code = code.await.map_err(|_| Broken("a code must be shown".to_owned()))?;
            phone.approve(&[code], &Cancel::new()).await.map_err(broken)
        };
        let (scanned, answered) = tokio::join!(unlocking, reading);
        let known = self.model.phones[p].account.filter(|_| self.model.phones[p].registered);
        match (scanned, known) {
            (Ok(scanned), Some(account)) if scanned.session.account == ACCOUNTS[account] => {
                self.model.desks[d].session = Some((account, How::Scan, None));
                Ok("unlocked".to_owned())
            }
            (Err(error), None) => Ok(format!("refused: {error}")),
            (scanned, known) => Err(Broken(format!(
                "account {known:?} must be let in by a scan, and what came of it is {:?} ({answered:?})",
                scanned.map(|scanned| scanned.session.how)
            ))),
        }
    }

    /// A website on the unlocked workstation asks for a passkey: the phone that unlocked it answers.
    pub(super) async fn session_passkey(&mut self, p: usize, d: usize) -> Result<String, Broken> {
        let (phone, workstation) = (self.world.phone(p)?, self.world.workstation(d));
        let (computer, mut scanner) = (self.world.computer(), self.world.listen()?);
        let cancel = Cancel::new();
        let signing_in = workstation.sign_in(&computer, &mut *scanner, |_| cancel.cancel(), &cancel);
        let answering = async {
            let requests = phone.waiting_requests(20, &Cancel::new()).await?;
            match requests.first() {
                Some(request) => phone.answer(request, &Cancel::new()).await.map(|answer| answer.error),
                None => Err(PhoneError::ComputerUnreachable),
            }
        };
        let (signed_in, answered) = tokio::join!(signing_in, answering);
        match (signed_in, answered) {
            (Ok(SignedIn::SessionPasskey), Ok(None)) => Ok("signed in".to_owned()),
            (signed_in, answered) => Err(Broken(format!(
                "the session passkey must sign in; workstation: {signed_in:?}, phone: {answered:?}"
            ))),
        }
    }

    pub(super) fn account_of(&self, p: usize) -> Result<usize, Broken> {
        self.model.phones[p].account.ok_or_else(|| Broken("a phone without an account".to_owned()))
    }

    /// Runs a ceremony of a phone with a workstation until it ends, while something breaks.
    pub(super) async fn meet<T>(
        &mut self,
        p: usize,
        d: usize,
        fault: Fault,
        ceremony: impl Future<Output = T>,
        cancel: &Cancel,
    ) -> Result<Option<T>, Broken> {
        let outcome = match fault {
            Fault::PhoneKilled(steps) => {
                // The app holds its database open no longer than it lives.
                self.world.phones[p].kill();
                for_steps(steps, ceremony).await
            }
            Fault::PhoneGivesUp(millis) => {
                Some(patiently(ceremony, Duration::from_millis(millis), cancel).await)
            }
            Fault::PhoneAnswerLost(pieces) => {
                self.world.phone_wire.lose_answer_after(pieces);
                Some(patiently(ceremony, PATIENCE, cancel).await)
            }
            Fault::DeskAnswerLost(pieces) => {
                self.world.desks[d].wire.lose_answer_after(pieces);
                Some(patiently(ceremony, PATIENCE, cancel).await)
            }
            Fault::DeskKilled(millis) => {
                let failing = async {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    let restarted = self.world.desks[d].restart().await;
                    give_up(Duration::from_millis(100), cancel).await;
                    restarted
                };
                let (outcome, restarted) = tokio::join!(ceremony, failing);
                restarted?;
                Some(outcome)
            }
            Fault::CenterRestarted(millis) => {
                let failing = async {
                    tokio::time::sleep(Duration::from_millis(millis)).await;
                    self.world.kill_center().await;
                    let restarted = self.world.start_center().await;
                    give_up(Duration::from_millis(200), cancel).await;
                    restarted
                };
                let (outcome, restarted) = tokio::join!(ceremony, failing);
                restarted?;
                Some(outcome)
            }
        };
        self.world.phone_wire.lose_nothing();
        self.world.desks[d].wire.lose_nothing();
        if outcome.is_none() || matches!(fault, Fault::PhoneKilled(_)) {
            self.world.phones[p].open()?;
        }
        // Whatever the workstation was still at has ended now.
        self.world.desks[d].restart().await?;
        Ok(outcome)
    }
}

/// Waits for the end of a ceremony, and asks for it after this time.
async fn patiently<T>(ceremony: impl Future<Output = T>, patience: Duration, cancel: &Cancel) -> T {
    let mut ceremony = core::pin::pin!(ceremony);
    tokio::select! {
        biased;
        outcome = &mut ceremony => outcome,
        () = give_up(patience, cancel) => ceremony.await,
    }
}

async fn give_up(after: Duration, cancel: &Cancel) {
    tokio::time::sleep(after).await;
    cancel.cancel();
}

pub(super) fn expect_refusal<T: core::fmt::Debug>(
    outcome: Result<T, PhoneError>,
    expected: &[ErrorId],
) -> Result<String, Broken> {
    match outcome {
        Err(error) if expected.contains(&error.id()) => Ok(format!("refused: {}", id(&error))),
        Err(error) => Err(Broken(format!("{expected:?} must come of it, not {} ({error})", id(&error)))),
        Ok(outcome) => Err(Broken(format!("{expected:?} must come of it, not {outcome:?}"))),
    }
}
