use latchkey_authenticator::testing::Answer;

use super::*;
use crate::unlock::fixture::{Fixture, MACHINE, NOW};

impl Fixture {
    async fn provisioned() -> Self {
        let fixture = Fixture::new().await;
        fixture.unlock().await.unwrap();
        let _ = (fixture.phone.gate.take_prompts(), fixture.phone.surroundings.take_steps());
        fixture
    }

    async fn show(&self) -> Result<ShownPin, PhoneError> {
        self.phone().offline_pins().display(MACHINE, &Cancel::new()).await
    }

    /// Waits for the last PIN to be hidden, then shows the next one.
    async fn show_next(&self) -> ShownPin {
        self.phone.clock.advance(core::time::Duration::from_secs(60));
        self.show().await.unwrap()
    }

    fn status_of_pins(&self) -> PinStatus {
        self.phone().offline_pins().status(MACHINE).unwrap()
    }

    /// Names of the events that wait to be reported; forgets them.
    fn take_events(&self) -> Vec<String> {
        let vault = &self.phone().vault;
        let queued = vault.queued_events(&self.server.base(), 1000).unwrap();
        let (numbers, events): (Vec<i64>, Vec<Vec<u8>>) = queued.into_iter().unzip();
        vault.forget_events(&numbers).unwrap();
        let name = |event: &Vec<u8>| {
            let event: serde_json::Value = serde_json::from_slice(event).unwrap();
            event["eventName"].as_str().unwrap().trim_start_matches("X_OFFLINE_").to_owned()
        };
        events.iter().map(name).collect()
    }
}

#[tokio::test]
async fn a_pin_is_shown_after_one_verified_prompt() {
    let fixture = Fixture::provisioned().await;
    let shown = fixture.show().await.unwrap();
    assert_eq!((shown.hide_at, shown.status.remaining), (NOW + 60, 24));
    assert!(fixture.remote().type_pin(&shown.pin, NOW));
    let prompts = fixture.phone.gate.take_prompts();
    let [Prompt { kind: PromptKind::ShowPin { computer }, verify: true, .. }] = &prompts[..] else {
        panic!("{prompts:?}")
    };
    assert_eq!(computer, "Ada's laptop");
    assert_eq!(fixture.take_events(), ["PIN_DISPLAYED"]);
    assert!(!format!("{shown:?}").contains(shown.pin.expose()), "it does not print");
}

#[tokio::test]
async fn closing_the_phone_ends_the_prompt() {
    let fixture = Fixture::provisioned().await;
    fixture.phone.gate.push(Answer::Ignore);
    let (shown, ()) = tokio::join!(fixture.show(), async {
        while fixture.phone.gate.take_prompts().is_empty() {
            tokio::task::yield_now().await;
        }
        fixture.phone().close();
    });
    assert!(matches!(shown, Err(PhoneError::Store(StoreError::Closed))));
}

#[tokio::test]
async fn looking_again_burns_nothing_and_is_verified_all_the_same() {
    let fixture = Fixture::provisioned().await;
    let first = fixture.show().await.unwrap();
    let _ = fixture.take_events();
    fixture.phone.clock.advance(core::time::Duration::from_secs(59));
    let again = fixture.show().await.unwrap();
    assert_eq!(again.pin.expose(), first.pin.expose());
    assert_eq!((again.hide_at, again.status.remaining), (first.hide_at, 24));
    assert!(fixture.take_events().is_empty());
    assert_eq!(fixture.phone.gate.take_prompts().len(), 2);
    assert_ne!(fixture.show_next().await.pin.expose(), first.pin.expose());
}

#[tokio::test]
async fn without_a_verified_person_no_pin_is_burnt() {
    for (answer, id) in [
        (Answer::Fail(GateError::Denied), ErrorId::AuthNotFoundOrCanceled),
        (Answer::Fail(GateError::LockedOut), ErrorId::AuthUvFailed),
        (Answer::Fail(GateError::Unavailable), ErrorId::ProviderLocked),
        (Answer::Consent { verified: false, account: 0 }, ErrorId::AuthUvFailed),
    ] {
        let fixture = Fixture::provisioned().await;
        fixture.phone.gate.push(answer);
        assert_eq!(fixture.show().await.unwrap_err().id(), id);
        assert_eq!(fixture.status_of_pins().remaining, 25);
        assert!(fixture.take_events().is_empty());
    }
    let fixture = Fixture::provisioned().await;
    fixture.phone.gate.set_user_verification(UserVerification::NotConfigured);
    assert_eq!(fixture.show().await.unwrap_err().id(), ErrorId::ProviderBiometricsMissing);
    assert_eq!(fixture.status_of_pins().remaining, 25);
}

