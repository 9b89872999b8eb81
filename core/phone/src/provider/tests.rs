use latchkey_authenticator::policy::KeyStorage;
use latchkey_authenticator::ports::KeyVaultError;
use latchkey_authenticator::testing::{Answer, VaultOperation};
use latchkey_ctap::Flags;

use super::*;
use crate::ErrorId;
use crate::fixture::TestPhone;

fn ios() -> TestPhone {
    TestPhone::with(|config| config.policy = policy_for(System::Ios))
}

fn registration(user: &str) -> Registration {
    Registration {
        client_data_hash: [1; 32],
        rp: RelyingParty { id: "example.com".to_owned(), name: None },
        user: User { id: user.as_bytes().to_vec(), name: Some(user.to_owned()), display_name: None },
        algorithms: vec![Algorithm::ES256],
        excluded: Vec::new(),
        conditional: false,
        prf: None,
        verification_required: false,
    }
}

fn sign_in(allowed: &[&CredentialId]) -> SignIn {
    let allowed = allowed.iter().map(|&id| id.clone()).collect();
    SignIn {
        client_data_hash: [1; 32],
        rp_id: "example.com".to_owned(),
        allowed,
        prf: None,
        verification_discouraged: false,
    }
}

async fn register(phone: &TestPhone, request: &Registration) -> Result<Registered, PhoneError> {
    phone.phone.provider().register(request, &Cancel::new()).await
}

fn flags(auth_data: &[u8]) -> Flags {
    AuthenticatorData::decode(auth_data).unwrap().flags
}

const PERSON: Flags = Flags(Flags::UP.0 | Flags::UV.0);
const SYNCED: Flags = Flags(Flags::BE.0 | Flags::BS.0);

#[tokio::test]
async fn ios_gets_synchronised_passkeys_without_attestation() {
    let phone = ios();
    let made = register(&phone, &registration("ada")).await.unwrap();
    assert_eq!(made.response.attestation.format(), "none");
    assert_eq!(flags(&made.response.auth_data), Flags(PERSON.0 | SYNCED.0));
    let signed = phone.phone.provider().sign_in(&sign_in(&[&made.id]), &Cancel::new()).await.unwrap();
    assert_eq!(signed.credential_id, made.id.0);
    assert_eq!(flags(&signed.auth_data), Flags(PERSON.0 | SYNCED.0));
}

#[tokio::test]
async fn android_says_that_its_passkeys_stay_on_the_device() {
    let phone = TestPhone::with(|config| config.policy = policy_for(System::Android));
    let made = register(&phone, &registration("ada")).await.unwrap();
    assert_eq!(flags(&made.response.auth_data), PERSON);
}

#[tokio::test]
async fn a_use_is_noted_before_the_system_has_the_answer() {
    let phone = ios();
    let first = register(&phone, &registration("first")).await.unwrap().id;
    let second = register(&phone, &registration("second")).await.unwrap().id;
    phone.phone.provider().sign_in(&sign_in(&[&first]), &Cancel::new()).await.unwrap();
    let entries = phone.phone.provider().entries("example.com", &[]).unwrap();
    assert_eq!(entries.iter().map(|entry| &entry.id).collect::<Vec<_>>(), [&first, &second]);
    assert!(entries[0].last_used_at.is_some() && entries[1].last_used_at.is_none());
}

#[tokio::test]
async fn lists_ask_nobody_and_keep_to_the_relying_party() {
    let phone = ios();
    let id = register(&phone, &registration("ada")).await.unwrap().id;
    let _ = phone.gate.take_prompts();
    let provider = phone.phone.provider();
    assert_eq!(provider.entries("example.com", &[id.clone(), id.clone()]).unwrap().len(), 1);
    assert!(provider.entries("example.com", &[CredentialId(vec![1])]).unwrap().is_empty());
    assert!(provider.entries("example.org", &[id]).unwrap().is_empty());
    assert_eq!(phone.gate.take_prompts(), []);
}

