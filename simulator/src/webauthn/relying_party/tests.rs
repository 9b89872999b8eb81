//! A software authenticator answers; then every part of the answers is bent, and each must be refused.

use std::sync::Arc;

use latchkey_authenticator::ports::Rng;
use latchkey_authenticator::testing::{ManualClock, MemoryStore, ScriptedGate, SeededRng, SoftwareKeyVault};
use latchkey_authenticator::{Authenticator, Cancel, Policy, Ports, Profile};
use latchkey_ctap::{Algorithm, RelyingParty as Rp, User};

use super::*;
use crate::webauthn::client::{self, Assertion, Creation};

const ORIGIN: &str = "https://login.example.com";
const RP_ID: &str = "example.com";
const USER: &[u8] = b"user handle";
const CHALLENGE: &[u8] = b"a challenge of sixteen or more bytes";

fn authenticator() -> Authenticator {
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
    let ports = Ports {
        store: Arc::new(MemoryStore::default()),
        gate: Arc::new(ScriptedGate::approving()),
        keys: Arc::new(SoftwareKeyVault::new(7)),
        clock: Arc::new(ManualClock::default()),
        rng,
    };
    Authenticator::new(ports, Policy::default())
}

async fn registration(authenticator: &Authenticator, algorithm: Algorithm) -> RegistrationResponse {
    let pending = client::create(&Creation {
        origin: ORIGIN.to_owned(),
        rp: Rp { id: RP_ID.to_owned(), name: None },
        user: User { id: USER.to_vec(), name: None, display_name: None },
        challenge: CHALLENGE.to_vec(),
        algorithms: vec![algorithm],
        exclude: vec![],
        discoverable: true,
        attestation: true,
        prf: None,
    })
    .unwrap();
    let answer = authenticator.handle(Profile::Hybrid, &pending.request, &Cancel::new()).await;
    pending.created(&answer).unwrap()
}

async fn assertion(authenticator: &Authenticator) -> AuthenticationResponse {
    let page = Assertion {
        origin: ORIGIN.to_owned(),
        rp_id: RP_ID.to_owned(),
        challenge: CHALLENGE.to_vec(),
        allow: vec![],
        prf: None,
    };
    let pending = client::get(&page).unwrap();
    let answer = authenticator.handle(Profile::Hybrid, &pending.request, &Cancel::new()).await;
    pending.asserted(&answer).unwrap()
}

#[tokio::test]
async fn both_algorithms_register_and_sign_in() {
    for algorithm in [Algorithm::ES256, Algorithm::EDDSA] {
        let authenticator = authenticator();
        let mut party = RelyingParty::new(RP_ID, ORIGIN);
        party.register(USER, CHALLENGE, &registration(&authenticator, algorithm).await).unwrap();
        party.authenticate(CHALLENGE, &assertion(&authenticator).await).unwrap();
    }
}

#[tokio::test]
async fn a_registration_that_was_bent_is_refused() {
    let authenticator = authenticator();
    let good = registration(&authenticator, Algorithm::ES256).await;
    let refuse = |party: &mut RelyingParty, challenge: &[u8], response: &RegistrationResponse| {
        party.register(USER, challenge, response).unwrap_err()
    };
    let mut party = RelyingParty::new(RP_ID, ORIGIN);
    assert_eq!(refuse(&mut party, b"another challenge", &good), Refusal::WrongChallenge);
    assert_eq!(
        refuse(&mut RelyingParty::new(RP_ID, "https://example.com"), CHALLENGE, &good),
        Refusal::WrongOrigin
    );
    assert_eq!(refuse(&mut RelyingParty::new("example.org", ORIGIN), CHALLENGE, &good), Refusal::WrongRpId);
    // The last byte of the authenticator data belongs to the public key, which the signature covers.
    let mut bent = good.clone();
    *bent.response.attestation_object.0.last_mut().unwrap() ^= 1;
    assert_eq!(refuse(&mut party, CHALLENGE, &bent), Refusal::Malformed);
    let mut bent = good.clone();
    bent.raw_id.0.push(0);
    assert_eq!(refuse(&mut party, CHALLENGE, &bent), Refusal::Malformed);
    party.register(USER, CHALLENGE, &good).unwrap();
}

#[tokio::test]
async fn an_assertion_that_was_bent_is_refused() {
    let authenticator = authenticator();
    let mut party = RelyingParty::new(RP_ID, ORIGIN);
    party.register(USER, CHALLENGE, &registration(&authenticator, Algorithm::ES256).await).unwrap();
    let good = assertion(&authenticator).await;
    let bend = |bend: &dyn Fn(&mut AuthenticationResponse)| {
        let mut bent = good.clone();
        bend(&mut bent);
        bent
    };
    for (bent, refusal) in [
        (bend(&|r| r.raw_id.0.push(0)), Refusal::UnknownCredential),
        (bend(&|r| r.response.user_handle = Some(Base64Url(b"someone else".to_vec()))), Refusal::WrongUser),
        (bend(&|r| *r.response.signature.0.last_mut().unwrap() ^= 1), Refusal::BadSignature),
        (bend(&|r| r.response.authenticator_data.0[0] ^= 1), Refusal::WrongRpId),
        (bend(&|r| r.response.authenticator_data.0[32] &= !Flags::UV.0), Refusal::NotVerified),
        (bend(&|r| r.response.authenticator_data.0[32] |= Flags::BE.0), Refusal::BackupFlags),
        (bend(&|r| r.response.authenticator_data.0[36] ^= 1), Refusal::BadSignature),
        (bend(&|r| r.response.authenticator_data.0.truncate(36)), Refusal::Malformed),
    ] {
        assert_eq!(party.authenticate(CHALLENGE, &bent), Err(refusal));
    }
    assert_eq!(party.authenticate(b"another challenge", &good), Err(Refusal::WrongChallenge));
    party.authenticate(CHALLENGE, &good).unwrap();
}