#[tokio::test]
async fn a_prompt_that_nobody_answers_ends() {
    let fixture = Fixture::provisioned().await;
    fixture.phone.gate.push(Answer::Ignore);
    let timeout = fixture.phone().config.policy.prompt_timeout;
    let time = async { fixture.phone.clock.advance(timeout) };
    let (shown, ()) = tokio::join!(fixture.show(), time);
    assert_eq!(shown.unwrap_err().id(), ErrorId::AuthTimeout);

    fixture.phone.gate.push(Answer::Ignore);
    let cancel = Cancel::new();
    let (shown, ()) =
        tokio::join!(fixture.phone().offline_pins().display(MACHINE, &cancel), async { cancel.cancel() });
    assert_eq!(shown.unwrap_err().id(), ErrorId::AuthNotFoundOrCanceled);
    assert_eq!(fixture.status_of_pins().remaining, 25);
}

#[tokio::test]
async fn the_person_is_warned_and_in_the_end_told_that_there_are_none() {
    let fixture = Fixture::provisioned().await;
    for left in (5..25).rev() {
        assert_eq!(fixture.show_next().await.status.remaining, left);
    }
    // 20 percent of 25 are low.
    assert_eq!(fixture.status_of_pins().notice, Some(ErrorId::OfflineLow));
    assert_eq!(fixture.phone.surroundings.take_steps(), [Step::OfflinePinsLow]);
    let events = fixture.take_events();
    assert_eq!(events.iter().filter(|event| *event == "LOW").count(), 1);
    assert_eq!(events.len(), 21);
    for left in (0..5).rev() {
        assert_eq!(fixture.show_next().await.status.remaining, left);
    }
    let events = fixture.take_events();
    assert_eq!(events.last().unwrap(), "EXHAUSTED");
    assert_eq!(events.len(), 6, "low is told once: {events:?}");
    assert_eq!(fixture.status_of_pins().notice, Some(ErrorId::OfflineExhausted));

    fixture.phone.clock.advance(core::time::Duration::from_secs(60));
    assert_eq!(fixture.show().await.unwrap_err().id(), ErrorId::OfflineExhausted);
    let _ = fixture.phone.gate.take_prompts();
    assert_eq!(fixture.show().await.unwrap_err().id(), ErrorId::OfflineExhausted);
    assert!(fixture.phone.gate.take_prompts().is_empty(), "nobody is verified for nothing");
    assert!(fixture.status_of_pins().offered(), "the button tells why");

    fixture.unlock().await.unwrap();
    assert_eq!(fixture.status_of_pins().notice, None);
}

#[tokio::test]
async fn pins_end_with_their_days_for_good() {
    let fixture = Fixture::provisioned().await;
    let days = |days: u64| core::time::Duration::from_secs(days * 86_400);
    fixture.phone.clock.advance(days(27));
    assert_eq!(fixture.status_of_pins().state, State::Low);
    fixture.phone.clock.advance(days(3));
    assert_eq!(fixture.status_of_pins().notice, Some(ErrorId::OfflineExpired));
    assert_eq!(fixture.show().await.unwrap_err().id(), ErrorId::OfflineExpired);
    assert!(fixture.take_events().is_empty());
    let again = fixture.phone().ledger().display(MACHINE, NOW);
    assert!(matches!(again, Err(OfflineError::Expired)), "a clock turned back does not help");
}

#[tokio::test]
async fn before_the_first_unlock_there_is_no_button() {
    let fixture = Fixture::new().await;
    let pins = fixture.phone().offline_pins();
    assert!(!fixture.status_of_pins().offered());
    assert_eq!(pins.unlock_way(MACHINE).unwrap(), UnlockWay::Online { pin_on_long_press: false });
    assert_eq!(fixture.show().await.unwrap_err().id(), ErrorId::OfflineNotProvisioned);
    assert!(fixture.phone.gate.take_prompts().is_empty());
}

#[tokio::test]
async fn what_a_tap_does_depends_on_the_network() {
    let fixture = Fixture::provisioned().await;
    let pins = fixture.phone().offline_pins();
    assert_eq!(pins.unlock_way(MACHINE).unwrap(), UnlockWay::Online { pin_on_long_press: true });
    fixture.phone.surroundings.set_online(false);
    assert_eq!(pins.unlock_way(MACHINE).unwrap(), UnlockWay::Offline { pin_on_tap: true });
    let shown = fixture.show().await.unwrap();
    assert!(fixture.remote().type_pin(&shown.pin, NOW));
}

#[tokio::test]
async fn a_computer_that_was_removed_has_no_pins() {
    let fixture = Fixture::provisioned().await;
    fixture.phone().computers().remove(MACHINE, &Cancel::new()).await.unwrap();
    assert!(matches!(fixture.show().await, Err(PhoneError::UnknownComputer)));
    assert!(matches!(fixture.phone().offline_pins().status(MACHINE), Err(PhoneError::UnknownComputer)));
}
