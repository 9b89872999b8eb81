//! Who asks, on Android: a browser that acts for a web page, or an app that acts for itself.

use std::collections::HashMap;

use serde::Deserialize;

use super::asset_links;
use super::error::ProviderError;
use crate::webauthn::client;
use crate::webauthn::json::Base64Url;

/// Longest list of browsers, in bytes.
const MAX_BROWSERS: usize = 1024 * 1024;

/// What the operating system says about an app.
#[derive(Clone)]
pub struct CallingApp {
    /// Its package name.
    pub package_name: String,
    /// SHA-256 of the certificates that it was signed with: the current one first, then those that it
    /// was rotated from.
    pub certificates: Vec<[u8; 32]>,
    /// Several parties sign it together: nobody can tell whose it is.
    pub several_signers: bool,
}

/// Who asks. Tells what somebody visits: never logged.
#[derive(Clone)]
pub struct Caller {
    /// The app.
    pub app: CallingApp,
    /// The page's origin, if the app says that it acts for one.
    pub origin: Option<String>,
    /// The client data hash that the app brought.
    pub client_data_hash: Option<[u8; 32]>,
    /// What the relying party says about apps at [`super::asset_links_url`], as it was received; asked
    /// for an app without an origin only. `None` if it could not be had, which is no consent.
    pub asset_links: Option<String>,
}

/// The browsers that are trusted to say whose page asks. Updatable data of the shell.
#[derive(Debug, Default)]
pub struct TrustedBrowsers(HashMap<String, Vec<[u8; 32]>>);

/// What a caller may do, after all checks.
pub(super) enum Identity {
    /// A browser made the client data itself.
    Hashed([u8; 32]),
    /// The client data is made here, with this origin and, for an app, its package name.
    Known {
        /// The page's origin or the app's.
        origin: String,
        /// Package name of an app.
        package_name: Option<String>,
    },
}

impl TrustedBrowsers {
    /// Reads the list in the form of `CallingAppInfo.getOrigin`:
    /// `{"apps":[{"type":"android","info":{"package_name":..,"signatures":[{"build":"release",
    /// "cert_fingerprint_sha256":"AA:BB:.."}]}}]}`. Certificates of other builds than `release` are not
    /// trusted.
    ///
    /// # Errors
    /// [`ProviderError::MalformedBrowserList`]; no entry is dropped silently.
    pub fn parse(json: &str) -> Result<Self, ProviderError> {
        if json.len() > MAX_BROWSERS {
            return Err(ProviderError::MalformedBrowserList);
        }
        let list: List = serde_json::from_str(json).map_err(|_| ProviderError::MalformedBrowserList)?;
        let mut browsers: HashMap<String, Vec<[u8; 32]>> = HashMap::new();
        for App { kind, info } in list.apps {
            if kind != "android" {
                continue;
            }
            let certificates = browsers.entry(info.package_name).or_default();
            for signature in info.signatures {
                let fingerprint = asset_links::fingerprint(&signature.cert_fingerprint_sha256)
                    .ok_or(ProviderError::MalformedBrowserList)?;
                if signature.build == "release" {
                    certificates.push(fingerprint);
                }
            }
        }
        Ok(TrustedBrowsers(browsers))
    }

    fn trust(&self, app: &CallingApp) -> bool {
        let trusted = self.0.get(&app.package_name);
        trusted
            .is_some_and(|trusted| app.certificates.iter().any(|certificate| trusted.contains(certificate)))
    }
}

impl Caller {
    /// The RP ID of the request: the one that it names, or the host of the page. An app has to name one.
    pub(super) fn rp_id(&self, named: Option<&str>) -> Result<String, ProviderError> {
        match (named, &self.origin) {
            (Some(rp_id), _) => Some(rp_id.to_owned()),
            (None, Some(origin)) => client::host_of_origin(origin).map(str::to_owned),
            (None, None) => None,
        }
        .ok_or(ProviderError::InvalidMember("rpId"))
    }

    /// Whether the caller may ask for `rp_id`, and as whom.
    pub(super) fn identify(
        &self,
        browsers: &TrustedBrowsers,
        rp_id: &str,
    ) -> Result<Identity, ProviderError> {
        let Some(current) = self.app.certificates.first().filter(|_| !self.app.several_signers) else {
            return Err(ProviderError::UnclearSigner);
        };
        let Some(origin) = &self.origin else {
            // An app could sign in anywhere with a hash of its choosing.
            if self.client_data_hash.is_some() {
                return Err(ProviderError::ClientDataHashNotAllowed);
            }
            if !asset_links::name(self.asset_links.as_deref(), &self.app) {
                return Err(ProviderError::AppNotLinked);
            }
            return Ok(Identity::Known {
                origin: format!("android:apk-key-hash:{}", Base64Url(current.to_vec())),
                package_name: Some(self.app.package_name.clone()),
            });
        };
        if !browsers.trust(&self.app) {
            return Err(ProviderError::UntrustedBrowser);
        }
        if let Some(hash) = self.client_data_hash {
            // The browser has compared origin and RP ID itself, and knows of related origins.
            return Ok(Identity::Hashed(hash));
        }
        client::check_origin(origin, rp_id).map_err(|_| ProviderError::ForeignOrigin)?;
        Ok(Identity::Known { origin: origin.clone(), package_name: None })
    }
}

impl core::fmt::Debug for Caller {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Caller(redacted)")
    }
}

#[derive(Deserialize)]
struct List {
    apps: Vec<App>,
}

#[derive(Deserialize)]
struct App {
    #[serde(rename = "type")]
    kind: String,
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    package_name: String,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    build: String,
    cert_fingerprint_sha256: String,
}

#[cfg(test)]
mod tests;
