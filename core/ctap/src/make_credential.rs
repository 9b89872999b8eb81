//! authenticatorMakeCredential (CTAP 2.3 section 6.1).

use crate::{Algorithm, AttestationStatement, CredProtect, CredentialDescriptor, RelyingParty, User};

/// Parameters of authenticatorMakeCredential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeCredentialRequest {
    /// 0x01: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x02: the relying party.
    pub rp: RelyingParty,
    /// 0x03: the account.
    pub user: User,
    /// 0x04: algorithms of the entries of type `public-key`, in the order of preference.
    pub algorithms: Vec<Algorithm>,
    /// 0x05: credentials that must not exist here; absent and empty mean the same.
    pub exclude_list: Vec<CredentialDescriptor>,
    /// 0x06: requested `credProtect` level.
    pub cred_protect: Option<CredProtect>,
    /// 0x07: options.
    pub options: MakeCredentialOptions,
    /// 0x08: `pinUvAuthParam`.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x09: `pinUvAuthProtocol`.
    pub pin_uv_auth_protocol: Option<u64>,
    /// 0x0A: enterprise attestation.
    pub enterprise_attestation: Option<u64>,
    /// 0x0B: attestation statement formats in the order of preference.
    pub attestation_formats: Vec<String>,
}

/// Options of authenticatorMakeCredential; unknown ones are ignored while decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MakeCredentialOptions {
    /// Discoverable credential.
    pub rk: Option<bool>,
    /// User presence.
    pub up: Option<bool>,
    /// User verification.
    pub uv: Option<bool>,
}

/// Answer of authenticatorMakeCredential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeCredentialResponse {
    /// 0x01 and 0x03: attestation format and statement.
    pub attestation: AttestationStatement,
    /// 0x02: authenticator data, encoded, because it is signed as bytes.
    pub auth_data: Vec<u8>,
}
