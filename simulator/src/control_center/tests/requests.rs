use core::time::Duration;

use latchkey_phone::control_center::wire::{
    ClaimRequest, CreateSignInQrRequest, CreateSignInQrResponse, Messages, OpenRequest, OpenRequestResponse,
    PostMessage, Purpose, QrState, QrStateResponse, RegistrationResponseBody, RequestState,
    RequestStateResponse, StateEntry, WaitingRequests, WorkstationResponse, path,
};
use latchkey_phone::webauthn::json::Base64Url;
use serde_json::{Value, json};

use super::support::{Answer, Caller, Code, Phone, Server, no, pairing_code};
use crate::control_center::{WEB_APP, WORKSTATION_APP};

const ADA: &str = "ada@example.com";

/// A paired workstation and phone.
struct Pair {
    server: Server,
    workstation: Caller,
    phone: Caller,
    registered: RegistrationResponseBody,
}

async fn pair() -> Pair {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let registered = Phone::new(1).pair(&server.anyone(), &pairing_code(&workstation, ADA).await).await;
    let phone = server.with(&registered.device_token);
    Pair { server, workstation, phone, registered }
}

fn unlock(machine_id: &str) -> OpenRequest {
    OpenRequest { purpose: Purpose::Unlock, machine_id: machine_id.to_owned(), device_id: None }
}

async fn open(phone: &Caller) -> String {
    phone.post(path::REQUESTS, &unlock("pc-1")).await.ok::<OpenRequestResponse>().request_id
}

fn of(template: &str, id: &str) -> String {
    template.replace("{id}", id)
}

async fn post(caller: &Caller, id: &str, body: &[u8]) -> Answer {
    caller.post(&of(path::REQUEST_MESSAGES, id), &PostMessage { body: Base64Url(body.to_vec()) }).await
}

async fn messages(caller: &Caller, id: &str, after: u32, wait: u64) -> Messages {
    let url = format!("{}?after={after}&wait={wait}", of(path::REQUEST_MESSAGES, id));
    caller.get(&url).await.ok()
}

async fn end(caller: &Caller, id: &str, value: RequestState) -> Answer {
    caller.post(&of(path::REQUEST_STATE, id), &StateEntry { value }).await
}

async fn history(caller: &Caller, id: &str) -> Vec<RequestState> {
    let state: RequestStateResponse = caller.get(&of(path::REQUEST, id)).await.ok();
    state.state.into_iter().map(|entry| entry.value).collect()
}

#[tokio::test]
async fn messages_travel_both_ways_until_the_workstation_ends_the_request() {
    let pair = pair().await;
    let waiting = tokio::spawn({
        let workstation = pair.workstation.clone();
        async move {
            let url = format!("{}?wait=25", path::WORKSTATION_REQUESTS);
            workstation.get(&url).await.ok::<WaitingRequests>()
        }
    });
    let id = open(&pair.phone).await;
    let seen = waiting.await.unwrap().requests;
    assert_eq!(seen.len(), 1);
    assert_eq!((&seen[0].request_id, seen[0].purpose, seen[0].from_code), (&id, Purpose::Unlock, false));
    assert_eq!(seen[0].device_id.as_ref(), Some(&pair.registered.device_id));

    post(&pair.phone, &id, b"one").await.ok::<Value>();
    let read = messages(&pair.workstation, &id, 0, 25).await;
    assert_eq!((read.messages[0].number, read.messages[0].body.0.as_slice()), (1, &b"one"[..]));
    let answer = tokio::spawn({
        let (phone, id) = (pair.phone.clone(), id.clone());
        async move { messages(&phone, &id, 0, 25).await }
    });
    post(&pair.workstation, &id, b"two").await.ok::<Value>();
    assert_eq!(answer.await.unwrap().messages[0].body.0, b"two");
    post(&pair.phone, &id, b"three").await.ok::<Value>();
    let read = messages(&pair.workstation, &id, 1, 25).await.messages;
    assert_eq!((read.len(), read[0].number, read[0].body.0.as_slice()), (1, 2, &b"three"[..]));

    let last = tokio::spawn({
        let (phone, id) = (pair.phone.clone(), id.clone());
        async move { messages(&phone, &id, 1, 25).await }
    });
    end(&pair.workstation, &id, RequestState::Completed).await.ok::<Value>();
    assert_eq!(last.await.unwrap().state, RequestState::Completed);
    assert_eq!(history(&pair.phone, &id).await, [RequestState::Initiated, RequestState::Completed]);
    assert_eq!(post(&pair.phone, &id, b"four").await.refused(), no(409, "wrong_state"));
    // The answer to the end was lost; another end is another matter.
    end(&pair.workstation, &id, RequestState::Completed).await.ok::<Value>();
    let other = end(&pair.workstation, &id, RequestState::Failed).await;
    assert_eq!(other.refused(), no(409, "wrong_state"));
    let left: WaitingRequests = pair.workstation.get(path::WORKSTATION_REQUESTS).await.ok();
    assert!(left.requests.is_empty());
    assert!(pair.server.events(WORKSTATION_APP).await.contains(&"X_UNLOCK_COMPLETED".to_owned()));
}

