//! Bytes as decimal digits, as in the QR code (CTAP 2.3 section 11.5.1).
//!
//! Seven bytes at a time, little endian, become 17 digits; a shorter last chunk becomes fewer.

use thiserror::Error;
use zeroize::Zeroizing;

/// Digits of a chunk by its length in bytes.
const DIGITS: [usize; 8] = [0, 3, 5, 8, 10, 13, 15, 17];

/// Why digits do not stand for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DigitsError {
    /// A character other than ASCII `0` to `9`.
    #[error("a character is not a digit")]
    NotADigit,
    /// The last chunk has a length that no number of bytes gives.
    #[error("the number of digits is not possible")]
    Length,
    /// A chunk's value does not fit its bytes.
    #[error("a number is too large for its bytes")]
    Overflow,
}

/// Encodes bytes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 7 * 17 + 17);
    for chunk in bytes.chunks(7) {
        let value = chunk.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
        let width = DIGITS.get(chunk.len()).copied().unwrap_or_default();
        text.push_str(&format!("{value:0width$}"));
    }
    text
}

/// Decodes digits. The result is wiped when dropped, for it may hold a QR secret.
///
/// # Errors
/// [`DigitsError`]
pub fn decode(digits: &str) -> Result<Zeroizing<Vec<u8>>, DigitsError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() / 17 * 7 + 7));
    for chunk in digits.as_bytes().chunks(17) {
        // At most 17 digits: the value stays far below 2^64.
        let value = chunk.iter().try_fold(0u64, |value, digit| match digit {
            b'0'..=b'9' => Ok(value * 10 + u64::from(digit - b'0')),
            _ => Err(DigitsError::NotADigit),
        })?;
        let len = DIGITS.iter().position(|&n| n == chunk.len()).ok_or(DigitsError::Length)?;
        if value >> (8 * len) != 0 {
            return Err(DigitsError::Overflow);
        }
        bytes.extend(value.to_le_bytes().into_iter().take(len));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
