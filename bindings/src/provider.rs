//! The door of the operating system's passkey provider, in the shape of iOS and in that of Android.

use std::sync::Arc;

use latchkey_authenticator::{CredentialId, CredentialSummary};
use latchkey_ctap::{Algorithm, GetAssertionResponse, RelyingParty, User};
use latchkey_phone::provider::{self as core, CallingApp, TrustedBrowsers};

use crate::cancel::{Cancel, token};
use crate::error::LatchkeyError;
use crate::passkeys::Passkey;
use crate::prf::{PrfAssertionInput, PrfRegistrationInput, PrfRegistrationOutput, PrfValues};

/// Makes and uses passkeys for the operating system. The person is verified in each ceremony that has an
/// interface. What cannot be done without one fails with `provider.locked`, and the system asks again.
#[derive(uniffi::Object)]
pub struct Provider {
    phone: Arc<latchkey_phone::Phone>,
    browsers: Arc<TrustedBrowsers>,
}

/// `ASPasskeyCredentialRequest` for a registration. Personal data: never logged.
#[derive(Clone, uniffi::Record)]
pub struct RegistrationRequest {
    /// SHA-256 of the client data, 32 bytes.
    pub client_data_hash: Vec<u8>,
    /// RP ID.
    pub rp_id: String,
    /// Account name.
    pub user_name: String,
    /// User handle, 1 to 64 bytes.
    pub user_handle: Vec<u8>,
    /// COSE identifiers of acceptable algorithms, best first.
    pub algorithms: Vec<i64>,
    /// Credential IDs of which none may be on this phone.
    #[uniffi(default = [])]
    pub excluded: Vec<Vec<u8>>,
    /// Made without asking, right after its owner has signed in in another way (iOS 18). Never replaces a
    /// passkey of the account, not even a hidden one. Fails with `provider.locked` where there
    /// is one, one is excluded or a limit is reached: nobody has agreed to tell which.
    #[uniffi(default = false)]
    pub conditional: bool,
    /// `userVerificationPreference` is `required`: fails with `provider.locked` if `conditional`, as nobody
    /// is asked then. In every other registration the person is verified anyway.
    #[uniffi(default = false)]
    pub verification_required: bool,
    /// The PRF extension, if asked for.
    #[uniffi(default)]
    pub prf: Option<PrfRegistrationInput>,
}

/// What `ASPasskeyRegistrationCredential` is made of.
#[derive(Clone, uniffi::Record)]
pub struct Registration {
    /// Credential ID.
    pub credential_id: Vec<u8>,
    /// Attestation object in CBOR, of format `none`.
    pub attestation_object: Vec<u8>,
    /// Output of the PRF extension, if it was asked for.
    #[uniffi(default)]
    pub prf: Option<PrfRegistrationOutput>,
}

/// `ASPasskeyCredentialRequest` for an assertion, or `ASPasskeyCredentialRequestParameters`. Tells where
/// somebody has an account: never logged.
#[derive(Clone, uniffi::Record)]
pub struct AssertionRequest {
    /// SHA-256 of the client data, 32 bytes.
    pub client_data_hash: Vec<u8>,
    /// RP ID.
    pub rp_id: String,
    /// Acceptable credential IDs; none means any. The one that was chosen in a list comes alone.
    #[uniffi(default = [])]
    pub allowed: Vec<Vec<u8>>,
    /// The PRF extension, if asked for.
    #[uniffi(default)]
    pub prf: Option<PrfAssertionInput>,
    /// `userVerificationPreference` is `discouraged`: `sign_in_quietly` may sign without verification. In
    /// every other sign-in the person is verified anyway.
    #[uniffi(default = false)]
    pub verification_discouraged: bool,
}

/// What `ASPasskeyAssertionCredential` is made of.
#[derive(Clone, uniffi::Record)]
pub struct Assertion {
    /// Credential ID.
    pub credential_id: Vec<u8>,
    /// User handle.
    pub user_handle: Vec<u8>,
    /// Authenticator data.
    pub authenticator_data: Vec<u8>,
    /// Signature over authenticator data and client data hash.
    pub signature: Vec<u8>,
    /// Outputs of the PRF extension, if there were salts for the passkey. One that is older than
    /// the extension has none.
    #[uniffi(default)]
    pub prf: Option<PrfValues>,
}

/// Who asks, on Android. Tells what somebody visits: never logged.
#[derive(Clone, uniffi::Record)]
pub struct Caller {
    /// Package name of the calling app.
    pub package_name: String,
    /// SHA-256 of the certificates that it was signed with, 32 bytes each: the current one first, then
    /// those that it was rotated from.
    pub certificates: Vec<Vec<u8>>,
    /// `SigningInfo.hasMultipleSigners`: such an app is refused.
    #[uniffi(default = false)]
    pub several_signers: bool,
    /// The page's origin, if the app says that it acts for one.
    #[uniffi(default)]
    pub origin: Option<String>,
    /// The client data hash that the app brought, 32 bytes.
    #[uniffi(default)]
    pub client_data_hash: Option<Vec<u8>>,
    /// What is at `asset_links_url`, for an app without an origin; nothing if it could not be fetched.
    #[uniffi(default)]
    pub asset_links: Option<String>,
}

