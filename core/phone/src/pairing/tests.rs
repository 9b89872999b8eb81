use latchkey_authenticator::ports::{KeyVaultError, Prompt, UserVerification};
use latchkey_authenticator::testing::{Answer, VaultOperation};
use latchkey_offline::LedgerStore;
use latchkey_unlock::pairing_secret;
use serde_json::json;

use super::fixture::{ACCOUNT, Center, Fault, MACHINE_KEY, NONCE};
use super::*;
use crate::ErrorId;
use crate::control_center::test_server::Reply;

const OPTIONS: &str = "attestation/options";
const REGISTRATION: &str = "device/registration";
const STATE: &str = "registration/state";
const CANCEL: &str = "registration/cancel";

impl Center {
    async fn pair(&self) -> Result<Paired, PhoneError> {
        self.pair_with(&self.code()).await
    }

    async fn pair_with(&self, code: &ControlCenterCode) -> Result<Paired, PhoneError> {
        self.phone.phone.pair(code, &Cancel::new()).await
    }

    /// The pairing fails like this, and leaves nothing on the phone and nothing at the server.
    async fn assert_refused(&self, code: &ControlCenterCode, id: ErrorId) {
        assert_eq!(self.pair_with(code).await.unwrap_err().id(), id);
        self.assert_phone_is_empty();
        assert!(self.state().registered.is_empty());
    }
}

fn changed(code: ControlCenterCode, change: impl FnOnce(&mut ControlCenterCode)) -> ControlCenterCode {
    let mut code = code;
    change(&mut code);
    code
}

#[tokio::test]
async fn a_code_becomes_a_computer_and_a_passkey() {
    let center = Center::new().await;
    let paired = center.pair().await.unwrap();
    center.assert_paired();
    assert_eq!(paired.account, ACCOUNT);
    assert_eq!(paired.tenant, center.server.base());
    assert_eq!(paired.machine_id.as_deref(), Some("machine-1"));
    let lines = center.server.take_lines();
    assert_eq!(
        lines,
        [
            "POST /rp/api/versioned/fido2/attestation/options",
            "POST /rp/versioned/device/registration",
            "GET /rp/versioned/device/profile"
        ]
    );

    let vault = &center.phone.phone.vault;
    let computer = vault.computer("machine-1").unwrap().unwrap();
    assert_eq!(computer.public_key, MACHINE_KEY);
    assert_eq!(*computer.pairing_secret, *pairing_secret(&NONCE, "request-1"));
    assert_eq!((computer.name.as_str(), computer.os_user.as_str()), ("ADAS-LAPTOP", "ada"));
    assert_eq!((computer.device_id.as_str(), computer.rp_id.as_str()), ("device-1", "localhost"));
    let registration = vault.registration("device-1").unwrap().unwrap();
    assert_eq!((registration.username.as_str(), registration.token.as_str()), (ACCOUNT, "token-1"));
}

#[tokio::test]
async fn the_person_is_asked_once_and_knows_for_what() {
    let center = Center::new().await;
    center.pair().await.unwrap();
    let kind = PromptKind::Pair {
        host: "localhost".to_owned(),
        computer: Some("ADAS-LAPTOP".to_owned()),
        account: ACCOUNT.to_owned(),
    };
    let timeout = center.phone.phone.config.policy.prompt_timeout;
    assert_eq!(center.phone.gate.take_prompts(), [Prompt { kind, verify: true, timeout }]);
}

#[tokio::test]
async fn a_code_of_a_web_page_pairs_without_a_computer() {
    let center = Center::new().await;
    center.state().registration = Some(|answer| {
        answer.as_object_mut().unwrap().remove("computer");
    });
    let code = changed(center.code(), |code| {
        (code.machine_id, code.machine_name, code.public_key) = (None, None, None);
    });
    let paired = center.pair_with(&code).await.unwrap();
    assert_eq!(paired.machine_id, None);
    assert!(center.phone.phone.vault.computers().unwrap().is_empty());
    assert_eq!(center.phone.phone.vault.registrations().unwrap().len(), 1);
}

