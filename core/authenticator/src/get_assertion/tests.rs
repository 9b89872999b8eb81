use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use latchkey_ctap::get_assertion::GetAssertionOptions;
use latchkey_ctap::{CredentialDescriptor, MakeCredentialRequest, PublicKey, RelyingParty};

use super::*;
use crate::Signal;
use crate::fixture::{Phone, RP_ID, descriptor, get_request, make_request, poll, refused, user, verify};
use crate::keys::{CredentialKey, SoftwareKey};
use crate::policy::{Backup, Counter, KeyStorage, Policy};
use crate::ports::{CredentialStore as _, GateError, KeyVaultError, Prompt, UserVerification};
use crate::testing::{Answer, ScriptedGate, SoftwareKeyVault, StoreOperation, VaultOperation};

const HYBRID: Profile = Profile::Hybrid;

async fn get(phone: &Phone, request: &GetAssertionRequest) -> Result<GetAssertionResponse, Status> {
    phone.authenticator.get_assertion(HYBRID, request, &Cancel::new()).await
}

fn allow(ids: &[&CredentialId]) -> GetAssertionRequest {
    let list = ids.iter().map(|id| descriptor(id)).collect();
    GetAssertionRequest { allow_list: Some(list), ..get_request() }
}

fn protected(level: CredProtect) -> MakeCredentialRequest {
    MakeCredentialRequest { cred_protect: Some(level), ..make_request() }
}

fn non_discoverable(name: &str) -> MakeCredentialRequest {
    let mut request = MakeCredentialRequest { user: user(name), ..make_request() };
    request.options.rk = Some(false);
    request
}

fn public_key(phone: &Phone, id: &CredentialId) -> PublicKey {
    match phone.store.get(RP_ID, id).unwrap().unwrap().key {
        CredentialKey::Software(key) => key.public_key(),
        CredentialKey::Hardware(key) => key.public_key,
    }
}

fn counters() -> Policy {
    Policy { counter: Counter::PerCredential, ..Policy::default() }
}

fn hardware_with_counters() -> Policy {
    Policy { key_storage: KeyStorage::PreferHardware, ..counters() }
}

#[tokio::test]
async fn the_answer_verifies_and_carries_the_user_handle_alone() {
    for algorithm in SoftwareKey::ALGORITHMS {
        let phone = Phone::new();
        let make = MakeCredentialRequest { algorithms: vec![algorithm], ..make_request() };
        let id = phone.register(&make).await;
        let response = get(&phone, &get_request()).await.unwrap();

        assert_eq!(response.credential_id, id.0);
        assert_eq!(response.user, Some(User { id: b"alice".to_vec(), name: None, display_name: None }));
        assert_eq!(response.number_of_credentials, None);
        assert!(!response.user_selected);
        let mut expected = Sha256::digest(RP_ID).to_vec();
        expected.extend([0x05, 0, 0, 0, 0]);
        assert_eq!(response.auth_data, expected);
        verify(&public_key(&phone, &id), &response.auth_data, &response.signature);
    }
}

#[tokio::test]
async fn one_prompt_verifies_and_names_the_accounts() {
    let phone = Phone::new();
    let alice = phone.register(&make_request()).await;
    let bob = phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
    get(&phone, &get_request()).await.unwrap();
    let account = |id: CredentialId, name| Account { credential_id: id.0, user: user(name) };
    assert_eq!(
        phone.gate.take_prompts(),
        [Prompt {
            kind: PromptKind::SignIn {
                rp_id: RP_ID.to_owned(),
                accounts: vec![account(bob, "bob"), account(alice, "alice")],
            },
            verify: true,
            timeout: Duration::from_secs(30),
        }]
    );
}

