use core::time::Duration;

use latchkey_phone::control_center::wire::{
    AssertionOptionsRequest, AssertionResultRequest, AssertionResultResponse, AttestationOptionsRequest,
    AttestationResultRequest, CreationOptions, RequestOptions, path,
};
use serde_json::Value;

use super::support::{Caller, Phone, Server, no, pairing_code};

const ADA: &str = "ada@example.com";
const RP_ID: &str = "login.microsoft.com";

async fn options(caller: &Caller, username: Option<&str>) -> RequestOptions {
    let request = AssertionOptionsRequest { username: username.map(str::to_owned) };
    caller.post(path::ASSERTION_OPTIONS, &request).await.ok()
}

#[tokio::test]
async fn a_passkey_signs_in_once_for_each_challenge() {
    let server = Server::start().await;
    let (workstation, anyone) = (server.workstation("pc-1").await, server.anyone());
    let phone = Phone::new(1);
    phone.pair(&anyone, &pairing_code(&workstation, ADA).await).await;

    let given = options(&anyone, Some("ADA@example.com")).await;
    assert_eq!((given.rp_id.as_str(), given.allow_credentials.len()), (RP_ID, 1));
    assert!(options(&anyone, None).await.allow_credentials.is_empty());
    assert!(options(&anyone, Some("nobody@example.com")).await.allow_credentials.is_empty());

    let request = AssertionResultRequest { credential: phone.sign_in(RP_ID, given.challenge.0).await };
    let mut bent = request.credential.clone();
    let signed: AssertionResultResponse = anyone.post(path::ASSERTION_RESULT, &request).await.ok();
    assert_eq!(signed.username, ADA);
    // Replayed.
    assert_eq!(anyone.post(path::ASSERTION_RESULT, &request).await.refused(), no(410, "expired"));

    // Bent, and too late.
    let given = options(&anyone, None).await;
    bent.response = phone.sign_in(RP_ID, given.challenge.0).await.response;
    *bent.response.signature.0.last_mut().unwrap() ^= 1;
    let bent = AssertionResultRequest { credential: bent };
    assert_eq!(anyone.post(path::ASSERTION_RESULT, &bent).await.refused(), no(422, "not_verified"));
    let given = options(&anyone, None).await;
    let late = AssertionResultRequest { credential: phone.sign_in(RP_ID, given.challenge.0).await };
    server.clock.advance(Duration::from_secs(120));
    assert_eq!(anyone.post(path::ASSERTION_RESULT, &late).await.refused(), no(410, "expired"));

    // A passkey that nobody has registered.
    let given = options(&anyone, None).await;
    let stranger = Phone::new(2);
    stranger.create(creation(&workstation).await).await;
    let unknown = AssertionResultRequest { credential: stranger.sign_in(RP_ID, given.challenge.0).await };
    assert_eq!(anyone.post(path::ASSERTION_RESULT, &unknown).await.refused(), no(422, "not_verified"));
}

async fn creation(workstation: &Caller) -> CreationOptions {
    let request = AttestationOptionsRequest { request_id: None, nonce: None, username: Some(ADA.to_owned()) };
    workstation.post(path::ATTESTATION_OPTIONS, &request).await.ok()
}

#[tokio::test]
async fn a_workstation_gets_a_passkey_of_its_own_for_its_user() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let own = AttestationOptionsRequest { request_id: None, nonce: None, username: Some(ADA.to_owned()) };
    // Nobody has signed in on it yet.
    assert_eq!(workstation.post(path::ATTESTATION_OPTIONS, &own).await.refused(), no(404, "not_found"));
    assert_eq!(
        server.anyone().post(path::ATTESTATION_OPTIONS, &own).await.refused(),
        no(401, "unauthorized")
    );
    Phone::new(1).pair(&server.anyone(), &pairing_code(&workstation, ADA).await).await;

    let options = creation(&workstation).await;
    assert_eq!(options.exclude_credentials.len(), 1);
    let platform = Phone::new(9);
    let request =
        AttestationResultRequest { username: ADA.to_owned(), credential: platform.create(options).await };
    // Not by another workstation, whose attempt ends the challenge.
    let other = server.workstation("pc-2").await;
    assert_eq!(other.post(path::ATTESTATION_RESULT, &request).await.refused(), no(422, "not_verified"));
    let credential = Phone::new(9).create(creation(&workstation).await).await;
    let request = AttestationResultRequest { username: ADA.to_owned(), credential };
    workstation.post(path::ATTESTATION_RESULT, &request).await.ok::<Value>();
    assert_eq!(workstation.post(path::ATTESTATION_RESULT, &request).await.refused(), no(422, "not_verified"));
    let keys: Value =
        server.administrator().get(&format!("/rp/api/versioned/fido2/user?username={ADA}")).await.ok();
    assert_eq!(keys["passkeys"].as_array().unwrap().len(), 2);
    assert!(keys["passkeys"][1].get("deviceId").is_none());
}
