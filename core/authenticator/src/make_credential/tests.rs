use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use latchkey_ctap::{CredentialDescriptor, RelyingParty};

use super::*;
use crate::fixture::{
    HASH, Phone, RP_ID, descriptor, get_request, make_request, poll, refused, user, verify,
};
use crate::policy::Policy;
use crate::ports::{CredentialStore as _, GateError, KeyVaultError, Prompt, UserVerification};
use crate::testing::{Answer, ScriptedGate, SoftwareKeyVault, StoreOperation, VaultOperation};

const HYBRID: Profile = Profile::Hybrid;

fn hardware() -> Policy {
    Policy { key_storage: KeyStorage::PreferHardware, ..Policy::default() }
}

async fn make(phone: &Phone, request: &MakeCredentialRequest) -> Result<MakeCredentialResponse, Status> {
    phone.authenticator.make_credential(HYBRID, request, &Cancel::new()).await
}

/// Decodes authenticator data that must have attested credential data.
fn decode(auth_data: &[u8]) -> (AuthenticatorData, AttestedCredentialData) {
    let mut decoded = AuthenticatorData::decode(auth_data).unwrap();
    let attested = decoded.attested_credential.take().unwrap();
    (decoded, attested)
}

#[tokio::test]
async fn a_passkey_is_stored_as_it_is_attested() {
    for algorithm in SoftwareKey::ALGORITHMS {
        let phone = Phone::new();
        let request = MakeCredentialRequest { algorithms: vec![algorithm], ..make_request() };
        let response = make(&phone, &request).await.unwrap();

        let (auth_data, attested) = decode(&response.auth_data);
        assert_eq!(auth_data.rp_id_hash, <[u8; 32]>::from(Sha256::digest(RP_ID)));
        assert_eq!(response.auth_data[32], 0x45, "UP, UV, AT");
        assert_eq!(auth_data.sign_count, 0);
        assert_eq!(auth_data.cred_protect, None);
        assert_eq!(attested.aaguid, Policy::default().aaguid);
        assert_eq!(attested.credential_id.len(), 32);
        assert_eq!(attested.public_key.algorithm(), algorithm);
        let AttestationStatement::PackedSelf { algorithm: attested_algorithm, signature } =
            response.attestation
        else {
            panic!("the default format is packed")
        };
        assert_eq!(attested_algorithm, algorithm);
        verify(&attested.public_key, &response.auth_data, &signature);

        let [stored] = &phone.store.discoverable(RP_ID).unwrap()[..] else { panic!("one credential") };
        assert_eq!(stored.id.0, attested.credential_id);
        assert_eq!(stored.rp_name.as_deref(), Some("Example"));
        assert_eq!(stored.user, request.user);
        assert_eq!(stored.sign_count, None);
        assert_eq!(stored.cred_protect, CredProtect::UvOptional);
        assert_eq!((stored.created_at, stored.last_used_at), (1_767_225_600, None));
        let CredentialKey::Software(key) = &stored.key else { panic!("a software key") };
        assert_eq!(key.public_key(), attested.public_key);
    }
}

#[tokio::test]
async fn one_prompt_names_the_relying_party_and_the_account() {
    let phone = Phone::new();
    make(&phone, &make_request()).await.unwrap();
    let request = make_request();
    assert_eq!(
        phone.gate.take_prompts(),
        [Prompt {
            kind: PromptKind::Register { rp: request.rp, user: request.user },
            verify: true,
            timeout: Duration::from_secs(30),
        }]
    );
}

