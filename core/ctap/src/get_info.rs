//! authenticatorGetInfo (CTAP 2.3 section 6.4).

use crate::Algorithm;

/// Answer of authenticatorGetInfo, with the members that a phone uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetInfo {
    /// 0x01: versions, such as `FIDO_2_1`.
    pub versions: Vec<String>,
    /// 0x02: extensions.
    pub extensions: Vec<String>,
    /// 0x03: model of the authenticator.
    pub aaguid: [u8; 16],
    /// 0x04: options by name. Encoding sorts them.
    pub options: Vec<(String, bool)>,
    /// 0x05: longest message accepted, in bytes.
    pub max_msg_size: Option<u64>,
    /// 0x07: longest allow or exclude list accepted.
    pub max_credential_count_in_list: Option<u64>,
    /// 0x08: longest credential ID produced, in bytes.
    pub max_credential_id_length: Option<u64>,
    /// 0x09: transports, such as `internal` and `hybrid`.
    pub transports: Vec<String>,
    /// 0x0A: algorithms in the order of preference.
    pub algorithms: Vec<Algorithm>,
    /// 0x16: attestation statement formats in the order of preference.
    pub attestation_formats: Vec<String>,
}

impl GetInfo {
    /// The value of an option, if it is listed.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<bool> {
        self.options.iter().find(|(n, _)| n == name).map(|&(_, value)| value)
    }
}