#[tokio::test]
async fn codes_that_are_refused_unasked() {
    let center = Center::new().await;
    let code = || center.code();
    for (code, id) in [
        (changed(code(), |code| code.operation = Operation::Authenticate), ErrorId::QrInvalid),
        (changed(code(), |code| code.rp_url = "https://10.0.0.1".to_owned()), ErrorId::QrInvalid),
        (changed(code(), |code| code.rp_url.push_str("/x")), ErrorId::QrInvalid),
        (changed(code(), |code| code.public_key = None), ErrorId::QrInvalid),
        (changed(code(), |code| code.expires_at = 1_767_225_600), ErrorId::PairingExpired),
        (
            changed(code(), |code| code.user = Some("ADAS-LAPTOP\\ada".to_owned())),
            ErrorId::PairingWrongAccount,
        ),
        (changed(code(), |code| code.user = Some("ada".to_owned())), ErrorId::PairingWrongAccount),
        (changed(code(), |code| code.user = Some("ada@LAPTOP".to_owned())), ErrorId::PairingWrongAccount),
    ] {
        center.assert_refused(&code, id).await;
    }
    center.phone.gate.set_user_verification(UserVerification::NotConfigured);
    center.assert_refused(&code(), ErrorId::ProviderBiometricsMissing).await;
    center.phone.gate.set_user_verification(UserVerification::Configured);
    center.phone.surroundings.set_online(false);
    center.assert_refused(&code(), ErrorId::HybridNoInternet).await;
    assert!(center.server.take_lines().is_empty());
    assert!(center.phone.gate.take_prompts().is_empty());
}

#[tokio::test]
async fn the_server_refuses_to_begin() {
    for (reply, id) in [
        (Reply::refusal(404, "not_found"), ErrorId::PairingExpired),
        (Reply::refusal(404, "no_such_call"), ErrorId::RegUnavailable),
        (Reply::refusal(409, "wrong_state"), ErrorId::PairingExpired),
        (Reply::refusal(410, "expired"), ErrorId::PairingExpired),
        (Reply::refusal(409, "limit_reached"), ErrorId::RegLimitReached),
        (Reply::refusal(403, "wrong_account"), ErrorId::PairingWrongAccount),
        (Reply::refusal(503, "unavailable"), ErrorId::RegUnavailable),
        (Reply::Json(500, json!("oops")), ErrorId::RegUnavailable),
        (Reply::Json(302, json!({})), ErrorId::RegUnavailable),
        (Reply::Json(200, json!({"rp": 1})), ErrorId::RegUnavailable),
        (Reply::Json(200, json!("x".repeat(20_000))), ErrorId::RegUnavailable),
        (
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"rp\":".to_vec()),
            ErrorId::RegUnavailable,
        ),
        (Reply::Drop, ErrorId::RegUnavailable),
    ] {
        let center = Center::new().await;
        center.fault(OPTIONS, Fault::Instead(reply));
        center.assert_refused(&center.code(), id).await;
        assert!(center.phone.gate.take_prompts().is_empty(), "{id:?}");
        // A code that is over was maybe answered by another phone.
        let taken_back = center.server.take_lines().last().unwrap().ends_with(CANCEL);
        assert_eq!(taken_back, id != ErrorId::PairingExpired);
    }
}

#[tokio::test]
async fn a_wrong_nonce_gets_no_options() {
    let center = Center::new().await;
    center
        .assert_refused(&changed(center.code(), |code| code.nonce = [8; 32]), ErrorId::PairingExpired)
        .await;
}

#[tokio::test]
async fn passkeys_are_made_for_the_servers_own_domain_alone() {
    for rp_id in ["example.com", "ocalhost", "host", "", "localhost.example.com"] {
        let center = Center::new().await;
        center.state().rp_id = Some(rp_id.to_owned());
        let error = center.pair().await.unwrap_err();
        assert!(matches!(error, PhoneError::ForeignRelyingParty), "{rp_id:?}");
        center.assert_phone_is_empty();
        assert!(center.phone.gate.take_prompts().is_empty());
    }
    // One that the app's configuration names.
    let center = Center::new().await;
    center.state().rp_id = Some("login.microsoft.com".to_owned());
    center.pair().await.unwrap();
    center.assert_paired();
}

