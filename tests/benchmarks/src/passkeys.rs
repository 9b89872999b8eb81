//! Vaults full of passkeys, and what is asked of them.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use latchkey_authenticator::keys::SoftwareKey;
use latchkey_authenticator::ports::{CredentialStore, InsertLimits, UserGate};
use latchkey_authenticator::{
    Authenticator, Cancel, Credential, CredentialId, CredentialKey, Policy, Ports, PrfSecret, Profile,
};
use latchkey_ctap::get_assertion::GetAssertionOptions;
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{
    Algorithm, AttestationFormat, CredProtect, CredentialDescriptor, GetAssertionRequest,
    MakeCredentialRequest, RelyingParty, Request, User,
};
use latchkey_simulator::ports::{AutomaticGate, Choice, FileKeys, SystemClock, SystemRng};
use latchkey_vault::Vault;
use rand_core::{OsRng, RngCore};

use crate::rounds::timed;

/// Numbers of stored passkeys that are compared.
pub(crate) const SIZES: [u32; 3] = [10, 10_000, 100_000];

/// The relying party of the last [`SEVERAL`] passkeys of a vault; each other passkey has its own.
pub(crate) const SHARED_RP_ID: &str = "shared.example.com";

/// How many passkeys [`SHARED_RP_ID`] has.
pub(crate) const SEVERAL: u32 = 5;

/// Where prepared vaults are kept: beside the program, within the target folder.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn open() -> Self {
        let folder = std::env::current_exe().unwrap().with_extension("data");
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// An empty place for a database, or for a folder of several.
    pub(crate) fn fresh(&self, name: &str) -> PathBuf {
        let path = self.0.join(format!("{name}.sqlite"));
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
        let _ = fs::remove_dir_all(&path);
        path
    }

    /// A copy of the vault with `size` passkeys, which is filled when it is first asked for.
    pub(crate) fn vault(&self, size: u32, name: &str) -> PathBuf {
        let kept = self.0.join(format!("vault-{size}.sqlite"));
        if !self.is_filled(&kept) {
            self.fill(size, &kept);
        }
        let copy = self.fresh(&format!("vault-{size}-{name}"));
        fs::copy(kept, &copy).unwrap();
        // Written back now rather than by somebody's fsync later.
        File::open(&copy).unwrap().sync_all().unwrap();
        copy
    }

    /// Opens a vault as a phone does.
    pub(crate) fn open_vault(&self, path: &Path) -> Vault {
        let keys = FileKeys::open(&self.0.join("wrapping.key")).unwrap();
        Vault::open(path, &keys, Arc::new(SystemRng)).unwrap()
    }

    fn is_filled(&self, path: &Path) -> bool {
        let Ok(keys) = FileKeys::open(&self.0.join("wrapping.key")) else { return false };
        let filled = |vault: Vault| vault.discoverable(SHARED_RP_ID).map(|found| found.len());
        path.exists()
            && Vault::open(path, &keys, Arc::new(SystemRng))
                .is_ok_and(|vault| filled(vault) == Ok(SEVERAL as usize))
    }

    /// Fills through the vault's own door, one durable transaction a passkey, but in memory, where an
    /// fsync costs nothing.
    fn fill(&self, size: u32, kept: &Path) {
        let memory = Path::new("/dev/shm");
        let memory = if memory.exists() { memory } else { self.path() };
        let filling = tempfile::tempdir_in(memory).unwrap();
        let path = filling.path().join("vault.sqlite");
        let vault = self.open_vault(&path);
        let no_limits = InsertLimits { per_user: usize::MAX, per_rp: None, replaces: true };
        for number in 0..size {
            vault.insert(&passkey(number, size), &no_limits).unwrap();
        }
        vault.close();
        fs::copy(path, kept).unwrap();
    }
}

/// Passkeys whose numbers are odd have a signature counter.
fn passkey(number: u32, size: u32) -> Credential {
    let shared = number + SEVERAL >= size;
    let mut handle = vec![0; 32];
    OsRng.fill_bytes(&mut handle);
    Credential {
        id: id(number),
        rp_id: if shared { SHARED_RP_ID.to_owned() } else { rp_id(number) },
        rp_name: Some("Example".to_owned()),
        user: User {
            id: handle,
            name: Some(format!("ada.lovelace.{number}@example.com")),
            display_name: Some("Ada Lovelace".to_owned()),
        },
        key: CredentialKey::Software(SoftwareKey::generate(Algorithm::ES256, &SystemRng).unwrap()),
        prf_secret: Some(PrfSecret::generate(&SystemRng)),
        discoverable: true,
        hidden: false,
        cred_protect: CredProtect::UvOptional,
        sign_count: (number % 2 == 1).then_some(1),
        backup_eligible: false,
        backed_up: false,
        label: None,
        created_at: 1_767_225_600,
        last_used_at: None,
    }
}