#[tokio::test]
async fn flags_say_what_happened_and_what_the_policy_says() {
    use UserVerification::{Configured, NotConfigured};
    let plain = (None, Answer::Approve);
    let unasked = (None, Answer::Consent { verified: true, account: 0 });
    let protected = (Some(CredProtect::UvRequired), Answer::Approve);
    for (verification, backup, (cred_protect, answer), flags) in [
        (Configured, Backup::DeviceBound, plain, 0x45),
        (Configured, Backup::Synced, plain, 0x5D),
        (Configured, Backup::DeviceBound, protected, 0xC5),
        (Configured, Backup::Synced, protected, 0xDD),
        (NotConfigured, Backup::DeviceBound, plain, 0x41),
        (NotConfigured, Backup::Synced, plain, 0x59),
        (NotConfigured, Backup::DeviceBound, protected, 0xC1),
        (NotConfigured, Backup::DeviceBound, unasked, 0x45),
    ] {
        let policy = Policy { backup, ..Policy::default() };
        let phone = Phone::build(policy, ScriptedGate::scripted([answer]), SoftwareKeyVault::new(7));
        phone.gate.set_user_verification(verification);
        let request = MakeCredentialRequest { cred_protect, ..make_request() };
        let response = make(&phone, &request).await.unwrap();
        let case = format!("{verification:?} {backup:?} {cred_protect:?} {answer:?}");
        assert_eq!(response.auth_data[32], flags, "{case}");
        assert_eq!(decode(&response.auth_data).0.cred_protect, cred_protect, "{case}");
        let stored = &phone.store.discoverable(RP_ID).unwrap()[0];
        assert_eq!(stored.cred_protect, cred_protect.unwrap_or_default(), "{case}");
        assert_eq!(stored.backup_eligible, backup == Backup::Synced, "{case}");
        assert_eq!(stored.backed_up, backup == Backup::Synced, "{case}");
    }
}

#[tokio::test]
async fn only_rk_true_makes_a_discoverable_credential() {
    for (rk, discoverable) in [(Some(true), true), (Some(false), false), (None, false)] {
        let phone = Phone::new();
        let mut request = make_request();
        request.options.rk = rk;
        make(&phone, &request).await.unwrap();
        assert_eq!(phone.store.discoverable(RP_ID).unwrap().len(), usize::from(discoverable), "{rk:?}");
        assert_eq!(phone.store.list().unwrap()[0].discoverable, discoverable, "{rk:?}");
    }
}

#[tokio::test]
async fn the_attestation_format_is_the_clients_wish_within_the_policy() {
    let packed_first = vec![AttestationFormat::PackedSelf, AttestationFormat::None];
    let none_only = vec![AttestationFormat::None];
    for (offered, wished, format) in [
        (&packed_first, &[][..], "packed"),
        (&packed_first, &["none"], "none"),
        (&packed_first, &["none", "packed"], "none"),
        (&packed_first, &["tpm", "none", "packed"], "none"),
        (&packed_first, &["tpm"], "packed"),
        (&none_only, &[], "none"),
        (&none_only, &["packed"], "none"),
        (&Vec::new(), &["packed"], "none"),
    ] {
        let policy = Policy { attestation_formats: offered.clone(), ..Policy::default() };
        let wish = wished.iter().map(|&format: &&str| format.to_owned()).collect();
        let request = MakeCredentialRequest { attestation_formats: wish, ..make_request() };
        let response = make(&Phone::with_policy(policy), &request).await.unwrap();
        assert_eq!(response.attestation.format(), format, "{offered:?} {wished:?}");
    }
}

#[tokio::test]
async fn the_first_supported_algorithm_is_taken() {
    let [es256, eddsa, rs256] = [Algorithm::ES256, Algorithm::EDDSA, Algorithm(-257)];
    for (offered, taken) in [
        (vec![es256, eddsa], es256),
        (vec![eddsa, es256], eddsa),
        (vec![rs256, Algorithm(i64::MIN), eddsa, eddsa], eddsa),
    ] {
        let request = MakeCredentialRequest { algorithms: offered, ..make_request() };
        let response = make(&Phone::new(), &request).await.unwrap();
        assert_eq!(decode(&response.auth_data).1.public_key.algorithm(), taken);
    }
}

