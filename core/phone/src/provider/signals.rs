//! What relying parties signal about the passkeys that they know (WebAuthn Level 3 section 5.1.10): iOS
//! reports it parsed and of a relying party that it has checked, Android as JSON of a calling app.
//!
//! Nobody is asked and nothing is shown, so nothing is deleted either: a passkey that is not accepted is
//! hidden. It is not offered any more, and used only where an allow list names it. It stays hidden then, for
//! the list may be this phone's own: only the relying party, when it accepts it, and its owner, in
//! [`crate::SecurityKeys`], bring it back.

use latchkey_authenticator::ports::CredentialStore;
use latchkey_authenticator::{CredentialId, CredentialSummary, Signal};
use latchkey_ctap::User;
use serde::Deserialize;

use super::caller::{Caller, TrustedBrowsers};
use super::error::ProviderError;
use super::{Provider, check_rp_id, of_store, options};
use crate::error::PhoneError;
use crate::webauthn::json::Base64Url;

/// Which signal a request in JSON is; the names are those of Android's `Signal...Request` classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalKind {
    /// `SignalUnknownCredentialRequest`
    UnknownCredential,
    /// `SignalAllAcceptedCredentialIdsRequest`
    AllAcceptedCredentialIds,
    /// `SignalCurrentUserDetailsRequest`
    CurrentUserDetails,
}

impl Provider<'_> {
    /// A relying party does not know a passkey: it is hidden. Returns it as it is now, or nothing if it is
    /// not on this phone or was hidden before.
    ///
    /// # Errors
    /// [`ProviderError::InvalidMember`], [`ProviderError::Closed`], [`PhoneError::Store`]; nothing changes
    /// then.
    pub fn signal_unknown(self, rp_id: &str, id: CredentialId) -> Result<Vec<CredentialSummary>, PhoneError> {
        self.signal(rp_id, &Signal::Unknown(id))
    }

    /// Of an account's passkeys a relying party accepts `ids` and no others: those are un-hidden, the
    /// others hidden. Returns the passkeys that changed, as they are now.
    ///
    /// # Errors
    /// Those of [`Provider::signal_unknown`]
    pub fn signal_accepted(
        self,
        rp_id: &str,
        user_handle: Vec<u8>,
        ids: Vec<CredentialId>,
    ) -> Result<Vec<CredentialSummary>, PhoneError> {
        self.signal(rp_id, &Signal::Accepted { user_handle, ids })
    }

    /// An account has another name now; a display name that is not told (iOS tells none) stays. Returns
    /// the passkeys that changed, as they are now.
    ///
    /// # Errors
    /// Those of [`Provider::signal_unknown`]
    pub fn signal_user_details(
        self,
        rp_id: &str,
        user_handle: Vec<u8>,
        name: String,
        display_name: Option<String>,
    ) -> Result<Vec<CredentialSummary>, PhoneError> {
        let user = User { id: user_handle, name: Some(name), display_name };
        self.signal(rp_id, &Signal::UserDetails(user))
    }

    /// Android's shape of the signals: `UnknownCredentialOptions`, `AllAcceptedCredentialsOptions` or
    /// `CurrentUserDetailsOptions` in JSON. The caller is checked as for a sign-in without a client data
    /// hash, so that no app hides the passkeys of somebody else's site. Returns the passkeys that
    /// changed, as they are now; a calling app must not learn of them.
    ///
    /// # Errors
    /// [`PhoneError::Provider`] for a request or a caller that is refused; else those of
    /// [`Provider::signal_unknown`]
    pub fn signal_json(
        self,
        kind: SignalKind,
        request: &str,
        caller: &Caller,
        browsers: &TrustedBrowsers,
    ) -> Result<Vec<CredentialSummary>, PhoneError> {
        let (rp_id, signal) = read(kind, request)?;
        // Beside a hash nobody here compares a page's origin with the RP ID.
        if caller.client_data_hash.is_some() {
            return Err(ProviderError::ClientDataHashNotAllowed.into());
        }
        caller.identify(browsers, &rp_id)?;
        self.signal(&rp_id, &signal)
    }

    fn signal(self, rp_id: &str, signal: &Signal) -> Result<Vec<CredentialSummary>, PhoneError> {
        check_rp_id(rp_id)?;
        self.phone.vault.signal(rp_id, signal).map_err(of_store)
    }
}

/// `UnknownCredentialOptions`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnknownCredential {
    rp_id: String,
    credential_id: Base64Url,
}

/// `AllAcceptedCredentialsOptions`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllAcceptedCredentials {
    rp_id: String,
    user_id: Base64Url,
    all_accepted_credential_ids: Vec<Base64Url>,
}

/// `CurrentUserDetailsOptions`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CurrentUserDetails {
    rp_id: String,
    user_id: Base64Url,
    name: String,
    display_name: String,
}

/// The relying party and its signal. Every member is required, as in the specification.
fn read(kind: SignalKind, request: &str) -> Result<(String, Signal), ProviderError> {
    Ok(match kind {
        SignalKind::UnknownCredential => {
            let UnknownCredential { rp_id, credential_id } = options::parse(request)?;
            (rp_id, Signal::Unknown(CredentialId(credential_id.0)))
        }
        SignalKind::AllAcceptedCredentialIds => {
            let AllAcceptedCredentials { rp_id, user_id, all_accepted_credential_ids } =
                options::parse(request)?;
            let ids = all_accepted_credential_ids.into_iter().map(|id| CredentialId(id.0)).collect();
            (rp_id, Signal::Accepted { user_handle: user_id.0, ids })
        }
        SignalKind::CurrentUserDetails => {
            let CurrentUserDetails { rp_id, user_id, name, display_name } = options::parse(request)?;
            let user = User { id: user_id.0, name: Some(name), display_name: Some(display_name) };
            (rp_id, Signal::UserDetails(user))
        }
    })
}

#[cfg(test)]
mod tests;
