//! The address of a Control Center as a person types it (control-center.md section 2.5).

use thiserror::Error;
use url::{Host, Url};

/// Longest address that is looked at, in bytes.
const MAX_ADDRESS: usize = 512;

/// Top-level names that no public DNS serves (RFC 6761, RFC 8375, RFC 9476 and ICANN's `internal`).
const NOT_PUBLIC: [&str; 9] =
    ["alt", "example", "home", "internal", "invalid", "lan", "local", "localhost", "test"];

/// Where a Control Center is: `https://` and a host.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    base: String,
    host: String,
}

/// Why an address is refused. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Nothing was typed, or something that is no address.
    #[error("this is not a web address")]
    Invalid,
    /// Another scheme than `https`.
    #[error("the address does not begin with https://")]
    NotHttps,
    /// A name or password before the host.
    #[error("the address holds a user name")]
    UserInfo,
    /// An IP address, or a name that public DNS does not know.
    #[error("the address is not a public host name")]
    NotPublic,
    /// A port of its own.
    #[error("the address has a port")]
    Port,
    /// Something behind the host.
    #[error("the address has a path or parameters")]
    Path,
}

impl Address {
    /// Reads an address; `https://` may be left out. The host must be a public name. In `developer`
    /// mode it may also be this machine's loopback, and the port any.
    ///
    /// # Errors
    /// [`AddressError`]
    pub fn parse(typed: &str, developer: bool) -> Result<Self, AddressError> {
        Self::parse_with(typed, developer, &[])
    }

    /// Like [`Address::parse`]; the host may also be one of `private_hosts`, which an administrator named.
    ///
    /// # Errors
    /// [`AddressError`]
    pub fn parse_with(typed: &str, developer: bool, private_hosts: &[String]) -> Result<Self, AddressError> {
        let typed = typed.trim();
        // The URL standard skips some of these and turns others into what they are not.
        let misread = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        if typed.is_empty() || typed.len() > MAX_ADDRESS || typed.contains(misread) {
            return Err(AddressError::Invalid);
        }
        let rest = match typed.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some(_) => return Err(AddressError::NotHttps),
            None => typed,
        };
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at(authority_end);
        if authority.contains('@') {
            return Err(AddressError::UserInfo);
        }
        if !matches!(behind, "" | "/") {
            return Err(AddressError::Path);
        }
        // Names of other scripts become their ASCII form, so that what is shown cannot look like another.
        let url = Url::parse(&format!("https://{authority}")).map_err(|_| AddressError::Invalid)?;
        let host = match url.host() {
            Some(Host::Domain(name)) if developer && name == "localhost" => name.to_owned(),
            Some(Host::Domain(name)) if private_hosts.iter().any(|host| host == name) => name.to_owned(),
            Some(Host::Domain(name)) if is_public(name) => name.to_owned(),
            Some(Host::Ipv4(ip)) if developer && ip.is_loopback() => ip.to_string(),
            Some(Host::Ipv6(ip)) if developer && ip.is_loopback() => format!("[{ip}]"),
            Some(_) => return Err(AddressError::NotPublic),
            None => return Err(AddressError::Invalid),
        };
        let base = match url.port() {
            None => format!("https://{host}"),
            Some(port) if developer => format!("https://{host}:{port}"),
            Some(_) => return Err(AddressError::Port),
        };
        Ok(Address { base, host })
    }

    /// The host in ASCII, to show before anything is sent.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// `https://`, the host, and the port if it is not 443; nothing behind it.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }
}

impl core::fmt::Debug for Address {
    /// Tells where somebody works: not printed.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Address(redacted)")
    }
}

/// Whether public DNS may know this name: at least two labels of letters, digits and hyphens (RFC 1123
/// section 2.1), the last one not reserved for private use.
fn is_public(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let Some((_, last)) = name.rsplit_once('.') else { return false };
    name.len() <= 253
        && name.split('.').all(is_label)
        && !NOT_PUBLIC.contains(&last)
        && !name.ends_with(".home.arpa")
}

#[cfg(test)]
mod tests;