#[tokio::test]
async fn a_conditional_registration_is_silent_truthful_and_alone() {
    let phone = ios();
    let request = Registration { conditional: true, ..registration("ada") };
    let made = register(&phone, &request).await.unwrap();
    assert_eq!(flags(&made.response.auth_data), Flags(Flags::UP.0 | SYNCED.0));
    assert_eq!(phone.gate.take_prompts(), []);
    assert_eq!(phone.phone.security_keys().list().unwrap().len(), 1);
}

#[tokio::test]
async fn whatever_is_on_the_phone_a_conditional_registration_is_refused_alike() {
    let phone = with_hardware(|_| {});
    let at = |rp_id: &str, user| Registration {
        rp: RelyingParty { id: rp_id.to_owned(), name: None },
        conditional: true,
        ..registration(user)
    };
    let held = register(&phone, &at("example.com", "ada")).await.unwrap().id;
    register(&phone, &at("login.microsoft.com", "ada")).await.unwrap();
    let hidden = register(&phone, &at("example.org", "ada")).await.unwrap().id;
    phone.phone.provider().signal_unknown("example.org", hidden.clone()).unwrap();
    let before = phone.phone.security_keys().list().unwrap();

    let foreign = vec![Algorithm(-257)];
    for (what, request) in [
        ("the account has one", at("example.com", "ada")),
        ("the account has a hidden one", at("example.org", "ada")),
        ("excluded", Registration { excluded: vec![held], ..at("example.com", "eve") }),
        ("excluded and hidden", Registration { excluded: vec![hidden], ..at("example.org", "eve") }),
        ("one on each phone", at("login.microsoft.com", "eve")),
        ("verification", Registration { verification_required: true, ..at("example.com", "eve") }),
        // These would tell by their order whether the account has one.
        ("no algorithm", Registration { algorithms: foreign.clone(), ..at("example.com", "eve") }),
        ("no algorithm, has one", Registration { algorithms: foreign, ..at("example.com", "ada") }),
    ] {
        let refused = register(&phone, &request).await.unwrap_err();
        assert!(matches!(refused, PhoneError::Prompt(GateError::Unavailable)), "{what}: {refused:?}");
    }
    assert_eq!(ErrorId::ProviderLocked, PhoneError::Prompt(GateError::Unavailable).id());
    assert_eq!(phone.phone.security_keys().list().unwrap(), before);
    phone.phone.authenticator.settle().await;
    assert_eq!((before.len(), phone.hardware.key_count()), (3, 3));
    assert_eq!(phone.gate.take_prompts(), []);

    // Whoever is asked agrees that it is told.
    let asked = Registration { excluded: vec![before[0].id.clone()], ..at(&before[0].rp_id, "eve") };
    let asked = Registration { conditional: false, ..asked };
    assert_eq!(register(&phone, &asked).await.unwrap_err().id(), ErrorId::RegAlreadyRegistered);
}

#[tokio::test]
async fn a_conditional_registration_replaces_nothing_that_is_hidden() {
    let phone = ios();
    let id = register(&phone, &registration("ada")).await.unwrap().id;
    phone.phone.provider().signal_unknown("example.com", id.clone()).unwrap();
    let request = Registration { conditional: true, ..registration("ada") };
    assert_eq!(register(&phone, &request).await.unwrap_err().id(), ErrorId::ProviderLocked);
    assert_eq!(phone.phone.security_keys().list().unwrap()[0].id, id);
    // Its owner, who is asked, may replace it.
    let again = register(&phone, &registration("ada")).await.unwrap().id;
    let list = phone.phone.security_keys().list().unwrap();
    assert!(list.len() == 1 && list[0].id == again && !list[0].hidden);
}

#[tokio::test]
async fn of_several_conditional_registrations_at_once_one_stays() {
    let phone = with_hardware(|_| {});
    let request = Registration { conditional: true, ..registration("ada") };
    let outcomes = tokio::join!(
        register(&phone, &request),
        register(&phone, &request),
        register(&phone, &request),
        register(&phone, &request)
    );
    let outcomes = [outcomes.0, outcomes.1, outcomes.2, outcomes.3];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(matches!(refused, PhoneError::Prompt(GateError::Unavailable)), "{refused:?}");
    }
    // No key is left of those that did not come to be.
    assert_eq!((phone.phone.security_keys().list().unwrap().len(), phone.hardware.key_count()), (1, 1));
}

