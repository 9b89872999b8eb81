//! What the authenticator allows and how it presents itself.

use core::time::Duration;

use latchkey_ctap::AttestationFormat;

use crate::ports::InsertLimits;

/// The rules of one authenticator. `Policy::default()` is the product's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Model of the authenticator (WebAuthn Level 3 section 6.5.1).
    pub aaguid: [u8; 16],
    /// Most passkeys of one user at one relying party.
    pub passkeys_per_user: usize,
    /// RP IDs of which the device holds a single passkey, whoever the user is.
    pub single_passkey_rp_ids: Vec<String>,
    /// Whether a new passkey replaces one of the same account. Where nobody is asked it must not.
    pub replaces: bool,
    /// How long a prompt waits for its answer.
    pub prompt_timeout: Duration,
    /// Longest allow or exclude list accepted.
    pub max_credentials_in_list: usize,
    /// Longest message accepted, in bytes.
    pub max_message_size: usize,
    /// Whether new credentials may be backed up (BE) and are (BS).
    pub backup: Backup,
    /// How the signature counter of new, not backup-eligible credentials behaves. Those that are
    /// backup eligible sign a constant zero.
    pub counter: Counter,
    /// Where new ES256 keys live.
    pub key_storage: KeyStorage,
    /// Attestation formats offered, in the order of preference. An operating system whose passkey
    /// provider must not attest gets `none` alone; empty means the same.
    pub attestation_formats: Vec<AttestationFormat>,
}

/// Backup state of new credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {
    /// BE 0, BS 0: the key stays on this device.
    DeviceBound,
    /// BE 1, BS 1: the key is synchronised.
    Synced,
}

/// Behaviour of a signature counter (CTAP2 notes: never mixed for one credential).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// A constant zero.
    Zero,
    /// Strictly increasing, per credential, committed before the signature is released.
    PerCredential,
}

/// Where the keys of new credentials live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStorage {
    /// Sealed in the vault.
    Software,
    /// In hardware where the device offers it and the algorithm is ES256, else in the vault.
    PreferHardware,
}

/// Through which door a request came. What getInfo says depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The hybrid transport: the client is another machine.
    Hybrid,
    /// The operating system's passkey provider on this device.
    Provider,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            aaguid: *b"\x5f\x1e\x3c\x0b\x8d\x6a\x4b\x52\x9e\x47\xa1\xc4\x0d\x72\x93\x6e",
            passkeys_per_user: 5,
            replaces: true,
            single_passkey_rp_ids: vec!["login.microsoft.com".to_owned()],
            prompt_timeout: Duration::from_secs(30),
            max_credentials_in_list: 64,
            max_message_size: 8192,
            backup: Backup::DeviceBound,
            counter: Counter::Zero,
            key_storage: KeyStorage::Software,
            attestation_formats: vec![AttestationFormat::PackedSelf, AttestationFormat::None],
        }
    }
}

impl Policy {
    /// The first format of the client's preference that is offered, else the first that is offered.
    pub(crate) fn attestation_format(&self, preference: &[String]) -> AttestationFormat {
        let offered = &self.attestation_formats;
        let preferred = preference
            .iter()
            .filter_map(|identifier| AttestationFormat::from_identifier(identifier))
            .find(|format| offered.contains(format));
        preferred.or_else(|| offered.first().copied()).unwrap_or(AttestationFormat::None)
    }

    /// The limits for a new credential of `rp_id`.
    #[must_use]
    pub fn insert_limits(&self, rp_id: &str) -> InsertLimits {
        InsertLimits {
            per_user: self.passkeys_per_user,
            per_rp: self.single_passkey_rp_ids.iter().any(|single| single == rp_id).then_some(1),
            replaces: self.replaces,
        }
    }
}
