//! What must hold, told apart from the programs: who is paired with whom, which PINs are good, and who may
//! have unlocked what.

use std::collections::{BTreeMap, BTreeSet};

use super::Broken;
use crate::workstation::{How, LockState};

/// The people.
pub(super) const ACCOUNTS: [&str; 2] = ["ada.lovelace@example.com", "grace.hopper@example.com"];

/// Days that a set of PINs lives.
pub(super) const VALID_DAYS: u64 = 7;

/// Wrong PINs that end a set.
pub(super) const MAX_FAILURES: u16 = 3;

const DAY: u64 = 86_400;

/// How far from a limit in time the model says nothing, in seconds.
const MARGIN: u64 = 3600;

/// What the model knows.
#[derive(Default)]
pub(super) struct Model {
    pub(super) phones: Vec<PhoneModel>,
    pub(super) desks: Vec<DeskModel>,
    pub(super) center_up: bool,
    pub(super) pins: PinPolicy,
    /// Every PIN that a phone has shown.
    pub(super) shown: Vec<Shown>,
    /// What must not stand in the audit trail.
    pub(super) secrets: BTreeSet<String>,
    /// The number of the last set that a phone took over.
    pub(super) sets: u32,
}

/// The administrator's settings, as far as they change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PinPolicy {
    pub(super) enabled: bool,
    pub(super) count: u16,
}

/// One phone.
#[derive(Clone, Default)]
pub(super) struct PhoneModel {
    pub(super) online: bool,
    pub(super) account: Option<usize>,
    /// The Control Center knows it. The phone may not have heard that it does not any more.
    pub(super) registered: bool,
    /// My Computers: desks and the names that they have there.
    pub(super) computers: BTreeMap<usize, String>,
    /// Removed on the phone, and the Control Center not told yet.
    pub(super) leaving: BTreeSet<usize>,
    /// The sets of PINs.
    pub(super) sets: BTreeMap<usize, PhoneSet>,
    /// Passkeys of websites.
    pub(super) websites: usize,
}

/// The PINs of one desk on a phone.
#[derive(Clone, Default)]
pub(super) struct PhoneSet {
    pub(super) number: u32,
    pub(super) count: u16,
    pub(super) remaining: u16,
    pub(super) expires_at: u64,
    /// The last PIN and when the phone hides it, by the phone's clock.
    pub(super) last: Option<(String, u64)>,
    /// The phone has erased it, or will not show it any more.
    pub(super) ended: bool,
}

/// One desk.
#[derive(Clone, Default)]
pub(super) struct DeskModel {
    pub(super) online: bool,
    pub(super) session: Option<(usize, How, Option<usize>)>,
    /// The phones that unlock it, and their accounts.
    pub(super) phones: BTreeMap<usize, usize>,
    /// The same as the Control Center knows it.
    pub(super) at_center: BTreeSet<usize>,
    pub(super) accounts: BTreeMap<usize, Standing>,
}

/// The PINs of one account on a desk.
#[derive(Clone, Default)]
pub(super) struct Standing {
    /// The phone whose next PIN is good, if the model is sure.
    pub(super) holder: Option<usize>,
    /// No PIN is good until the next online unlock.
    pub(super) dead: bool,
    /// The model has lost sight of it once.
    pub(super) doubted: bool,
    /// Wrong PINs since the last good one, if the model is sure.
    pub(super) failures: Option<u16>,
    /// PINs of older sets are over.
    pub(super) newest: u32,
    pub(super) expires_at: u64,
}

/// A PIN that was shown.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) phone: usize,
    pub(super) desk: usize,
    pub(super) account: usize,
    pub(super) set: u32,
    pub(super) index: u16,
    pub(super) pin: String,
    pub(super) accepted: bool,
}

/// What the model says of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Must,
    May,
    MustNot,
}

impl Model {
    pub(super) fn new(phones: usize, desks: usize) -> Self {
        let online = PhoneModel { online: true, ..PhoneModel::default() };
        Model {
            phones: vec![online; phones],
            desks: vec![DeskModel { online: true, ..DeskModel::default() }; desks],
            center_up: true,
            pins: PinPolicy { enabled: false, count: 10 },
            ..Model::default()
        }
    }

