//! The command line of a phone that is paired with a workstation.

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::AccountKind;
use serde_json::{Value, json};
use tokio::process::Command;

use super::stage::{ADA, Serving, Stage, unlocked, within};

/// Runs a command to its end: its exit status and the JSON that it printed.
async fn phone(stage: &Stage, arguments: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey-sim"));
    command.arg("phone").args(arguments).arg("--json").arg("--state").arg(stage.path("phone"));
    let output = within(command.kill_on_drop(true).output()).await.unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), json)
}

fn finding<'a>(findings: &'a Value, check: &str) -> &'a Value {
    findings.as_array().unwrap().iter().find(|finding| finding["check"] == check).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_is_paired() {
    let stage = Stage::new().await;
    let workstation = stage.workstation("Desk").await;
    stage.set_offline(true).await;
    let ca_file = stage.ca_file();
    let ca_file = ca_file.to_str().unwrap();

    let code = workstation.begin_pairing(ADA, AccountKind::EntraCloud, false).await.unwrap();
    let (status, _) = phone(&stage, &["approve", &code.text, "--yes", "--ca-file", ca_file]).await;
    assert_eq!(status, 0);
    workstation.finish_pairing(&code.request_id, &Cancel::new()).await.unwrap();
    let serving = Serving::start(&workstation);

    // Before the first unlock there is no PIN.
    let (status, json) = phone(&stage, &["pin", "desk", "--yes"]).await;
    assert_eq!((status, json), (20, json!({ "error": "offline.not_provisioned" })));

    let (status, json) = phone(&stage, &["unlock", "desk", "--yes", "--ca-file", ca_file]).await;
    let machine_id = workstation.status().unwrap().machine_id;
    let expected =
        json!({ "machineId": machine_id, "pins": "replenished", "pinsError": null, "error": null });
    assert_eq!((status, json), (0, expected));
    assert_eq!(unlocked(&workstation), Some(("phone", ADA.to_owned())));
    workstation.lock().unwrap();

    let (status, findings) = phone(&stage, &["readiness", "--ca-file", ca_file]).await;
    assert_eq!(status, 0, "{findings}");
    for check in ["Passkey provider", "Camera", "Network", "App version", "Account", "Clock"] {
        assert_eq!(finding(&findings, check)["state"], "ok", "{findings}");
    }

    // By its ID, without a network, and never without its owner.
    std::fs::write(stage.path("phone").join("device.json"), r#"{"online": false, "camera": "off"}"#).unwrap();
    let (status, json) = phone(&stage, &["unlock", &machine_id, "--yes", "--ca-file", ca_file]).await;
    assert_eq!((status, json), (11, json!({ "error": "hybrid.no_internet" })));
    let (status, json) = phone(&stage, &["pin", &machine_id]).await;
    assert_eq!((status, json), (20, json!({ "error": "auth.not_found_or_canceled" })), "nobody says yes");
    let (status, json) = phone(&stage, &["pin", &machine_id, "--yes"]).await;
    assert_eq!((status, &json["remaining"], &json["total"]), (0, &json!(9), &json!(10)));
    workstation.unlock_with_pin(ADA, json["pin"].as_str().unwrap()).await.unwrap();

    let (status, findings) = phone(&stage, &["readiness", "--ca-file", ca_file]).await;
    assert_eq!(status, 20);
    assert_eq!(finding(&findings, "Network")["error"], "hybrid.no_internet");
    assert_eq!(finding(&findings, "Camera")["error"], "qr.camera_denied");
    assert_eq!(finding(&findings, "Account")["state"], "unknown");
    std::fs::remove_file(stage.path("phone").join("device.json")).unwrap();

    assert_eq!(phone(&stage, &["unlock", "nobody", "--yes"]).await.0, 30);
    let (status, json) = phone(&stage, &["answer", "--wait", "0", "--yes", "--ca-file", ca_file]).await;
    assert_eq!((status, &json["error"]), (13, &json!("any.no_device")));
    serving.stop().await;
}
