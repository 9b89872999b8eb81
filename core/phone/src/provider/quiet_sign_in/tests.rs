use std::sync::Mutex;

use async_trait::async_trait;
use latchkey_authenticator::CredentialId;
use latchkey_authenticator::policy::{Backup, Counter, KeyStorage};
use latchkey_authenticator::ports::{Consent, KeyVaultError, Prompt, PromptKind, UserGate, UserVerification};
use latchkey_authenticator::testing::{Answer, VaultOperation};
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{
    Algorithm, AuthenticatorData, CredProtect, Flags, MakeCredentialRequest, PrfAssertion, PrfValues,
    RelyingParty, User,
};

use super::*;
use crate::ErrorId;
use crate::fixture::TestPhone;
use crate::ports::System;
use crate::provider::{Registration, policy_for};

const UP: Flags = Flags(Flags::UP.0 | Flags::BE.0 | Flags::BS.0);
const UP_UV: Flags = Flags(UP.0 | Flags::UV.0);

const VERIFIED: Known = Ok(Consent { verified: true, account: 0 });
const UNKNOWN: Known = Err(GateError::Unavailable);

type Known = Result<Consent, GateError>;

/// A system that can, or cannot, tell who is there.
struct Silent {
    /// Nothing: it does not answer.
    answer: Option<Known>,
    asked: Mutex<Vec<Prompt>>,
}

#[async_trait]
impl UserGate for Silent {
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }

    async fn ask(&self, _: Prompt) -> Result<Consent, GateError> {
        unreachable!("a prompt is shown");
    }

    async fn ask_quietly(&self, prompt: Prompt) -> Result<Consent, GateError> {
        self.asked.lock().unwrap().push(prompt);
        match self.answer.clone() {
            Some(answer) => answer,
            None => core::future::pending().await,
        }
    }
}

/// An iPhone with one passkey, whose system answers in silence as it is told.
struct Fixture {
    phone: TestPhone,
    silent: Arc<Silent>,
    id: CredentialId,
}

impl Fixture {
    async fn new(answer: impl Into<Option<Known>>) -> Self {
        Self::with(answer, |_| {}).await
    }

    async fn with(answer: impl Into<Option<Known>>, change: impl FnOnce(&mut Policy)) -> Self {
        let mut phone = TestPhone::with(|config| {
            config.policy = policy_for(System::Ios);
            change(&mut config.policy);
        });
        let registration = Registration {
            client_data_hash: [1; 32],
            rp: RelyingParty { id: "example.com".to_owned(), name: None },
            user: user("ada"),
            algorithms: vec![Algorithm::ES256],
            excluded: Vec::new(),
            conditional: false,
            prf: None,
            verification_required: false,
        };
        let id = phone.phone.provider().register(&registration, &Cancel::new()).await.unwrap().id;
        let _ = phone.gate.take_prompts();
        let silent = Arc::new(Silent { answer: answer.into(), asked: Mutex::default() });
        phone.phone.ports.gate = silent.clone();
        Fixture { phone, silent, id }
    }

    fn request(&self, verification_discouraged: bool) -> SignIn {
        SignIn {
            client_data_hash: [1; 32],
            rp_id: "example.com".to_owned(),
            allowed: vec![self.id.clone()],
            prf: None,
            verification_discouraged,
        }
    }

    async fn sign_in(&self, request: &SignIn) -> Result<GetAssertionResponse, PhoneError> {
        let answer = self.phone.phone.provider().sign_in_quietly(request, &Cancel::new()).await;
        assert_eq!(self.phone.gate.take_prompts(), [], "nothing is shown");
        answer
    }

    /// Why nothing was signed; nothing stored has changed.
    async fn refused(&self, request: &SignIn) -> ErrorId {
        let error = self.sign_in(request).await.unwrap_err();
        assert_eq!(self.last_used(), None);
        error.id()
    }

    fn last_used(&self) -> Option<u64> {
        let keys = self.phone.phone.security_keys().list().unwrap();
        keys.iter().find(|key| key.id == self.id).and_then(|key| key.last_used_at)
    }

    fn asked(&self) -> usize {
        self.silent.asked.lock().unwrap().len()
    }
}

fn user(name: &str) -> User {
    User { id: name.as_bytes().to_vec(), name: Some(name.to_owned()), display_name: None }
}

fn data(answer: &GetAssertionResponse) -> AuthenticatorData {
    AuthenticatorData::decode(&answer.auth_data).unwrap()
}

fn salts() -> PrfValues {
    PrfValues { first: [1; 32], second: None }
}

