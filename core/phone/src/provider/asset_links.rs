//! Digital Asset Links: which apps a relying party names as its own.

use serde::Deserialize;
use serde_json::Value;

use super::caller::CallingApp;
use super::error::ProviderError;
use super::{MAX_RP_ID, options};

/// Longest statement list, in bytes.
const MAX_STATEMENTS: usize = 1024 * 1024;

/// The relation that lets an app use the site's credentials.
const LOGIN: &str = "delegate_permission/common.get_login_creds";

/// Where the relying party of a request, or of a signal, says which apps are its own; fetched over https
/// without following redirects. For a request of an app: it has to name the RP ID, and no other one in
/// the place where requests of another kind have it, or an app could show the consent of its own site
/// for somebody else's.
///
/// # Errors
/// [`ProviderError::TooLong`], [`ProviderError::Malformed`], [`ProviderError::InvalidMember`]
pub fn asset_links_url(request_json: &str) -> Result<String, ProviderError> {
    let Named { rp_id, rp } = options::parse(request_json)?;
    let rp_id = match (rp_id, rp.and_then(|rp| rp.id)) {
        (Some(rp_id), Some(other)) => Some(rp_id).filter(|rp_id| *rp_id == other),
        (rp_id, other) => rp_id.or(other),
    };
    let rp_id = rp_id.filter(|rp_id| is_domain(rp_id)).ok_or(ProviderError::InvalidMember("rpId"))?;
    Ok(format!("https://{rp_id}/.well-known/assetlinks.json"))
}

/// Whether an RP ID is a domain that a server may be at. What ends in a number would be an address (URL
/// Standard section 3.5): an app must not have this phone ask its neighbours by address. Where a name leads
/// is not known here.
fn is_domain(rp_id: &str) -> bool {
    let last = rp_id.rsplit_once('.').map(|(_, last)| last);
    rp_id.len() <= MAX_RP_ID
        && rp_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
        && last.is_some_and(|last| last.starts_with(|first: char| first.is_ascii_alphabetic()))
}

/// Whether the statements name the app with one of its certificates.
pub(super) fn name(statements: Option<&str>, app: &CallingApp) -> bool {
    let statements = statements.filter(|text| text.len() <= MAX_STATEMENTS);
    let statements = statements.and_then(|text| serde_json::from_str::<Vec<Value>>(text).ok());
    // What is no statement about a target, such as `{"include":..}`, is nothing that can be used here.
    let usable = statements.iter().flatten().filter_map(|statement| Statement::deserialize(statement).ok());
    usable.into_iter().any(|Statement { relation, target }| {
        let fingerprints = || target.sha256_cert_fingerprints.iter().filter_map(|text| fingerprint(text));
        relation.iter().any(|relation| relation == LOGIN)
            && target.namespace == "android_app"
            && target.package_name.as_ref() == Some(&app.package_name)
            && fingerprints().any(|fingerprint| app.certificates.contains(&fingerprint))
    })
}

/// Reads the SHA-256 of a certificate in hex with colons, `AA:BB:..`.
pub(super) fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let mut parts = text.trim().split(':');
    for byte in &mut bytes {
        let part =
            parts.next().filter(|part| part.len() == 2 && part.bytes().all(|c| c.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(bytes)
}

/// The places where a request may name its relying party.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(default)]
    rp_id: Option<String>,
    #[serde(default)]
    rp: Option<options::Rp>,
}

#[derive(Deserialize)]
struct Statement {
    relation: Vec<String>,
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    namespace: String,
    #[serde(default)]
    package_name: Option<String>,
    #[serde(default)]
    sha256_cert_fingerprints: Vec<String>,
}

#[cfg(test)]
mod tests;
