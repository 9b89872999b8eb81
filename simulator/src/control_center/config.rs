//! What a Control Center is started with.

use core::fmt;
use core::time::Duration;
use std::path::PathBuf;
use std::sync::Arc;

use latchkey_authenticator::ports::{Clock, Rng};
use zeroize::Zeroizing;

use crate::ports::{SystemClock, SystemRng};

/// What a Control Center is started with.
#[derive(Clone)]
pub struct Config {
    /// Folder of the database; one that ends with the server if `None`.
    pub state: Option<PathBuf>,
    /// `redis://host:port` for several nodes behind one name; `None` keeps what is pending in this process.
    pub redis: Option<String>,
    /// What clients call this server by; `https://localhost:PORT` if `None`.
    pub base_url: Option<String>,
    /// RP ID of the FIDO2 server.
    pub rp_id: String,
    /// Domains whose accounts belong to this tenant, in lower case.
    pub tenant_domains: Vec<String>,
    /// The administrator's bearer token; a random one if `None`.
    pub admin_token: Option<Zeroizing<String>>,
    /// The oldest version of the app that may be used, `major.minor.patch`.
    pub min_app_version: String,
    /// How much anyone may use.
    pub limits: Limits,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            state: None,
            redis: None,
            base_url: None,
            rp_id: "login.microsoft.com".to_owned(),
            tenant_domains: vec!["example.com".to_owned()],
            admin_token: None,
            min_app_version: "10.5.0".to_owned(),
            limits: Limits::default(),
            clock: Arc::new(SystemClock::default()),
            rng: Arc::new(SystemRng),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Config(redacted)")
    }
}

/// How much anyone may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Look-ups of typed codes that one address may make in a minute; IPv6 counts by /64.
    pub lookups_per_address: u32,
    /// Look-ups of typed codes in a minute, from everywhere.
    pub lookups: u32,
    /// Typed codes at a time. With six characters of 31 and 300 look-ups a minute, a guess at that
    /// many codes succeeds about once in twelve hours, and the phone still has to show who it is.
    pub typed_codes: u32,
    /// Pairing and sign-in codes that one workstation or user may have at a time.
    pub codes_each: u32,
    /// Out-of-band requests that one phone or workstation may have at a time.
    pub requests_each: u32,
    /// Challenges at a time.
    pub challenges: u32,
    /// Messages that one side of an out-of-band request may post.
    pub messages: u32,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// Passkeys of one user.
    pub passkeys: u32,
    /// Bytes of a body.
    pub body_bytes: usize,
    /// From the TCP connection to the end of its TLS handshake, and for the head or body of a request.
    pub slow: Duration,
    /// TCP connections at a time; the others wait to be accepted.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            lookups_per_address: 10,
            lookups: 300,
            typed_codes: 4096,
            codes_each: 32,
            requests_each: 16,
            challenges: 4096,
            messages: 32,
            message_bytes: 8 * 1024,
            passkeys: 5,
            body_bytes: 16 * 1024,
            slow: Duration::from_secs(10),
            connections: 1024,
        }
    }
}