#[tokio::test]
async fn flags_say_what_happened_and_what_the_credential_is() {
    use UserVerification::{Configured, NotConfigured};
    let unasked = Answer::Consent { verified: true, account: 0 };
    for (verification, backup, answer, flags) in [
        (Configured, Backup::DeviceBound, Answer::Approve, 0x05),
        (Configured, Backup::Synced, Answer::Approve, 0x1D),
        (NotConfigured, Backup::DeviceBound, Answer::Approve, 0x01),
        (NotConfigured, Backup::Synced, Answer::Approve, 0x19),
        (NotConfigured, Backup::DeviceBound, unasked, 0x05),
    ] {
        let policy = Policy { backup, ..Policy::default() };
        let gate = ScriptedGate::scripted([Answer::Approve, answer]);
        let phone = Phone::build(policy, gate, SoftwareKeyVault::new(7));
        phone.register(&make_request()).await;
        phone.gate.set_user_verification(verification);
        let response = get(&phone, &get_request()).await.unwrap();
        assert_eq!(response.auth_data[32], flags, "{verification:?} {backup:?} {answer:?}");
    }
}

#[test]
fn what_is_not_eligible_is_never_reported_as_backed_up() {
    for (backup_eligible, backed_up, flags) in
        [(false, false, 0x00), (false, true, 0x00), (true, false, 0x08), (true, true, 0x18)]
    {
        let credential =
            Credential { backup_eligible, backed_up, ..crate::store_contract::credential(1, RP_ID, b"user") };
        assert_eq!(credential.flags(), Flags(flags));
    }
}

#[tokio::test]
async fn the_person_chooses_among_several_accounts() {
    let phone = Phone::scripted([Answer::Approve, Answer::Approve, Answer::Choose(1), Answer::Choose(2)]);
    let alice = phone.register(&make_request()).await;
    phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
    let response = get(&phone, &get_request()).await.unwrap();
    assert_eq!(response.credential_id, alice.0);
    assert_eq!(response.user.unwrap().id, b"alice");
    assert!(response.user_selected);
    assert_eq!(response.number_of_credentials, None);
    // A shell that names an account that was not offered has a defect; nothing is signed.
    assert_eq!(refused(get(&phone, &get_request()).await), Status::OTHER);
}

#[tokio::test]
async fn an_allow_list_finds_exactly_its_credentials() {
    let phone = Phone::new();
    let hidden = phone.register(&non_discoverable("carol")).await;
    let alice = phone.register(&make_request()).await;
    let bob = phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;

    // One that no request without a list finds; with its user handle.
    let response = get(&phone, &allow(&[&hidden])).await.unwrap();
    assert_eq!((response.credential_id, response.user.unwrap().id), (hidden.0.clone(), b"carol".to_vec()));

    // Unknown IDs and repetitions are passed over.
    let unknown = CredentialId(vec![9; 32]);
    drop(phone.gate.take_prompts());
    let response = get(&phone, &allow(&[&unknown, &alice, &alice])).await.unwrap();
    assert_eq!(response.credential_id, alice.0);
    let [PromptKind::SignIn { accounts, .. }] = &phone.prompts()[..] else { panic!() };
    assert_eq!(accounts.len(), 1);

    // Of several the one used last is the suggestion, whatever the order of the list. A choice among
    // the entries of a list is not reported.
    phone.clock.advance(Duration::from_secs(60));
    get(&phone, &allow(&[&alice])).await.unwrap();
    phone.authenticator.settle().await;
    let response = get(&phone, &allow(&[&bob, &alice])).await.unwrap();
    assert_eq!(response.credential_id, alice.0);
    assert!(!response.user_selected);
}

#[tokio::test]
async fn what_does_not_match_ends_after_a_gesture() {
    let phone = Phone::new();
    let elsewhere = RelyingParty { id: "example.org".to_owned(), name: None };
    let other_rp = phone.register(&MakeCredentialRequest { rp: elsewhere, ..make_request() }).await;
    let hidden = phone.register(&non_discoverable("carol")).await;
    let prefix = CredentialId(hidden.0[..31].to_vec());
    let nothing = GetAssertionRequest { allow_list: Some(Vec::new()), ..get_request() };
    for (name, request) in [
        ("no discoverable one", get_request()),
        ("that of another relying party", allow(&[&other_rp])),
        ("a prefix", allow(&[&prefix])),
        ("a list of unknown types", nothing),
    ] {
        assert_eq!(refused(get(&phone, &request).await), Status::NO_CREDENTIALS, "{name}");
        let prompts = phone.gate.take_prompts();
        assert_eq!(prompts.len(), 1, "{name}");
        assert_eq!(prompts[0].kind, PromptKind::Presence { rp_id: Some(RP_ID.to_owned()) }, "{name}");
        assert!(prompts[0].verify, "{name}");
    }
}

