use core::time::Duration;

use latchkey_phone::control_center::wire::{
    PairedDevice, ReportedEvent, ReportedEvents, WorkstationResponse, path,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{Phone, Server, no, pairing_code};
use crate::control_center::{WEB_APP, WORKSTATION_APP};

const ADA: &str = "ada@example.com";
const SETTINGS: &str = "/cc/api/appconfig/workstation";

#[tokio::test]
async fn settings_are_bounded_and_reach_the_workstation() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let administrator = server.administrator();
    let url = format!("{SETTINGS}?rpAppId={WORKSTATION_APP}");
    let good: Value = administrator.get(&url).await.ok();
    assert_eq!(good["offline"]["enabled"], false);
    for (setting, name, value) in [
        ("length", "Length", 5),
        ("count", "Count", 101),
        ("validDays", "ValidDays", 6),
        ("displaySecs", "DisplaySecs", 121),
        ("promptThresholdPct", "PromptThresholdPct", 51),
        ("maxFailures", "MaxFailures", 2),
        ("window", "Window", 0),
    ] {
        let mut bad = good.clone();
        bad["offline"][setting] = value.into();
        let answer = administrator.put(&url, &bad).await;
        assert!(answer.body["errorText"].as_str().unwrap().starts_with(name), "{}", answer.body);
        assert_eq!(answer.refused(), no(400, "malformed"));
    }
    let mut bad = good.clone();
    bad["workstationRpAppId"] = WEB_APP.into();
    assert_eq!(administrator.put(&url, &bad).await.refused(), no(400, "malformed"));
    assert_eq!(administrator.get(&format!("{SETTINGS}?rpAppId=other")).await.refused(), no(400, "malformed"));
    assert_eq!(administrator.get(&url).await.ok::<Value>(), good);

    let mut new = good.clone();
    new["offline"]["enabled"] = true.into();
    new["offline"]["length"] = 10.into();
    assert_eq!(administrator.put(&url, &new).await.ok::<Value>(), new);
    let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
    assert!(sync.settings.offline.enabled);
    assert_eq!(sync.settings.offline.length, 10);
}

#[tokio::test]
async fn tokens_and_links_are_bounded() {
    let server = Server::start().await;
    let administrator = server.administrator();
    let token = |scope: &str, app: &str, life: u64| {
        let request = json!({ "scope": [scope], "rpAppId": app, "expiresInSecs": life });
        let administrator = administrator.clone();
        async move { administrator.post("/rp/api/token/endpoint", &request).await }
    };
    for (scope, app, life) in
        [("ADMIN", WORKSTATION_APP, 60), ("WSINSTALL", "other", 60), ("WSINSTALL", WORKSTATION_APP, 59)]
    {
        assert_eq!(token(scope, app, life).await.refused(), no(400, "malformed"));
    }
    let link = |email: &str| {
        let (request, administrator) = (json!({ "email": email }), administrator.clone());
        async move { administrator.post("/cc/api/magiclink", &request).await }
    };
    assert_eq!(link("ada+home@example.com").await.refused(), no(400, "malformed"));
    assert_eq!(link("ada@example.org").await.refused(), no(403, "wrong_account"));
    let made: Value = link(ADA).await.ok();
    assert_eq!(made["expiresAt"].as_u64().unwrap(), 1_767_225_600 + 86_400);
    assert!(made["magicLink"].as_str().unwrap().starts_with(&format!("{}/dm/link/lkl_", server.base)));
}

#[tokio::test]
async fn what_is_removed_takes_its_pairings_with_it() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let administrator = server.administrator();
    let one = Phone::new(1).pair(&server.anyone(), &pairing_code(&workstation, ADA).await).await;
    let two = Phone::new(2).pair(&server.anyone(), &pairing_code(&workstation, ADA).await).await;
    let machines: Value =
        administrator.get(&format!("/rp/api/oob/client/devices/{WORKSTATION_APP}/Desk%20pc-1")).await.ok();
    let devices: Vec<PairedDevice> =
        serde_json::from_value(machines["machines"][0]["devices"].clone()).unwrap();
    assert_eq!(devices.len(), 2);
    let none = administrator.get(&format!("/rp/api/oob/client/devices/{WORKSTATION_APP}/pc-1")).await;
    assert_eq!(none.refused(), no(404, "not_found"));

    // One passkey takes its phone with it: a phone without a passkey would be half registered.
    let key = &devices[0].credential_id;
    let url = format!("/rp/api/versioned/fido2/user?username={ADA}&keyId={key}");
    assert_eq!(administrator.get(&url).await.ok::<Value>()["passkeys"].as_array().unwrap().len(), 1);
    administrator.delete(&url).await.ok::<Value>();
    assert_eq!(administrator.delete(&url).await.refused(), no(404, "not_found"));
    let gone = server.with(&one.device_token).get(path::PROFILE).await;
    assert_eq!(gone.refused(), no(401, "unauthorized"));
    server.with(&two.device_token).get(path::PROFILE).await.ok::<Value>();

    let users: Value = administrator.get("/cc/api/versioned/rpUser").await.ok();
    assert_eq!(users, json!({ "users": [{ "username": ADA, "passkeys": 1, "devices": 1 }] }));
    let user = format!("/cc/api/versioned/rpUser/{ADA}");
    administrator.delete(&user).await.ok::<Value>();
    assert_eq!(administrator.get(&user).await.refused(), no(404, "not_found"));
    assert_eq!(administrator.delete(&user).await.refused(), no(404, "not_found"));
    let sync: WorkstationResponse = workstation.get(path::WORKSTATION).await.ok();
    assert!(sync.pairings.is_empty());
}