fn with_hardware(policy: impl FnOnce(&mut Policy)) -> TestPhone {
    TestPhone::with(|config| {
        config.policy.key_storage = KeyStorage::PreferHardware;
        policy(&mut config.policy);
    })
}

#[tokio::test]
async fn no_key_is_made_for_an_account_that_has_a_passkey() {
    let phone = with_hardware(|_| {});
    let request = Registration { conditional: true, ..registration("ada") };
    register(&phone, &request).await.unwrap();
    phone.hardware.fail_next(VaultOperation::CreateKey, KeyVaultError::Failed);
    assert_eq!(register(&phone, &request).await.unwrap_err().id(), ErrorId::ProviderLocked);
    let other = Registration { conditional: true, ..registration("eve") };
    let failed = register(&phone, &other).await.unwrap_err();
    assert_eq!(failed.id(), ErrorId::AnyInternal, "the next key that is made");
}

#[tokio::test]
async fn the_key_of_a_conditional_registration_that_failed_is_deleted_later() {
    let phone = with_hardware(|policy| policy.passkeys_per_user = 0);
    phone.hardware.fail_next(VaultOperation::DeleteKey, KeyVaultError::Failed);
    let request = Registration { conditional: true, ..registration("ada") };
    assert_eq!(register(&phone, &request).await.unwrap_err().id(), ErrorId::ProviderLocked);
    assert_eq!(phone.hardware.key_count(), 1);
    phone.phone.authenticator.settle().await;
    assert_eq!(phone.hardware.key_count(), 0);
}

#[tokio::test]
async fn a_conditional_registration_knows_nothing_of_other_prompts() {
    let phone = with_hardware(|_| {});
    phone.gate.push(Answer::Fail(GateError::TimedOut));
    register(&phone, &registration("ada")).await.unwrap_err();
    phone.hardware.fail_next(VaultOperation::CreateKey, KeyVaultError::Locked);
    let request = Registration { conditional: true, ..registration("ada") };
    let refused = register(&phone, &request).await.unwrap_err();
    assert!(matches!(refused, PhoneError::Prompt(GateError::Unavailable)), "{refused:?}");
}

#[tokio::test]
async fn where_verification_is_required_no_passkey_is_made_without_asking() {
    let phone = ios();
    let request = Registration { verification_required: true, ..registration("ada") };
    let conditional = Registration { conditional: true, ..request.clone() };
    assert_eq!(register(&phone, &conditional).await.unwrap_err().id(), ErrorId::ProviderLocked);
    assert!(phone.phone.security_keys().list().unwrap().is_empty());
    assert_eq!(phone.gate.take_prompts(), []);
    assert_eq!(
        flags(&register(&phone, &request).await.unwrap().response.auth_data),
        Flags(PERSON.0 | SYNCED.0)
    );
}