#[tokio::test]
async fn whom_the_system_knows_is_verified() {
    for discouraged in [false, true] {
        let fixture = Fixture::new(VERIFIED).await;
        let answer = fixture.sign_in(&fixture.request(discouraged)).await.unwrap();
        assert_eq!(answer.credential_id, fixture.id.0);
        assert_eq!(answer.user.as_ref().unwrap().id, b"ada");
        assert_eq!(data(&answer).flags, UP_UV);
        assert!(fixture.last_used().is_some());
        let asked = fixture.silent.asked.lock().unwrap();
        let [Prompt { kind: PromptKind::SignIn { rp_id, accounts }, verify: true, timeout }] = &asked[..]
        else {
            panic!("{asked:?}");
        };
        assert_eq!((rp_id.as_str(), accounts.len(), *timeout), ("example.com", 1, PATIENCE));
    }
}

#[tokio::test]
async fn whom_it_does_not_know_is_present_where_that_is_enough() {
    let unverified = Ok(Consent { verified: false, account: 0 });
    for known in [UNKNOWN, unverified, Err(GateError::LockedOut), Err(GateError::Denied)] {
        let fixture = Fixture::new(known.clone()).await;
        assert_eq!(fixture.refused(&fixture.request(false)).await, ErrorId::ProviderLocked, "{known:?}");
        let answer = fixture.sign_in(&fixture.request(true)).await.unwrap();
        assert_eq!(data(&answer).flags, UP, "{known:?}");
        assert!(fixture.last_used().is_some());
        assert_eq!(fixture.asked(), 2);
    }
}

#[tokio::test]
async fn a_system_that_does_not_answer_is_not_waited_for() {
    let fixture = Fixture::new(None).await;
    for discouraged in [false, true] {
        let request = fixture.request(discouraged);
        let moving = async {
            while fixture.asked() == usize::from(discouraged) {
                tokio::task::yield_now().await;
            }
            fixture.phone.clock.advance(PATIENCE);
        };
        let (answer, ()) = tokio::join!(fixture.sign_in(&request), moving);
        match answer {
            Ok(answer) => assert!(discouraged && data(&answer).flags == UP),
            Err(error) => assert!(!discouraged && error.id() == ErrorId::ProviderLocked, "{error}"),
        }
    }
}

#[tokio::test]
async fn a_protected_passkey_is_used_with_verification_only() {
    for (level, known, expected) in [
        (CredProtect::UvRequired, UNKNOWN, None),
        (CredProtect::UvRequired, VERIFIED, Some(UP_UV)),
        (CredProtect::UvOptionalWithCredentialIdList, UNKNOWN, Some(UP)),
    ] {
        let fixture = Fixture::new(known).await;
        // As a computer asks for it over hybrid; the provider's door knows no levels.
        let request = MakeCredentialRequest {
            client_data_hash: [1; 32],
            rp: RelyingParty { id: "example.com".to_owned(), name: None },
            user: user("grace"),
            algorithms: vec![Algorithm::ES256],
            exclude_list: Vec::new(),
            cred_protect: Some(level),
            prf: None,
            options: MakeCredentialOptions { rk: Some(true), up: None, uv: None },
            pin_uv_auth_param: None,
            pin_uv_auth_protocol: None,
            enterprise_attestation: None,
            attestation_formats: Vec::new(),
        };
        let authenticator = &fixture.phone.phone.authenticator;
        let made = authenticator.make_credential(Profile::Hybrid, &request, &Cancel::new()).await.unwrap();
        let made = AuthenticatorData::decode(&made.auth_data).unwrap().attested_credential.unwrap();
        let _ = fixture.phone.gate.take_prompts();
        let request = SignIn { allowed: vec![CredentialId(made.credential_id)], ..fixture.request(true) };
        let answer = fixture.sign_in(&request).await;
        match expected {
            Some(flags) => assert_eq!(data(&answer.unwrap()).flags, flags, "{level:?}"),
            None => assert_eq!(answer.unwrap_err().id(), ErrorId::ProviderLocked, "{level:?}"),
        }
    }
}

#[tokio::test]
async fn prf_has_outputs_for_a_verified_person_only() {
    let known = Fixture::new(VERIFIED).await;
    let unknown = Fixture::new(UNKNOWN).await;
    for own in [false, true] {
        let prf = |id: &CredentialId| PrfAssertion {
            eval: (!own).then(salts),
            eval_by_credential: if own { vec![(id.0.clone(), salts())] } else { Vec::new() },
        };
        let request = SignIn { prf: Some(prf(&known.id)), ..known.request(true) };
        assert!(known.sign_in(&request).await.unwrap().prf.is_some());
        let request = SignIn { prf: Some(prf(&unknown.id)), ..unknown.request(true) };
        assert_eq!(unknown.refused(&request).await, ErrorId::ProviderLocked);
    }
    // Salts for another passkey are none for this one.
    let others = PrfAssertion { eval: None, eval_by_credential: vec![(vec![1], salts())] };
    let request = SignIn { prf: Some(others), ..unknown.request(true) };
    let answer = unknown.sign_in(&request).await.unwrap();
    assert!(data(&answer).flags == UP && answer.prf.is_none());
}

