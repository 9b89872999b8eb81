//! Ceremonies from CTAP bytes to CTAP bytes on a store in memory, beside the bare signature: what
//! the engine adds to it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;

use divan::Bencher;
use latchkey_authenticator::keys::SoftwareKey;
use latchkey_authenticator::ports::Rng as _;
use latchkey_authenticator::testing::{ManualClock, MemoryStore, ScriptedGate, SeededRng, SoftwareKeyVault};
use latchkey_authenticator::{Authenticator, Cancel, Policy, Ports, Profile};
use latchkey_ctap::get_assertion::GetAssertionOptions;
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{
    Algorithm, AttestationFormat, GetAssertionRequest, MakeCredentialRequest, RelyingParty, Request, User,
};
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer as _;

fn main() {
    divan::main();
}

/// Runs a future that waits for nothing.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn authenticator(attestation: AttestationFormat) -> Authenticator {
    let ports = Ports {
        store: Arc::new(MemoryStore::new()),
        gate: Arc::new(ScriptedGate::approving()),
        keys: Arc::new(SoftwareKeyVault::new(1)),
        clock: Arc::new(ManualClock::default()),
        rng: Arc::new(SeededRng::new(1)),
    };
    Authenticator::new(ports, Policy { attestation_formats: vec![attestation], ..Policy::default() })
}

fn make_request(algorithm: Algorithm) -> Vec<u8> {
    let text = |text: &str| Some(text.to_owned());
    Request::MakeCredential(Box::new(MakeCredentialRequest {
        client_data_hash: [1; 32],
        rp: RelyingParty { id: "example.com".to_owned(), name: text("Example") },
        user: User { id: vec![7; 32], name: text("alice@example.com"), display_name: text("Alice") },
        algorithms: vec![algorithm],
        exclude_list: Vec::new(),
        cred_protect: None,
        options: MakeCredentialOptions { rk: Some(true), up: None, uv: Some(true) },
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
        enterprise_attestation: None,
        attestation_formats: Vec::new(),
    }))
    .encode()
}

fn get_request() -> Vec<u8> {
    Request::GetAssertion(Box::new(GetAssertionRequest {
        rp_id: "example.com".to_owned(),
        client_data_hash: [1; 32],
        allow_list: None,
        options: GetAssertionOptions { rk: None, up: None, uv: Some(true) },
        pin_uv_auth_param: None,
        pin_uv_auth_protocol: None,
    }))
    .encode()
}

fn handle(authenticator: &Authenticator, request: &[u8], cancel: &Cancel) -> Vec<u8> {
    let answer = now(authenticator.handle(Profile::Hybrid, request, cancel));
    assert_eq!(answer[0], 0x00);
    answer
}

fn get_assertion(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let authenticator = authenticator(AttestationFormat::None);
    let cancel = Cancel::new();
    handle(&authenticator, &make_request(algorithm), &cancel);
    let request = get_request();
    bencher.bench_local(|| handle(&authenticator, &request, &cancel));
}

fn make_credential(bencher: Bencher<'_, '_>, attestation: AttestationFormat) {
    let authenticator = authenticator(attestation);
    let cancel = Cancel::new();
    // The same account each time: the new one replaces the last.
    let request = make_request(Algorithm::ES256);
    bencher.bench_local(|| handle(&authenticator, &request, &cancel));
}

/// The yardstick: a P-256 signature over 69 bytes with the signing key at hand.
#[divan::bench]
fn a1_p256_signature(bencher: Bencher<'_, '_>) {
    let mut secret = [0; 32];
    SeededRng::new(2).fill(&mut secret);
    let key = SigningKey::from_slice(&secret).unwrap();
    bencher.bench_local(|| -> p256::ecdsa::DerSignature { key.sign(divan::black_box(&[5; 69])) });
}

#[divan::bench]
fn a2_get_assertion_es256(bencher: Bencher<'_, '_>) {
    get_assertion(bencher, Algorithm::ES256);
}

#[divan::bench]
fn a3_get_assertion_eddsa(bencher: Bencher<'_, '_>) {
    get_assertion(bencher, Algorithm::EDDSA);
}

#[divan::bench]
fn b1_es256_key_and_public_key(bencher: Bencher<'_, '_>) {
    let rng = SeededRng::new(3);
    bencher.bench_local(|| SoftwareKey::generate(Algorithm::ES256, &rng).map(|key| key.public_key()));
}

#[divan::bench]
fn b2_make_credential_none(bencher: Bencher<'_, '_>) {
    make_credential(bencher, AttestationFormat::None);
}

#[divan::bench]
fn b3_make_credential_packed(bencher: Bencher<'_, '_>) {
    make_credential(bencher, AttestationFormat::PackedSelf);
}
