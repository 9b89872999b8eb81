//! One PIN: its alphabet, how it follows from the key of its set, how it is typed.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::error::OfflineError;
use crate::policy::Setting;
use crate::set::{SetId, SetKey};

/// Crockford's base 32: without I, L and O, which look like digits, and without U. Five bits each.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A PIN in its canonical form: characters of [`ALPHABET`] only. Wipes itself; never logged.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Pin(String);

impl Pin {
    /// PIN `index` of a set: the first `length` characters of
    /// base32(HMAC-SHA-256(set_key, "offline-pin/1" || set_id || u16be(index))), most significant
    /// bits first.
    ///
    /// Not public: [`crate::Ledger::display`], which burns the PIN first, is the only way to one.
    pub(crate) fn derive(key: &SetKey, set_id: &SetId, index: u16, length: u16) -> Self {
        let mac = Zeroizing::new(key.mac(&[b"offline-pin/1", &set_id.0, &index.to_be_bytes()]));
        // 13 characters are 65 of these 128 bits.
        let mut bits = u128::from_be_bytes(mac.first_chunk().copied().unwrap_or_default());
        let mut pin = Pin(String::with_capacity(usize::from(length)));
        for _ in 0..length {
            bits = bits.rotate_left(5);
            pin.0.push(character(bits));
        }
        bits.zeroize();
        pin
    }

    /// What somebody typed: lower case counts as upper case, I and L as 1, O as 0; spaces and dashes
    /// do not count.
    ///
    /// # Errors
    /// [`OfflineError::InvalidCharacter`]. A wrong length is for the verifier to refuse, which knows
    /// the right one.
    pub fn from_typed(text: &str) -> Result<Self, OfflineError> {
        // One character more than the longest PIN has is enough to see that it is too long.
        let most = usize::from(*Setting::Length.bounds().end()).saturating_add(1);
        let mut pin = Pin(String::with_capacity(most));
        for typed in text.chars() {
            let character = match typed.to_ascii_uppercase() {
                '-' => continue,
                space if space.is_whitespace() => continue,
                'I' | 'L' => '1',
                'O' => '0',
                other if other.is_ascii() && ALPHABET.contains(&(other as u8)) => other,
                _ => return Err(OfflineError::InvalidCharacter),
            };
            if pin.0.len() < most {
                pin.0.push(character);
            }
        }
        Ok(pin)
    }

    #[cfg(feature = "workstation")]
    pub(crate) fn has_length(&self, length: u16) -> bool {
        self.0.len() == usize::from(length)
    }

    /// The characters, to be shown or hashed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The character of the five lowest bits.
fn character(bits: u128) -> char {
    let place = (bits & 31) as usize;
    ALPHABET.get(place).copied().map_or('0', char::from)
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(redacted)")
    }
}

#[cfg(test)]
mod tests;
