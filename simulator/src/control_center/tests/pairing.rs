use core::time::Duration;
use std::sync::Arc;

use latchkey_phone::control_center::wire::{
    AccountKind, CreateQrRequest, ProfileResponse, QrState, QrStateResponse, RegistrationQuery,
    RegistrationRequest, RegistrationResponseBody, RegistrationStateResponse, WorkstationResponse, path,
};
use latchkey_phone::webauthn::json::Base64Url;
use serde_json::json;

use super::support::{Caller, Code, Phone, Server, create_qr, enroll, no, options_request, pairing_code};
use crate::control_center::{Config, WEB_APP, WORKSTATION_APP};

const ADA: &str = "ada@example.com";

fn query(code: &Code) -> RegistrationQuery {
    RegistrationQuery { request_id: code.request_id.clone(), nonce: code.nonce.clone() }
}

async fn code_state(workstation: &Caller, code: &Code, wait: u64) -> QrStateResponse {
    let url = format!("/rp/versioned/client/qr/{}?wait={wait}", code.request_id);
    workstation.get(&url).await.ok()
}

async fn state(server: &Server, code: &Code) -> RegistrationStateResponse {
    server.anyone().post(path::REGISTRATION_STATE, &query(code)).await.ok()
}

#[tokio::test]
async fn a_workstation_and_a_phone_are_paired() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let code = pairing_code(&workstation, "Ada@Example.com").await;
    assert_eq!(code.text["op"], "register");
    assert_eq!(code.text["rpUrl"], server.base);
    assert_eq!(code.text["user"], ADA);
    assert_eq!(code.text["machineName"], "Desk pc-1");
    assert_eq!(code.nonce.0.len(), 32);
    assert!(code.typed.is_none());
    assert_eq!(code_state(&workstation, &code, 0).await.state, QrState::Pending);

    // The workstation waits while the phone answers.
    let waiting = tokio::spawn({
        let (workstation, url) =
            (workstation.clone(), format!("/rp/versioned/client/qr/{}?wait=25", code.request_id));
        async move { workstation.get(&url).await.ok::<QrStateResponse>() }
    });
    let registered = Phone::new(1).pair(&server.anyone(), &code).await;
    let seen = waiting.await.unwrap();
    assert_eq!(seen.state, QrState::Completed);
    let pairing = seen.pairing.unwrap();
    assert_eq!(pairing.device_id, registered.device_id);
    assert_eq!(pairing.request_id, code.request_id);
    assert_eq!((pairing.username.as_str(), pairing.rp_id.as_str()), (ADA, "login.microsoft.com"));

    let computer = registered.computer.unwrap();
    assert_eq!((computer.machine_id.as_str(), computer.os_user.as_str()), ("pc-1", ADA));
    assert_eq!(code.text["pk"].as_str().unwrap(), computer.public_key.to_string());
    let phone = server.with(&registered.device_token);
    let profile: ProfileResponse = phone.get(path::PROFILE).await.ok();
    assert_eq!((profile.username.as_str(), profile.account_kind), (ADA, AccountKind::EntraCloud));
    assert!(profile.computers == [computer]);
    let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
    assert_eq!(sync.pairings.len(), 1);
    assert!(!sync.settings.offline.enabled);
    assert_eq!(
        server.events(WORKSTATION_APP).await,
        ["X_PAIRING_STARTED", "X_PASSKEY_CREATED", "X_PAIRING_COMPLETED"]
    );
}

