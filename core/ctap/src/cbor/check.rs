//! One pass over untrusted bytes that decides whether they are canonical.

use core::cmp::Ordering;

use super::CborError;
use super::head::{Head, Major};

/// Checks the item at the start of `bytes` and returns its length.
///
/// Recursion is bounded by `depth`, the number of levels still allowed.
pub(super) fn check(bytes: &[u8], depth: usize) -> Result<usize, CborError> {
    let Head { major, argument, len } = Head::read(bytes)?;
    match major {
        Major::Unsigned | Major::Negative | Major::Simple => Ok(len),
        Major::Bytes => end_of(bytes, len, argument),
        Major::Text => {
            let end = end_of(bytes, len, argument)?;
            let text = bytes.get(len..end).ok_or(CborError::Truncated)?;
            core::str::from_utf8(text).map_err(|_| CborError::InvalidUtf8)?;
            Ok(end)
        }
        Major::Array => {
            let inner = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
            let mut at = len;
            for _ in 0..argument {
                at += check(rest(bytes, at)?, inner)?;
            }
            Ok(at)
        }
        Major::Map => {
            let inner = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
            let mut at = len;
            let mut previous: Option<&[u8]> = None;
            for _ in 0..argument {
                let start = at;
                at += check(rest(bytes, at)?, inner)?;
                let key = bytes.get(start..at).ok_or(CborError::Truncated)?;
                if let Some(previous) = previous {
                    match key_order(previous, key) {
                        Ordering::Less => {}
                        Ordering::Equal => return Err(CborError::DuplicateKey),
                        Ordering::Greater => return Err(CborError::KeyOrder),
                    }
                }
                previous = Some(key);
                at += check(rest(bytes, at)?, inner)?;
            }
            Ok(at)
        }
    }
}

pub(super) fn rest(bytes: &[u8], at: usize) -> Result<&[u8], CborError> {
    bytes.get(at..).ok_or(CborError::Truncated)
}

/// Where a string ends whose `len` bytes begin at `start`.
fn end_of(bytes: &[u8], start: usize, len: u64) -> Result<usize, CborError> {
    usize::try_from(len)
        .ok()
        .and_then(|len| start.checked_add(len))
        .filter(|&end| end <= bytes.len())
        .ok_or(CborError::Truncated)
}

/// Order of encoded keys: major type, then length, then bytes.
fn key_order(a: &[u8], b: &[u8]) -> Ordering {
    let major = |key: &[u8]| key.first().map(|byte| byte >> 5);
    major(a).cmp(&major(b)).then(a.len().cmp(&b.len())).then_with(|| a.cmp(b))
}

/// Length of the checked item at the start of `bytes`.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    let mut open = 1u64;
    while open > 0 {
        let Head { major, argument, len } = Head::read(bytes.get(at..)?).ok()?;
        at = at.checked_add(len)?;
        open -= 1;
        match major {
            Major::Unsigned | Major::Negative | Major::Simple => {}
            Major::Bytes | Major::Text => at = at.checked_add(usize::try_from(argument).ok()?)?,
            Major::Array => open = open.checked_add(argument)?,
            Major::Map => open = open.checked_add(argument.checked_mul(2)?)?,
        }
    }
    Some(at)
}
