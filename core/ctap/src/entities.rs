//! Who and what a request is about (WebAuthn Level 3 sections 5.4 and 5.8).

/// A relying party (`PublicKeyCredentialRpEntity`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// RP ID: a domain name.
    pub id: String,
    /// Name for people, if the client sent one.
    pub name: Option<String>,
}

/// An account at a relying party (`PublicKeyCredentialUserEntity`). Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// User handle, 1 to 64 bytes.
    pub id: Vec<u8>,
    /// Account name, such as an e-mail address.
    pub name: Option<String>,
    /// Name for people.
    pub display_name: Option<String>,
}

impl core::fmt::Debug for User {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("User(redacted)")
    }
}

/// One entry of an allow or exclude list; entries of a type other than `public-key` are dropped
/// while decoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialDescriptor {
    /// Credential ID, as long as the client sent it.
    pub id: Vec<u8>,
}