#[tokio::test]
async fn the_one_passkey_that_was_chosen_is_named() {
    let fixture = Fixture::new(VERIFIED).await;
    let twice = vec![fixture.id.clone(), fixture.id.clone()];
    for allowed in [Vec::new(), twice] {
        let request = SignIn { allowed, ..fixture.request(true) };
        assert_eq!(fixture.refused(&request).await, ErrorId::RequestMalformed);
    }
    assert_eq!(fixture.asked(), 0);
}

#[tokio::test]
async fn a_passkey_that_is_gone_or_hidden_is_not_found() {
    let fixture = Fixture::new(VERIFIED).await;
    let elsewhere = SignIn { rp_id: "example.org".to_owned(), ..fixture.request(true) };
    let other = SignIn { allowed: vec![CredentialId(vec![1])], ..fixture.request(true) };
    for request in [elsewhere, other] {
        assert_eq!(fixture.refused(&request).await, ErrorId::AuthCredentialUnusable);
    }
    fixture.phone.phone.provider().signal_unknown("example.com", fixture.id.clone()).unwrap();
    assert_eq!(fixture.refused(&fixture.request(true)).await, ErrorId::AuthCredentialUnusable);
    assert_eq!(fixture.asked(), 0);
}

#[tokio::test]
async fn without_verification_no_passkey_is_used() {
    let fixture = Fixture::new(VERIFIED).await;
    fixture.phone.gate.set_user_verification(UserVerification::NotConfigured);
    assert_eq!(fixture.refused(&fixture.request(true)).await, ErrorId::ProviderBiometricsMissing);
    assert_eq!(fixture.asked(), 0);
}

#[tokio::test]
async fn a_counter_is_on_disk_before_its_signature_leaves() {
    for known in [VERIFIED, UNKNOWN] {
        // A synchronised passkey has none.
        let counting = |policy: &mut Policy| {
            (policy.backup, policy.counter) = (Backup::DeviceBound, Counter::PerCredential);
        };
        let mut fixture = Fixture::with(known, counting).await;
        // The registration was the first.
        for expected in 2..5 {
            let answer = fixture.sign_in(&fixture.request(true)).await.unwrap();
            assert_eq!(data(&answer).sign_count, expected);
            fixture.phone.restart();
        }
    }
}

#[tokio::test]
async fn a_key_that_is_locked_waits_for_the_interface() {
    for known in [VERIFIED, UNKNOWN] {
        let hardware = |policy: &mut Policy| policy.key_storage = KeyStorage::PreferHardware;
        let fixture = Fixture::with(known, hardware).await;
        for _ in 0..2 {
            fixture.phone.hardware.fail_next(VaultOperation::Sign, KeyVaultError::Locked);
        }
        assert_eq!(fixture.refused(&fixture.request(true)).await, ErrorId::ProviderLocked);
    }
}

#[tokio::test]
async fn an_open_prompt_neither_answers_it_nor_holds_it_up() {
    let fixture = Fixture::new(UNKNOWN).await;
    let provider = fixture.phone.phone.provider();
    fixture.phone.gate.push(Answer::Ignore);
    let (request, cancel) = (fixture.request(false), Cancel::new());
    let quietly = async {
        let refused = provider.sign_in_quietly(&request, &Cancel::new()).await.unwrap_err();
        assert_eq!(refused.id(), ErrorId::ProviderLocked);
        cancel.cancel();
    };
    let (shown, ()) = tokio::join!(biased; provider.sign_in(&request, &cancel), quietly);
    assert!(matches!(shown, Err(PhoneError::Canceled(Phase::Get))));
    assert_eq!(fixture.last_used(), None);
    // And what came of a prompt is nothing to the next request.
    fixture.phone.gate.push(Answer::Approve);
    provider.sign_in(&request, &Cancel::new()).await.unwrap();
    let refused = provider.sign_in_quietly(&request, &Cancel::new()).await.unwrap_err();
    assert_eq!(refused.id(), ErrorId::ProviderLocked);
}

#[tokio::test]
async fn it_ends_when_it_is_cancelled_or_the_phone_is_closed() {
    for closing in [false, true] {
        let fixture = Fixture::new(None).await;
        let (request, cancel) = (fixture.request(true), Cancel::new());
        let ending = async { if closing { fixture.phone.phone.close() } else { cancel.cancel() } };
        let provider = fixture.phone.phone.provider();
        let (ended, ()) = tokio::join!(biased; provider.sign_in_quietly(&request, &cancel), ending);
        let expected = if closing { ErrorId::ProviderLocked } else { ErrorId::AuthNotFoundOrCanceled };
        assert_eq!(ended.unwrap_err().id(), expected);
    }
}
