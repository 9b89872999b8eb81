//! The record as canonical CBOR.

use latchkey_ctap::cbor::{Item, Writer};

use super::{Ended, VerifierRecord, WrappedSet};
use crate::entries::{entries, u16, u32};
use crate::error::OfflineError;
use crate::policy::Setting;
use crate::set::SetId;
use crate::verifier::Argon2Cost;
use crate::verifier::wrapping::{SLOT_LEN, Slot};

const VERSION: u64 = 1;

impl VerifierRecord {
    /// Canonical CBOR: {1: version, 2: revision, 3: generation, 4: failures, 5: most failures, 6: retry
    /// at, 7: last seen, 8: active set, 9: pending set, 10: how the last set ended}; the last three only
    /// if they are there.
    ///
    /// A set: {1: set ID, 2: generation, 3: length, 4: window (optional), 5: expires at, 6: salt,
    /// 7: [memory in KiB, iterations, lanes], 8: acknowledgement, 9: next, 10: slots}.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let sets = [(8, &self.active), (9, &self.pending)];
        let optional = self.sets().count() + self.ended.iter().count();
        let mut map = Writer::new();
        map.map(optional + 7);
        map.unsigned(1).unsigned(VERSION);
        map.unsigned(2).unsigned(self.revision);
        map.unsigned(3).unsigned(self.generation.into());
        map.unsigned(4).unsigned(self.failures.into());
        map.unsigned(5).unsigned(self.max_failures.into());
        map.unsigned(6).unsigned(self.retry_at);
        map.unsigned(7).unsigned(self.last_seen);
        for (key, set) in sets {
            if let Some(set) = set {
                map.unsigned(key);
                set.write(&mut map);
            }
        }
        if let Some(ended) = self.ended {
            map.unsigned(10).unsigned(ended as u64);
        }
        map.finish()
    }

    /// Undoes [`VerifierRecord::encode`]; nothing else is accepted.
    ///
    /// # Errors
    /// [`OfflineError::Malformed`], [`OfflineError::UnexpectedEntries`],
    /// [`OfflineError::UnknownVersion`], [`OfflineError::OutOfBounds`],
    /// [`OfflineError::InvalidCost`], [`OfflineError::Inconsistent`]
    pub fn decode(bytes: &[u8]) -> Result<Self, OfflineError> {
        let map = entries(Item::parse(bytes)?, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])?;
        let [
            version,
            revision,
            generation,
            failures,
            max_failures,
            retry_at,
            last_seen,
            active,
            pending,
            ended,
        ] = map;
        match required(version)?.unsigned()? {
            VERSION => {}
            other => return Err(OfflineError::UnknownVersion(other)),
        }
        let record = VerifierRecord {
            revision: required(revision)?.unsigned()?,
            generation: u32(required(generation)?)?,
            failures: u16(required(failures)?)?,
            max_failures: u16(required(max_failures)?)?,
            retry_at: required(retry_at)?.unsigned()?,
            last_seen: required(last_seen)?.unsigned()?,
            active: active.map(WrappedSet::read).transpose()?,
            pending: pending.map(WrappedSet::read).transpose()?,
            ended: ended.map(Ended::read).transpose()?,
        };
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), OfflineError> {
        let order = match (&self.active, &self.pending) {
            (Some(active), Some(pending)) => active.generation < pending.generation,
            _ => true,
        };
        let alive = self.sets().next().is_some();
        let never = self.generation == 0 && !alive && self.ended.is_none();
        let consistent = self.revision > 0
            && order
            && self.sets().all(|set| set.generation <= self.generation)
            && (never || (self.generation > 0 && alive != self.ended.is_some()));
        if consistent { Ok(()) } else { Err(OfflineError::Inconsistent) }
    }
}

impl WrappedSet {
    fn write(&self, map: &mut Writer) {
        map.map(if self.window.is_some() { 10 } else { 9 });
        map.unsigned(1).bytes(&self.set_id.0);
        map.unsigned(2).unsigned(self.generation.into());
        map.unsigned(3).unsigned(self.length.into());
        if let Some(window) = self.window {
            map.unsigned(4).unsigned(window.into());
        }
        map.unsigned(5).unsigned(self.expires_at);
        map.unsigned(6).bytes(&self.salt);
        map.unsigned(7).array(3);
        for number in self.cost.numbers() {
            map.unsigned(number.into());
        }
        map.unsigned(8).bytes(&self.ack);
        map.unsigned(9).unsigned(self.next.into());
        map.unsigned(10).bytes(self.slots.as_flattened());
    }

    fn read(map: Item<'_>) -> Result<Self, OfflineError> {
        let [set_id, generation, length, window, expires_at, salt, cost, ack, next, slots] =
            entries(map, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])?;
        let window = window.map(|window| Setting::Window.check(window.unsigned()?)).transpose()?;
        let set = WrappedSet {
            set_id: SetId(required(set_id)?.byte_array()?),
            generation: u32(required(generation)?)?,
            length: Setting::Length.check(required(length)?.unsigned()?)?,
            window,
            expires_at: required(expires_at)?.unsigned()?,
            salt: required(salt)?.byte_array()?,
            cost: read_cost(required(cost)?)?,
            ack: required(ack)?.byte_array()?,
            next: u16(required(next)?)?,
            slots: read_slots(required(slots)?.bytes()?)?,
        };
        let end = usize::from(set.next).saturating_add(set.slots.len());
        if set.generation == 0 || end > usize::from(*Setting::Count.bounds().end()) {
            return Err(OfflineError::Inconsistent);
        }
        Ok(set)
    }
}

impl Ended {
    fn read(item: Item<'_>) -> Result<Self, OfflineError> {
        match item.unsigned()? {
            1 => Ok(Ended::Exhausted),
            2 => Ok(Ended::Expired),
            3 => Ok(Ended::Revoked),
            4 => Ok(Ended::Locked),
            _ => Err(OfflineError::Inconsistent),
        }
    }
}

fn read_cost(item: Item<'_>) -> Result<Argon2Cost, OfflineError> {
    let mut numbers = item.array()?;
    let mut number = || u32(required(numbers.next())?);
    let cost = Argon2Cost::new(number()?, number()?, number()?)?;
    match numbers.next() {
        None => Ok(cost),
        Some(_) => Err(OfflineError::UnexpectedEntries),
    }
}

/// At least one slot: a set without any does not live.
fn read_slots(bytes: &[u8]) -> Result<Vec<Slot>, OfflineError> {
    match bytes.as_chunks::<SLOT_LEN>() {
        (slots, []) if !slots.is_empty() => Ok(slots.to_vec()),
        _ => Err(OfflineError::Inconsistent),
    }
}

fn required(item: Option<Item<'_>>) -> Result<Item<'_>, OfflineError> {
    item.ok_or(OfflineError::UnexpectedEntries)
}
