//! The WebAuthn client: what a browser does between a page and an authenticator (WebAuthn Level 3
//! sections 5.1.3 and 5.1.4).

use latchkey_ctap::get_assertion::GetAssertionOptions;
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{
    Algorithm, AuthenticatorData, CredentialDescriptor, GetAssertionRequest, GetAssertionResponse,
    MakeCredentialRequest, MakeCredentialResponse, PrfAssertion, PublicKey, RelyingParty, Request, Status,
    User, response,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::json::{
    AssertionResponse, AttestationResponse, AuthenticationResponse, Base64Url, ClientData,
    PublicKeyCredential, RegistrationResponse,
};
use super::prf::{self, Form, PrfError, PrfInputs};

/// Why the client refuses a page or an authenticator's answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The origin may not use this RP ID (`SecurityError`).
    #[error("the origin {origin} may not use the RP ID {rp_id}")]
    OriginMismatch {
        /// Origin of the page.
        origin: String,
        /// RP ID that it asked for.
        rp_id: String,
    },
    /// The authenticator answered with an error status.
    #[error("the authenticator answered {0}")]
    Refused(Status),
    /// The authenticator's answer cannot be read.
    #[error("the authenticator's answer is malformed")]
    MalformedAnswer,
    /// The page's inputs of the PRF extension cannot be passed on.
    #[error(transparent)]
    Prf(#[from] PrfError),
}

/// What a page asks of `navigator.credentials.create()`.
#[derive(Clone, Debug)]
pub struct Creation {
    /// Origin of the page.
    pub origin: String,
    /// The relying party.
    pub rp: RelyingParty,
    /// The account.
    pub user: User,
    /// Challenge.
    pub challenge: Vec<u8>,
    /// Acceptable algorithms, best first.
    pub algorithms: Vec<Algorithm>,
    /// Credentials that must not exist on the authenticator.
    pub exclude: Vec<Vec<u8>>,
    /// Whether a discoverable credential is wanted.
    pub discoverable: bool,
    /// Attestation conveyance `none` asks for the format `none`.
    pub attestation: bool,
    /// Inputs of the PRF extension, if the page asks for it.
    pub prf: Option<PrfInputs>,
}

/// What a page asks of `navigator.credentials.get()`.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// Origin of the page.
    pub origin: String,
    /// RP ID.
    pub rp_id: String,
    /// Challenge.
    pub challenge: Vec<u8>,
    /// Acceptable credentials; none given asks for discoverable ones.
    pub allow: Vec<Vec<u8>>,
    /// Inputs of the PRF extension, if the page asks for it.
    pub prf: Option<PrfInputs>,
}

/// A CTAP request under way, with the client data that its answer belongs to.
pub struct Pending {
    /// Command byte and parameters, ready to send.
    pub request: Vec<u8>,
    client_data_json: Vec<u8>,
    allow: Vec<CredentialDescriptor>,
    /// The page asked for the PRF extension.
    prf: bool,
}

/// Steps 4 to 16 of `create()`: checks the page and makes the CTAP request.
///
/// # Errors
/// [`ClientError::OriginMismatch`], [`ClientError::Prf`]
pub fn create(page: &Creation) -> Result<Pending, ClientError> {
    check_origin(&page.origin, &page.rp.id)?;
    let prf = page.prf.as_ref().map(|inputs| inputs.registration(Form::Plain)).transpose()?;
    let client_data_json = client_data("webauthn.create", &page.challenge, &page.origin);
    let request = Request::MakeCredential(Box::new(MakeCredentialRequest {
        client_data_hash: Sha256::digest(&client_data_json).into(),
        rp: page.rp.clone(),
        user: page.user.clone(),
        algorithms: page.algorithms.clone(),
        exclude_list: descriptors(&page.exclude),
        cred_protect: None,
        prf,
        options: MakeCredentialOptions { rk: page.discoverable.then_some(true), up: None, uv: Some(true) },
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
        enterprise_attestation: None,
        attestation_formats: if page.attestation { vec![] } else { vec!["none".to_owned()] },
    }));
    Ok(Pending { request: request.encode(), client_data_json, allow: Vec::new(), prf: page.prf.is_some() })
}

/// Steps 4 to 18 of `get()`: checks the page and makes the CTAP request.
///
/// # Errors
/// [`ClientError::OriginMismatch`], [`ClientError::Prf`]
pub fn get(page: &Assertion) -> Result<Pending, ClientError> {
    check_origin(&page.origin, &page.rp_id)?;
    let allowed = page.allow.iter().map(Vec::as_slice);
    let prf = page.prf.as_ref().map(|inputs| inputs.assertion(Form::Plain, allowed)).transpose()?;
    Ok(asking(page, prf))
}

/// Like [`get`] without the check of the origin, for a caller that has made its own: an app's origin
/// is no web address. Asks for no extension.
#[must_use]
pub fn get_unchecked(page: &Assertion) -> Pending {
    asking(page, None)
}

fn asking(page: &Assertion, prf: Option<PrfAssertion>) -> Pending {
    let asked = prf.is_some();
    let client_data_json = client_data("webauthn.get", &page.challenge, &page.origin);
    let allow = descriptors(&page.allow);
    let request = Request::GetAssertion(Box::new(GetAssertionRequest {
        rp_id: page.rp_id.clone(),
        client_data_hash: Sha256::digest(&client_data_json).into(),
        allow_list: (!allow.is_empty()).then(|| allow.clone()),
        prf,
        options: GetAssertionOptions { rk: None, up: None, uv: Some(true) },
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
    }));
    Pending { request: request.encode(), client_data_json, allow, prf: asked }
}