    /// Whether a PIN that was shown may be accepted now.
    pub(super) fn verdict(&self, shown: &Shown, now: u64, clock_right: bool) -> Verdict {
        let Some(standing) = self.desks[shown.desk].accounts.get(&shown.account) else {
            return Verdict::MustNot;
        };
        let passed = self.shown.iter().any(|other| {
            other.accepted
                && (other.desk, other.account, other.set) == (shown.desk, shown.account, shown.set)
                && other.index >= shown.index
        });
        let over = now > standing.expires_at.saturating_add(MARGIN);
        if passed || standing.dead || shown.set < standing.newest || (clock_right && over) {
            return Verdict::MustNot;
        }
        let current = self.phones[shown.phone].sets.get(&shown.desk);
        let sure = standing.holder == Some(shown.phone)
            && standing.failures.is_some()
            && clock_right
            && current
                .is_some_and(|set| set.number == shown.set && now.saturating_add(MARGIN) < set.expires_at);
        if sure { Verdict::Must } else { Verdict::May }
    }

    /// A PIN was accepted.
    pub(super) fn accept(&mut self, which: usize) {
        let shown = &mut self.shown[which];
        shown.accepted = true;
        let standing = self.desks[shown.desk].accounts.entry(shown.account).or_default();
        standing.newest = standing.newest.max(shown.set);
        standing.failures = Some(0);
        self.desks[shown.desk].session = Some((shown.account, How::Pin, None));
    }

    /// A phone holds a new set of a desk, which began with so many PINs.
    pub(super) fn took_over(&mut self, phone: usize, desk: usize, count: u16, now: u64) {
        self.sets += 1;
        let expires_at = now + VALID_DAYS * DAY;
        let set =
            PhoneSet { number: self.sets, count, remaining: count, expires_at, last: None, ended: false };
        self.phones[phone].sets.insert(desk, set);
    }

    /// The workstation and the phone have both said that the set is in force.
    pub(super) fn confirmed(&mut self, phone: usize, desk: usize, account: usize, now: u64) {
        let (newest, expires_at) = (self.sets, now + VALID_DAYS * DAY);
        let standing = Standing {
            holder: Some(phone),
            dead: false,
            failures: Some(0),
            doubted: false,
            newest,
            expires_at,
        };
        self.desks[desk].accounts.insert(account, standing);
    }

    /// Nobody can say any more which PINs of this account are good.
    pub(super) fn doubt(&mut self, desk: usize, account: usize) {
        let standing = self.desks[desk].accounts.entry(account).or_default();
        (standing.holder, standing.failures, standing.dead) = (None, None, false);
        standing.doubted = true;
        standing.expires_at = u64::MAX / 2;
    }

    /// What a desk does when it hears from the Control Center.
    pub(super) fn synced(&mut self, desk: usize) {
        let enabled = self.pins.enabled;
        let desk = &mut self.desks[desk];
        let gone: Vec<usize> =
            desk.phones.keys().copied().filter(|phone| !desk.at_center.contains(phone)).collect();
        for phone in gone {
            if let Some(account) = desk.phones.remove(&phone) {
                desk.accounts.entry(account).or_default().dead = true;
            }
        }
        if !enabled {
            desk.accounts.values_mut().for_each(|standing| standing.dead = true);
        }
    }

    /// What the Control Center forgets when a phone is removed there.
    pub(super) fn deregistered(&mut self, phone: usize) {
        self.phones[phone].registered = false;
        self.desks.iter_mut().for_each(|desk| {
            desk.at_center.remove(&phone);
        });
    }

    /// Whether the lock is as the model says.
    pub(super) fn check_lock(&self, desk: usize, found: &LockState) -> Result<(), Broken> {
        let expected = self.desks[desk].session.map(|(account, how, _)| (ACCOUNTS[account], how));
        let found = session(found);
        if found == expected {
            return Ok(());
        }
        Err(Broken(format!("the lock of desk {desk} must be {expected:?}, and is {found:?}")))
    }
}

pub(super) fn session(state: &LockState) -> Option<(&str, How)> {
    match state {
        LockState::Locked => None,
        LockState::Unlocked(session) => Some((session.account.as_str(), session.how)),
    }
}
