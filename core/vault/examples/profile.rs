#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout
)]
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use latchkey_authenticator::keys::{CredentialKey, SoftwareKey};
use latchkey_authenticator::ports::*;
use latchkey_authenticator::testing::SoftwareKeyVault;
use latchkey_authenticator::{Authenticator, Cancel, Credential, CredentialId, Policy, Ports, Profile};
use latchkey_ctap::*;
use latchkey_vault::Vault;
use rand_core::{OsRng, RngCore};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct R;
impl Rng for R {
    fn fill(&self, b: &mut [u8]) {
        OsRng.fill_bytes(b)
    }
}
struct C;
impl Clock for C {
    fn unix_seconds(&self) -> u64 {
        1_767_225_600
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep<'a, 'b>(&'a self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(core::future::pending())
    }
}
struct G;
impl UserGate for G {
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }
    fn ask<'a, 'b>(
        &'a self,
        prompt: Prompt,
    ) -> Pin<Box<dyn Future<Output = Result<Consent, GateError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move { Ok(Consent { verified: prompt.verify, account: 0 }) })
    }
}
fn rp_id(n: u32) -> String {
    format!("login.rp-{n:06}.example.com")
}
fn id(n: u32) -> CredentialId {
    let mut id = vec![7; 32];
    id[..4].copy_from_slice(&n.to_be_bytes());
    CredentialId(id)
}
fn passkey(n: u32) -> Credential {
    let mut handle = vec![0; 32];
    OsRng.fill_bytes(&mut handle);
    Credential {
        id: id(n),
        rp_id: rp_id(n),
        rp_name: Some("Example".into()),
        user: User {
            id: handle,
            name: Some(format!("ada.lovelace.{n}@example.com")),
            display_name: Some("Ada Lovelace".into()),
        },
        key: CredentialKey::Software(SoftwareKey::generate(Algorithm::ES256, &R).unwrap()),
        discoverable: true,
        cred_protect: CredProtect::UvOptional,
        sign_count: None,
        backup_eligible: false,
        backed_up: false,
        label: None,
        created_at: 1_767_225_600,
        last_used_at: None,
    }
}
fn now<T>(f: impl Future<Output = T>) -> T {
    match pin!(f).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(v) => v,
        _ => unreachable!(),
    }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let size: u32 = a[1].parse().unwrap();
    let rounds: u32 = a[2].parse().unwrap();
    let allow = a[3] == "allow";
    let what = a[4].as_str();
    let kept = format!("{}/profile-{size}.sqlite", std::env::var("PROFILE_DIR").unwrap());
    let kept = std::path::Path::new(&kept);
    let open = |p: &std::path::Path| Vault::open(p, &SoftwareKeyVault::new(1), Arc::new(R)).unwrap();
    if !kept.exists() {
        let t = tempfile::tempdir_in("/dev/shm").unwrap();
        let p = t.path().join("v");
        let v = open(&p);
        for n in 0..size {
            v.insert(&passkey(n), &InsertLimits { per_user: 9999, per_rp: None }).unwrap();
        }
        v.close();
        std::fs::copy(p, kept).unwrap();
    }
    let vault = Arc::new(open(kept));
    let auth = Authenticator::new(
        Ports {
            store: vault.clone(),
            gate: Arc::new(G),
            keys: Arc::new(SoftwareKeyVault::new(1)),
            clock: Arc::new(C),
            rng: Arc::new(R),
        },
        Policy::default(),
    );
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % size
    };
    let request = |n| {
        Request::GetAssertion(Box::new(GetAssertionRequest {
            rp_id: rp_id(n),
            client_data_hash: [1; 32],
            allow_list: allow.then(|| vec![CredentialDescriptor { id: id(n).0 }]),
            options: latchkey_ctap::get_assertion::GetAssertionOptions { rk: None, up: None, uv: Some(true) },
            pin_uv_auth_param: None,
            pin_uv_auth_protocol: None,
        }))
        .encode()
    };
    let cancel = Cancel::new();
    let settle = a.get(5).is_some();
    let key = SoftwareKey::unseal(Algorithm::ES256, zeroize::Zeroizing::new([7; 32])).unwrap();
    let (mut times, mut bare) = (vec![], vec![]);
    for i in 0..rounds {
        let r = request(next());
        if what != "store" {
            let s = Instant::now();
            std::hint::black_box(key.sign(&[5; 69]));
            bare.push(s.elapsed());
        }
        let s = Instant::now();
        match what {
            "store" => {
                let n = next();
                if allow {
                    vault.get(&rp_id(n), &id(n)).unwrap().unwrap();
                } else {
                    assert_eq!(vault.discoverable(&rp_id(n)).unwrap().len(), 1);
                }
            }
            _ => {
                let a = now(auth.handle(Profile::Hybrid, &r, &cancel));
                assert_eq!(a[0], 0);
            }
        }
        times.push(s.elapsed());
        if settle {
            now(auth.settle());
        }
        let _ = i;
    }
    let med = |mut v: Vec<Duration>| {
        v.sort();
        v.get(v.len() / 2).copied().unwrap_or_default()
    };
    let (t, b) = (med(times), med(bare));
    println!(
        "{what} {size} {}: {t:?}, signature {b:?}, over {:.2} us",
        a[3],
        (t.as_nanos() as f64 - b.as_nanos() as f64) / 1000.
    );
}
