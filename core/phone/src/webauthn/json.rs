//! WebAuthn's JSON forms (WebAuthn Level 3 section 5.1, `RegistrationResponseJSON` and
//! `AuthenticationResponseJSON`). Binary members are base64url without padding.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that read and write as base64url without padding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base64Url(pub Vec<u8>);

impl std::fmt::Display for Base64Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl std::str::FromStr for Base64Url {
    type Err = base64::DecodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        URL_SAFE_NO_PAD.decode(text).map(Base64Url)
    }
}

impl Serialize for Base64Url {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Base64Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A credential as a page gets it from `navigator.credentials`. Its extension results may hold keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicKeyCredential<R> {
    /// Credential ID.
    pub id: Base64Url,
    /// Credential ID again.
    pub raw_id: Base64Url,
    /// Always `public-key`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `cross-platform` over hybrid, `platform` on the device itself.
    pub authenticator_attachment: String,
    /// The authenticator's answer.
    pub response: R,
    /// What became of the client extensions; `prf` and `credProps` where they were asked for.
    pub client_extension_results: serde_json::Map<String, serde_json::Value>,
}

impl<R> PublicKeyCredential<R> {
    pub(crate) fn new(id: &[u8], response: R) -> Self {
        PublicKeyCredential {
            id: Base64Url(id.to_vec()),
            raw_id: Base64Url(id.to_vec()),
            kind: "public-key".to_owned(),
            authenticator_attachment: "cross-platform".to_owned(),
            response,
            client_extension_results: serde_json::Map::new(),
        }
    }
}

impl<R> core::fmt::Debug for PublicKeyCredential<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PublicKeyCredential(redacted)")
    }
}

/// `AuthenticatorAttestationResponseJSON`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttestationResponse {
    /// Client data, exactly the bytes that were hashed.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64Url,
    /// Attestation object, CBOR.
    pub attestation_object: Base64Url,
    /// The authenticator data inside it.
    pub authenticator_data: Base64Url,
    /// The credential's public key as a DER SubjectPublicKeyInfo.
    pub public_key: Base64Url,
    /// COSE algorithm of the credential.
    pub public_key_algorithm: i64,
    /// How the credential can be reached.
    pub transports: Vec<String>,
}

/// `AuthenticatorAssertionResponseJSON`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssertionResponse {
    /// Client data, exactly the bytes that were hashed.
    #[serde(rename = "clientDataJSON")]
    pub client_data_json: Base64Url,
    /// Authenticator data.
    pub authenticator_data: Base64Url,
    /// Signature over authenticator data and client data hash.
    pub signature: Base64Url,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_handle: Option<Base64Url>,
}

/// Answer to `navigator.credentials.create()`.
pub type RegistrationResponse = PublicKeyCredential<AttestationResponse>;

/// Answer to `navigator.credentials.get()`.
pub type AuthenticationResponse = PublicKeyCredential<AssertionResponse>;

/// The client data (WebAuthn Level 3 section 5.8.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientData {
    /// `webauthn.create` or `webauthn.get`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The relying party's challenge.
    pub challenge: Base64Url,
    /// Origin of the page.
    pub origin: String,
    /// Whether a frame of another origin asked.
    #[serde(default)]
    pub cross_origin: bool,
    /// The app that asked for itself, on Android.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub android_package_name: Option<String>,
}

#[cfg(test)]
mod tests;
