//! Strict reading of maps.

use latchkey_ctap::cbor::Item;

use crate::error::OfflineError;

/// The values of a map whose keys are among `keys` and no others.
pub(crate) fn entries<'a, const N: usize>(
    map: Item<'a>,
    keys: [i64; N],
) -> Result<[Option<Item<'a>>; N], OfflineError> {
    let found = map.numbered(keys)?;
    if found.iter().flatten().count() != map.map()?.count() {
        return Err(OfflineError::UnexpectedEntries);
    }
    Ok(found)
}

/// The values of a map whose keys are exactly `keys`.
pub(crate) fn exactly<'a, const N: usize>(
    map: Item<'a>,
    keys: [i64; N],
) -> Result<[Item<'a>; N], OfflineError> {
    let found = entries(map, keys)?;
    let Some(first) = found.iter().flatten().next() else { return Err(OfflineError::UnexpectedEntries) };
    let mut values = [*first; N];
    for (value, found) in values.iter_mut().zip(found) {
        *value = found.ok_or(OfflineError::UnexpectedEntries)?;
    }
    Ok(values)
}

/// An integer of 32 bits.
pub(crate) fn u32(item: Item<'_>) -> Result<u32, OfflineError> {
    u32::try_from(item.unsigned()?).map_err(|_| OfflineError::Inconsistent)
}

/// An integer of 16 bits.
pub(crate) fn u16(item: Item<'_>) -> Result<u16, OfflineError> {
    u16::try_from(item.unsigned()?).map_err(|_| OfflineError::Inconsistent)
}