#[tokio::test]
async fn a_lost_answer_is_given_again_until_the_token_is_used() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let code = pairing_code(&workstation, ADA).await;
    assert_eq!(state(&server, &code).await.state, QrState::Pending);
    let request = Phone::new(1).answer(&server.anyone(), &code).await;
    let first: RegistrationResponseBody = server.anyone().post(path::REGISTRATION, &request).await.ok();
    let again: RegistrationResponseBody = server.anyone().post(path::REGISTRATION, &request).await.ok();
    assert_eq!((&again.device_id, &again.device_token), (&first.device_id, &first.device_token));
    // Long after the code has ended.
    server.clock.advance(Duration::from_secs(100_000));
    let told = state(&server, &code).await;
    assert_eq!(told.state, QrState::Completed);
    assert_eq!(told.registration.unwrap().device_token, first.device_token);

    // Another passkey with the same code is another phone.
    let mut other = request.clone();
    other.credential.raw_id.0.push(0);
    assert_eq!(
        server.anyone().post(path::REGISTRATION, &other).await.refused(),
        no(409, "already_registered")
    );
    // Somebody who has seen the request but not the code.
    let mut other = request.clone();
    other.nonce = Base64Url(vec![0; 32]);
    assert_eq!(server.anyone().post(path::REGISTRATION, &other).await.refused(), no(404, "not_found"));

    let _: ProfileResponse = server.with(&first.device_token).get(path::PROFILE).await.ok();
    let told = state(&server, &code).await;
    assert_eq!(told.state, QrState::Completed);
    assert!(told.registration.is_none(), "the token goes to nobody else");
    assert_eq!(
        server.anyone().post(path::REGISTRATION, &request).await.refused(),
        no(409, "already_registered")
    );
    let cancel = server.anyone().post(path::REGISTRATION_CANCEL, &query(&code)).await;
    assert_eq!(cancel.refused(), no(409, "wrong_state"));
}

#[tokio::test]
async fn a_phone_that_gave_up_is_not_registered_whichever_request_comes_first() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    // Given up, then the delayed registration arrives.
    let code = pairing_code(&workstation, ADA).await;
    let request = Phone::new(1).answer(&server.anyone(), &code).await;
    for _ in 0..2 {
        server.anyone().post(path::REGISTRATION_CANCEL, &query(&code)).await.ok::<serde_json::Value>();
    }
    assert_eq!(server.anyone().post(path::REGISTRATION, &request).await.refused(), no(409, "wrong_state"));
    assert_eq!(state(&server, &code).await.state, QrState::Canceled);
    assert_eq!(code_state(&workstation, &code, 25).await.state, QrState::Canceled);

    // Registered, then given up because the answer was lost.
    let code = pairing_code(&workstation, ADA).await;
    let registered = Phone::new(2).pair(&server.anyone(), &code).await;
    server.anyone().post(path::REGISTRATION_CANCEL, &query(&code)).await.ok::<serde_json::Value>();
    let gone = server.with(&registered.device_token).get(path::PROFILE).await;
    assert_eq!(gone.refused(), no(401, "unauthorized"));
    assert_eq!(state(&server, &code).await.state, QrState::Canceled);
    let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
    assert!(sync.pairings.is_empty());
    let keys = server.administrator().get(&format!("/rp/api/versioned/fido2/user?username={ADA}")).await;
    assert_eq!(keys.ok::<serde_json::Value>()["passkeys"], json!([]));
}

#[tokio::test]
async fn a_code_has_an_end_which_settings_move() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let code = pairing_code(&workstation, ADA).await;
    let request = Phone::new(1).answer(&server.anyone(), &code).await;
    server.clock.advance(Duration::from_secs(60));
    let options = server.anyone().post(path::ATTESTATION_OPTIONS, &options_request(&code)).await;
    assert_eq!(options.refused(), no(410, "expired"));
    assert_eq!(server.anyone().post(path::REGISTRATION, &request).await.refused(), no(410, "expired"));
    assert_eq!(state(&server, &code).await.state, QrState::Expired);
    assert_eq!(code_state(&workstation, &code, 25).await.state, QrState::Expired);

    let url = format!("/cc/api/appconfig/workstation?rpAppId={WORKSTATION_APP}");
    let mut settings: serde_json::Value = server.administrator().get(&url).await.ok();
    settings["requireUserPresenceForRegistration"] = true.into();
    server.administrator().put(&url, &settings).await.ok::<serde_json::Value>();
    let code = pairing_code(&workstation, ADA).await;
    server.clock.advance(Duration::from_secs(179));
    Phone::new(2).pair(&server.anyone(), &code).await;
}

