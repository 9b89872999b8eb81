//! authenticatorGetInfo (CTAP 2.3 section 6.4).

use latchkey_ctap::GetInfo;

use crate::authenticator::Authenticator;
use crate::keys::SoftwareKey;
use crate::policy::Profile;
use crate::ports::UserVerification;

/// Longest credential ID that a list is worth sending with, in bytes. New ones have 32.
const MAX_CREDENTIAL_ID: u64 = 64;

impl Authenticator {
    /// What this authenticator can do, as far as a client behind this door should know.
    ///
    /// Over hybrid the client is another machine and `plat` stays away; a client that sees it there
    /// waits for ever. `clientPin` and `pinUvAuthToken` are never listed: verification is the phone's
    /// own, and a client would start the PIN protocol; for the same reason `prf` is listed and not
    /// `hmac-secret`, which has its salts encrypted by that protocol. `uv` says whether the person can be verified
    /// now.
    #[must_use]
    pub fn get_info(&self, profile: Profile) -> GetInfo {
        let verifies = self.ports.gate.user_verification() == UserVerification::Configured;
        let mut options = vec![("rk".to_owned(), true), ("uv".to_owned(), verifies)];
        if profile == Profile::Provider {
            options.push(("plat".to_owned(), true));
        }
        let formats = self.policy.attestation_formats.iter().map(|format| format.identifier());
        GetInfo {
            versions: vec!["FIDO_2_0".to_owned(), "FIDO_2_1".to_owned()],
            extensions: vec!["prf".to_owned(), "credProtect".to_owned()],
            aaguid: self.policy.aaguid,
            options,
            max_msg_size: Some(self.policy.max_message_size as u64),
            max_credential_count_in_list: Some(self.policy.max_credentials_in_list as u64),
            max_credential_id_length: Some(MAX_CREDENTIAL_ID),
            transports: vec!["internal".to_owned(), "hybrid".to_owned()],
            algorithms: SoftwareKey::ALGORITHMS.to_vec(),
            attestation_formats: formats.map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
