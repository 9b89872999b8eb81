//! What must hold after every step, and at the end of the day.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_phone::PinState;
use serde_json::Value;

use super::model::{ACCOUNTS, PhoneSet};
use super::pins::Which;
use super::world::ADMIN_TOKEN;
use super::{Broken, Day, broken};
use crate::administrator::AuditEvent;
use crate::control_center::{WEB_APP, WORKSTATION_APP};

/// The one passkey of its kind that a phone may hold.
const ENTRA: &str = "login.microsoft.com";

impl Day {
    /// The locks are as the model says, and so is what the phones list.
    pub(super) fn check(&self) -> Result<(), Broken> {
        for d in 0..self.world.desks.len() {
            let state = self.world.workstation(d).lock_state().map_err(broken)?;
            self.model.check_lock(d, &state)?;
        }
        for (p, expected) in self.model.phones.iter().enumerate() {
            let phone = self.world.phone(p)?;
            let listed: BTreeSet<(String, String)> = phone
                .computers()
                .list()
                .map_err(broken)?
                .into_iter()
                .map(|computer| (computer.machine_id, computer.name))
                .collect();
            let id_and_name =
                |(d, name): (&usize, &String)| (self.world.desks[*d].machine_id.clone(), name.clone());
            let computers: BTreeSet<(String, String)> = expected.computers.iter().map(id_and_name).collect();
            if listed != computers {
                return Err(Broken(format!(
                    "My Computers of phone {p} must be {computers:?}, and is {listed:?}"
                )));
            }
            let keys = phone.security_keys().list().map_err(broken)?;
            let entra = keys.iter().filter(|key| key.rp_id == ENTRA).count();
            let (of_account, of_websites) = (usize::from(expected.account.is_some()), expected.websites);
            if entra != of_account || keys.len() - entra != of_websites {
                return Err(Broken(format!(
                    "phone {p} must show {of_account} + {of_websites} passkeys, and shows {entra} + {}",
                    keys.len() - entra
                )));
            }
        }
        Ok(())
    }

    /// Everybody comes back, and everything is settled: then all agree, and everybody unlocks.
    pub(super) async fn end(&mut self) -> Result<String, Broken> {
        if !self.model.center_up {
            self.set_center_up(true).await?;
        }
        for p in 0..self.world.phones.len() {
            self.world.phones[p].clock.set_wrong_by(0);
            self.set_phone_online(p, true)?;
        }
        for d in 0..self.world.desks.len() {
            self.set_desk_online(d, true).await?;
            if self.world.desks[d].clock.wrong_by() != 0 {
                self.set_desk_clock(d, 0).await?;
            }
        }
        for p in 0..self.world.phones.len() {
            self.resume(p).await?;
        }
        self.check()?;
        self.check_agreement().await?;

        let mut unlocked = 0;
        for p in 0..self.world.phones.len() {
            let linked = self.model.phones[p].computers.keys().copied();
            let linked: Vec<usize> = linked.filter(|d| self.model.desks[*d].at_center.contains(&p)).collect();
            for d in linked {
                self.lock(d)?;
                self.unlock(p, d).await?;
                self.check()?;
                self.lock(d)?;
                if self.model.pins.enabled {
                    self.show_pin(p, d, false).await?;
                    self.type_pin(Which::Latest).await?;
                    self.check()?;
                    self.lock(d)?;
                }
                unlocked += 1;
            }
        }
        for desk in &mut self.world.desks {
            // What waits for the audit trail is sent at the start.
            desk.restart().await?;
        }
        for p in 0..self.world.phones.len() {
            self.resume(p).await?;
        }
        let events = self.check_audit_trail().await?;
        Ok(format!("all agree, {unlocked} unlocks, {events} events name nobody"))
    }

    pub(super) fn lock(&mut self, d: usize) -> Result<String, Broken> {
        self.world.workstation(d).lock().map_err(broken)?;
        self.model.desks[d].session = None;
        Ok("locked".to_owned())
    }

