//! Offline PINs, shown and typed.

use latchkey_authenticator::Cancel;
use latchkey_authenticator::ports::Clock as _;
use latchkey_offline::OfflineError;
use latchkey_phone::{ErrorId, PhoneError};

use super::model::{ACCOUNTS, MAX_FAILURES, Shown, Verdict};
use super::unlocking::expect_refusal;
use super::world::Backup;
use super::{Broken, Day, Sabotage, broken};
use crate::workstation::WorkstationError;

/// Longer than the pauses after wrong PINs, and than a PIN is shown.
const PAUSE: u64 = 120;

/// Which PIN is typed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    /// The last one that a phone has shown.
    Latest,
    /// One that was accepted before.
    Used,
    /// Any that was ever shown.
    Any,
}

impl Day {
    /// The phone shows a PIN.
    pub(super) async fn show_pin(&mut self, p: usize, d: usize, at_once: bool) -> Result<String, Broken> {
        if !at_once {
            self.world.time.pass(20);
        }
        let machine_id = self.world.desks[d].machine_id.clone();
        let forgets = self.sabotage == Some(Sabotage::ShownPinsForgotten);
        let backup = if forgets && self.model.phones[p].sets.contains_key(&d) {
            self.world.phone(p)?.close();
            let backup = Backup::of(&self.world.phones[p].vault());
            self.world.phones[p].open()?;
            Some(backup)
        } else {
            None
        };
        let shown = self.world.phone(p)?.offline_pins().display(&machine_id, &Cancel::new()).await;
        if !self.model.phones[p].computers.contains_key(&d) {
            return expect_refusal(shown.map(|_| ()), &[ErrorId::AnyNoDevice]);
        }
        let clock = self.world.phones[p].clock.unix_seconds();
        let account = self.account_of(p)?;
        let Some(set) = self.model.phones[p].sets.get_mut(&d) else {
            return expect_refusal(shown.map(|_| ()), &[ErrorId::OfflineNotProvisioned]);
        };
        let shown = match shown {
            Ok(shown) => shown,
            Err(error) => {
                let expected = set.ended || set.remaining == 0 || clock >= set.expires_at;
                set.ended = true;
                return match (expected, &error) {
                    (true, PhoneError::OfflinePin(error)) => Ok(format!("refused: {error}")),
                    _ => Err(Broken(format!("a PIN must be shown: {error}"))),
                };
            }
        };
        let pin = shown.pin.expose().to_owned();
        if set.ended || clock > set.expires_at {
            return Err(Broken("no PIN must be shown of a set that is over".to_owned()));
        }
        if let Some((last, hide_at)) = &set.last {
            let same = *last == pin;
            // The clock may have moved on while the PIN was looked for.
            let near = clock.abs_diff(*hide_at) <= 2;
            if !near && same != (clock < *hide_at && *hide_at <= clock + 15) {
                return Err(Broken(format!("the same PIN again: {same}, {clock} of {hide_at}")));
            }
            if same {
                return Ok("the same PIN again".to_owned());
            }
        }
        if self.model.shown.iter().any(|earlier| earlier.desk == d && earlier.pin == pin) {
            return Err(Broken("a PIN must not be shown again".to_owned()));
        }
        let index = set.count - set.remaining;
        set.remaining = set.remaining.saturating_sub(1);
        set.last = Some((pin.clone(), shown.hide_at));
        if shown.status.remaining != set.remaining {
            return Err(Broken(format!(
                "{} PINs must be left, not {}",
                set.remaining, shown.status.remaining
            )));
        }
        let (number, remaining) = (set.number, set.remaining);
        self.model.secrets.insert(pin.clone());
        self.model.shown.push(Shown { phone: p, desk: d, account, set: number, index, pin, accepted: false });
        if let Some(backup) = backup {
            self.world.phone(p)?.close();
            self.world.phones[p].kill();
            backup.put_back()?;
            self.world.phones[p].open()?;
        }
        Ok(format!("shown, {remaining} left"))
    }

