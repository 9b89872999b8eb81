//! A set of PINs as the workstation hands it to the phone.

use core::fmt;

use hmac::{Hmac, Mac as _};
use latchkey_ctap::cbor::{Item, Writer};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::acknowledgement::Acknowledgement;
use crate::entries::{exactly, u32};
use crate::error::OfflineError;
use crate::pin::Pin;
use crate::policy::{DAY, Setting};

const VERSION: u64 = 1;

/// Longest ID of a computer, in bytes.
pub(crate) const MAX_COMPUTER_ID: usize = 128;

/// Names a set: 16 random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId(pub [u8; 16]);

/// The key from which the PINs of a set follow.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct SetKey(pub(crate) [u8; 32]);

impl SetKey {
    /// HMAC-SHA-256 over the concatenation of `parts`.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC takes a key of any length.
        let Ok(mut hmac) = <Hmac<Sha256> as hmac::Mac>::new_from_slice(&self.0) else { unreachable!() };
        for part in parts {
            hmac.update(part);
        }
        hmac.finalize().into_bytes().into()
    }
}

/// A set of PINs with its key: what the phone receives and keeps. Wipes its key; never logged.
pub struct PinSet {
    pub(crate) computer_id: String,
    pub(crate) set_id: SetId,
    pub(crate) generation: u32,
    pub(crate) count: u16,
    pub(crate) length: u16,
    /// Unix seconds.
    pub(crate) issued_at: u64,
    /// Unix seconds; the first second in which the set is dead.
    pub(crate) expires_at: u64,
    pub(crate) display_secs: u16,
    pub(crate) threshold_pct: u16,
    pub(crate) key: SetKey,
}

impl PinSet {
    /// Canonical CBOR: {1: version, 2: computer ID (text), 3: set ID (16 bytes), 4: generation,
    /// 5: count, 6: length, 7: issued at, 8: expires at (Unix seconds), 9: display seconds,
    /// 10: threshold (percent), 11: set key (32 bytes)}.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = Writer::new();
        map.map(11);
        map.unsigned(1).unsigned(VERSION);
        map.unsigned(2).text(&self.computer_id);
        map.unsigned(3).bytes(&self.set_id.0);
        map.unsigned(4).unsigned(self.generation.into());
        map.unsigned(5).unsigned(self.count.into());
        map.unsigned(6).unsigned(self.length.into());
        map.unsigned(7).unsigned(self.issued_at);
        map.unsigned(8).unsigned(self.expires_at);
        map.unsigned(9).unsigned(self.display_secs.into());
        map.unsigned(10).unsigned(self.threshold_pct.into());
        // Last, so that no growing buffer leaves a copy of the key behind.
        map.unsigned(11).bytes(&self.key.0);
        Zeroizing::new(map.finish())
    }

    /// Undoes [`PinSet::encode`]; nothing else is accepted, and every number must be within the
    /// bounds of the policy.
    ///
    /// # Errors
    /// [`OfflineError::Malformed`], [`OfflineError::UnexpectedEntries`],
    /// [`OfflineError::UnknownVersion`], [`OfflineError::InvalidComputerId`],
    /// [`OfflineError::InvalidGeneration`], [`OfflineError::OutOfBounds`]
    pub fn decode(bytes: &[u8]) -> Result<Self, OfflineError> {
        Self::read(Item::parse(bytes)?)
    }

    pub(crate) fn read(map: Item<'_>) -> Result<Self, OfflineError> {
        // The version first: another one may have other entries.
        if let [Some(version)] = map.numbered([1])?
            && version.unsigned()? != VERSION
        {
            return Err(OfflineError::UnknownVersion(version.unsigned()?));
        }
        let [_, computer_id, set_id, generation, count, length, issued, expires, display, threshold, key] =
            exactly(map, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])?;
        let set = PinSet {
            key: SetKey(key.byte_array()?),
            computer_id: check_computer_id(computer_id.text()?)?.to_owned(),
            set_id: SetId(set_id.byte_array()?),
            generation: u32(generation)?,
            count: Setting::Count.check(count.unsigned()?)?,
            length: Setting::Length.check(length.unsigned()?)?,
            issued_at: issued.unsigned()?,
            expires_at: expires.unsigned()?,
            display_secs: Setting::DisplaySecs.check(display.unsigned()?)?,
            threshold_pct: Setting::PromptThresholdPct.check(threshold.unsigned()?)?,
        };
        if set.generation == 0 {
            return Err(OfflineError::InvalidGeneration);
        }
        // Rounded up, so that a lifetime a second above the bound is out of it.
        Setting::ValidDays.check(set.expires_at.saturating_sub(set.issued_at).div_ceil(DAY))?;
        Ok(set)
    }

    pub(crate) fn pin(&self, index: u16) -> Pin {
        Pin::derive(&self.key, &self.set_id, index, self.length)
    }

    pub(crate) fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement::new(self.generation, self.set_id, &self.key)
    }
}

/// `id` if it can name a computer.
pub(crate) fn check_computer_id(id: &str) -> Result<&str, OfflineError> {
    if id.is_empty() || id.len() > MAX_COMPUTER_ID {
        return Err(OfflineError::InvalidComputerId);
    }
    Ok(id)
}

impl fmt::Debug for PinSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinSet(generation {}, redacted)", self.generation)
    }
}

#[cfg(test)]
mod tests;