#[test]
fn whom_a_server_may_speak_for() {
    let allowed = ["login.microsoft.com".to_owned()];
    let may = |rp_id, host| may_ask_for(rp_id, host, &allowed);
    assert!(may("cc.acme.com", "cc.acme.com"));
    assert!(may("acme.com", "cc.acme.com"));
    assert!(may("login.microsoft.com", "cc.acme.com"));
    for (rp_id, host) in [
        ("com", "cc.acme.com"),
        ("me.com", "cc.acme.com"),
        (".acme.com", "cc.acme.com"),
        ("evil.cc.acme.com", "cc.acme.com"),
        ("microsoft.com", "cc.acme.com"),
        ("LOGIN.microsoft.com", "cc.acme.com"),
        ("", "cc.acme.com"),
    ] {
        assert!(!may(rp_id, host), "{rp_id:?}");
    }
}

#[tokio::test]
async fn the_account_is_the_one_of_the_code() {
    for account in ["eve@example.com", "ada", "ADAS-LAPTOP\\ada"] {
        let center = Center::new().await;
        center.state().account = Some(account.to_owned());
        center.assert_refused(&center.code(), ErrorId::PairingWrongAccount).await;
        assert!(center.phone.gate.take_prompts().is_empty());
    }
    let center = Center::new().await;
    center.state().account = Some("Ada@Example.com".to_owned());
    center.pair().await.unwrap();
}

#[tokio::test]
async fn the_person_does_not_say_yes() {
    for (answer, id) in [
        (Answer::Fail(GateError::Denied), ErrorId::RegCanceled),
        (Answer::Fail(GateError::TimedOut), ErrorId::RegTimeout),
        (Answer::Fail(GateError::VerificationFailed), ErrorId::AuthUvFailed),
        (Answer::Fail(GateError::LockedOut), ErrorId::AuthUvFailed),
        (Answer::Fail(GateError::Unavailable), ErrorId::ProviderLocked),
        (Answer::Consent { verified: false, account: 0 }, ErrorId::AuthUvFailed),
    ] {
        let center = Center::new().await;
        center.phone.gate.push(answer);
        center.assert_refused(&center.code(), id).await;
        assert!(center.server.take_lines().last().unwrap().ends_with(CANCEL), "the computer need not wait");
    }
}

#[tokio::test]
async fn cancelling_before_and_during_the_prompt() {
    let center = Center::new().await;
    let cancel = Cancel::new();
    cancel.cancel();
    let error = center.phone.phone.pair(&center.code(), &cancel).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::RegCanceled);
    center.assert_phone_is_empty();

    let center = Center::new().await;
    center.phone.gate.push(Answer::Ignore);
    let (cancel, code) = (Cancel::new(), center.code());
    let (outcome, ()) = tokio::join!(center.phone.phone.pair(&code, &cancel), async {
        while center.phone.gate.take_prompts().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert_eq!(outcome.unwrap_err().id(), ErrorId::RegCanceled);
    center.assert_phone_is_empty();
}

#[tokio::test]
async fn a_passkey_that_the_server_knows_is_not_made_twice() {
    let center = Center::new().await;
    let paired = center.pair().await.unwrap();
    // A code that does not name its account: the server cannot know which phone asks.
    center.state().exclude = vec![paired.credential_id.0];
    let code = changed(center.code(), |code| {
        code.user = None;
        code.rp_app_id = "other".to_owned();
    });
    let error = center.pair_with(&code).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::RegAlreadyRegistered);
    assert_eq!(center.phone.phone.security_keys().list().unwrap().len(), 1);
    assert!(center.phone.phone.vault.pending_pairings().unwrap().is_empty());
}

