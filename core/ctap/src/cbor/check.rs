//! One pass over untrusted bytes that decides whether they are canonical.

use ciborium_ll::{Decoder, Header, simple};

use super::CborError;

/// One header and how many bytes it took.
pub(super) struct Head {
    pub(super) header: Header,
    pub(super) len: usize,
}

pub(super) fn head(bytes: &[u8]) -> Result<Head, CborError> {
    let mut decoder = Decoder::from(bytes);
    let header = decoder.pull().map_err(|error| match error {
        ciborium_ll::Error::Io(_) => CborError::Truncated,
        // Where usize has 32 bits, also a longer length: another name for the same refusal.
        ciborium_ll::Error::Syntax(_) => CborError::Malformed,
    })?;
    Ok(Head { header, len: decoder.offset() })
}

/// Length of the shortest header that carries `value`.
const fn shortest(value: u64) -> usize {
    match value {
        0..=23 => 1,
        24..=0xFF => 2,
        0x100..=0xFFFF => 3,
        0x1_0000..=0xFFFF_FFFF => 5,
        _ => 9,
    }
}

/// Checks the item at the start of `bytes` and returns its length.
///
/// Recursion is bounded by `depth`, the number of levels still allowed.
pub(super) fn check(bytes: &[u8], depth: usize) -> Result<usize, CborError> {
    let Head { header, len } = head(bytes)?;
    let value = match header {
        Header::Positive(n) | Header::Negative(n) => n,
        Header::Bytes(Some(n)) | Header::Text(Some(n)) | Header::Array(Some(n)) | Header::Map(Some(n)) => {
            n as u64
        }
        Header::Simple(simple::FALSE | simple::TRUE | simple::NULL) => 0,
        Header::Bytes(None) | Header::Text(None) | Header::Array(None) | Header::Map(None) => {
            return Err(CborError::Indefinite);
        }
        Header::Tag(_) => return Err(CborError::Tag),
        Header::Break => return Err(CborError::Malformed),
        Header::Simple(_) | Header::Float(_) => return Err(CborError::Simple),
    };
    if len != shortest(value) {
        return Err(CborError::NotShortest);
    }
    match header {
        Header::Bytes(Some(n)) => end_of(bytes, len, n),
        Header::Text(Some(n)) => {
            let end = end_of(bytes, len, n)?;
            let text = bytes.get(len..end).ok_or(CborError::Truncated)?;
            core::str::from_utf8(text).map_err(|_| CborError::InvalidUtf8)?;
            Ok(end)
        }
        Header::Array(Some(n)) => {
            let inner = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
            let mut at = len;
            for _ in 0..n {
                at += check(rest(bytes, at)?, inner)?;
            }
            Ok(at)
        }
        Header::Map(Some(n)) => {
            let inner = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
            let mut at = len;
            let mut previous: Option<&[u8]> = None;
            for _ in 0..n {
                let start = at;
                at += check(rest(bytes, at)?, inner)?;
                let key = bytes.get(start..at).ok_or(CborError::Truncated)?;
                if let Some(previous) = previous {
                    match key_order(previous, key) {
                        core::cmp::Ordering::Less => {}
                        core::cmp::Ordering::Equal => return Err(CborError::DuplicateKey),
                        core::cmp::Ordering::Greater => return Err(CborError::KeyOrder),
                    }
                }
                previous = Some(key);
                at += check(rest(bytes, at)?, inner)?;
            }
            Ok(at)
        }
        _ => Ok(len),
    }
}

pub(super) fn rest(bytes: &[u8], at: usize) -> Result<&[u8], CborError> {
    bytes.get(at..).ok_or(CborError::Truncated)
}

fn end_of(bytes: &[u8], start: usize, len: usize) -> Result<usize, CborError> {
    start.checked_add(len).filter(|&end| end <= bytes.len()).ok_or(CborError::Truncated)
}

/// Order of encoded keys: major type, then length, then bytes.
fn key_order(a: &[u8], b: &[u8]) -> core::cmp::Ordering {
    let major = |key: &[u8]| key.first().map(|byte| byte >> 5);
    major(a).cmp(&major(b)).then(a.len().cmp(&b.len())).then_with(|| a.cmp(b))
}

/// Length of the checked item at the start of `bytes`.
pub(super) fn length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    let mut open = 1usize;
    while open > 0 {
        let Head { header, len } = head(bytes.get(at..)?).ok()?;
        at = at.checked_add(len)?;
        open -= 1;
        match header {
            Header::Bytes(Some(n)) | Header::Text(Some(n)) => at = at.checked_add(n)?,
            Header::Array(Some(n)) => open = open.checked_add(n)?,
            Header::Map(Some(n)) => open = open.checked_add(n.checked_mul(2)?)?,
            _ => {}
        }
    }
    Some(at)
}