    /// Somebody types a PIN that a phone has shown.
    pub(super) async fn type_pin(&mut self, which: Which) -> Result<String, Broken> {
        let candidates: Vec<usize> = match which {
            Which::Latest => self.model.shown.len().checked_sub(1).into_iter().collect(),
            Which::Used => (0..self.model.shown.len()).filter(|&n| self.model.shown[n].accepted).collect(),
            Which::Any => (0..self.model.shown.len()).collect(),
        };
        if candidates.is_empty() {
            return Ok("there is none".to_owned());
        }
        self.world.time.pass(PAUSE);
        let number = candidates[self.dice.below(candidates.len())];
        let shown = self.model.shown[number].clone();
        let d = shown.desk;
        let now = self.world.time.now();
        let right = self.world.desks[d].clock.wrong_by() == 0;
        let verdict = self.model.verdict(&shown, now, right);
        let database = self.world.desks[d].state().join("workstation.sqlite");
        let backup = (self.sabotage == Some(Sabotage::UsedPinsForgotten)).then(|| Backup::of(&database));

        // As people type: in small letters.
        let typed = shown.pin.to_lowercase();
        let accepted = self.world.workstation(d).unlock_with_pin(ACCOUNTS[shown.account], &typed).await;
        match (accepted, verdict) {
            (Ok(_), Verdict::MustNot) => {
                let again = if shown.accepted { ": it was accepted before" } else { "" };
                Err(Broken(format!("this PIN must not be accepted, and was{again}")))
            }
            (Ok(_), _) => {
                self.model.accept(number);
                if let Some(backup) = backup {
                    self.world.desks[d].crash().await;
                    backup.put_back()?;
                    self.world.desks[d].restart().await?;
                    self.model.desks[d].session = None;
                    self.world.workstation(d).lock().map_err(broken)?;
                }
                Ok("accepted".to_owned())
            }
            (Err(error), Verdict::Must) => Err(Broken(format!("this PIN must be accepted: {error}"))),
            (Err(error), _) => self.pin_refused(d, shown.account, error),
        }
    }

    /// Somebody types a PIN that nobody has shown.
    pub(super) async fn type_wrong(&mut self, d: usize, a: usize) -> Result<String, Broken> {
        self.world.time.pass(PAUSE);
        const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let typed: String = (0..10).map(|_| char::from(ALPHABET[self.dice.below(ALPHABET.len())])).collect();
        match self.world.workstation(d).unlock_with_pin(ACCOUNTS[a], &typed).await {
            Ok(_) => Err(Broken("a wrong PIN must not unlock".to_owned())),
            Err(error) => self.pin_refused(d, a, error),
        }
    }

    /// A PIN was refused: the attempts are counted, and too many end the set.
    fn pin_refused(&mut self, d: usize, a: usize, error: WorkstationError) -> Result<String, Broken> {
        let WorkstationError::Offline(error) = error else { return Err(broken(error)) };
        let (now, right) = (self.world.time.now(), self.world.desks[d].clock.wrong_by() == 0);
        let standing = self.model.desks[d].accounts.get_mut(&a);
        let told = format!("refused: {error}");
        let Some(standing) = standing.filter(|standing| !standing.dead) else {
            return match error {
                OfflineError::WrongPin { .. } | OfflineError::Throttled { .. } => {
                    Err(Broken(format!("there is no PIN here that could be right: {error}")))
                }
                _ => Ok(told),
            };
        };
        let sure = right && now < standing.expires_at.saturating_sub(3600);
        match error {
            OfflineError::WrongPin { attempts_left, .. } => {
                let failures = MAX_FAILURES.saturating_sub(attempts_left);
                if standing.failures.is_some_and(|before| before + 1 != failures) {
                    return Err(Broken(format!(
                        "{:?} failures before, {attempts_left} left",
                        standing.failures
                    )));
                }
                standing.failures = Some(failures);
            }
            OfflineError::Locked => {
                if standing.failures.is_some_and(|before| before + 1 < MAX_FAILURES) {
                    return Err(Broken(format!("locked after {:?} failures", standing.failures)));
                }
                standing.dead = true;
            }
            OfflineError::Expired if !sure => standing.dead = true,
            // The last one of the set was used.
            OfflineError::Exhausted => standing.dead = true,
            _ if standing.holder.is_none() => {}
            error => return Err(Broken(format!("this must count as a wrong PIN, not as {error}"))),
        }
        Ok(told)
    }

    /// Wrong codes are typed until the phone, or the server, has enough.
    pub(super) async fn wrong_codes(&mut self, p: usize) -> Result<String, Broken> {
        self.world.time.pass(3600);
        let (phone, url) = (self.world.phone(p)?, self.world.phone_wire.url());
        for attempt in 0..8 {
            let typed = format!("zz{:04}", 2222 + attempt);
            match phone.look_up(&url, &typed, &Cancel::new()).await.map_err(|error| error.id()) {
                Err(ErrorId::CodeNotFound) => {}
                Err(ErrorId::CodeRateLimited) if attempt >= 3 => {
                    self.world.time.pass(3600);
                    return Ok(format!("throttled after {attempt} attempts"));
                }
                other => return Err(Broken(format!("attempt {attempt}: {:?}", other.err()))),
            }
        }
        Err(Broken("wrong codes must be throttled".to_owned()))
    }
}
