//! Android's shape of the door: WebAuthn's JSON in and out, for a caller whose identity is checked here.

use latchkey_authenticator::{Cancel, CredentialId, CredentialSummary};
use latchkey_ctap::{AuthenticatorData, RelyingParty, Status, User};
use sha2::{Digest, Sha256};

use super::caller::{Caller, Identity, TrustedBrowsers};
use super::error::ProviderError;
use super::options::{self, CreationOptions, RequestOptions};
use super::{Provider, Registration, SignIn};
use crate::error::PhoneError;
use crate::error_id::Phase;
use crate::webauthn::client;
use crate::webauthn::json::{
    AssertionResponse, AttestationResponse, Base64Url, ClientData, PublicKeyCredential,
};
use crate::webauthn::prf::{self, PrfError};

/// What stands for the client data that a browser keeps to itself; it puts its own in this place.
const BROWSERS_OWN: &[u8] = b"{}";

impl Provider<'_> {
    /// The passkeys that can answer a request, the most recently used first. The caller is not
    /// checked yet, so only the system's own list may show them. Shows nothing and asks nobody.
    ///
    /// # Errors
    /// [`PhoneError::Provider`], [`PhoneError::Store`]; see [`Provider::entries`].
    pub fn entries_json(self, request: &str, caller: &Caller) -> Result<Vec<CredentialSummary>, PhoneError> {
        let options: RequestOptions = options::parse(request)?;
        let rp_id = caller.rp_id(options.rp_id.as_deref())?;
        self.entries(&rp_id, &options.allowed()?)
    }

    /// Makes a passkey: `PublicKeyCredentialCreationOptionsJSON` in, `RegistrationResponseJSON` out.
    /// `conditional` as in [`Registration`].
    ///
    /// # Errors
    /// [`PhoneError::Provider`] for a request or a caller that is refused; else those of
    /// [`Provider::register`].
    pub async fn create_json(
        self,
        request: &str,
        caller: &Caller,
        browsers: &TrustedBrowsers,
        conditional: bool,
        cancel: &Cancel,
    ) -> Result<String, PhoneError> {
        let options: CreationOptions = options::parse(request)?;
        let rp_id = caller.rp_id(options.rp.id.as_deref())?;
        let identity = caller.identify(browsers, &rp_id)?;
        let extensions = options.extensions.as_ref();
        let prf = extensions.map(|extensions| extensions.prf(&identity)).transpose()?.flatten();
        let prf = prf.map(|(inputs, form)| inputs.registration(form)).transpose().map_err(invalid_prf)?;
        let (client_data_json, client_data_hash) =
            client_data("webauthn.create", &options.challenge, identity);

        let registration = Registration {
            client_data_hash,
            rp: RelyingParty { id: rp_id, name: options.rp.name.clone() },
            user: User {
                id: options.user.id.0.clone(),
                name: Some(options.user.name.clone()),
                display_name: Some(options.user.display_name.clone()),
            },
            algorithms: options.algorithms(),
            excluded: options.excluded(),
            conditional,
            verification_required: options.requires_verification(),
            prf,
        };
        let registered = self.register(&registration, cancel).await?;

        let data = AuthenticatorData::decode(&registered.response.auth_data).ok();
        let attested = data.and_then(|data| data.attested_credential);
        let public_key = attested.ok_or(PhoneError::Passkey(Status::OTHER, Phase::Create))?.public_key;
        let response = AttestationResponse {
            client_data_json,
            attestation_object: Base64Url(registered.response.attestation_object()),
            public_key: Base64Url(client::subject_public_key_info(&public_key)),
            public_key_algorithm: public_key.algorithm().0,
            authenticator_data: Base64Url(registered.response.auth_data),
            transports: vec!["internal".to_owned(), "hybrid".to_owned()],
        };
        let mut credential = platform(&registered.id.0, response);
        let results = &mut credential.client_extension_results;
        if extensions.is_some_and(|extensions| extensions.cred_props == Some(true)) {
            results.insert("credProps".to_owned(), serde_json::json!({ "rk": true }));
        }
        if registration.prf.is_some() {
            results.insert(prf::NAME.to_owned(), prf::created(registered.response.prf.as_ref()));
        }
        Ok(serde_json::to_string(&credential).map_err(|_| ProviderError::Malformed)?)
    }

    /// Signs in: `PublicKeyCredentialRequestOptionsJSON` in, `AuthenticationResponseJSON` out.
    /// `chosen` is the passkey that was chosen in the system's list, if one was; it is used even if it was
    /// hidden in the meantime.
    ///
    /// # Errors
    /// [`PhoneError::Provider`] for a request or a caller that is refused; else those of
    /// [`Provider::sign_in`].
    pub async fn get_json(
        self,
        request: &str,
        caller: &Caller,
        browsers: &TrustedBrowsers,
        chosen: Option<&CredentialId>,
        cancel: &Cancel,
    ) -> Result<String, PhoneError> {
        let options: RequestOptions = options::parse(request)?;
        let rp_id = caller.rp_id(options.rp_id.as_deref())?;
        let identity = caller.identify(browsers, &rp_id)?;

        let mut allowed = options.allowed()?;
        self.check_list(allowed.len())?;
        let prf = options.extensions.as_ref().map(|extensions| extensions.prf(&identity));
        let prf = prf.transpose()?.flatten();
        let prf = prf.map(|(inputs, form)| inputs.assertion(form, allowed.iter().map(|id| id.0.as_slice())));
        let prf = prf.transpose().map_err(invalid_prf)?;
        let (client_data_json, client_data_hash) = client_data("webauthn.get", &options.challenge, identity);
        if let Some(chosen) = chosen {
            // The list was made for an earlier request: the choice must fit this one as well.
            if !allowed.is_empty() && !allowed.contains(chosen) {
                return Err(PhoneError::Passkey(Status::NO_CREDENTIALS, Phase::Get));
            }
            allowed = vec![chosen.clone()];
        }
        // Android calls with an interface, and the person is verified there.
        let request = SignIn { client_data_hash, rp_id, allowed, prf, verification_discouraged: false };
        let answer = self.sign_in(&request, cancel).await?;

        let response = AssertionResponse {
            client_data_json,
            authenticator_data: Base64Url(answer.auth_data),
            signature: Base64Url(answer.signature),
            user_handle: answer.user.map(|user| Base64Url(user.id)),
        };
        let mut credential = platform(&answer.credential_id, response);
        if request.prf.is_some() {
            let results = prf::asserted(answer.prf.as_ref());
            credential.client_extension_results.insert(prf::NAME.to_owned(), results);
        }
        Ok(serde_json::to_string(&credential).map_err(|_| ProviderError::Malformed)?)
    }
}

/// The client data for the answer, and the hash to sign over.
fn client_data(kind: &str, challenge: &Base64Url, identity: Identity) -> (Base64Url, [u8; 32]) {
    match identity {
        Identity::Hashed(hash) => (Base64Url(BROWSERS_OWN.to_vec()), hash),
        Identity::Known { origin, package_name } => {
            let data = ClientData {
                kind: kind.to_owned(),
                challenge: challenge.clone(),
                origin,
                cross_origin: false,
                android_package_name: package_name,
            };
            let json = client::serialize(&data);
            let hash = Sha256::digest(&json).into();
            (Base64Url(json), hash)
        }
    }
}

const fn invalid_prf(_: PrfError) -> ProviderError {
    ProviderError::InvalidMember("extensions.prf")
}

/// A credential of the device that the request was made on.
fn platform<R>(id: &[u8], response: R) -> PublicKeyCredential<R> {
    PublicKeyCredential {
        authenticator_attachment: "platform".to_owned(),
        ..PublicKeyCredential::new(id, response)
    }
}

#[cfg(test)]
mod tests;