fn id(number: u32) -> CredentialId {
    let mut id = vec![7; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    CredentialId(id)
}

pub(crate) fn rp_id(number: u32) -> String {
    format!("login.rp-{number:06}.example.com")
}

/// Numbers of passkeys all over a vault, with a counter or without.
pub(crate) fn scattered(size: u32, counter: bool) -> impl FnMut() -> u32 {
    let mut state = 1_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let even = (state >> 8) % ((size - SEVERAL) / 2) * 2;
        even + u32::from(counter)
    }
}

/// How a sign-in names the passkey.
#[derive(Clone, Copy)]
pub(crate) enum Named {
    /// By its relying party alone.
    Discoverable,
    /// In an allow list.
    AllowList,
}

/// A getAssertion request for one passkey, in CTAP bytes.
pub(crate) fn get_request(number: u32, named: Named) -> Vec<u8> {
    let allow_list = match named {
        Named::Discoverable => None,
        Named::AllowList => Some(vec![CredentialDescriptor { id: id(number).0 }]),
    };
    Request::GetAssertion(Box::new(GetAssertionRequest {
        rp_id: rp_id(number),
        client_data_hash: [1; 32],
        allow_list,
        prf: None,
        options: GetAssertionOptions { rk: None, up: None, uv: Some(true) },
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
    }))
    .encode()
}

/// A makeCredential request for an account that has no passkey, in CTAP bytes.
pub(crate) fn make_request() -> Vec<u8> {
    let number = OsRng.next_u32();
    Request::MakeCredential(Box::new(MakeCredentialRequest {
        client_data_hash: [1; 32],
        rp: RelyingParty {
            id: format!("login.new-{number:010}.example.com"),
            name: Some("Example".to_owned()),
        },
        user: User {
            id: number.to_be_bytes().repeat(8),
            name: Some(format!("ada.lovelace.{number}@example.com")),
            display_name: Some("Ada Lovelace".to_owned()),
        },
        algorithms: vec![Algorithm::ES256],
        exclude_list: Vec::new(),
        cred_protect: None,
        prf: None,
        options: MakeCredentialOptions { rk: Some(true), up: None, uv: Some(true) },
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
        enterprise_attestation: None,
        attestation_formats: Vec::new(),
    }))
    .encode()
}

/// An authenticator over a vault, with the simulator's ports and a person who approves at once.
pub(crate) fn authenticator(
    vault: &Arc<Vault>,
    folder: &Folder,
    attestation: AttestationFormat,
) -> Authenticator {
    authenticator_asking(Arc::new(AutomaticGate(Choice::Approve)), vault, folder, attestation)
}

/// The same with another person.
pub(crate) fn authenticator_asking(
    gate: Arc<dyn UserGate>,
    vault: &Arc<Vault>,
    folder: &Folder,
    attestation: AttestationFormat,
) -> Authenticator {
    let ports = Ports {
        store: Arc::clone(vault) as Arc<dyn CredentialStore>,
        gate,
        keys: Arc::new(FileKeys::open(&folder.path().join("wrapping.key")).unwrap()),
        clock: Arc::new(SystemClock::default()),
        rng: Arc::new(SystemRng),
    };
    Authenticator::new(ports, Policy { attestation_formats: vec![attestation], ..Policy::default() })
}

/// How long an answer takes, from CTAP bytes to CTAP bytes. Afterwards the authenticator settles, as it
/// does behind every answer.
pub(crate) fn answer(authenticator: &Authenticator, request: &[u8]) -> Duration {
    let cancel = Cancel::new();
    let time = timed(|| {
        let answer = now(authenticator.handle(Profile::Hybrid, request, &cancel));
        assert_eq!(answer.first(), Some(&0x00), "refused");
        answer
    });
    now(authenticator.settle());
    time
}

/// Runs a future that waits for nothing.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("it waits"),
    }
}