impl Pending {
    /// The page's result of `create()` from the authenticator's answer: status byte and CBOR.
    ///
    /// # Errors
    /// [`ClientError::Refused`], [`ClientError::MalformedAnswer`]
    pub fn created(self, answer: &[u8]) -> Result<RegistrationResponse, ClientError> {
        let answer =
            MakeCredentialResponse::decode(body(answer)?).map_err(|_| ClientError::MalformedAnswer)?;
        let data = AuthenticatorData::decode(&answer.auth_data).map_err(|_| ClientError::MalformedAnswer)?;
        let attested = data.attested_credential.ok_or(ClientError::MalformedAnswer)?;
        let response = AttestationResponse {
            client_data_json: Base64Url(self.client_data_json),
            attestation_object: Base64Url(answer.attestation_object()),
            public_key: Base64Url(subject_public_key_info(&attested.public_key)),
            public_key_algorithm: attested.public_key.algorithm().0,
            authenticator_data: Base64Url(answer.auth_data),
            transports: vec!["hybrid".to_owned(), "internal".to_owned()],
        };
        let mut credential = PublicKeyCredential::new(&attested.credential_id, response);
        if self.prf {
            credential
                .client_extension_results
                .insert(prf::NAME.to_owned(), prf::created(answer.prf.as_ref()));
        }
        Ok(credential)
    }

    /// The page's result of `get()` from the authenticator's answer: status byte and CBOR.
    ///
    /// # Errors
    /// [`ClientError::Refused`], [`ClientError::MalformedAnswer`]
    pub fn asserted(self, answer: &[u8]) -> Result<AuthenticationResponse, ClientError> {
        let answer = GetAssertionResponse::decode(body(answer)?, &self.allow)
            .map_err(|_| ClientError::MalformedAnswer)?;
        let response = AssertionResponse {
            client_data_json: Base64Url(self.client_data_json),
            authenticator_data: Base64Url(answer.auth_data),
            signature: Base64Url(answer.signature),
            user_handle: answer.user.map(|user| Base64Url(user.id)),
        };
        let mut credential = PublicKeyCredential::new(&answer.credential_id, response);
        if self.prf {
            credential
                .client_extension_results
                .insert(prf::NAME.to_owned(), prf::asserted(answer.prf.as_ref()));
        }
        Ok(credential)
    }
}

/// The CBOR after a status byte of success.
fn body(answer: &[u8]) -> Result<&[u8], ClientError> {
    response::split(answer).map_err(ClientError::Refused)
}

/// `getPublicKey()` (WebAuthn Level 3 section 5.2.1): DER whose every byte before the key is fixed, for
/// P-256 by RFC 5480 (an uncompressed point) and for Ed25519 by RFC 8410.
pub(crate) fn subject_public_key_info(key: &PublicKey) -> Vec<u8> {
    const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
        \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
    const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    match key {
        PublicKey::Es256 { x, y } => [P256, x, y].concat(),
        PublicKey::EdDsa { x } => [ED25519, x].concat(),
    }
}

fn descriptors(ids: &[Vec<u8>]) -> Vec<CredentialDescriptor> {
    ids.iter().map(|id| CredentialDescriptor { id: id.clone() }).collect()
}

fn client_data(kind: &str, challenge: &[u8], origin: &str) -> Vec<u8> {
    let data = ClientData {
        kind: kind.to_owned(),
        challenge: Base64Url(challenge.to_vec()),
        origin: origin.to_owned(),
        cross_origin: false,
        android_package_name: None,
    };
    serialize(&data)
}

/// Client data as the bytes that are hashed.
pub(crate) fn serialize(data: &ClientData) -> Vec<u8> {
    // Strings and a flag always serialise, in the order of the fields, as section 5.8.1.1 wants.
    serde_json::to_vec(data).unwrap_or_default()
}

/// The RP ID must be the origin's host or a parent domain of it, and the page must be secure.
/// (Public suffixes are not known here: this is no browser.)
pub(crate) fn check_origin(origin: &str, rp_id: &str) -> Result<(), ClientError> {
    let mismatch = || ClientError::OriginMismatch { origin: origin.to_owned(), rp_id: rp_id.to_owned() };
    let host = match origin.split_once("://") {
        Some(("https", rest)) => host_of(rest),
        Some(("http", rest)) if host_of(rest) == "localhost" => "localhost",
        _ => return Err(mismatch()),
    };
    let parent = host.strip_suffix(rp_id).is_some_and(|rest| rest.ends_with('.'));
    if !rp_id.is_empty() && (host == rp_id || parent) { Ok(()) } else { Err(mismatch()) }
}

/// The host of a page's origin.
pub(crate) fn host_of_origin(origin: &str) -> Option<&str> {
    let host = host_of(origin.strip_prefix("https://")?);
    (!host.is_empty()).then_some(host)
}

/// Empty for what is no origin: one never names a user, who could be made to look like the host.
fn host_of(authority: &str) -> &str {
    if authority.contains(['@', '\\']) {
        return "";
    }
    authority.split(['/', ':', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
