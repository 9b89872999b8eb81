//! Extensions that the authenticator processes (CTAP 2.3 section 12).

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