#[tokio::test]
async fn only_accounts_of_the_tenant_are_paired() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let local = CreateQrRequest { account_kind: Some(AccountKind::Local), ..create_qr(ADA, false) };
    assert_eq!(workstation.post(path::CREATE_QR, &local).await.refused(), no(403, "wrong_account"));
    for name in ["ada@example.org", "ada", "@example.com", "a@b@example.com", "ada@sub.example.com"] {
        let refused = workstation.post(path::CREATE_QR, &create_qr(name, false)).await.refused();
        assert_eq!(refused, no(403, "wrong_account"), "{name}");
    }
    let other_app = CreateQrRequest { rp_app_id: WEB_APP.to_owned(), ..create_qr(ADA, false) };
    assert_eq!(workstation.post(path::CREATE_QR, &other_app).await.refused(), no(400, "malformed"));
}

/// Bends one thing of a good registration; the server must refuse, and store nothing.
#[tokio::test]
async fn a_registration_that_was_bent_stores_nothing() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    type Bend = fn(&mut RegistrationRequest);
    let bends: [(Bend, (u16, &str)); 6] = [
        (|r| *r.credential.response.attestation_object.0.last_mut().unwrap() ^= 1, (422, "not_verified")),
        (|r| r.credential.response.client_data_json.0.push(b' '), (422, "not_verified")),
        (|r| r.credential.response.client_data_json.0.clear(), (422, "not_verified")),
        (|r| r.device_name = "a\u{202e}b".to_owned(), (400, "malformed")),
        (|r| r.app_version = "10.5".to_owned(), (400, "malformed")),
        (|r| r.request_id = "nothing".to_owned(), (404, "not_found")),
    ];
    for (bend, (status, code)) in bends {
        let qr = pairing_code(&workstation, ADA).await;
        let mut request = Phone::new(1).answer(&server.anyone(), &qr).await;
        bend(&mut request);
        let refused = server.anyone().post(path::REGISTRATION, &request).await.refused();
        assert_eq!(refused, no(status, code));
        assert_eq!(code_state(&workstation, &qr, 0).await.state, QrState::Pending);
    }
    let user = server.administrator().get(&format!("/cc/api/versioned/rpUser/{ADA}")).await;
    assert_eq!(user.refused(), no(404, "not_found"));
}

#[tokio::test]
async fn a_challenge_of_another_code_does_not_count() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let (one, two) = (pairing_code(&workstation, ADA).await, pairing_code(&workstation, ADA).await);
    let mut request = Phone::new(1).answer(&server.anyone(), &one).await;
    (request.request_id, request.nonce) = (two.request_id.clone(), two.nonce.clone());
    assert_eq!(server.anyone().post(path::REGISTRATION, &request).await.refused(), no(422, "not_verified"));
}