#[tokio::test]
async fn what_became_of_the_prompt_is_told_precisely() {
    for (failure, create, get) in [
        (GateError::Denied, ErrorId::RegCanceled, ErrorId::AuthNotFoundOrCanceled),
        (GateError::TimedOut, ErrorId::RegTimeout, ErrorId::AuthTimeout),
        (GateError::VerificationFailed, ErrorId::AuthUvFailed, ErrorId::AuthUvFailed),
        (GateError::LockedOut, ErrorId::AuthUvFailed, ErrorId::AuthUvFailed),
        (GateError::Unavailable, ErrorId::ProviderLocked, ErrorId::ProviderLocked),
    ] {
        let phone = ios();
        register(&phone, &registration("ada")).await.unwrap();
        phone.gate.push(Answer::Fail(failure));
        assert_eq!(register(&phone, &registration("other")).await.unwrap_err().id(), create, "{failure:?}");
        phone.gate.push(Answer::Fail(failure));
        let signed = phone.phone.provider().sign_in(&sign_in(&[]), &Cancel::new()).await;
        assert_eq!(signed.unwrap_err().id(), get, "{failure:?}");
        assert_eq!(phone.phone.security_keys().list().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn without_verification_no_passkey_is_made_or_used() {
    let phone = ios();
    phone.gate.set_user_verification(UserVerification::NotConfigured);
    let made = register(&phone, &registration("ada")).await.unwrap_err();
    let signed = phone.phone.provider().sign_in(&sign_in(&[]), &Cancel::new()).await.unwrap_err();
    let conditional = Registration { conditional: true, ..registration("ada") };
    let conditional = register(&phone, &conditional).await.unwrap_err();
    for error in [made, signed, conditional] {
        assert_eq!(error.id(), ErrorId::ProviderBiometricsMissing);
    }
    assert_eq!(phone.gate.take_prompts(), []);
}

#[tokio::test]
async fn a_second_account_where_one_is_allowed_is_its_own_error() {
    let phone = ios();
    let rp = RelyingParty { id: "login.microsoft.com".to_owned(), name: None };
    let at = |user| Registration { rp: rp.clone(), ..registration(user) };
    register(&phone, &at("first")).await.unwrap();
    let error = register(&phone, &at("second")).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::ProviderEntraPasskeyExists);
}

#[tokio::test]
async fn malformed_requests_ask_nobody() {
    let phone = ios();
    let long = Registration { excluded: vec![CredentialId(vec![1]); 65], ..registration("ada") };
    let nowhere = RelyingParty { id: String::new(), name: None };
    let nowhere = Registration { rp: nowhere, ..registration("ada") };
    let far = RelyingParty { id: "a".repeat(MAX_RP_ID + 1), name: None };
    let far = Registration { rp: far, ..registration("ada") };
    let foreign = Registration { algorithms: vec![Algorithm(-257)], ..registration("ada") };
    for (request, id) in [
        (long, ErrorId::RequestListTooLong),
        (nowhere, ErrorId::RequestMalformed),
        (far, ErrorId::RequestMalformed),
        (registration(""), ErrorId::RequestMalformed),
        (foreign, ErrorId::AnyNotSupported),
    ] {
        assert_eq!(register(&phone, &request).await.unwrap_err().id(), id);
    }
    assert_eq!(phone.gate.take_prompts(), []);
}

#[tokio::test]
async fn a_ceremony_that_is_cancelled_or_dropped_leaves_the_door_open() {
    let phone = ios();
    let cancel = Cancel::new();
    cancel.cancel();
    let cancelled = phone.phone.provider().register(&registration("ada"), &cancel).await.unwrap_err();
    assert_eq!(cancelled.id(), ErrorId::RegCanceled);

    phone.gate.push(Answer::Ignore);
    let request = registration("ada");
    {
        let mut open = core::pin::pin!(register(&phone, &request));
        while phone.gate.take_prompts().is_empty() {
            let waited = tokio::time::timeout(core::time::Duration::from_millis(20), &mut open);
            assert!(waited.await.is_err());
        }
    }
    assert!(register(&phone, &request).await.is_ok());
}

#[tokio::test]
async fn closing_ends_what_waits_for_the_person() {
    for signing_in in [false, true] {
        let phone = ios();
        register(&phone, &registration("ada")).await.unwrap();
        phone.gate.push(Answer::Ignore);
        let waiting = async {
            if signing_in {
                phone.phone.provider().sign_in(&sign_in(&[]), &Cancel::new()).await.map(|_| ())
            } else {
                register(&phone, &registration("grace")).await.map(|_| ())
            }
        };
        let closing = async { phone.phone.close() };
        let (ended, ()) = tokio::join!(biased; waiting, closing);
        assert_eq!(ended.unwrap_err().id(), ErrorId::ProviderLocked, "{signing_in}");
    }
}

#[tokio::test]
async fn a_closed_phone_is_locked() {
    let phone = ios();
    phone.phone.close();
    let entries = phone.phone.provider().entries("example.com", &[]).unwrap_err();
    let made = register(&phone, &registration("ada")).await.unwrap_err();
    let signed = phone.phone.provider().sign_in(&sign_in(&[]), &Cancel::new()).await.unwrap_err();
    for error in [entries, made, signed] {
        assert_eq!(error.id(), ErrorId::ProviderLocked);
    }
}