fn event(id: u8, name: &str) -> ReportedEvent {
    ReportedEvent {
        event_id: format!("{id:032x}"),
        event_name: name.to_owned(),
        event_time_in_utc: 1_767_225_600_000 + u64::from(id),
        machine_id: Some("pc-1".to_owned()),
    }
}

#[tokio::test]
async fn events_are_reported_once_and_searched_in_pages() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let report = |events: Vec<ReportedEvent>| {
        let workstation = workstation.clone();
        async move { workstation.post(path::WORKSTATION_EVENTS, &ReportedEvents { events }).await }
    };
    let some: Vec<ReportedEvent> = (1..=5).map(|id| event(id, "X_OFFLINE_UNLOCK_OK")).collect();
    for _ in 0..2 {
        report(some.clone()).await.ok::<Value>();
    }
    // One that cannot be written keeps the others from being written.
    for bad in [
        event(7, "LOGIN"),
        event(7, "X_SOMETHING"),
        ReportedEvent { event_id: "7".to_owned(), ..event(7, "X_OFFLINE_LOW") },
        ReportedEvent { machine_id: Some("pc-2".to_owned()), ..event(7, "X_OFFLINE_LOW") },
        ReportedEvent { event_time_in_utc: u64::MAX, ..event(7, "X_OFFLINE_LOW") },
    ] {
        assert_eq!(report(vec![event(6, "X_OFFLINE_LOW"), bad]).await.refused(), no(400, "malformed"));
    }
    assert_eq!(report(vec![event(1, "X_OFFLINE_LOW"); 101]).await.refused(), no(400, "malformed"));
    assert_eq!(server.events(WORKSTATION_APP).await, ["X_OFFLINE_UNLOCK_OK"; 5]);

    let search = |rest: &str| {
        let url = format!("/cc/api/versioned/audit/search?rpAppId={WORKSTATION_APP}{rest}");
        let administrator = server.administrator();
        async move { administrator.get(&url).await }
    };
    let page: Value = search("&pageSize=2&pageNumber=2").await.ok();
    assert_eq!(page["metadata"], json!({ "totalRecords": 5, "totalPages": 3, "currentPage": 2 }));
    assert_eq!(
        page["data"],
        json!([{
            "eventName": "X_OFFLINE_UNLOCK_OK",
            "eventTags": "OFFLINE",
            "eventLoggedBy": "RELYING_PARTY_SERVER",
            "message": "A workstation was unlocked by an offline PIN",
            "eventTimeInUTC": 1_767_225_600_001_u64,
            "rpAppId": WORKSTATION_APP,
            "machineId": "pc-1",
        }])
    );
    let some: Value = search("&startTSUTC=1767225600002&endTSUTC=1767225600003&sortDir=ASC").await.ok();
    assert_eq!(some["metadata"]["totalRecords"], 2);
    for bad in ["&pageSize=0", "&pageSize=1001", "&orderBy=message", "&sortDir=up", "&pageNumber=-1"] {
        assert_eq!(search(bad).await.refused(), no(400, "malformed"), "{bad}");
    }
}

#[tokio::test]
async fn an_administrator_who_comes_is_noted_once_in_a_while() {
    let server = Server::start().await;
    for _ in 0..3 {
        server.administrator().get("/cc/api/versioned/rpUser").await.ok::<Value>();
    }
    assert_eq!(server.events(WEB_APP).await, ["LOGIN"]);
    server.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(server.events(WEB_APP).await.len(), 2);
}

#[tokio::test]
async fn bodies_and_tokens_that_cannot_be_read_are_refused_alike_everywhere() {
    let server = Server::start().await;
    let workstation = server.workstation("pc-1").await;
    let large = vec![b' '; 16 * 1024 + 1];
    let answer = workstation.send(Method::POST, path::CREATE_QR, Some(large)).await;
    assert_eq!(answer.refused(), no(413, "too_large"));
    let answer = workstation.send(Method::POST, path::CREATE_QR, Some(b"{\"rpAppId\":1}".to_vec())).await;
    assert_eq!(answer.refused(), no(400, "malformed"));
    for token in ["", "lkw_", "lkp_unknown", "lks_unknown", "lka_unknown"] {
        let answer = server.with(token).get(path::WORKSTATION).await;
        assert_eq!(answer.refused(), no(401, "unauthorized"), "{token}");
    }
    assert_eq!(server.anyone().get("/nothing").await.refused(), no(404, "not_found"));
    let other = server.anyone().send(Method::PATCH, path::PENDING_QR, None).await;
    assert_eq!((other.status.as_u16(), other.body["error"].as_str()), (405, Some("malformed")));
}