#[tokio::test]
async fn one_passkey_of_an_organisation_on_a_phone() {
    let center = Center::new().await;
    center.state().rp_id = Some("login.microsoft.com".to_owned());
    center.pair().await.unwrap();
    let other = "ada@other.example.com";
    center.state().account = Some(other.to_owned());
    center.state().registered.clear();
    let code = changed(center.code(), |code| code.user = Some(other.to_owned()));
    let error = center.pair_with(&code).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::ProviderEntraPasskeyExists);
    assert_eq!(center.phone.phone.security_keys().list().unwrap().len(), 1);
    assert_eq!(center.phone.hardware.key_count(), 1);
}

#[tokio::test]
async fn the_server_refuses_the_registration() {
    for (reply, id) in [
        (Reply::refusal(400, "malformed"), ErrorId::RegActivationFailed),
        (Reply::refusal(404, "not_found"), ErrorId::RegActivationFailed),
        (Reply::refusal(409, "already_registered"), ErrorId::RegAlreadyRegistered),
        (Reply::refusal(409, "limit_reached"), ErrorId::RegLimitReached),
        (Reply::refusal(409, "wrong_state"), ErrorId::RegActivationFailed),
        (Reply::refusal(410, "expired"), ErrorId::PairingExpired),
        (Reply::refusal(422, "not_verified"), ErrorId::RegActivationFailed),
        (Reply::refusal(403, "wrong_account"), ErrorId::PairingWrongAccount),
        // Nobody knows what these have done: the phone asks, and the server has not.
        (Reply::refusal(500, "other"), ErrorId::RegActivationFailed),
        (Reply::refusal(503, "unavailable"), ErrorId::RegActivationFailed),
        (Reply::Json(307, json!({})), ErrorId::RegActivationFailed),
        (Reply::Json(200, json!({"deviceId": 1})), ErrorId::RegActivationFailed),
        (Reply::Drop, ErrorId::RegActivationFailed),
    ] {
        let center = Center::new().await;
        center.fault(REGISTRATION, Fault::Instead(reply));
        center.assert_refused(&center.code(), id).await;
        assert!(center.server.take_lines().last().unwrap().ends_with(CANCEL), "{id:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for() {
    for reply in [
        Reply::Drop,
        Reply::refusal(502, "unavailable"),
        Reply::Json(200, json!("x".repeat(20_000))),
        Reply::Json(200, json!({})),
        Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"deviceId\":".to_vec()),
    ] {
        let center = Center::new().await;
        center.fault(REGISTRATION, Fault::After(reply));
        center.pair().await.unwrap();
        center.assert_paired();
    }
}

#[tokio::test]
async fn a_registration_that_cannot_be_asked_about_stays_open() {
    for fault in [Fault::After(Reply::Drop), Fault::Instead(Reply::Drop)] {
        let center = Center::new().await;
        center.fault(REGISTRATION, fault);
        center.fault(STATE, Fault::Instead(Reply::Drop));
        let error = center.pair().await.unwrap_err();
        assert_eq!(error.id(), ErrorId::RegActivationFailed);
        // Nobody sees the passkey, and nobody has lost it.
        assert!(center.phone.phone.security_keys().list().unwrap().is_empty());
        assert_eq!(center.phone.phone.vault.pending_pairings().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_same_code_again_finishes_what_its_first_try_began() {
    let center = Center::new().await;
    center.fault(REGISTRATION, Fault::After(Reply::Drop));
    center.fault(STATE, Fault::Instead(Reply::Drop));
    center.pair().await.unwrap_err();
    center.pair().await.unwrap();
    center.assert_paired();

    let center = Center::new().await;
    center.fault(REGISTRATION, Fault::Instead(Reply::Drop));
    center.fault(STATE, Fault::Instead(Reply::Drop));
    center.pair().await.unwrap_err();
    assert_eq!(center.pair().await.unwrap_err().id(), ErrorId::PairingExpired);
    center.assert_phone_is_empty();
    assert!(center.state().registered.is_empty());
}

#[tokio::test]
async fn an_earlier_pairing_comes_first() {
    let second = |center: &Center| changed(center.code(), |code| code.request_id = "request-2".to_owned());
    // The server had registered the phone: the second code finds it known.
    let center = Center::new().await;
    center.fault(REGISTRATION, Fault::After(Reply::Drop));
    center.fault(STATE, Fault::Instead(Reply::Drop));
    center.pair().await.unwrap_err();
    center.server.take_lines();
    assert_eq!(center.pair_with(&second(&center)).await.unwrap_err().id(), ErrorId::PairingExpired);
    center.assert_paired();
    assert!(center.server.take_lines()[0].ends_with(STATE));

    // It cannot be asked: nothing new begins.
    let center = Center::new().await;
    center.fault(REGISTRATION, Fault::After(Reply::Drop));
    center.fault(STATE, Fault::Instead(Reply::Drop));
    center.pair().await.unwrap_err();
    center.fault(STATE, Fault::Instead(Reply::Drop));
    assert_eq!(center.pair_with(&second(&center)).await.unwrap_err().id(), ErrorId::RegActivationFailed);
    assert_eq!(center.phone.phone.vault.pending_pairings().unwrap().len(), 1);
    assert_eq!(center.phone.gate.take_prompts().len(), 1);
}

#[tokio::test]
async fn a_registration_that_is_no_longer_told_is_given_up() {
    let center = Center::new().await;
    center.fault(REGISTRATION, Fault::After(Reply::Drop));
    center.fault(STATE, Fault::Instead(Reply::Json(200, json!({"state": "COMPLETED"}))));
    assert_eq!(center.pair().await.unwrap_err().id(), ErrorId::RegActivationFailed);
    center.assert_phone_is_empty();
}

#[tokio::test]
async fn another_computer_than_the_codes_is_taken_back() {
    for change in [
        (|answer| answer["computer"]["publicKey"] = json!(Base64Url(vec![3; 33])))
            as fn(&mut serde_json::Value),
        |answer| answer["computer"]["publicKey"] = json!(Base64Url(vec![2; 32])),
        |answer| answer["computer"] = json!(null),
        |answer| answer["computer"]["machineId"] = json!("../../device/registration"),
        |answer| answer["computer"]["machineId"] = json!(""),
        |answer| answer["deviceToken"] = json!(""),
        |answer| answer["deviceToken"] = json!("two\r\nlines"),
    ] {
        let center = Center::new().await;
        center.state().registration = Some(change);
        center.assert_refused(&center.code(), ErrorId::RegActivationFailed).await;
    }
}

#[tokio::test]
async fn what_is_taken_back_waits_for_the_server() {
    let center = Center::new().await;
    center.state().registration =
        Some(|answer| answer["computer"]["publicKey"] = json!(Base64Url(vec![3; 33])));
    center.fault(CANCEL, Fault::Instead(Reply::Drop));
    let error = center.pair().await.unwrap_err();
    assert!(matches!(error, PhoneError::OtherComputer));
    assert_eq!(center.phone.phone.vault.pending_pairings().unwrap().len(), 1, "not forgotten");
    let resumed = center.phone.phone.resume(&Cancel::new()).await.unwrap();
    assert_eq!((resumed.paired.len(), resumed.given_up, resumed.open), (0, 1, 0));
    center.assert_phone_is_empty();
    assert!(center.state().registered.is_empty());
}

/// A phone that was registered before cannot take one more computer back by the code.
#[tokio::test]
async fn what_cannot_be_taken_back_does_not_stay_open() {
    let center = Center::new().await;
    center.state().registration = Some(|answer| answer["computer"] = json!(null));
    center.fault(CANCEL, Fault::Instead(Reply::refusal(409, "wrong_state")));
    assert!(matches!(center.pair().await, Err(PhoneError::OtherComputer)));
    center.assert_phone_is_empty();
}

#[tokio::test]
async fn pairing_the_same_computer_again_replaces_it() {
    let center = Center::new().await;
    let first = center.pair().await.unwrap();
    let phone = &center.phone.phone;
    phone.computers().rename("machine-1", "Old name").unwrap();
    let second = center.pair().await.unwrap();
    assert_ne!(first.credential_id, second.credential_id);
    center.assert_paired();
    assert_eq!(center.phone.hardware.key_count(), 1, "the old key is gone");
    assert!(LedgerStore::load(&*phone.vault, "machine-1").unwrap().is_none());
    let asked = center.server.take_requests();
    let tokens: Vec<_> = asked.iter().map(|request| request.header("authorization")).collect();
    assert_eq!(tokens[..2], [None, None]);
    assert_eq!(tokens[2..], [Some("Bearer token-1"); 4]);
}

#[tokio::test]
async fn a_phone_that_the_server_has_forgotten_is_a_new_one() {
    let center = Center::new().await;
    center.pair().await.unwrap();
    center.state().revoke();
    center.pair().await.unwrap();
    center.assert_paired();
}

#[tokio::test]
async fn one_ceremony_at_a_time() {
    let center = Center::new().await;
    center.phone.gate.push(Answer::Ignore);
    let (code, cancel) = (center.code(), Cancel::new());
    let (_, ()) = tokio::join!(center.phone.phone.pair(&code, &cancel), async {
        while center.phone.gate.take_prompts().is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(matches!(center.pair().await, Err(PhoneError::Busy)));
        assert!(matches!(center.phone.phone.resume(&Cancel::new()).await, Err(PhoneError::Busy)));
        cancel.cancel();
    });
}

#[tokio::test]
async fn closing_the_phone_ends_the_prompt() {
    let mut center = Center::new().await;
    center.phone.gate.push(Answer::Ignore);
    let phone = &center.phone.phone;
    let (error, ()) = tokio::join!(center.pair(), async {
        while center.phone.gate.take_prompts().is_empty() {
            tokio::task::yield_now().await;
        }
        phone.close();
    });
    assert!(matches!(error, Err(PhoneError::Store(StoreError::Closed))), "{error:?}");
    assert!(center.state().registered.is_empty());

    // What it left open, the next one settles.
    center.phone.restart();
    let resumed = center.phone.phone.resume(&Cancel::new()).await.unwrap();
    assert_eq!((resumed.given_up, resumed.open), (1, 0));
    center.assert_phone_is_empty();
}

#[tokio::test]
async fn no_pairing_beneath_the_prompt_of_another_ceremony() {
    let center = Center::new().await;
    center.phone.gate.push(Answer::Ignore);
    let (authenticator, cancel) = (&center.phone.phone.authenticator, Cancel::new());
    let (_, ()) = tokio::join!(authenticator.select(&cancel), async {
        assert!(matches!(center.pair().await, Err(PhoneError::Busy)));
        cancel.cancel();
    });
    assert_eq!(center.phone.gate.take_prompts().len(), 1);
    center.assert_phone_is_empty();
}

#[tokio::test]
async fn a_key_that_cannot_be_deleted_at_once_is_not_lost() {
    let center = Center::new().await;
    center.state().rp_id = Some("login.microsoft.com".to_owned());
    center.pair().await.unwrap();
    // The key of a second passkey, for which there is no room.
    let other = "ada@other.example.com";
    center.state().account = Some(other.to_owned());
    center.state().registered.clear();
    let code = changed(center.code(), |code| code.user = Some(other.to_owned()));
    center.phone.hardware.fail_next(VaultOperation::DeleteKey, KeyVaultError::Locked);
    assert!(matches!(center.pair_with(&code).await, Err(PhoneError::OnlyOnePasskey)));
    assert_eq!(center.phone.hardware.key_count(), 2);
    center.phone.phone.authenticator.settle().await;
    assert_eq!(center.phone.hardware.key_count(), 1);
}

#[test]
fn accounts_of_organisations() {
    for good in ["ada@example.com", "ada.l@a.b.example", "ада@пример.рф"] {
        assert!(is_work_account(good), "{good:?}");
    }
    for bad in
        ["", "ada", "@example.com", "ada@", "ada@box", "a@b@c.d", "a b@c.d", "X\\a@c.d", "a@c..d", "a\n@c.d"]
    {
        assert!(!is_work_account(bad), "{bad:?}");
    }
}

#[test]
fn a_paired_phone_is_not_printed() {
    let paired = Paired {
        account: ACCOUNT.to_owned(),
        tenant: String::new(),
        machine_id: None,
        credential_id: CredentialId(vec![1]),
    };
    assert_eq!(format!("{paired:?}"), "Paired(redacted)");
}
