//! What people do.

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::{
    AccountKind, CreateQrRequest, CreateQrResponse, QrState, RefusalCode, path,
};
use latchkey_phone::{ErrorId, Removal};
use latchkey_scan::Code;
use latchkey_simulator::control_center::WEB_APP;

use super::stage::{ADA, Stage, assert_empty, assert_unlocks, pair, resume};

#[tokio::test]
async fn the_code_of_a_workstation() {
    let stage = Stage::new().await;
    let (desk, phone) = (stage.desk("desk").await, stage.open_phone());
    let code = desk.code().await;
    desk.assert_state(&code, QrState::Pending).await;
    let paired = pair(&phone, &code).await.unwrap();
    assert_eq!((paired.account.as_str(), paired.machine_id.as_deref()), (ADA, Some("desk")));

    let passkey = assert_unlocks(&phone, &["desk"]);
    let state = desk.state_of(&code).await;
    assert_eq!(state.state, QrState::Completed);
    assert_eq!(state.pairing.unwrap().credential_id.0, passkey);
    assert_eq!(desk.passkeys().await, [passkey]);
    assert_eq!(stage.server_has().await, 1);
    let events = stage.events().await;
    assert!(events.iter().any(|name| name == "X_PAIRING_COMPLETED"), "{events:?}");
    // The code was used.
    assert!(pair(&phone, &code).await.is_err());
    assert_unlocks(&phone, &["desk"]);
}

#[tokio::test]
async fn the_code_that_was_typed() {
    let stage = Stage::new().await;
    let (desk, phone) = (stage.desk("desk").await, stage.open_phone());
    let code = desk.code().await;
    let typed = code.qr_fallback_activation_code.clone().unwrap().to_uppercase();
    let (first, second) = typed.split_at(3);
    let cancel = Cancel::new();
    let found = phone.look_up(&stage.base, &format!("{first}-{second}"), &cancel).await.unwrap();
    phone.approve_code(Code::ControlCenter(Box::new(found)), &cancel).await.unwrap();
    assert_unlocks(&phone, &["desk"]);
    // One look-up ends a typed code.
    let error = phone.look_up(&stage.base, &typed, &cancel).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::CodeNotFound);
}

#[tokio::test]
async fn guessing_typed_codes_is_slowed_down_on_both_sides() {
    let stage = Stage::new().await;
    let phone = stage.open_phone();
    let cancel = Cancel::new();
    for _ in 0..5 {
        let error = phone.look_up(&stage.base, "abcdef", &cancel).await.unwrap_err();
        assert_eq!(error.id(), ErrorId::CodeNotFound);
    }
    let error = phone.look_up(&stage.base, "abcdef", &cancel).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::CodeRateLimited);
    // Another phone at the same address has what is left of the server's ten a minute.
    let other = stage.open_phone();
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(other.look_up(&stage.base, "abcdef", &cancel).await.unwrap_err().id());
    }
    assert_eq!(ids[..4], [ErrorId::CodeNotFound; 4]);
    assert_eq!(*ids.last().unwrap(), ErrorId::CodeRateLimited);
}

#[tokio::test]
async fn the_code_of_a_web_page() {
    let stage = Stage::new().await;
    let (session, phone) = (stage.device_manager().await, stage.open_phone());
    let request = CreateQrRequest {
        rp_app_id: WEB_APP.to_owned(),
        username: None,
        account_kind: None,
        include_qr_fallback_code: false,
    };
    let code: CreateQrResponse = session.post(path::CREATE_QR, &request).await.unwrap();
    let paired = pair(&phone, &code).await.unwrap();
    assert_eq!((paired.account.as_str(), paired.machine_id), (ADA, None));
    assert_unlocks(&phone, &[]);
    assert_eq!(stage.server_has().await, 1);
}

