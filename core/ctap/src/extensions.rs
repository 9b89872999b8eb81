//! Extensions that the authenticator processes (CTAP 2.3 section 12).

use crate::DecodeError;
use crate::cbor::{Item, Writer};

/// Level of the `credProtect` extension (CTAP 2.3 section 12.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum CredProtect {
    /// 1: user verification optional.
    #[default]
    UvOptional = 1,
    /// 2: without user verification only found through an allow list.
    UvOptionalWithCredentialIdList = 2,
    /// 3: never found without user verification.
    UvRequired = 3,
}

impl CredProtect {
    pub(crate) const NAME: &'static str = "credProtect";

    /// Finds the level in a map of extension inputs or outputs; passes over other extensions.
    pub(crate) fn read(extensions: Item<'_>) -> Result<Option<Self>, DecodeError> {
        let [level] = extensions.named([Self::NAME])?;
        match level.map(Item::integer).transpose()? {
            None => Ok(None),
            Some(1) => Ok(Some(CredProtect::UvOptional)),
            Some(2) => Ok(Some(CredProtect::UvOptionalWithCredentialIdList)),
            Some(3) => Ok(Some(CredProtect::UvRequired)),
            Some(_) => Err(DecodeError::InvalidValue(Self::NAME)),
        }
    }

    /// Writes a map of extension outputs with nothing but the level.
    pub(crate) fn write(self, out: &mut Writer) {
        out.map(1).text(Self::NAME).unsigned(self as u64);
    }
}