#[tokio::test]
async fn only_the_two_sides_take_part() {
    let pair = pair().await;
    let other = pair.server.workstation("pc-2").await;
    let registered =
        Phone::new(2).pair(&pair.server.anyone(), &pairing_code(&other, "bo@example.com").await).await;
    let stranger = pair.server.with(&registered.device_token);
    // A computer that is not the phone's own, and a phone that is not the computer's.
    assert_eq!(stranger.post(path::REQUESTS, &unlock("pc-1")).await.refused(), no(404, "not_found"));
    assert_eq!(stranger.post(path::REQUESTS, &unlock("pc-9")).await.refused(), no(404, "not_found"));
    let sign_in = OpenRequest {
        purpose: Purpose::SignIn,
        machine_id: "pc-1".to_owned(),
        device_id: Some(registered.device_id.clone()),
    };
    assert_eq!(pair.workstation.post(path::REQUESTS, &sign_in).await.refused(), no(404, "not_found"));
    assert_eq!(other.post(path::REQUESTS, &sign_in).await.refused(), no(403, "forbidden"));
    assert_eq!(stranger.post(path::REQUESTS, &sign_in).await.refused(), no(403, "forbidden"));

    let id = open(&pair.phone).await;
    for outsider in [&stranger, &other] {
        assert_eq!(outsider.get(&of(path::REQUEST, &id)).await.refused(), no(404, "not_found"));
        assert_eq!(outsider.get(&of(path::REQUEST_MESSAGES, &id)).await.refused(), no(404, "not_found"));
        assert_eq!(post(outsider, &id, b"x").await.refused(), no(404, "not_found"));
        assert_eq!(end(outsider, &id, RequestState::Canceled).await.refused(), no(404, "not_found"));
    }
    assert_eq!(end(&pair.phone, &id, RequestState::Completed).await.refused(), no(403, "forbidden"));
    assert_eq!(end(&pair.phone, &id, RequestState::Initiated).await.refused(), no(400, "malformed"));
    end(&pair.phone, &id, RequestState::Canceled).await.ok::<Value>();
}

#[tokio::test]
async fn a_request_has_bounds_and_an_end() {
    let pair = pair().await;
    let id = open(&pair.phone).await;
    post(&pair.phone, &id, &[0; 8192]).await.ok::<Value>();
    assert_eq!(post(&pair.phone, &id, &[0; 8193]).await.refused(), no(413, "too_large"));
    assert_eq!(post(&pair.phone, &id, &[0; 17_000]).await.refused(), no(413, "too_large"));
    for _ in 1..32 {
        post(&pair.phone, &id, b"x").await.ok::<Value>();
    }
    assert_eq!(post(&pair.phone, &id, b"x").await.refused(), no(409, "limit_reached"));
    post(&pair.workstation, &id, b"y").await.ok::<Value>();

    pair.server.clock.advance(Duration::from_secs(120));
    assert_eq!(post(&pair.phone, &id, b"x").await.refused(), no(410, "expired"));
    assert_eq!(end(&pair.workstation, &id, RequestState::Completed).await.refused(), no(410, "expired"));
    assert_eq!(history(&pair.phone, &id).await, [RequestState::Initiated, RequestState::Canceled]);
    let read = messages(&pair.phone, &id, 0, 25).await;
    assert_eq!((read.messages.len(), read.state), (1, RequestState::Canceled));
    pair.server.clock.advance(Duration::from_secs(120));
    assert_eq!(pair.phone.get(&of(path::REQUEST, &id)).await.refused(), no(404, "not_found"));

    for _ in 0..16 {
        open(&pair.phone).await;
    }
    let many = pair.phone.post(path::REQUESTS, &unlock("pc-1")).await;
    assert_eq!(many.refused(), no(429, "rate_limited"));
}

