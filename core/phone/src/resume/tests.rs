use latchkey_authenticator::testing::Answer;

use super::*;
use crate::computers::Removal;
use crate::control_center::test_server::Reply;
use crate::events::Event;
use crate::pairing::fixture::{Center, Fault};

const OPTIONS: &str = "attestation/options";
const REGISTRATION: &str = "device/registration";
const STATE: &str = "registration/state";
const CANCEL: &str = "registration/cancel";
const COMPUTER: &str = "computers/machine-1";
const EVENTS: &str = "device/events";

impl Center {
    /// Runs `work` until `there` holds, and no further: the app is killed then, and opened again.
    async fn killed_when(&mut self, there: impl Fn(&Center) -> bool, work: impl AsyncFnOnce(&Phone)) {
        let watching = async {
            while !there(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = work(&self.phone.phone) => panic!("it came to its end"),
            () = watching => {}
        }
        self.phone.restart();
    }

    async fn killed_while_pairing(&mut self, there: impl Fn(&Center) -> bool) {
        let code = self.code();
        self.killed_when(there, async |phone| {
            let _ = phone.pair(&code, &Cancel::new()).await;
        })
        .await;
    }

    async fn resume(&self) -> Result<Resumed, PhoneError> {
        self.phone.phone.resume(&Cancel::new()).await
    }

    async fn paired() -> Self {
        let center = Center::new().await;
        center.phone.phone.pair(&center.code(), &Cancel::new()).await.unwrap();
        center.server.take_lines();
        center
    }

    fn asked(&self, path: &str) -> bool {
        self.server.peek(|request| request.line.ends_with(path))
    }
}

fn given_up() -> Resumed {
    Resumed { given_up: 1, ..Resumed::default() }
}

fn open() -> Resumed {
    Resumed { open: 1, ..Resumed::default() }
}

#[tokio::test]
async fn nothing_to_do() {
    let center = Center::new().await;
    assert_eq!(center.resume().await.unwrap(), Resumed::default());
    let center = Center::paired().await;
    assert_eq!(center.resume().await.unwrap(), Resumed::default());
    assert!(center.server.take_lines().is_empty());
}

#[tokio::test]
async fn killed_while_the_server_is_asked_for_options() {
    let mut center = Center::new().await;
    center.fault(OPTIONS, Fault::After(Reply::Hang));
    center.killed_while_pairing(|center| center.asked(OPTIONS)).await;
    assert_eq!(center.resume().await.unwrap(), given_up());
    center.assert_phone_is_empty();
    assert_eq!(center.resume().await.unwrap(), Resumed::default());
}

#[tokio::test]
async fn killed_while_the_person_is_asked() {
    let mut center = Center::new().await;
    center.phone.gate.push(Answer::Ignore);
    center.killed_while_pairing(|center| !center.phone.gate.take_prompts().is_empty()).await;
    assert_eq!(center.resume().await.unwrap(), given_up());
    center.assert_phone_is_empty();
}

#[tokio::test]
async fn killed_before_the_registration_has_arrived() {
    let mut center = Center::new().await;
    center.fault(REGISTRATION, Fault::Instead(Reply::Hang));
    center.killed_while_pairing(|center| center.asked(REGISTRATION)).await;
    assert!(center.phone.phone.security_keys().list().unwrap().is_empty(), "pending");
    assert_eq!(center.phone.hardware.key_count(), 1);
    assert_eq!(center.resume().await.unwrap(), given_up());
    center.assert_phone_is_empty();
    assert!(center.state().registered.is_empty());
}

#[tokio::test]
async fn killed_before_the_answer_has_arrived() {
    let mut center = Center::new().await;
    center.fault(REGISTRATION, Fault::After(Reply::Hang));
    center.killed_while_pairing(|center| !center.state().registered.is_empty()).await;
    let resumed = center.resume().await.unwrap();
    assert_eq!(resumed.paired.len(), 1);
    assert_eq!(resumed.paired[0].machine_id.as_deref(), Some("machine-1"));
    center.assert_paired();
    assert_eq!(center.resume().await.unwrap(), Resumed::default());
}

#[tokio::test]
async fn killed_while_a_lost_answer_is_asked_for() {
    for (path, registered) in [(STATE, true), (STATE, false), (CANCEL, false)] {
        let mut center = Center::new().await;
        let lost = if registered { Fault::After(Reply::Drop) } else { Fault::Instead(Reply::Drop) };
        center.fault(REGISTRATION, lost);
        center.fault(path, Fault::After(Reply::Hang));
        center.killed_while_pairing(|center| center.asked(path)).await;
        let resumed = center.resume().await.unwrap();
        if registered {
            assert_eq!(resumed.paired.len(), 1);
            center.assert_paired();
        } else {
            assert_eq!(resumed, given_up());
            center.assert_phone_is_empty();
            assert!(center.state().registered.is_empty());
        }
    }
}

#[tokio::test]
async fn a_registration_that_arrives_late_finds_the_code_cancelled() {
    let mut center = Center::new().await;
    center.fault(REGISTRATION, Fault::Instead(Reply::Hang));
    center.killed_while_pairing(|center| center.asked(REGISTRATION)).await;
    let late = center.server.take_requests().pop().unwrap();
    assert_eq!(center.resume().await.unwrap(), given_up());
    assert!(matches!(center.state().answer(&late), Reply::Json(409, _)));
    assert!(center.state().registered.is_empty());
}

#[tokio::test]
async fn killed_while_resuming() {
    for path in [STATE, CANCEL] {
        let mut center = Center::new().await;
        center.fault(REGISTRATION, Fault::Instead(Reply::Hang));
        center.killed_while_pairing(|center| center.asked(REGISTRATION)).await;
        center.fault(path, Fault::After(Reply::Hang));
        center
            .killed_when(
                |center| center.asked(path),
                async |phone| {
                    let _ = phone.resume(&Cancel::new()).await;
                },
            )
            .await;
        assert_eq!(center.resume().await.unwrap(), given_up());
        center.assert_phone_is_empty();
    }
}

#[tokio::test]
async fn what_the_server_does_not_tell_stays_open() {
    for reply in [
        Reply::Drop,
        Reply::refusal(503, "unavailable"),
        Reply::refusal(429, "rate_limited"),
        Reply::refusal(400, "malformed"),
        Reply::Json(302, serde_json::json!({})),
        Reply::Json(200, serde_json::json!({"state": "OF_TOMORROW"})),
        Reply::Json(200, serde_json::json!("x".repeat(20_000))),
    ] {
        let mut center = Center::new().await;
        center.fault(REGISTRATION, Fault::After(Reply::Hang));
        center.killed_while_pairing(|center| !center.state().registered.is_empty()).await;
        center.fault(STATE, Fault::Instead(reply));
        assert_eq!(center.resume().await.unwrap(), open());
        assert!(center.phone.phone.security_keys().list().unwrap().is_empty());
        assert_eq!(center.resume().await.unwrap().paired.len(), 1);
        center.assert_paired();
    }
}

#[tokio::test]
async fn a_pairing_that_the_server_has_forgotten_is_given_up() {
    for state in [Reply::refusal(404, "not_found"), Reply::Json(200, serde_json::json!({"state": "EXPIRED"}))]
    {
        let mut center = Center::new().await;
        center.fault(REGISTRATION, Fault::Instead(Reply::Hang));
        center.killed_while_pairing(|center| center.asked(REGISTRATION)).await;
        center.fault(STATE, Fault::Instead(state));
        assert_eq!(center.resume().await.unwrap(), given_up());
        center.assert_phone_is_empty();
    }
}

#[tokio::test]
async fn offline_and_cancelled() {
    let center = Center::paired().await;
    let cancel = Cancel::new();
    cancel.cancel();
    assert!(matches!(center.phone.phone.resume(&cancel).await, Err(PhoneError::Canceled(_))));
    center.phone.surroundings.set_online(false);
    assert!(matches!(center.resume().await, Err(PhoneError::Offline)));
}

#[tokio::test]
async fn a_computer_that_was_removed_offline_is_told_later() {
    let center = Center::paired().await;
    center.phone.surroundings.set_online(false);
    let removal = center.phone.phone.computers().remove("machine-1", &Cancel::new()).await.unwrap();
    assert_eq!(removal, Removal::ServerNotTold);
    assert!(center.phone.phone.computers().list().unwrap().is_empty());
    center.phone.surroundings.set_online(true);

    center.fault(COMPUTER, Fault::Instead(Reply::refusal(503, "unavailable")));
    assert_eq!(center.resume().await.unwrap(), open());
    assert_eq!(center.resume().await.unwrap(), Resumed { removed: 1, ..Resumed::default() });
    assert_eq!(center.state().computers_removed, ["machine-1"]);
    assert!(center.phone.phone.vault.computers().unwrap().is_empty());
    assert_eq!(center.resume().await.unwrap(), Resumed::default());
}

#[tokio::test]
async fn a_server_that_has_forgotten_the_phone_need_not_be_told() {
    let center = Center::paired().await;
    center.phone.surroundings.set_online(false);
    center.phone.phone.computers().remove("machine-1", &Cancel::new()).await.unwrap();
    center.phone.surroundings.set_online(true);
    center.state().revoke();
    assert_eq!(center.resume().await.unwrap(), Resumed { removed: 1, ..Resumed::default() });
    assert!(center.phone.phone.vault.computers().unwrap().is_empty());
}

/// The server has given the phone another token, and the answer was lost.
#[tokio::test]
async fn a_token_that_may_be_replaced_proves_nothing() {
    let mut center = Center::paired().await;
    center.fault(REGISTRATION, Fault::Instead(Reply::Hang));
    center.killed_while_pairing(|center| center.asked(REGISTRATION)).await;
    center.state().revoke();
    center.fault(STATE, Fault::Instead(Reply::Drop));
    let removal = center.phone.phone.computers().remove("machine-1", &Cancel::new()).await.unwrap();
    assert_eq!(removal, Removal::ServerNotTold);
    assert_eq!(center.resume().await.unwrap(), Resumed { open: 2, ..Resumed::default() });
    assert_eq!(center.phone.phone.vault.computers().unwrap().len(), 1);
    assert_eq!(center.resume().await.unwrap(), Resumed { given_up: 1, removed: 1, ..Resumed::default() });
    assert!(center.phone.phone.vault.computers().unwrap().is_empty());
}

#[tokio::test]
async fn a_registration_without_its_passkey_is_taken_back() {
    let center = Center::paired().await;
    let phone = &center.phone.phone;
    let id = phone.security_keys().list().unwrap()[0].id.clone();
    phone.security_keys().delete(&id, &Cancel::new()).await.unwrap();
    center.fault(REGISTRATION, Fault::Instead(Reply::Drop));
    assert_eq!(center.resume().await.unwrap(), open());
    assert_eq!(center.resume().await.unwrap(), Resumed { removed: 1, ..Resumed::default() });
    assert!(center.state().registered.is_empty());
    center.assert_phone_is_empty();
}

#[tokio::test]
async fn events_are_told_once_each() {
    let center = Center::paired().await;
    let (phone, tenant) = (&center.phone.phone, center.server.base());
    for _ in 0..3 {
        phone.note_event(&tenant, Event::PinDisplayed, "machine-1");
    }
    phone.note_event("https://elsewhere.example.com", Event::PinDisplayed, "machine-1");
    center.fault(EVENTS, Fault::Instead(Reply::refusal(503, "unavailable")));
    center.resume().await.unwrap();
    assert!(center.state().events.is_empty());
    center.resume().await.unwrap();
    center.resume().await.unwrap();
    let events = core::mem::take(&mut center.state().events);
    assert_eq!(events.len(), 3);
    assert_eq!(events[0]["eventName"], "X_OFFLINE_PIN_DISPLAYED");
    assert_eq!(phone.vault.queued_events("https://elsewhere.example.com", 9).unwrap().len(), 1);
}