#[tokio::test]
async fn a_user_has_five_passkeys_at_most() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let sixth = pairing_code(&workstation, ADA).await;
    let early = Phone::new(6).answer(&server.anyone(), &sixth).await;
    for seed in 1..=5 {
        let code = pairing_code(&workstation, ADA).await;
        Phone::new(seed).pair(&server.anyone(), &code).await;
    }
    // One that had its options before is refused as well, and so is one that asks now.
    assert_eq!(server.anyone().post(path::REGISTRATION, &early).await.refused(), no(409, "limit_reached"));
    let options = server.anyone().post(path::ATTESTATION_OPTIONS, &options_request(&sixth)).await;
    assert_eq!(options.refused(), no(409, "limit_reached"));
    assert_eq!(code_state(&workstation, &sixth, 0).await.state, QrState::Pending);
    let user = server.administrator().get(&format!("/cc/api/versioned/rpUser/{ADA}")).await;
    assert_eq!(user.ok::<serde_json::Value>()["devices"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_registered_phone_gets_one_more_computer_and_stays_one_phone() {
    let server = Server::start().await;
    let (one, two) = (server.workstation("pc-1").await, server.workstation("pc-2").await);
    let phone = Phone::new(1);
    let first = phone.pair(&server.anyone(), &pairing_code(&one, ADA).await).await;
    let known = server.with(&first.device_token);
    let code = pairing_code(&two, ADA).await;
    // Its own passkey is not in its way: the authenticator would refuse to make another.
    let request = phone.answer(&known, &code).await;
    let second: RegistrationResponseBody = known.post(path::REGISTRATION, &request).await.ok();
    assert_eq!(second.device_id, first.device_id);
    assert_ne!(second.device_token, first.device_token);
    // The answer was lost: the old token has ended, and still the request is answered.
    let again: RegistrationResponseBody = known.post(path::REGISTRATION, &request).await.ok();
    assert_eq!(again.device_token, second.device_token);
    // It cannot be taken back: the old passkey is gone.
    let cancel = server.anyone().post(path::REGISTRATION_CANCEL, &query(&code)).await;
    assert_eq!(cancel.refused(), no(409, "wrong_state"));

    assert_eq!(known.get(path::PROFILE).await.refused(), no(401, "unauthorized"));
    let profile: ProfileResponse = server.with(&second.device_token).get(path::PROFILE).await.ok();
    assert_eq!(profile.computers.len(), 2);
    // Both computers verify the new passkey.
    for workstation in [one, two] {
        let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
        assert_eq!(sync.pairings[0].credential_id, request.credential.raw_id);
    }
    let user = server.administrator().get(&format!("/cc/api/versioned/rpUser/{ADA}")).await;
    assert_eq!(user.ok::<serde_json::Value>()["passkeys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn unpairing_and_deregistering_reach_the_workstation() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let registered = Phone::new(1).pair(&server.anyone(), &pairing_code(&workstation, ADA).await).await;
    let phone = server.with(&registered.device_token);
    phone.delete("/rp/versioned/device/computers/pc-1").await.ok::<serde_json::Value>();
    let again = phone.delete("/rp/versioned/device/computers/pc-1").await;
    assert_eq!(again.refused(), no(404, "not_found"));
    let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
    assert!(sync.pairings.is_empty());
    phone.delete(path::REGISTRATION).await.ok::<serde_json::Value>();
    assert_eq!(phone.get(path::PROFILE).await.refused(), no(401, "unauthorized"));
}

#[tokio::test]
async fn a_machine_id_belongs_to_one_key() {
    let server = Server::start().await;
    let before = server.workstation("pc-1").await;
    let token = server.install_token().await;
    let other = server.anyone().post(path::ENROLL, &enroll(token.clone(), "pc-1", 2)).await;
    assert_eq!(other.refused(), no(409, "already_registered"));
    before.get(path::WORKSTATION).await.ok::<WorkstationResponse>();
    // The same machine, set up again: the old token ends.
    let _ =
        server.anyone().post(path::ENROLL, &enroll(token.clone(), "pc-1", 1)).await.ok::<serde_json::Value>();
    assert_eq!(before.get(path::WORKSTATION).await.refused(), no(401, "unauthorized"));

    let mut bad_key = enroll(token.clone(), "pc-2", 1);
    bad_key.public_key.0[1..].fill(0xff);
    assert_eq!(server.anyone().post(path::ENROLL, &bad_key).await.refused(), no(400, "malformed"));
    server.clock.advance(Duration::from_secs(3600));
    let late = server.anyone().post(path::ENROLL, &enroll(token, "pc-2", 1)).await;
    assert_eq!(late.refused(), no(401, "unauthorized"));
}

#[tokio::test]
async fn a_server_that_starts_again_knows_what_it_knew() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config { state: Some(folder.path().to_owned()), ..Config::default() };
    let server = Server::start_with(config()).await;
    let workstation = server.workstation("pc-1").await;
    let code = pairing_code(&workstation, ADA).await;
    let registered = Phone::new(1).pair(&server.anyone(), &code).await;
    server.running.shutdown().await;
    let server = Server::start_with(config()).await;
    assert_eq!(state(&server, &code).await.registration.unwrap().device_token, registered.device_token);
    server.with(&registered.device_token).get(path::PROFILE).await.ok::<ProfileResponse>();
}

#[tokio::test]
async fn two_registrations_at_once_with_one_code_make_one_phone() {
    let server = Arc::new(Server::start().await);
    let workstation = server.workstation("pc-1").await;
    let code = pairing_code(&workstation, ADA).await;
    let one = Phone::new(1).answer(&server.anyone(), &code).await;
    let two = Phone::new(2).answer(&server.anyone(), &code).await;
    let (one, two) =
        tokio::join!(async { server.anyone().post(path::REGISTRATION, &one).await.status }, async {
            server.anyone().post(path::REGISTRATION, &two).await.status
        });
    assert_eq!([one, two].iter().filter(|status| status.is_success()).count(), 1);
    let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
    assert_eq!(sync.pairings.len(), 1);
}
