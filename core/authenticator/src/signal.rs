//! What a relying party signals about the credentials that it knows (WebAuthn Level 3 section 5.1.10).

use latchkey_ctap::User;

use crate::credential::CredentialId;

/// What a relying party signals. A credential that it does not accept is hidden and not deleted, as the
/// section advises: the relying party may be mistaken, and may take it back. Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub enum Signal {
    /// It does not know this credential (`signalUnknownCredential`).
    Unknown(CredentialId),
    /// Of an account's credentials it accepts these and no others
    /// (`signalAllAcceptedCredentials`).
    Accepted {
        /// The account's user handle.
        user_handle: Vec<u8>,
        /// All that it accepts; none is accepted if this is empty.
        ids: Vec<CredentialId>,
    },
    /// The account has these names now (`signalCurrentUserDetails`); one that is not told stays.
    UserDetails(User),
}

impl Signal {
    /// What the signal makes of a credential of the relying party: changes its account's names and
    /// whether it is hidden, and says whether anything changed. A credential that the signal is not
    /// about stays as it is.
    #[must_use]
    pub fn apply(&self, id: &CredentialId, user: &mut User, hidden: &mut bool) -> bool {
        match self {
            Signal::Unknown(unknown) if unknown == id => change(hidden, &true),
            Signal::Accepted { user_handle, ids } if *user_handle == user.id => {
                change(hidden, &!ids.contains(id))
            }
            Signal::UserDetails(details) if details.id == user.id => {
                let named = details.name.is_some() && change(&mut user.name, &details.name);
                let display_name = &details.display_name;
                (display_name.is_some() && change(&mut user.display_name, display_name)) || named
            }
            _ => false,
        }
    }
}

/// Says whether anything changed.
fn change<T: Clone + PartialEq>(place: &mut T, value: &T) -> bool {
    let changes = place != value;
    if changes {
        place.clone_from(value);
    }
    changes
}

impl core::fmt::Debug for Signal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Signal(redacted)")
    }
}

#[cfg(test)]
mod tests;
