//! Whose account may be used.

use latchkey_phone::control_center::wire::AccountKind;

use super::refused::Refused;

/// The account's name in lower case: names of accounts do not differ in case.
///
/// # Errors
/// [`Refused::WrongAccount`] for an account without a domain or of another tenant, [`Refused::Malformed`]
pub(crate) fn of_tenant(username: &str, tenant_domains: &[String]) -> Result<String, Refused> {
    let username = username.to_lowercase();
    if username.len() > 254 || username.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Refused::malformed("an account's name has at most 254 bytes and no spaces"));
    }
    let (name, domain) = username.rsplit_once('@').ok_or(Refused::WrongAccount)?;
    if name.is_empty() || name.contains('@') || !tenant_domains.iter().any(|own| own == domain) {
        return Err(Refused::WrongAccount);
    }
    Ok(username)
}

/// How the kind of an account is stored.
pub(crate) const fn kind_text(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::EntraCloud => "entra_cloud",
        AccountKind::EntraHybrid => "entra_hybrid",
        AccountKind::Local => "local",
    }
}

/// The kind that is stored as `text`.
pub(crate) fn kind_of(text: &str) -> AccountKind {
    match text {
        "entra_cloud" => AccountKind::EntraCloud,
        "entra_hybrid" => AccountKind::EntraHybrid,
        _ => AccountKind::Local,
    }
}