#[tokio::test]
async fn a_held_call_ends_by_itself_and_with_the_server() {
    let pair = pair().await;
    let held = tokio::spawn({
        let phone = pair.phone.clone();
        async move { phone.get(&format!("{}?wait=5", path::DEVICE_REQUESTS)).await.ok::<WaitingRequests>() }
    });
    // The wait is over when the clock says so, whenever the call has arrived.
    while !held.is_finished() {
        pair.server.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    assert!(held.await.unwrap().requests.is_empty());
    let long = pair.phone.get(&format!("{}?wait=26", path::DEVICE_REQUESTS)).await;
    assert_eq!(long.refused(), no(400, "malformed"));

    let held = tokio::spawn({
        let phone = pair.phone.clone();
        async move { phone.get(&format!("{}?wait=25", path::DEVICE_REQUESTS)).await.status }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tokio::time::timeout(Duration::from_secs(3), pair.server.running.shutdown()).await.unwrap();
    assert!(held.await.unwrap().is_success());
}

#[tokio::test]
async fn a_workstation_reaches_the_phone_that_unlocked_it() {
    let pair = pair().await;
    let waiting = tokio::spawn({
        let phone = pair.phone.clone();
        async move { phone.get(&format!("{}?wait=25", path::DEVICE_REQUESTS)).await.ok::<WaitingRequests>() }
    });
    let sign_in = OpenRequest {
        purpose: Purpose::SignIn,
        machine_id: "pc-1".to_owned(),
        device_id: Some(pair.registered.device_id.clone()),
    };
    let opened: OpenRequestResponse = pair.workstation.post(path::REQUESTS, &sign_in).await.ok();
    let seen = waiting.await.unwrap().requests;
    assert_eq!((&seen[0].request_id, seen[0].purpose), (&opened.request_id, Purpose::SignIn));
}

async fn sign_in_code(workstation: &Caller) -> Code {
    let request =
        CreateSignInQrRequest { rp_app_id: WORKSTATION_APP.to_owned(), include_qr_fallback_code: false };
    let created: CreateSignInQrResponse = workstation.post(path::CREATE_SIGN_IN_QR, &request).await.ok();
    Code::read(&created.qr_code)
}

async fn claim(phone: &Caller, code: &Code) -> Answer {
    phone.post(&of(path::REQUEST_CLAIM, &code.request_id), &ClaimRequest { nonce: code.nonce.clone() }).await
}

async fn state_of(workstation: &Caller, code: &Code) -> QrStateResponse {
    workstation.get(&of(path::QR_STATE, &code.request_id)).await.ok()
}

async fn paired_by(workstation: &Caller) -> Vec<String> {
    let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
    sync.pairings.into_iter().map(|pairing| pairing.request_id).collect()
}

#[tokio::test]
async fn a_sign_in_code_pairs_a_phone_with_another_computer_once_it_unlocks() {
    let pair = pair().await;
    let desk = pair.server.workstation("pc-2").await;
    // Given up by the workstation: nothing is left.
    let code = sign_in_code(&desk).await;
    claim(&pair.phone, &code).await.ok::<Value>();
    assert_eq!(paired_by(&desk).await, std::slice::from_ref(&code.request_id));
    end(&desk, &code.request_id, RequestState::Failed).await.ok::<Value>();
    assert!(paired_by(&desk).await.is_empty());
    assert_eq!(state_of(&desk, &code).await.state, QrState::Canceled);
    // Forgotten: nothing is left either.
    let code = sign_in_code(&desk).await;
    claim(&pair.phone, &code).await.ok::<Value>();
    pair.server.clock.advance(Duration::from_secs(120));
    assert!(paired_by(&desk).await.is_empty());

    let code = sign_in_code(&desk).await;
    let url = format!("{}?wait=25", path::WORKSTATION_REQUESTS);
    let waiting = tokio::spawn({
        let (desk, url) = (desk.clone(), url.clone());
        async move { desk.get(&url).await.ok::<WaitingRequests>() }
    });
    claim(&pair.phone, &code).await.ok::<Value>();
    let seen = waiting.await.unwrap().requests;
    assert!(seen[0].from_code && seen[0].device_id.as_ref() == Some(&pair.registered.device_id));
    post(&pair.phone, &code.request_id, b"proof").await.ok::<Value>();
    assert_eq!(messages(&desk, &code.request_id, 0, 0).await.messages.len(), 1);
    end(&desk, &code.request_id, RequestState::Completed).await.ok::<Value>();
    assert_eq!(paired_by(&desk).await, std::slice::from_ref(&code.request_id));
    let state = state_of(&desk, &code).await;
    assert_eq!(state.state, QrState::Completed);
    assert_eq!(state.pairing.unwrap().device_id, pair.registered.device_id);
    let profile: Value = pair.phone.get(path::PROFILE).await.ok();
    assert_eq!(profile["computers"][1]["machineId"], "pc-2");
}

#[tokio::test]
async fn a_code_of_a_paired_computer_takes_the_pairings_place_only_when_it_unlocks() {
    let pair = pair().await;
    let before = paired_by(&pair.workstation).await;
    for (outcome, changes) in [(RequestState::Failed, false), (RequestState::Completed, true)] {
        let code = sign_in_code(&pair.workstation).await;
        claim(&pair.phone, &code).await.ok::<Value>();
        assert_eq!(paired_by(&pair.workstation).await, std::slice::from_ref(&code.request_id));
        end(&pair.workstation, &code.request_id, outcome).await.ok::<Value>();
        let now = paired_by(&pair.workstation).await;
        assert_eq!(now, if changes { vec![code.request_id] } else { before.clone() });
    }
}

#[tokio::test]
async fn a_sign_in_code_is_claimed_once_in_time_and_with_its_nonce() {
    let pair = pair().await;
    let registered = Phone::new(2)
        .pair(&pair.server.anyone(), &pairing_code(&pair.workstation, "bo@example.com").await)
        .await;
    let other = pair.server.with(&registered.device_token);
    let mut code = sign_in_code(&pair.workstation).await;
    // Not listed as news before somebody claims it.
    let listed: WaitingRequests = pair.workstation.get(path::WORKSTATION_REQUESTS).await.ok();
    assert!(listed.requests[0].device_id.is_none());
    let nonce = core::mem::replace(&mut code.nonce, Base64Url(vec![0; 32]));
    assert_eq!(claim(&pair.phone, &code).await.refused(), no(404, "not_found"));
    code.nonce = nonce;
    for _ in 0..2 {
        claim(&pair.phone, &code).await.ok::<Value>();
    }
    assert_eq!(claim(&other, &code).await.refused(), no(409, "wrong_state"));

    let code = sign_in_code(&pair.workstation).await;
    pair.server.clock.advance(Duration::from_secs(60));
    assert_eq!(claim(&pair.phone, &code).await.refused(), no(410, "expired"));
    assert_eq!(state_of(&pair.workstation, &code).await.state, QrState::Expired);
}

#[tokio::test]
async fn a_web_applications_phone_unlocks_where_the_administrator_says_so() {
    let server = Server::start().await;
    let desk = server.workstation("pc-1").await;
    let session = server.session(ADA).await;
    let request = json!({ "rpAppId": WEB_APP });
    let created: Value = session.post(path::CREATE_QR, &request).await.ok();
    let code = Code::read(created["qrCode"].as_str().unwrap());
    assert!(code.text.get("machineId").is_none() && code.text.get("pk").is_none());
    let registered = Phone::new(1).pair(&server.anyone(), &code).await;
    assert!(registered.computer.is_none());
    let phone = server.with(&registered.device_token);

    let code = sign_in_code(&desk).await;
    assert_eq!(claim(&phone, &code).await.refused(), no(403, "forbidden"));
    let url = format!("/cc/api/appconfig/workstation?rpAppId={WEB_APP}");
    let mut settings: Value = server.administrator().get(&url).await.ok();
    settings["workstationRpAppId"] = WORKSTATION_APP.into();
    server.administrator().put(&url, &settings).await.ok::<Value>();
    claim(&phone, &code).await.ok::<Value>();
}