    /// The Control Center, the phones and the workstations know the same pairings.
    pub(super) async fn check_agreement(&self) -> Result<(), Broken> {
        let browser = self.world.browser()?.with_token(ADMIN_TOKEN);
        for (a, account) in ACCOUNTS.iter().enumerate() {
            let mut passkeys = BTreeSet::new();
            let mut devices = BTreeMap::new();
            for (p, phone) in self.model.phones.iter().enumerate() {
                if phone.account == Some(a) && phone.registered {
                    passkeys.extend(self.credentials(p, ENTRA)?);
                    let linked =
                        self.model.desks.iter().enumerate().filter(|(_, desk)| desk.at_center.contains(&p));
                    let names: BTreeSet<String> =
                        linked.map(|(d, _)| self.world.desks[d].name.to_owned()).collect();
                    devices.insert(self.world.phones[p].name.to_owned(), names);
                }
            }
            let (mut found_passkeys, mut found_devices) = (BTreeSet::new(), BTreeMap::new());
            match browser.get::<Value>(&format!("/cc/api/versioned/rpUser/{account}")).await {
                Ok(found) => {
                    let texts = |value: &Value| -> BTreeSet<String> {
                        value
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(Value::as_str)
                            .map(str::to_owned)
                            .collect()
                    };
                    for passkey in found["passkeys"].as_array().into_iter().flatten() {
                        found_passkeys.insert(passkey["keyId"].as_str().unwrap_or_default().to_owned());
                    }
                    for device in found["devices"].as_array().into_iter().flatten() {
                        let name = device["deviceName"].as_str().unwrap_or_default().to_owned();
                        found_devices.insert(name, texts(&device["computers"]));
                    }
                }
                Err(error) if error.refusal().is_some() => {}
                Err(error) => return Err(broken(error)),
            }
            if found_passkeys != passkeys {
                let (found, expected) = (found_passkeys.len(), passkeys.len());
                return Err(Broken(format!(
                    "the Control Center must have the passkeys that the phones have: {found} there, {expected} here"
                )));
            }
            if found_devices != devices {
                return Err(Broken(format!(
                    "the Control Center must know the phones {devices:?}, and knows {found_devices:?}"
                )));
            }
        }
        for (d, desk) in self.model.desks.iter().enumerate() {
            let found = self.phones_at(d)?;
            if found != desk.phones.len() || desk.phones.len() != desk.at_center.len() {
                return Err(Broken(format!(
                    "desk {d} must have {:?} as phones, and has {found}",
                    desk.phones
                )));
            }
        }
        Ok(())
    }

    fn credentials(&self, p: usize, rp_id: &str) -> Result<Vec<String>, Broken> {
        let keys = self.world.phone(p)?.security_keys().list().map_err(broken)?;
        Ok(keys
            .iter()
            .filter(|key| key.rp_id == rp_id)
            .map(|key| URL_SAFE_NO_PAD.encode(&key.id.0))
            .collect())
    }

    async fn trail(&self) -> Result<Vec<AuditEvent>, Broken> {
        let mut events = self.world.administrator.audit_trail(WEB_APP).await.map_err(broken)?;
        events.extend(self.world.administrator.audit_trail(WORKSTATION_APP).await.map_err(broken)?);
        Ok(events)
    }

    /// Nothing in the audit trail names anybody, or is a secret.
    async fn check_audit_trail(&self) -> Result<usize, Broken> {
        let events = self.trail().await?;
        let text = serde_json::to_string(&events).map_err(broken)?.to_lowercase();
        match self.model.secrets.iter().find(|secret| text.contains(&secret.to_lowercase())) {
            Some(secret) => Err(Broken(format!("the audit trail must not hold {secret}"))),
            None => Ok(events.len()),
        }
    }

    /// How often each event stands in the audit trail, as far as it can be asked for.
    pub(super) async fn audit_trail(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for event in self.trail().await.unwrap_or_default() {
            *counts.entry(event.event_name).or_default() += 1;
        }
        counts
    }

    pub(super) fn keep_secrets(&mut self) {
        for account in ACCOUNTS {
            let (name, _) = account.split_once('@').unwrap_or((account, ""));
            self.model.secrets.insert(name.to_owned());
        }
        let names = self.world.phones.iter().map(|phone| phone.name);
        let names = names.chain(self.world.desks.iter().map(|desk| desk.name));
        self.model.secrets.extend(names.map(str::to_owned));
    }

    pub(super) fn keep_credentials(&mut self, p: usize) -> Result<(), Broken> {
        let credentials = self.credentials(p, ENTRA)?;
        self.model.secrets.extend(credentials);
        Ok(())
    }

    /// The list of a phone whose earlier registration is tidied up.
    pub(super) fn learn_computers(&mut self, p: usize) -> Result<(), Broken> {
        let listed = self.world.phone(p)?.computers().list().map_err(broken)?;
        let desks = &self.world.desks;
        let find = |id: &str| desks.iter().position(|desk| desk.machine_id == id);
        self.model.phones[p].computers = listed
            .into_iter()
            .filter_map(|computer| find(&computer.machine_id).map(|d| (d, computer.name)))
            .collect();
        Ok(())
    }

    /// The sets of PINs that a phone holds after it was paired anew.
    pub(super) fn learn_sets(&mut self, p: usize) -> Result<(), Broken> {
        let phone = self.world.phone(p)?;
        let computers: Vec<usize> = self.model.phones[p].computers.keys().copied().collect();
        for d in computers {
            let status = phone.offline_pins().status(&self.world.desks[d].machine_id).map_err(broken)?;
            let sets = &mut self.model.phones[p].sets;
            match (status.state, status.expires_at) {
                (PinState::NotProvisioned, _) => {
                    sets.remove(&d);
                }
                (_, Some(expires_at)) if sets.get(&d).is_none_or(|set| set.expires_at != expires_at) => {
                    self.model.sets += 1;
                    let number = self.model.sets;
                    let (count, remaining) = (status.total, status.remaining);
                    sets.insert(
                        d,
                        PhoneSet { number, count, remaining, expires_at, last: None, ended: false },
                    );
                }
                (_, Some(_)) => {}
                (_, None) => {
                    sets.entry(d).or_default().ended = true;
                }
            }
        }
        Ok(())
    }
}