#[tokio::test]
async fn several_computers_and_one_passkey() {
    let stage = Stage::new().await;
    let phone = stage.open_phone();
    let (home, work) = (stage.desk("home").await, stage.desk("work").await);
    pair(&phone, &home.code().await).await.unwrap();
    pair(&phone, &work.code().await).await.unwrap();
    // The same computer once more.
    pair(&phone, &home.code().await).await.unwrap();
    let passkey = assert_unlocks(&phone, &["home", "work"]);
    assert_eq!(home.passkeys().await, std::slice::from_ref(&passkey));
    assert_eq!(work.passkeys().await, [passkey]);
    assert_eq!(stage.server_has().await, 1);
}

#[tokio::test]
async fn a_computer_is_removed_and_paired_again() {
    let stage = Stage::new().await;
    let phone = stage.open_phone();
    let (home, work) = (stage.desk("home").await, stage.desk("work").await);
    pair(&phone, &home.code().await).await.unwrap();
    pair(&phone, &work.code().await).await.unwrap();
    assert_eq!(phone.computers().remove("home", &Cancel::new()).await.unwrap(), Removal::Complete);
    let passkey = assert_unlocks(&phone, &["work"]);
    assert!(home.passkeys().await.is_empty());
    assert_eq!(work.passkeys().await, [passkey]);

    assert_eq!(phone.computers().remove("work", &Cancel::new()).await.unwrap(), Removal::Complete);
    assert_unlocks(&phone, &[]);
    pair(&phone, &home.code().await).await.unwrap();
    let passkey = assert_unlocks(&phone, &["home"]);
    assert_eq!(home.passkeys().await, [passkey]);
    assert_eq!(stage.server_has().await, 1);
}

#[tokio::test]
async fn a_passkey_that_its_owner_deletes_takes_the_registration_with_it() {
    let stage = Stage::new().await;
    let (desk, phone) = (stage.desk("desk").await, stage.open_phone());
    pair(&phone, &desk.code().await).await.unwrap();
    let id = phone.security_keys().list().unwrap()[0].id.clone();
    phone.security_keys().delete(&id, &Cancel::new()).await.unwrap();
    assert_eq!(resume(&phone).await.removed, 1);
    assert_empty(&phone);
    assert_eq!(stage.server_has().await, 0);
    assert!(desk.passkeys().await.is_empty());
    pair(&phone, &desk.code().await).await.unwrap();
    assert_unlocks(&phone, &["desk"]);
}

#[tokio::test]
async fn a_phone_that_the_administrator_removed_is_paired_again() {
    let stage = Stage::new().await;
    let (desk, phone) = (stage.desk("desk").await, stage.open_phone());
    pair(&phone, &desk.code().await).await.unwrap();
    stage.administrator().delete(&format!("/cc/api/versioned/rpUser/{ADA}")).await.unwrap();
    assert_eq!(stage.server_has().await, 0);
    pair(&phone, &desk.code().await).await.unwrap();
    let passkey = assert_unlocks(&phone, &["desk"]);
    assert_eq!(desk.passkeys().await, std::slice::from_ref(&passkey));
    // What is left of the old registration is tidied up.
    resume(&phone).await;
    assert_eq!(assert_unlocks(&phone, &["desk"]), passkey);
}

#[tokio::test]
async fn accounts_that_cannot_be_paired() {
    let stage = Stage::new().await;
    let desk = stage.desk("desk").await;
    for (name, kind) in [
        ("DESK\\ada", AccountKind::Local),
        ("ada@example.com", AccountKind::Local),
        ("ada@elsewhere.example.org", AccountKind::EntraCloud),
    ] {
        let error = desk.code_for(name, kind).await.err().unwrap();
        assert_eq!(error.refusal(), Some(RefusalCode::WrongAccount), "{name}");
    }
}

#[tokio::test]
async fn one_passkey_of_a_kind_on_a_phone() {
    let stage = Stage::new().await;
    let (desk, phone) = (stage.desk("desk").await, stage.open_phone());
    pair(&phone, &desk.code().await).await.unwrap();
    let passkey = assert_unlocks(&phone, &["desk"]);
    let code = desk.code_for("eve@example.com", AccountKind::EntraHybrid).await.unwrap();
    let error = pair(&phone, &code).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::ProviderEntraPasskeyExists);
    assert_eq!(assert_unlocks(&phone, &["desk"]), passkey);
    desk.assert_state(&code, QrState::Canceled).await;
}
