//! authenticatorGetAssertion (CTAP 2.3 section 6.2).

use crate::{CredentialDescriptor, User};

/// Parameters of authenticatorGetAssertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAssertionRequest {
    /// 0x01: RP ID.
    pub rp_id: String,
    /// 0x02: SHA-256 of the client data.
    pub client_data_hash: [u8; 32],
    /// 0x03: acceptable credentials. `None` asks for discoverable ones; clients also send an empty
    /// array for that, which decodes to `None`. `Some` of an empty list means that every entry was
    /// of an unknown type: nothing can match.
    pub allow_list: Option<Vec<CredentialDescriptor>>,
    /// 0x05: options.
    pub options: GetAssertionOptions,
    /// 0x06: `pinUvAuthParam`.
    pub pin_uv_auth_param: Option<Vec<u8>>,
    /// 0x07: `pinUvAuthProtocol`.
    pub pin_uv_auth_protocol: Option<u64>,
}

/// Options of authenticatorGetAssertion; unknown ones are ignored while decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetAssertionOptions {
    /// Not valid in this command, whatever its value; kept so that it can be refused.
    pub rk: Option<bool>,
    /// User presence.
    pub up: Option<bool>,
    /// User verification.
    pub uv: Option<bool>,
}

/// Answer of authenticatorGetAssertion and authenticatorGetNextAssertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAssertionResponse {
    /// 0x01: ID of the credential that signed.
    pub credential_id: Vec<u8>,
    /// 0x02: authenticator data, encoded.
    pub auth_data: Vec<u8>,
    /// 0x03: signature over authenticator data and client data hash.
    pub signature: Vec<u8>,
    /// 0x04: the account.
    pub user: Option<User>,
    /// 0x05: how many credentials matched, if getNextAssertion can follow.
    pub number_of_credentials: Option<u32>,
    /// 0x06: whether the user chose the account on the authenticator.
    pub user_selected: bool,
}