/// Which signal a request in JSON is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SignalKind {
    /// `SignalUnknownCredentialRequest`
    UnknownCredential,
    /// `SignalAllAcceptedCredentialIdsRequest`
    AllAcceptedCredentialIds,
    /// `SignalCurrentUserDetailsRequest`
    CurrentUserDetails,
}

/// Where the relying party of a request or a signal in JSON says which apps are its own. Fetch it over https, without
/// following redirects, for a caller without an origin.
#[uniffi::export]
pub fn asset_links_url(request_json: String) -> Result<String, LatchkeyError> {
    Ok(core::asset_links_url(&request_json).map_err(|error| error.id())?)
}

impl Provider {
    pub(crate) const fn new(phone: Arc<latchkey_phone::Phone>, browsers: Arc<TrustedBrowsers>) -> Self {
        Provider { phone, browsers }
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Provider {
    /// The passkeys that can sign in to a relying party, the most recently used first: those that `allowed`
    /// names, or if it is empty all that are not hidden. Shows nothing and asks nobody.
    #[uniffi::method(default(allowed = []))]
    pub fn entries(&self, rp_id: String, allowed: Vec<Vec<u8>>) -> Result<Vec<Passkey>, LatchkeyError> {
        Ok(passkeys(self.phone.provider().entries(&rp_id, &ids(allowed))?))
    }

    /// The same for `BeginGetPublicKeyCredentialOption.requestJson`.
    pub fn entries_json(&self, request: String, caller: Caller) -> Result<Vec<Passkey>, LatchkeyError> {
        Ok(passkeys(self.phone.provider().entries_json(&request, &caller.try_into()?)?))
    }

    /// Makes a passkey. It is on disk before this returns, and not there after an error.
    #[uniffi::method(default(cancel = None))]
    pub async fn register(
        &self,
        request: RegistrationRequest,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Registration, LatchkeyError> {
        let registered = self.phone.provider().register(&request.try_into()?, &token(cancel)).await?;
        Ok(Registration {
            credential_id: registered.id.0,
            attestation_object: registered.response.attestation_object(),
            prf: registered.response.prf.map(Into::into),
        })
    }

    /// Signs in with a passkey.
    #[uniffi::method(default(cancel = None))]
    pub async fn sign_in(
        &self,
        request: AssertionRequest,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Assertion, LatchkeyError> {
        Ok(self.phone.provider().sign_in(&request.try_into()?, &token(cancel)).await?.into())
    }

    /// `provideCredentialWithoutUserInteraction`: signs in with the one passkey that is allowed, chosen in a
    /// sheet of the system's, and shows nothing. The gate is asked with `Prompt.quiet`: if it says that the
    /// person is verified, the answer says so (UP and UV). If it does not and `verification_discouraged`, the
    /// choice is enough (UP alone). Otherwise, and where a passkey or a PRF output is not to be had without
    /// verification, it fails with `provider.locked`, and nothing is signed; `sign_in` with an interface
    /// comes next. Fails with `auth.credential_unusable` for a passkey that is gone or hidden: the system's
    /// identity store is out of step.
    #[uniffi::method(default(cancel = None))]
    pub async fn sign_in_quietly(
        &self,
        request: AssertionRequest,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Assertion, LatchkeyError> {
        Ok(self.phone.provider().sign_in_quietly(&request.try_into()?, &token(cancel)).await?.into())
    }

    /// Makes a passkey for `CreatePublicKeyCredentialRequest.requestJson` and returns the JSON of
    /// `CreatePublicKeyCredentialResponse`. An app that may not ask for this relying party is refused with
    /// `provider.caller_untrusted`. `conditional` as in `RegistrationRequest`.
    #[uniffi::method(default(conditional = false, cancel = None))]
    pub async fn create_json(
        &self,
        request: String,
        caller: Caller,
        conditional: bool,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<String, LatchkeyError> {
        let (provider, caller) = (self.phone.provider(), caller.try_into()?);
        Ok(provider.create_json(&request, &caller, &self.browsers, conditional, &token(cancel)).await?)
    }

    /// Signs in for `GetPublicKeyCredentialOption.requestJson` and returns the JSON of
    /// `PublicKeyCredential`. `chosen` is the credential ID of the entry that was chosen; it is used even if it was
    /// hidden in the meantime.
    #[uniffi::method(default(chosen = None, cancel = None))]
    pub async fn get_json(
        &self,
        request: String,
        caller: Caller,
        chosen: Option<Vec<u8>>,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<String, LatchkeyError> {
        let (provider, caller) = (self.phone.provider(), caller.try_into()?);
        let chosen = chosen.map(CredentialId);
        Ok(provider.get_json(&request, &caller, &self.browsers, chosen.as_ref(), &token(cancel)).await?)
    }

    /// `reportUnknownPublicKeyCredential` (iOS 26): the relying party does not know a passkey, which is
    /// hidden and not deleted. This and the other signals ask nobody and return the passkeys that changed,
    /// as they are now, so that the system's identity store can be brought up to date: what is hidden is
    /// removed from it, everything else is saved.
    pub fn signal_unknown(
        &self,
        rp_id: String,
        credential_id: Vec<u8>,
    ) -> Result<Vec<Passkey>, LatchkeyError> {
        Ok(passkeys(self.phone.provider().signal_unknown(&rp_id, CredentialId(credential_id))?))
    }

    /// `reportAllAcceptedPublicKeyCredentials` (iOS 26): of an account's passkeys the relying party accepts
    /// these, which are offered again, and no others, which are hidden.
    pub fn signal_accepted(
        &self,
        rp_id: String,
        user_handle: Vec<u8>,
        credential_ids: Vec<Vec<u8>>,
    ) -> Result<Vec<Passkey>, LatchkeyError> {
        Ok(passkeys(self.phone.provider().signal_accepted(&rp_id, user_handle, ids(credential_ids))?))
    }

    /// `reportPublicKeyCredentialUpdate` (iOS 26): an account has another name. A display name that is not
    /// given stays.
    #[uniffi::method(default(display_name = None))]
    pub fn signal_user_details(
        &self,
        rp_id: String,
        user_handle: Vec<u8>,
        name: String,
        display_name: Option<String>,
    ) -> Result<Vec<Passkey>, LatchkeyError> {
        let provider = self.phone.provider();
        Ok(passkeys(provider.signal_user_details(&rp_id, user_handle, name, display_name)?))
    }

    /// The same three for `SignalCredentialStateRequest.requestJson`. An app that may not speak for this
    /// relying party is refused with `provider.caller_untrusted`, and nothing changes. The calling app must
    /// not learn what was returned.
    pub fn signal_json(
        &self,
        kind: SignalKind,
        request: String,
        caller: Caller,
    ) -> Result<Vec<Passkey>, LatchkeyError> {
        let provider = self.phone.provider();
        Ok(passkeys(provider.signal_json(kind.into(), &request, &caller.try_into()?, &self.browsers)?))
    }
}

fn passkeys(summaries: Vec<CredentialSummary>) -> Vec<Passkey> {
    summaries.into_iter().map(Into::into).collect()
}

fn ids(ids: Vec<Vec<u8>>) -> Vec<CredentialId> {
    ids.into_iter().map(CredentialId).collect()
}

/// A SHA-256.
fn hash(bytes: Vec<u8>) -> Result<[u8; 32], LatchkeyError> {
    bytes.try_into().map_err(|_| LatchkeyError::RequestMalformed)
}

impl From<SignalKind> for core::SignalKind {
    fn from(kind: SignalKind) -> Self {
        match kind {
            SignalKind::UnknownCredential => core::SignalKind::UnknownCredential,
            SignalKind::AllAcceptedCredentialIds => core::SignalKind::AllAcceptedCredentialIds,
            SignalKind::CurrentUserDetails => core::SignalKind::CurrentUserDetails,
        }
    }
}

impl TryFrom<RegistrationRequest> for core::Registration {
    type Error = LatchkeyError;

    fn try_from(request: RegistrationRequest) -> Result<Self, Self::Error> {
        Ok(core::Registration {
            client_data_hash: hash(request.client_data_hash)?,
            rp: RelyingParty { id: request.rp_id, name: None },
            user: User { id: request.user_handle, name: Some(request.user_name), display_name: None },
            algorithms: request.algorithms.into_iter().map(Algorithm).collect(),
            excluded: ids(request.excluded),
            conditional: request.conditional,
            verification_required: request.verification_required,
            prf: request.prf.map(TryInto::try_into).transpose()?,
        })
    }
}

impl TryFrom<AssertionRequest> for core::SignIn {
    type Error = LatchkeyError;

    fn try_from(request: AssertionRequest) -> Result<Self, Self::Error> {
        Ok(core::SignIn {
            client_data_hash: hash(request.client_data_hash)?,
            rp_id: request.rp_id,
            allowed: ids(request.allowed),
            prf: request.prf.map(TryInto::try_into).transpose()?,
            verification_discouraged: request.verification_discouraged,
        })
    }
}

impl From<GetAssertionResponse> for Assertion {
    fn from(answer: GetAssertionResponse) -> Self {
        Assertion {
            credential_id: answer.credential_id,
            user_handle: answer.user.map(|user| user.id).unwrap_or_default(),
            authenticator_data: answer.auth_data,
            signature: answer.signature,
            prf: answer.prf.as_ref().map(Into::into),
        }
    }
}

impl TryFrom<Caller> for core::Caller {
    type Error = LatchkeyError;

    fn try_from(caller: Caller) -> Result<Self, Self::Error> {
        Ok(core::Caller {
            app: CallingApp {
                package_name: caller.package_name,
                certificates: caller.certificates.into_iter().map(hash).collect::<Result<_, _>>()?,
                several_signers: caller.several_signers,
            },
            origin: caller.origin,
            client_data_hash: caller.client_data_hash.map(hash).transpose()?,
            asset_links: caller.asset_links,
        })
    }
}