/// A way to break a request. In the order in which the steps find it.
type Defect = (&'static str, fn(&mut MakeCredentialRequest), Status);

fn too_many() -> Vec<CredentialDescriptor> {
    vec![CredentialDescriptor { id: vec![1; 32] }; Policy::default().max_credentials_in_list + 1]
}

const DEFECTS: [Defect; 9] = [
    ("step 0: user handle", |r| r.user.id = vec![0; 65], Status::INVALID_PARAMETER),
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
    ("step 3: algorithms", |r| r.algorithms = vec![Algorithm(-257)], Status::UNSUPPORTED_ALGORITHM),
    ("step 5: uv without verification", |r| r.options.uv = Some(true), Status::INVALID_OPTION),
    ("step 5: up", |r| r.options.up = Some(false), Status::INVALID_OPTION),
    ("step 5: exclude list", |r| r.exclude_list = too_many(), Status::LIMIT_EXCEEDED),
    ("step 9: enterprise", |r| r.enterprise_attestation = Some(1), Status::INVALID_PARAMETER),
    ("step 14: refused", |_| {}, Status::OPERATION_DENIED),
];

#[tokio::test]
async fn every_defect_has_its_status_and_the_earlier_step_wins() {
    for (first, &(name, break_it, status)) in DEFECTS.iter().enumerate() {
        for (later, break_more, _) in &DEFECTS[first..] {
            // Refuses every prompt but a bare touch, which is the first.
            let answers = (status == Status::PIN_NOT_SET).then_some(Answer::Approve);
            let phone = Phone::scripted(answers).without_verification();
            let mut request = make_request();
            break_it(&mut request);
            break_more(&mut request);
            assert_eq!(refused(make(&phone, &request).await), status, "{name}, then {later}");
            assert_eq!(phone.store.changes(), 0, "{name}, then {later}");
            let shown = matches!(status, Status::PIN_NOT_SET | Status::OPERATION_DENIED);
            assert_eq!(phone.prompts().len(), usize::from(shown), "{name}: prompts");
        }
    }
}

#[tokio::test]
async fn single_values_out_of_place() {
    for (name, break_it, status) in [
        (
            "no user handle",
            (|r| r.user.id = Vec::new()) as fn(&mut MakeCredentialRequest),
            Status::INVALID_PARAMETER,
        ),
        (
            "pinUvAuthParam with a protocol that is not supported",
            |r| (r.pin_uv_auth_param, r.pin_uv_auth_protocol) = (Some(vec![1; 16]), Some(2)),
            Status::INVALID_PARAMETER,
        ),
        ("no algorithm", |r| r.algorithms = Vec::new(), Status::UNSUPPORTED_ALGORITHM),
        ("up: true", |r| r.options.up = Some(true), Status::OK),
        ("uv: true where it can be done", |r| r.options.uv = Some(true), Status::OK),
        ("uv: false", |r| r.options.uv = Some(false), Status::OK),
        ("a protocol without pinUvAuthParam", |r| r.pin_uv_auth_protocol = Some(9), Status::OK),
        ("a list of the longest length", |r| r.exclude_list = too_many().split_off(1), Status::OK),
    ] {
        let phone = Phone::new();
        let mut request = make_request();
        break_it(&mut request);
        assert_eq!(refused(make(&phone, &request).await), status, "{name}");
        assert_eq!(phone.store.changes(), u64::from(status == Status::OK), "{name}");
    }
}

#[tokio::test]
async fn every_end_of_the_prompt_has_its_status() {
    let unverified = Answer::Consent { verified: false, account: 0 };
    for (answer, status) in [
        (Answer::Fail(GateError::Denied), Status::OPERATION_DENIED),
        (Answer::Fail(GateError::VerificationFailed), Status::OPERATION_DENIED),
        (Answer::Fail(GateError::TimedOut), Status::USER_ACTION_TIMEOUT),
        (Answer::Fail(GateError::LockedOut), Status::UV_BLOCKED),
        (Answer::Fail(GateError::Unavailable), Status::PUAT_REQUIRED),
        (unverified, Status::PUAT_REQUIRED),
    ] {
        let phone = Phone::scripted([answer]);
        assert_eq!(refused(make(&phone, &make_request()).await), status, "{answer:?}");
        assert_eq!(phone.store.changes(), 0, "{answer:?}");
    }
}

#[tokio::test]
async fn a_bare_touch_is_never_stored() {
    let dummy = RelyingParty { id: ".dummy".to_owned(), name: None };
    let old = MakeCredentialRequest { pin_uv_auth_param: Some(Vec::new()), ..make_request() };
    let chromium = MakeCredentialRequest { rp: dummy, ..make_request() };
    for request in [old, chromium] {
        for (answer, status) in [
            (Answer::Approve, Status::PIN_NOT_SET),
            (Answer::Fail(GateError::Denied), Status::OPERATION_DENIED),
            (Answer::Fail(GateError::TimedOut), Status::USER_ACTION_TIMEOUT),
        ] {
            let phone = Phone::scripted([answer]);
            assert_eq!(refused(make(&phone, &request).await), status);
            let prompts = phone.gate.take_prompts();
            assert_eq!(prompts.len(), 1);
            assert_eq!(prompts[0].kind, PromptKind::Presence { rp_id: None });
            assert!(!prompts[0].verify);
            assert_eq!(phone.store.changes(), 0);
        }
    }
}

#[tokio::test]
async fn an_excluded_registration_is_only_told_after_a_gesture() {
    use UserVerification::{Configured, NotConfigured};
    let fail = Answer::Fail;
    for (verification, answer, status) in [
        (Configured, Answer::Approve, Status::CREDENTIAL_EXCLUDED),
        (Configured, fail(GateError::Denied), Status::OPERATION_DENIED),
        (Configured, fail(GateError::LockedOut), Status::UV_BLOCKED),
        (Configured, fail(GateError::TimedOut), Status::USER_ACTION_TIMEOUT),
        (NotConfigured, Answer::Approve, Status::CREDENTIAL_EXCLUDED),
        (NotConfigured, fail(GateError::Denied), Status::CREDENTIAL_EXCLUDED),
        (NotConfigured, fail(GateError::TimedOut), Status::USER_ACTION_TIMEOUT),
    ] {
        let phone = Phone::scripted([Answer::Approve, answer]);
        let id = phone.register(&make_request()).await;
        phone.gate.set_user_verification(verification);
        let unknown = CredentialDescriptor { id: vec![9; 32] };
        let exclude_list = vec![unknown, descriptor(&id)];
        let request = MakeCredentialRequest { exclude_list, user: user("bob"), ..make_request() };
        assert_eq!(refused(make(&phone, &request).await), status, "{verification:?} {answer:?}");
        let prompts = phone.gate.take_prompts();
        assert_eq!(prompts.len(), 1);
        assert_eq!(prompts[0].kind, PromptKind::Presence { rp_id: Some(RP_ID.to_owned()) });
        assert_eq!(prompts[0].verify, verification == Configured);
        assert_eq!(phone.store.changes(), 1);
    }
}

#[tokio::test]
async fn what_does_not_exclude() {
    // A credential of another relying party, and an ID that is only a prefix.
    let phone = Phone::new();
    let elsewhere = RelyingParty { id: "example.org".to_owned(), name: None };
    let id = phone.register(&MakeCredentialRequest { rp: elsewhere, ..make_request() }).await;
    let exclude_list = vec![descriptor(&id), CredentialDescriptor { id: id.0[..31].to_vec() }];
    make(&phone, &MakeCredentialRequest { exclude_list, ..make_request() }).await.unwrap();

    // Protection level 3 hides a credential from a request without verification, level 2 does not.
    for (cred_protect, status) in [
        (CredProtect::UvOptionalWithCredentialIdList, Status::CREDENTIAL_EXCLUDED),
        (CredProtect::UvRequired, Status::OK),
    ] {
        let phone = Phone::new();
        let protected = MakeCredentialRequest { cred_protect: Some(cred_protect), ..make_request() };
        let exclude_list = vec![descriptor(&phone.register(&protected).await)];
        let request = MakeCredentialRequest { exclude_list, ..make_request() };
        assert_eq!(refused(make(&phone, &request).await), Status::CREDENTIAL_EXCLUDED);
        let phone = phone.without_verification();
        assert_eq!(refused(make(&phone, &request).await), status, "{cred_protect:?}");
    }

    // A damaged credential: its owner can make a new one.
    let phone = Phone::new();
    let id = phone.register(&make_request()).await;
    phone.store.damage(&id);
    make(&phone, &MakeCredentialRequest { exclude_list: vec![descriptor(&id)], ..make_request() })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_new_passkey_of_the_same_account_replaces_the_old_one_and_its_hardware_key() {
    let phone = Phone::with_policy(hardware());
    let old = phone.register(&make_request()).await;
    let other = phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
    let new = phone.register(&make_request()).await;
    assert_eq!(phone.ids(), [new, other]);
    assert!(phone.store.get(RP_ID, &old).unwrap().is_none());
    assert_eq!(phone.keys.key_count(), 2);
}

#[tokio::test]
async fn limits_are_kept() {
    let phone = Phone::with_policy(hardware());
    let mut request = make_request();
    request.options.rk = Some(false);
    for _ in 0..4 {
        phone.register(&request).await;
    }
    phone.register(&make_request()).await;
    for rk in [Some(true), None] {
        request.options.rk = rk;
        let outcome = refused(make(&phone, &request).await);
        // The discoverable one replaces its predecessor, a sixth does not fit.
        assert_eq!(outcome, if rk == Some(true) { Status::OK } else { Status::KEY_STORE_FULL });
    }
    assert_eq!(phone.ids().len(), 5);
    assert_eq!(phone.keys.key_count(), 5, "the key of the sixth is gone");
    make(&phone, &MakeCredentialRequest { user: user("bob"), ..make_request() }).await.unwrap();
}

#[tokio::test]
async fn one_entra_passkey_for_each_device() {
    let phone = Phone::new();
    let rp = RelyingParty { id: "login.microsoft.com".to_owned(), name: None };
    let alice = MakeCredentialRequest { rp, ..make_request() };
    let bob = MakeCredentialRequest { user: user("bob"), ..alice.clone() };
    phone.register(&alice).await;
    assert_eq!(refused(make(&phone, &bob).await), Status::KEY_STORE_FULL);
    assert_eq!(phone.prompts().len(), 1, "told only after consent");
    // The same account again is a replacement, and other relying parties do not count.
    phone.register(&alice).await;
    phone.register(&make_request()).await;
    assert_eq!(phone.ids().len(), 2);
}

#[tokio::test]
async fn counters_begin_above_zero_or_stay_away() {
    for (counter, backup, first) in [
        (Counter::Zero, Backup::DeviceBound, None),
        (Counter::PerCredential, Backup::DeviceBound, Some(1)),
        (Counter::PerCredential, Backup::Synced, None),
    ] {
        let phone = Phone::with_policy(Policy { counter, backup, ..Policy::default() });
        let response = make(&phone, &make_request()).await.unwrap();
        assert_eq!(decode(&response.auth_data).0.sign_count, first.unwrap_or(0));
        assert_eq!(phone.store.discoverable(RP_ID).unwrap()[0].sign_count, first);
    }
}

#[tokio::test]
async fn hardware_keys_are_used_where_they_can_be() {
    let eddsa = MakeCredentialRequest { algorithms: vec![Algorithm::EDDSA], ..make_request() };
    for (policy, vault, request, in_hardware) in [
        (hardware(), SoftwareKeyVault::new(7), make_request(), true),
        (hardware(), SoftwareKeyVault::new(7), eddsa, false),
        (hardware(), SoftwareKeyVault::without_hardware(7), make_request(), false),
        (Policy::default(), SoftwareKeyVault::new(7), make_request(), false),
    ] {
        let phone = Phone::build(policy, ScriptedGate::approving(), vault);
        let response = make(&phone, &request).await.unwrap();
        assert_eq!(phone.store.list().unwrap()[0].hardware_key, in_hardware);
        assert_eq!(phone.keys.key_count(), usize::from(in_hardware));
        let AttestationStatement::PackedSelf { signature, .. } = response.attestation else { panic!() };
        verify(&decode(&response.auth_data).1.public_key, &response.auth_data, &signature);
    }
}

#[tokio::test]
async fn a_failure_anywhere_changes_nothing() {
    type Break = fn(&Phone);
    let cases: [(&str, Break, Status); 9] = [
        ("get", |p| p.store.fail_next(StoreOperation::Get, StoreError::Busy), Status::OTHER),
        ("create", |p| p.keys.fail_next(VaultOperation::CreateKey, KeyVaultError::Failed), Status::OTHER),
        (
            "locked",
            |p| p.keys.fail_next(VaultOperation::CreateKey, KeyVaultError::Locked),
            Status::PUAT_REQUIRED,
        ),
        ("sign", |p| p.keys.fail_next(VaultOperation::Sign, KeyVaultError::Failed), Status::OTHER),
        (
            "gone",
            |p| p.keys.fail_next(VaultOperation::Sign, KeyVaultError::Invalidated),
            Status::INTEGRITY_FAILURE,
        ),
        ("disk", |p| p.store.fail_next(StoreOperation::Insert, StoreError::DiskFull), Status::OTHER),
        ("twice", |p| p.store.fail_next(StoreOperation::Insert, StoreError::DuplicateId), Status::OTHER),
        ("full", |p| p.store.fail_next(StoreOperation::Insert, StoreError::Full), Status::KEY_STORE_FULL),
        ("closed", |p| p.store.fail_next(StoreOperation::Insert, StoreError::Closed), Status::OTHER),
    ];
    for (name, break_it, status) in cases {
        let phone = Phone::with_policy(hardware());
        let before = phone.register(&make_request()).await;
        break_it(&phone);
        // One to exclude makes the store look; the same account would be replaced.
        let exclude_list = vec![CredentialDescriptor { id: vec![9; 32] }];
        let request = MakeCredentialRequest { exclude_list, ..make_request() };
        assert_eq!(refused(make(&phone, &request).await), status, "{name}");
        assert_eq!(phone.ids(), [before], "{name}");
        assert_eq!((phone.store.changes(), phone.keys.key_count()), (1, 1), "{name}");
        // It was a passing failure: the next one succeeds.
        make(&phone, &request).await.unwrap();
        assert_eq!((phone.ids().len(), phone.keys.key_count()), (1, 1), "{name}");
    }
}

#[tokio::test]
async fn a_hardware_key_that_cannot_be_deleted_now_is_deleted_later() {
    let phone = Phone::with_policy(hardware());
    phone.register(&make_request()).await;
    phone.keys.fail_next(VaultOperation::DeleteKey, KeyVaultError::Locked);
    // The answer does not depend on it: the new credential is on disk.
    phone.register(&make_request()).await;
    assert_eq!(phone.keys.key_count(), 2);
    phone.authenticator.settle().await;
    assert_eq!(phone.keys.key_count(), 1);
    // The one that is left is the one in use.
    phone.authenticator.get_assertion(HYBRID, &get_request(), &Cancel::new()).await.unwrap();
}

#[tokio::test]
async fn a_hardware_key_of_an_authenticator_beside_is_deleted_later_too() {
    let phone = Phone::with_policy(hardware());
    let id = phone.register(&make_request()).await;
    let beside = phone.authenticator.beside(phone.gate.clone(), Policy { replaces: false, ..hardware() });
    phone.keys.fail_next(VaultOperation::DeleteKey, KeyVaultError::Locked);
    let refused_one = beside.make_credential(HYBRID, &make_request(), &Cancel::new()).await;
    assert_eq!(refused(refused_one), Status::CREDENTIAL_EXCLUDED);
    drop(beside);
    assert_eq!((phone.ids(), phone.keys.key_count()), (vec![id], 2));
    phone.authenticator.settle().await;
    assert_eq!(phone.keys.key_count(), 1);
}

#[tokio::test]
async fn cancelled_at_every_wait_it_leaves_nothing() {
    enum Wait {
        Prompt,
        Hardware(VaultOperation),
    }
    for (name, wait) in [
        ("prompt", Wait::Prompt),
        ("create", Wait::Hardware(VaultOperation::CreateKey)),
        ("sign", Wait::Hardware(VaultOperation::Sign)),
    ] {
        for dropped in [false, true] {
            let answer = if matches!(wait, Wait::Prompt) { Answer::Ignore } else { Answer::Approve };
            let gate = ScriptedGate::scripted([answer, Answer::Approve]);
            let phone = Phone::build(hardware(), gate, SoftwareKeyVault::new(7));
            if let Wait::Hardware(operation) = wait {
                phone.stall.set(operation, true);
            }
            let cancel = Cancel::new();
            let request = make_request();
            {
                let mut ceremony = pin!(phone.authenticator.make_credential(HYBRID, &request, &cancel));
                assert!(poll(ceremony.as_mut()).is_pending(), "{name}");
                assert_eq!(refused(make(&phone, &request).await), Status::CHANNEL_BUSY, "{name}");
                if !dropped {
                    cancel.cancel();
                    let outcome = poll(ceremony.as_mut());
                    let Poll::Ready(outcome) = outcome else { panic!("{name}: still waiting") };
                    assert_eq!(refused(outcome), Status::KEEPALIVE_CANCEL, "{name}");
                    assert_eq!(phone.keys.key_count(), 0, "{name}");
                }
            }
            phone.stall.set(VaultOperation::CreateKey, false);
            phone.stall.set(VaultOperation::Sign, false);
            phone.authenticator.settle().await;
            assert_eq!((phone.store.changes(), phone.keys.key_count()), (0, 0), "{name} {dropped}");
            make(&phone, &request).await.unwrap();
            assert_eq!((phone.store.changes(), phone.keys.key_count()), (1, 1), "{name} {dropped}");
        }
    }
}

#[test]
fn a_cancellation_counts_also_when_the_key_has_come_without_attestation_too() {
    let policy = Policy { attestation_formats: vec![AttestationFormat::None], ..hardware() };
    let phone = Phone::with_policy(policy);
    phone.stall.set(VaultOperation::CreateKey, true);
    let cancel = Cancel::new();
    let request = make_request();
    let mut ceremony = pin!(phone.authenticator.make_credential(HYBRID, &request, &cancel));
    assert!(poll(ceremony.as_mut()).is_pending());
    cancel.cancel();
    phone.stall.set(VaultOperation::CreateKey, false);
    assert_eq!(poll(ceremony), Poll::Ready(Err(Status::KEEPALIVE_CANCEL)));
    assert_eq!((phone.store.changes(), phone.keys.key_count()), (0, 0));
}

#[tokio::test]
async fn cancelled_before_it_begins_it_shows_no_prompt() {
    let phone = Phone::new();
    let cancel = Cancel::new();
    cancel.cancel();
    let outcome = phone.authenticator.make_credential(HYBRID, &make_request(), &cancel).await;
    assert_eq!(refused(outcome), Status::KEEPALIVE_CANCEL);
    assert!(phone.prompts().is_empty());
    make(&phone, &make_request()).await.unwrap();
}

#[tokio::test]
async fn a_cancellation_after_the_commit_comes_too_late() {
    let phone = Phone::with_policy(hardware());
    phone.register(&make_request()).await;
    phone.stall.set(VaultOperation::DeleteKey, true);
    let cancel = Cancel::new();
    let request = make_request();
    let mut ceremony = pin!(phone.authenticator.make_credential(HYBRID, &request, &cancel));
    assert!(poll(ceremony.as_mut()).is_pending(), "deleting the key that was replaced");
    cancel.cancel();
    phone.stall.set(VaultOperation::DeleteKey, false);
    assert!(matches!(poll(ceremony.as_mut()), Poll::Ready(Ok(_))), "the credential is on disk");
    assert_eq!(phone.keys.key_count(), 1);
}

#[tokio::test]
async fn the_prompt_closes_when_its_time_is_over() {
    let phone = Phone::scripted([Answer::Ignore, Answer::Approve]);
    let cancel = Cancel::new();
    let request = make_request();
    let mut ceremony = Box::pin(phone.authenticator.make_credential(HYBRID, &request, &cancel));
    assert!(poll(ceremony.as_mut()).is_pending());
    phone.clock.advance(Duration::from_millis(29_999));
    assert!(poll(ceremony.as_mut()).is_pending());
    phone.clock.advance(Duration::from_millis(1));
    let Poll::Ready(outcome) = poll(ceremony.as_mut()) else { panic!("still waiting") };
    assert_eq!(refused(outcome), Status::USER_ACTION_TIMEOUT);
    drop(ceremony);
    assert_eq!(phone.store.changes(), 0);
    make(&phone, &request).await.unwrap();
}

#[tokio::test]
async fn the_provider_gets_the_same() {
    let phone = Phone::new();
    let request = MakeCredentialRequest { client_data_hash: HASH, ..make_request() };
    let response =
        phone.authenticator.make_credential(Profile::Provider, &request, &Cancel::new()).await.unwrap();
    assert_eq!(response.auth_data[32], 0x45);
}