#[tokio::test]
async fn a_refusal_does_not_tell_whether_there_is_a_passkey() {
    let unverified = Answer::Consent { verified: false, account: 0 };
    for (answer, status) in [
        (Answer::Fail(GateError::Denied), Status::OPERATION_DENIED),
        (Answer::Fail(GateError::VerificationFailed), Status::OPERATION_DENIED),
        (Answer::Fail(GateError::TimedOut), Status::USER_ACTION_TIMEOUT),
        (Answer::Fail(GateError::LockedOut), Status::UV_BLOCKED),
        (Answer::Fail(GateError::Unavailable), Status::PUAT_REQUIRED),
        (unverified, Status::PUAT_REQUIRED),
    ] {
        let with = Phone::scripted([Answer::Approve, answer]);
        with.register(&make_request()).await;
        let damaged = Phone::scripted([Answer::Approve, answer]);
        let id = damaged.register(&make_request()).await;
        damaged.store.damage(&id);
        for (phone, request) in
            [(&with, get_request()), (&Phone::scripted([answer]), get_request()), (&damaged, allow(&[&id]))]
        {
            assert_eq!(refused(get(phone, &request).await), status, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn protection_levels_hide_credentials_from_unverified_requests() {
    use CredProtect::{UvOptional, UvOptionalWithCredentialIdList, UvRequired};
    for (level, verified, listed, found) in [
        (UvOptional, false, false, true),
        (UvOptional, false, true, true),
        (UvOptionalWithCredentialIdList, false, false, false),
        (UvOptionalWithCredentialIdList, false, true, true),
        (UvOptionalWithCredentialIdList, true, false, true),
        (UvRequired, false, false, false),
        (UvRequired, false, true, false),
        (UvRequired, true, false, true),
        (UvRequired, true, true, true),
    ] {
        let phone = Phone::new();
        let id = phone.register(&protected(level)).await;
        let phone = if verified { phone } else { phone.without_verification() };
        let request = if listed { allow(&[&id]) } else { get_request() };
        let status = if found { Status::OK } else { Status::NO_CREDENTIALS };
        assert_eq!(refused(get(&phone, &request).await), status, "{level:?} {verified} {listed}");
    }
}

/// A way to break a request. In the order in which the steps find it.
type Defect = (&'static str, fn(&mut GetAssertionRequest), Status);

fn too_many() -> Option<Vec<CredentialDescriptor>> {
    Some(vec![CredentialDescriptor { id: vec![1; 32] }; Policy::default().max_credentials_in_list + 1])
}

const DEFECTS: [Defect; 7] = [
    (
        "step 1: empty pinUvAuthParam",
        |r| r.pin_uv_auth_param = r.pin_uv_auth_param.take().or(Some(Vec::new())),
        Status::PIN_NOT_SET,
    ),
    (
        "step 2: pinUvAuthParam without protocol",
        |r| r.pin_uv_auth_param = r.pin_uv_auth_param.take().or(Some(vec![1; 16])),
        Status::MISSING_PARAMETER,
    ),
    ("step 4: uv without verification", |r| r.options.uv = Some(true), Status::INVALID_OPTION),
    ("step 4: rk", |r| r.options.rk = Some(false), Status::UNSUPPORTED_OPTION),
    ("step 4: up over hybrid", |r| r.options.up = Some(false), Status::UNSUPPORTED_OPTION),
    ("step 4: allow list", |r| r.allow_list = too_many(), Status::LIMIT_EXCEEDED),
    ("step 9: refused", |_| {}, Status::OPERATION_DENIED),
];

#[tokio::test]
async fn every_defect_has_its_status_and_the_earlier_step_wins() {
    for (first, &(name, break_it, status)) in DEFECTS.iter().enumerate() {
        for (later, break_more, _) in &DEFECTS[first..] {
            // Refuses every prompt but a bare touch.
            let touch = (status == Status::PIN_NOT_SET).then_some(Answer::Approve);
            let answers = [Some(Answer::Approve), touch];
            let gate = ScriptedGate::scripted(answers.into_iter().flatten());
            let phone = Phone::build(counters(), gate, SoftwareKeyVault::new(7));
            phone.register(&make_request()).await;
            let phone = phone.without_verification();
            let mut request = get_request();
            break_it(&mut request);
            break_more(&mut request);
            assert_eq!(refused(get(&phone, &request).await), status, "{name}, then {later}");
            assert_eq!(phone.store.changes(), 1, "{name}, then {later}");
            let shown = matches!(status, Status::PIN_NOT_SET | Status::OPERATION_DENIED);
            assert_eq!(phone.prompts().len(), usize::from(shown), "{name}: prompts");
        }
    }
}

#[tokio::test]
async fn single_values_in_and_out_of_place() {
    for (name, break_it, status) in [
        (
            "rk: true",
            (|r| r.options.rk = Some(true)) as fn(&mut GetAssertionRequest),
            Status::UNSUPPORTED_OPTION,
        ),
        (
            "pinUvAuthParam with a protocol that is not supported",
            |r| (r.pin_uv_auth_param, r.pin_uv_auth_protocol) = (Some(vec![1; 16]), Some(2)),
            Status::INVALID_PARAMETER,
        ),
        ("up: true", |r| r.options.up = Some(true), Status::OK),
        ("uv: true where it can be done", |r| r.options.uv = Some(true), Status::OK),
        ("uv: false", |r| r.options.uv = Some(false), Status::OK),
    ] {
        let phone = Phone::new();
        phone.register(&make_request()).await;
        let mut request = get_request();
        break_it(&mut request);
        assert_eq!(refused(get(&phone, &request).await), status, "{name}");
    }
}

#[tokio::test]
async fn a_bare_touch_signs_nothing() {
    let phone = Phone::with_policy(counters());
    phone.register(&make_request()).await;
    let request = GetAssertionRequest { pin_uv_auth_param: Some(Vec::new()), ..get_request() };
    assert_eq!(refused(get(&phone, &request).await), Status::PIN_NOT_SET);
    assert_eq!(phone.prompts(), [PromptKind::Presence { rp_id: None }]);
    assert_eq!(phone.store.changes(), 1);
}

#[tokio::test]
async fn the_operating_system_may_ask_silently() {
    let phone = Phone::with_policy(counters());
    let level_2 =
        MakeCredentialRequest { user: user("bob"), ..protected(CredProtect::UvOptionalWithCredentialIdList) };
    let silently = |mut request: GetAssertionRequest| {
        request.options.up = Some(false);
        let phone = &phone;
        async move { phone.authenticator.get_assertion(Profile::Provider, &request, &Cancel::new()).await }
    };
    assert_eq!(refused(silently(get_request()).await), Status::NO_CREDENTIALS);
    let listed = phone.register(&level_2).await;
    // Although the device can verify, this request is not verified.
    assert_eq!(refused(silently(get_request()).await), Status::NO_CREDENTIALS);
    let alice = phone.register(&make_request()).await;
    phone.register(&MakeCredentialRequest { user: user("dave"), ..make_request() }).await;

    let response = silently(allow(&[&alice])).await.unwrap();
    assert_eq!(response.credential_id, alice.0);
    assert_eq!(response.auth_data[32], 0x00, "neither UP nor UV");
    verify(&public_key(&phone, &alice), &response.auth_data, &response.signature);
    assert_eq!(silently(allow(&[&listed])).await.unwrap().credential_id, listed.0);
    assert!(!silently(get_request()).await.unwrap().user_selected, "nobody chose");

    let mut contradiction = get_request();
    contradiction.options.uv = Some(true);
    assert_eq!(refused(silently(contradiction).await), Status::INVALID_OPTION);
    assert!(phone.prompts().is_empty());
}

#[tokio::test]
async fn a_counter_is_on_disk_before_its_signature_leaves_and_never_goes_back() {
    let phone = Phone::with_policy(hardware_with_counters());
    let id = phone.register(&make_request()).await;
    let counter =
        |response: &GetAssertionResponse| AuthenticatorData::decode(&response.auth_data).unwrap().sign_count;
    assert_eq!(counter(&get(&phone, &get_request()).await.unwrap()), 2);
    assert_eq!(phone.store.get(RP_ID, &id).unwrap().unwrap().sign_count, Some(2));

    // A signature that fails leaves a gap.
    phone.keys.fail_next(VaultOperation::Sign, KeyVaultError::Failed);
    assert_eq!(refused(get(&phone, &get_request()).await), Status::OTHER);
    assert_eq!(counter(&get(&phone, &get_request()).await.unwrap()), 4);

    // A counter that cannot be committed is not signed.
    for (error, status) in [
        (StoreError::DiskFull, Status::OTHER),
        (StoreError::CounterExhausted, Status::OTHER),
        (StoreError::NotFound, Status::NO_CREDENTIALS),
        (StoreError::Damaged, Status::INTEGRITY_FAILURE),
    ] {
        phone.store.fail_next(StoreOperation::AdvanceCounter, error);
        assert_eq!(refused(get(&phone, &get_request()).await), status);
    }
    assert_eq!(counter(&get(&phone, &get_request()).await.unwrap()), 5);
}

/// A person who deletes the passkey in the app while the sign-in prompt is open, and then says yes.
struct Undecided(std::sync::Arc<crate::testing::MemoryStore>);

#[async_trait::async_trait]
impl crate::ports::UserGate for Undecided {
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }

    async fn ask(&self, _: Prompt) -> Result<Consent, GateError> {
        for summary in self.0.list().unwrap() {
            self.0.delete(&summary.id).unwrap();
        }
        Ok(Consent { verified: true, account: 0 })
    }
}

#[tokio::test]
async fn a_credential_that_was_deleted_meanwhile_does_not_count_on() {
    let Phone { store, keys, clock, authenticator, .. } = {
        let phone = Phone::with_policy(counters());
        phone.register(&make_request()).await;
        phone
    };
    drop(authenticator);
    let ports = crate::Ports {
        gate: std::sync::Arc::new(Undecided(store.clone())),
        store,
        keys,
        clock,
        rng: std::sync::Arc::new(crate::testing::SeededRng::new(2)),
    };
    let authenticator = Authenticator::new(ports, counters());
    let outcome = authenticator.get_assertion(HYBRID, &get_request(), &Cancel::new()).await;
    assert_eq!(refused(outcome), Status::NO_CREDENTIALS);
}

#[tokio::test]
async fn a_credential_without_a_counter_costs_no_write() {
    let phone = Phone::new();
    phone.register(&make_request()).await;
    for _ in 0..3 {
        let response = get(&phone, &get_request()).await.unwrap();
        assert_eq!(response.auth_data[33..37], [0; 4]);
    }
    assert_eq!(phone.store.changes(), 1, "the registration");
}

#[tokio::test]
async fn the_last_use_is_noted_when_the_answer_is_on_its_way() {
    let phone = Phone::new();
    let id = phone.register(&make_request()).await;
    phone.clock.advance(Duration::from_secs(3600));
    let last_used = || phone.store.get(RP_ID, &id).unwrap().unwrap().last_used_at;
    phone.authenticator.settle().await;
    assert_eq!(last_used(), None, "a registration is not a use");
    get(&phone, &get_request()).await.unwrap();
    phone.clock.advance(Duration::from_secs(3600));
    assert_eq!(last_used(), None);
    phone.authenticator.settle().await;
    assert_eq!(last_used(), Some(1_767_225_600 + 3600));
    phone.authenticator.settle().await;
    assert_eq!(phone.store.changes(), 2, "noted once");

    // It may be lost.
    get(&phone, &get_request()).await.unwrap();
    phone.store.fail_next(StoreOperation::NoteUse, StoreError::Busy);
    phone.authenticator.settle().await;
    assert_eq!(phone.store.changes(), 2);
}

#[tokio::test]
async fn a_hidden_credential_is_used_only_where_it_is_named_and_stays_hidden() {
    let phone = Phone::new();
    let alice = phone.register(&make_request()).await;
    let hide = || phone.store.signal(RP_ID, &Signal::Unknown(alice.clone())).unwrap();
    let hidden = || phone.store.get(RP_ID, &alice).unwrap().unwrap().hidden;
    hide();
    assert_eq!(refused(get(&phone, &get_request()).await), Status::NO_CREDENTIALS);
    let bob = phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
    assert_eq!(get(&phone, &get_request()).await.unwrap().credential_id, bob.0);

    phone.gate.push(Answer::Fail(GateError::Denied));
    assert_eq!(refused(get(&phone, &allow(&[&alice])).await), Status::OPERATION_DENIED);
    let options = GetAssertionOptions { up: Some(false), ..GetAssertionOptions::default() };
    let silent = GetAssertionRequest { options, ..allow(&[&alice]) };
    let silent = phone.authenticator.get_assertion(Profile::Provider, &silent, &Cancel::new()).await;
    assert_eq!(silent.unwrap().credential_id, alice.0);
    phone.authenticator.settle().await;
    assert!(hidden());

    assert_eq!(get(&phone, &allow(&[&alice])).await.unwrap().credential_id, alice.0);
    let changes = phone.store.changes();
    phone.authenticator.settle().await;
    assert!(hidden());
    assert_eq!(phone.store.changes(), changes + 1, "only the use is noted");
}

#[tokio::test]
async fn a_hidden_credential_keeps_a_second_one_of_the_account_away_where_it_is_excluded() {
    let phone = Phone::new();
    let alice = phone.register(&make_request()).await;
    phone.store.signal(RP_ID, &Signal::Unknown(alice.clone())).unwrap();
    let excluding = MakeCredentialRequest { exclude_list: vec![descriptor(&alice)], ..make_request() };
    let excluded = phone.authenticator.make_credential(HYBRID, &excluding, &Cancel::new()).await;
    assert_eq!(refused(excluded), Status::CREDENTIAL_EXCLUDED);
    // Registered anew without that, the account has one that is offered.
    let again = phone.register(&make_request()).await;
    assert_eq!(phone.ids(), std::slice::from_ref(&again));
    assert_eq!(get(&phone, &get_request()).await.unwrap().credential_id, again.0);
}

#[tokio::test]
async fn a_failing_store_is_reported_before_any_prompt() {
    for (operation, request) in [
        (StoreOperation::Discoverable, get_request()),
        (StoreOperation::Get, allow(&[&CredentialId(vec![9; 32])])),
    ] {
        for error in [StoreError::Busy, StoreError::Closed, StoreError::Failed] {
            let phone = Phone::new();
            phone.store.fail_next(operation, error);
            assert_eq!(refused(get(&phone, &request).await), Status::OTHER);
            assert!(phone.prompts().is_empty());
        }
    }
}

#[tokio::test]
async fn a_damaged_credential_is_told_after_a_gesture_and_hides_no_other() {
    let phone = Phone::new();
    let damaged = phone.register(&make_request()).await;
    phone.store.damage(&damaged);
    assert_eq!(refused(get(&phone, &allow(&[&damaged])).await), Status::INTEGRITY_FAILURE);
    assert_eq!(phone.prompts(), [PromptKind::Presence { rp_id: Some(RP_ID.to_owned()) }]);
    assert_eq!(refused(get(&phone, &get_request()).await), Status::NO_CREDENTIALS);
    let sound = phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
    assert_eq!(get(&phone, &allow(&[&damaged, &sound])).await.unwrap().credential_id, sound.0);
}

#[tokio::test]
async fn hardware_keys_sign_through_their_port() {
    let phone = Phone::with_policy(hardware_with_counters());
    let id = phone.register(&make_request()).await;
    let response = get(&phone, &get_request()).await.unwrap();
    verify(&public_key(&phone, &id), &response.auth_data, &response.signature);
    for (error, status) in [
        (KeyVaultError::Locked, Status::PUAT_REQUIRED),
        (KeyVaultError::Invalidated, Status::INTEGRITY_FAILURE),
        (KeyVaultError::Failed, Status::OTHER),
    ] {
        phone.keys.fail_next(VaultOperation::Sign, error);
        assert_eq!(refused(get(&phone, &get_request()).await), status);
    }
}

#[tokio::test]
async fn cancelled_at_every_wait_nothing_is_signed() {
    for at_the_prompt in [true, false] {
        for dropped in [false, true] {
            let answer = if at_the_prompt { Answer::Ignore } else { Answer::Approve };
            let gate = ScriptedGate::scripted([Answer::Approve, answer, Answer::Approve]);
            let phone = Phone::build(hardware_with_counters(), gate, SoftwareKeyVault::new(7));
            phone.register(&make_request()).await;
            phone.stall.set(VaultOperation::Sign, true);
            let cancel = Cancel::new();
            let request = get_request();
            {
                let mut ceremony = pin!(phone.authenticator.get_assertion(HYBRID, &request, &cancel));
                assert!(poll(ceremony.as_mut()).is_pending());
                assert_eq!(refused(get(&phone, &request).await), Status::CHANNEL_BUSY);
                if !dropped {
                    cancel.cancel();
                    let Poll::Ready(outcome) = poll(ceremony.as_mut()) else { panic!("still waiting") };
                    assert_eq!(refused(outcome), Status::KEEPALIVE_CANCEL);
                }
            }
            phone.stall.set(VaultOperation::Sign, false);
            phone.authenticator.settle().await;
            let advanced = u64::from(!at_the_prompt);
            assert_eq!(phone.store.changes(), 1 + advanced, "no use is noted");
            get(&phone, &request).await.unwrap();
        }
    }
}

#[tokio::test]
async fn cancelled_before_it_begins_it_does_not_sign_silently() {
    let phone = Phone::new();
    phone.register(&make_request()).await;
    let mut request = get_request();
    request.options.up = Some(false);
    let cancel = Cancel::new();
    cancel.cancel();
    let outcome = phone.authenticator.get_assertion(Profile::Provider, &request, &cancel).await;
    assert_eq!(refused(outcome), Status::KEEPALIVE_CANCEL);
}

#[tokio::test]
async fn a_yes_that_comes_together_with_the_cancellation_is_too_late() {
    let phone = Phone::new();
    phone.register(&make_request()).await;
    let cancel = Cancel::new();
    let request = get_request();
    // The prompt is answered the moment it is asked; the cancellation is there before.
    let ceremony = phone.authenticator.get_assertion(HYBRID, &request, &cancel);
    cancel.cancel();
    assert_eq!(refused(ceremony.await), Status::KEEPALIVE_CANCEL);
}

#[tokio::test]
async fn the_prompt_closes_when_its_time_is_over() {
    let phone = Phone::scripted([Answer::Approve, Answer::Ignore, Answer::Ignore]);
    phone.register(&make_request()).await;
    let cancel = Cancel::new();
    let unknown = allow(&[&CredentialId(vec![9; 32])]);
    for request in [get_request(), unknown] {
        let mut ceremony = pin!(phone.authenticator.get_assertion(HYBRID, &request, &cancel));
        assert!(poll(ceremony.as_mut()).is_pending());
        phone.clock.advance(Duration::from_secs(29));
        assert!(poll(ceremony.as_mut()).is_pending());
        phone.clock.advance(Duration::from_secs(1));
        let Poll::Ready(outcome) = poll(ceremony.as_mut()) else { panic!("still waiting") };
        assert_eq!(refused(outcome), Status::USER_ACTION_TIMEOUT);
    }
}
