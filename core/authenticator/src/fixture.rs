//! A phone for the tests of the engine: an authenticator between the doubles of its ports.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use latchkey_ctap::get_assertion::GetAssertionOptions;
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{
    Algorithm, CredentialDescriptor, GetAssertionRequest, MakeCredentialRequest, PublicKey, RelyingParty,
    Status, User,
};
use p256::ecdsa::signature::Verifier as _;
use zeroize::Zeroizing;

use crate::ports::{
    CredentialStore as _, HardwareKey, KeyVault, KeyVaultError, PromptKind, UserVerification,
};
use crate::testing::{
    Answer, ManualClock, MemoryStore, ScriptedGate, SeededRng, SoftwareKeyVault, VaultOperation,
};
use crate::{Authenticator, Cancel, CredentialId, Policy, Ports, Profile};

pub(crate) const RP_ID: &str = "example.com";
pub(crate) const HASH: [u8; 32] = [0xC1; 32];

/// An authenticator and its surroundings.
pub(crate) struct Phone {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) gate: Arc<ScriptedGate>,
    pub(crate) keys: Arc<SoftwareKeyVault>,
    pub(crate) stall: Arc<Stall>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) authenticator: Authenticator,
}

impl Phone {
    /// The product's policy and a person who says yes.
    pub(crate) fn new() -> Self {
        Self::with_policy(Policy::default())
    }

    pub(crate) fn with_policy(policy: Policy) -> Self {
        Self::build(policy, ScriptedGate::approving(), SoftwareKeyVault::new(7))
    }

    pub(crate) fn scripted(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::build(Policy::default(), ScriptedGate::scripted(answers), SoftwareKeyVault::new(7))
    }

    pub(crate) fn build(policy: Policy, gate: ScriptedGate, keys: SoftwareKeyVault) -> Self {
        let store = Arc::new(MemoryStore::new());
        let gate = Arc::new(gate);
        let keys = Arc::new(keys);
        let clock = Arc::new(ManualClock::default());
        let stall = Arc::new(Stall::default());
        let ports = Ports {
            store: store.clone(),
            gate: gate.clone(),
            keys: Arc::new(StallingVault { inner: keys.clone(), stall: stall.clone() }),
            clock: clock.clone(),
            rng: Arc::new(SeededRng::new(1)),
        };
        Phone { store, gate, keys, stall, clock, authenticator: Authenticator::new(ports, policy) }
    }

    pub(crate) fn without_verification(self) -> Self {
        self.gate.set_user_verification(UserVerification::NotConfigured);
        self
    }

    /// Makes a credential that is expected to come to be, and returns its ID.
    pub(crate) async fn register(&self, request: &MakeCredentialRequest) -> CredentialId {
        let cancel = Cancel::new();
        let known = self.ids();
        self.authenticator.make_credential(Profile::Hybrid, request, &cancel).await.unwrap();
        drop(self.gate.take_prompts());
        self.ids().into_iter().find(|id| !known.contains(id)).unwrap()
    }

    pub(crate) fn ids(&self) -> Vec<CredentialId> {
        self.store.list().unwrap().into_iter().map(|summary| summary.id).collect()
    }

    /// The kinds of the prompts shown since the last call.
    pub(crate) fn prompts(&self) -> Vec<PromptKind> {
        self.gate.take_prompts().into_iter().map(|prompt| prompt.kind).collect()
    }
}

/// What a browser sends for a passkey.
pub(crate) fn make_request() -> MakeCredentialRequest {
    MakeCredentialRequest {
        client_data_hash: HASH,
        rp: RelyingParty { id: RP_ID.to_owned(), name: Some("Example".to_owned()) },
        user: user("alice"),
        algorithms: vec![Algorithm::ES256, Algorithm(-257)],
        exclude_list: Vec::new(),
        cred_protect: None,
        prf: None,
        options: MakeCredentialOptions { rk: Some(true), up: None, uv: None },
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
        enterprise_attestation: None,
        attestation_formats: Vec::new(),
    }
}

pub(crate) fn get_request() -> GetAssertionRequest {
    GetAssertionRequest {
        rp_id: RP_ID.to_owned(),
        client_data_hash: HASH,
        allow_list: None,
        prf: None,
        options: GetAssertionOptions::default(),
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
    }
}

pub(crate) fn user(name: &str) -> User {
    User {
        id: name.as_bytes().to_vec(),
        name: Some(format!("{name}@example.com")),
        display_name: Some(name.to_uppercase()),
    }
}

pub(crate) fn descriptor(id: &CredentialId) -> CredentialDescriptor {
    CredentialDescriptor { id: id.0.clone() }
}

/// Checks a signature over authenticator data and client data hash.
pub(crate) fn verify(public_key: &PublicKey, auth_data: &[u8], signature: &[u8]) {
    let message = [auth_data, &HASH].concat();
    match public_key {
        PublicKey::Es256 { x, y } => {
            let point = p256::EncodedPoint::from_affine_coordinates(x.into(), y.into(), false);
            let key = p256::ecdsa::VerifyingKey::from_encoded_point(&point).unwrap();
            key.verify(&message, &p256::ecdsa::Signature::from_der(signature).unwrap()).unwrap();
        }
        PublicKey::EdDsa { x } => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(x).unwrap();
            key.verify_strict(&message, &ed25519_dalek::Signature::from_slice(signature).unwrap()).unwrap();
        }
    }
}

/// Lets a future do what it can without waiting.
pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Whether calls of the hardware stand still, and which.
#[derive(Default)]
pub(crate) struct Stall {
    create: AtomicBool,
    sign: AtomicBool,
    delete: AtomicBool,
}

impl Stall {
    fn flag(&self, operation: VaultOperation) -> &AtomicBool {
        match operation {
            VaultOperation::CreateKey => &self.create,
            VaultOperation::Sign => &self.sign,
            VaultOperation::DeleteKey => &self.delete,
            VaultOperation::Wrap | VaultOperation::Unwrap => panic!("not asynchronous"),
        }
    }

    pub(crate) fn set(&self, operation: VaultOperation, stalled: bool) {
        self.flag(operation).store(stalled, Ordering::Relaxed);
    }

    async fn wait(&self, operation: VaultOperation) {
        poll_fn(
            |_| if self.flag(operation).load(Ordering::Relaxed) { Poll::Pending } else { Poll::Ready(()) },
        )
        .await;
    }
}

/// Hardware that a test can stop before its answer: the work is done by then.
struct StallingVault {
    inner: Arc<SoftwareKeyVault>,
    stall: Arc<Stall>,
}

#[async_trait]
impl KeyVault for StallingVault {
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, KeyVaultError> {
        self.inner.wrap(key)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyVaultError> {
        self.inner.unwrap(wrapped)
    }

    async fn create_key(&self) -> Result<Option<HardwareKey>, KeyVaultError> {
        // As the port asks, an interrupted creation leaves no key.
        self.stall.wait(VaultOperation::CreateKey).await;
        self.inner.create_key().await
    }

    async fn sign(&self, handle: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyVaultError> {
        let signature = self.inner.sign(handle, message).await;
        self.stall.wait(VaultOperation::Sign).await;
        signature
    }

    async fn delete_key(&self, handle: &[u8]) -> Result<(), KeyVaultError> {
        self.stall.wait(VaultOperation::DeleteKey).await;
        self.inner.delete_key(handle).await
    }
}

/// The status of an outcome that is an error.
pub(crate) fn refused<T>(outcome: Result<T, Status>) -> Status {
    outcome.err().unwrap_or(Status::OK)
}
