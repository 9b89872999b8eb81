use latchkey_authenticator::ports::Prompt;
use latchkey_authenticator::testing::Answer;
use latchkey_offline::{OfflineError, State};
use latchkey_unlock::Reason;

use super::fixture::{Fixture, MACHINE, Mood, NOW};
use super::*;
use crate::{ErrorId, UnlockWay};

impl Fixture {
    fn pins(&self) -> crate::PinStatus {
        self.phone().offline_pins().status(MACHINE).unwrap()
    }

    /// The unlock fails like this; the computer stays locked and what the phone holds stays.
    async fn assert_refused(&self, id: ErrorId) {
        let before = (self.pins(), self.remote().unlocks, self.last_online());
        assert_eq!(self.unlock().await.unwrap_err().id(), id);
        assert_eq!((self.pins(), self.remote().unlocks, self.last_online()), before);
    }

    fn last_online(&self) -> Option<u64> {
        self.phone().computers().get(MACHINE).unwrap().last_online_at
    }

    fn prompts(&self) -> Vec<PromptKind> {
        self.phone.gate.take_prompts().into_iter().map(|prompt: Prompt| prompt.kind).collect()
    }
}

#[tokio::test]
async fn a_tap_unlocks_and_brings_pins() {
    let fixture = Fixture::new().await;
    let unlocked = fixture.unlock().await.unwrap();
    assert!(matches!(unlocked.pins, PinsAfter::Replenished), "{unlocked:?}");
    assert_eq!(fixture.remote().unlocks, 1);
    assert_eq!(fixture.remote().ended, None, "the computer ends the request");
    assert_eq!(
        fixture.phone.surroundings.take_steps(),
        [Step::ContactingComputer, Step::ComputerReached, Step::Unlocked, Step::OfflineSetStored]
    );
    assert_eq!(fixture.prompts(), [PromptKind::Unlock { computer: "Ada's laptop".to_owned() }]);
    assert_eq!(fixture.last_online(), Some(NOW));
    let pins = fixture.pins();
    assert_eq!((pins.state, pins.remaining, pins.total, pins.notice), (State::Ok, 25, 25, None));

    let shown = fixture.phone().offline_pins().display(MACHINE, &Cancel::new()).await.unwrap();
    assert!(fixture.remote().type_pin(&shown.pin, NOW), "both sides derive the same PIN");
    assert!(!fixture.remote().type_pin(&shown.pin, NOW + 200));
}

#[tokio::test]
async fn every_unlock_brings_a_whole_new_set() {
    let fixture = Fixture::new().await;
    fixture.unlock().await.unwrap();
    let old = fixture.phone().offline_pins().display(MACHINE, &Cancel::new()).await.unwrap();
    assert_eq!(fixture.pins().remaining, 24);
    fixture.unlock().await.unwrap();
    assert_eq!(fixture.pins().remaining, 25);
    let new = fixture.phone().offline_pins().display(MACHINE, &Cancel::new()).await.unwrap();
    assert!(!fixture.remote().type_pin(&old.pin, NOW));
    assert!(fixture.remote().type_pin(&new.pin, NOW + 100));
}

#[tokio::test]
async fn a_handover_whose_end_is_lost_is_repaired_by_the_next_unlock() {
    let fixture = Fixture::new().await;
    fixture.remote().mood = Mood::Forgetful;
    assert!(matches!(fixture.unlock().await.unwrap().pins, PinsAfter::Replenished));
    // The computer does not know, but a PIN of the set tells it.
    fixture.remote().mood = Mood::Usual;
    assert!(matches!(fixture.unlock().await.unwrap().pins, PinsAfter::Replenished));
    let shown = fixture.phone().offline_pins().display(MACHINE, &Cancel::new()).await.unwrap();
    assert!(fixture.remote().type_pin(&shown.pin, NOW));
}

#[tokio::test]
async fn what_happened_offline_is_reported_with_the_next_unlock() {
    let fixture = Fixture::new().await;
    fixture.unlock().await.unwrap();
    assert!(fixture.remote().events.is_empty());
    fixture.phone().offline_pins().display(MACHINE, &Cancel::new()).await.unwrap();
    fixture.remote().refusals.push(("events", 503, "unavailable"));
    fixture.unlock().await.unwrap();
    assert!(fixture.remote().events.is_empty());
    fixture.remote().refusals.clear();
    fixture.unlock().await.unwrap();
    let events = core::mem::take(&mut fixture.remote().events);
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!(event["eventName"], "X_OFFLINE_PIN_DISPLAYED");
    assert_eq!(event["machineId"], MACHINE);
    assert_eq!(event["eventTimeInUTC"], NOW * 1000);
    assert_eq!(event["eventId"].as_str().unwrap().len(), 32);
    assert_eq!(event.as_object().unwrap().len(), 4, "nothing else is said");
    fixture.unlock().await.unwrap();
    assert!(fixture.remote().events.is_empty(), "nothing is reported twice");
}

#[tokio::test]
async fn a_computer_that_is_silent_for_five_seconds_has_a_pin_offered() {
    let fixture = Fixture::new().await;
    fixture.unlock().await.unwrap();
    let _ = (fixture.phone.surroundings.take_steps(), fixture.server.take_lines());
    fixture.remote().mood = Mood::Silent;

    let person = async {
        fixture.phone.surroundings.wait_for(Step::ContactingComputer).await;
        fixture.phone.clock.advance(Duration::from_millis(4999));
        tokio::task::yield_now().await;
        assert_eq!(fixture.phone.surroundings.take_steps(), [Step::ContactingComputer]);
        fixture.phone.clock.advance(Duration::from_millis(1));
        fixture.phone.surroundings.wait_for(Step::OfferPin).await;
        // The wait goes on while the person looks at the PIN.
        let shown = fixture.phone().offline_pins().display(MACHINE, &Cancel::new()).await.unwrap();
        assert!(fixture.remote().type_pin(&shown.pin, NOW + 5));
        while !fixture.server.take_lines().iter().any(|line| line.contains("messages?after=0")) {
            tokio::task::yield_now().await;
        }
        fixture.phone.clock.advance(REQUEST_LIFETIME);
    };
    let (error, ()) = tokio::join!(fixture.unlock(), person);
    assert!(matches!(error, Err(PhoneError::ComputerUnreachable)), "{error:?}");
    assert_eq!(fixture.remote().ended.as_deref(), Some("CANCELED"));
    assert_eq!(PhoneError::ComputerUnreachable.id(), ErrorId::AnyNoDevice);
}

#[tokio::test]
async fn no_pin_is_offered_where_there_never_was_one() {
    let fixture = Fixture::new().await;
    fixture.remote().mood = Mood::Silent;
    let cancel = Cancel::new();
    let person = async {
        fixture.phone.surroundings.wait_for(Step::ContactingComputer).await;
        fixture.phone.clock.advance(OFFER_PIN_AFTER);
        while !fixture.server.take_lines().iter().any(|line| line.contains("messages?after=0")) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (error, ()) = tokio::join!(fixture.phone().unlock(MACHINE, &cancel), person);
    assert!(matches!(error, Err(PhoneError::Canceled(Phase::Get))), "{error:?}");
    assert_eq!(fixture.phone.surroundings.take_steps(), [Step::ContactingComputer]);
    assert_eq!(fixture.remote().ended.as_deref(), Some("CANCELED"));
}

#[tokio::test]
async fn an_answer_that_was_lost_on_the_way_is_fetched_again() {
    let fixture = Fixture::new().await;
    fixture.remote().losses.push("messages?after=0");
    let person = async {
        fixture.phone.surroundings.wait_for(Step::ContactingComputer).await;
        while !fixture.remote().losses.is_empty() {
            tokio::task::yield_now().await;
        }
        // The phone pauses for a second before it asks again; when it has noticed, only the network knows.
        while fixture.remote().unlocks == 0 {
            fixture.phone.clock.advance(Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let (unlocked, ()) = tokio::join!(fixture.unlock(), person);
    unlocked.unwrap();
}

#[tokio::test]
async fn another_machine_is_noticed_before_anybody_is_asked() {
    for mood in [Mood::Impostor, Mood::RefusesHandshake] {
        let fixture = Fixture::new().await;
        fixture.remote().mood = mood;
        fixture.assert_refused(ErrorId::HybridHandshakeFailed).await;
        assert!(fixture.prompts().is_empty());
        assert_eq!(fixture.remote().ended.as_deref(), Some("CANCELED"));
        assert_eq!(fixture.phone.surroundings.take_steps(), [Step::ContactingComputer]);
    }
}

#[tokio::test]
async fn the_computers_refusal_says_why() {
    for (reason, id) in [
        (Reason::NotVerified, ErrorId::AnySignatureRejected),
        (Reason::Counter, ErrorId::AnySignatureRejected),
        (Reason::NotPaired, ErrorId::AuthCredentialUnusable),
        (Reason::Unavailable, ErrorId::AuthUnavailable),
    ] {
        let fixture = Fixture::new().await;
        fixture.remote().mood = Mood::Refuses(reason);
        fixture.assert_refused(id).await;
    }
    let fixture = Fixture::new().await;
    fixture.remote().mood = Mood::Leaves;
    fixture.assert_refused(ErrorId::HybridPeerCanceled).await;
}

#[tokio::test]
async fn without_a_verified_person_nothing_is_proven() {
    for (answer, id) in [
        (Answer::Fail(GateError::Denied), ErrorId::AuthNotFoundOrCanceled),
        (Answer::Fail(GateError::TimedOut), ErrorId::AuthTimeout),
        (Answer::Fail(GateError::LockedOut), ErrorId::AuthUvFailed),
        (Answer::Fail(GateError::Unavailable), ErrorId::ProviderLocked),
        (Answer::Consent { verified: false, account: 0 }, ErrorId::AuthUvFailed),
    ] {
        let fixture = Fixture::new().await;
        fixture.phone.gate.push(answer);
        fixture.assert_refused(id).await;
        assert_eq!(fixture.remote().ended.as_deref(), Some("CANCELED"));
    }
}

#[tokio::test]
async fn what_cannot_succeed_is_not_begun() {
    let fixture = Fixture::new().await;
    fixture.phone.surroundings.set_online(false);
    fixture.assert_refused(ErrorId::HybridNoInternet).await;
    fixture.phone.surroundings.set_online(true);
    fixture.phone.gate.set_user_verification(UserVerification::NotConfigured);
    fixture.assert_refused(ErrorId::ProviderBiometricsMissing).await;
    let unknown = fixture.phone().unlock("machine-2", &Cancel::new()).await;
    assert!(matches!(unknown, Err(PhoneError::UnknownComputer)));
    assert!(fixture.server.take_lines().is_empty());
    assert!(fixture.phone.surroundings.take_steps().is_empty());
}

#[tokio::test]
async fn a_passkey_that_was_deleted_unlocks_nothing() {
    let fixture = Fixture::new().await;
    let keys = fixture.phone().security_keys();
    let [key] = &keys.list().unwrap()[..] else { panic!() };
    keys.delete(&key.id, &Cancel::new()).await.unwrap();
    fixture.assert_refused(ErrorId::AuthCredentialUnusable).await;
}

#[tokio::test]
async fn the_servers_refusals_reach_the_person() {
    for (status, code, id) in [
        (401, "unauthorized", ErrorId::AnySessionExpired),
        (404, "not_found", ErrorId::AnyNoDevice),
        (403, "forbidden", ErrorId::AnyNoDevice),
        (429, "rate_limited", ErrorId::CodeRateLimited),
        (500, "unavailable", ErrorId::AuthUnavailable),
    ] {
        let fixture = Fixture::new().await;
        fixture.remote().refusals.push(("POST", status, code));
        fixture.assert_refused(id).await;
    }
}

#[tokio::test]
async fn a_server_that_is_down_has_a_pin_offered_at_once() {
    let fixture = Fixture::new().await;
    fixture.unlock().await.unwrap();
    let _ = fixture.phone.surroundings.take_steps();
    fixture.remote().refusals.push(("POST", 503, "unavailable"));
    fixture.assert_refused(ErrorId::AuthUnavailable).await;
    assert_eq!(fixture.phone.surroundings.take_steps(), [Step::ContactingComputer, Step::OfferPin]);
    // What a PIN would not help against is no reason for one.
    fixture.remote().refusals = vec![("POST", 401, "unauthorized")];
    fixture.assert_refused(ErrorId::AnySessionExpired).await;
    assert_eq!(fixture.phone.surroundings.take_steps(), [Step::ContactingComputer]);
}

#[tokio::test]
async fn pins_that_are_switched_off_are_erased() {
    let fixture = Fixture::new().await;
    fixture.remote().mood = Mood::PinsOff;
    assert!(matches!(fixture.unlock().await.unwrap().pins, PinsAfter::Off));
    assert!(!fixture.pins().offered(), "there never were any");

    fixture.remote().mood = Mood::Usual;
    fixture.unlock().await.unwrap();
    fixture.remote().mood = Mood::PinsOff;
    assert!(matches!(fixture.unlock().await.unwrap().pins, PinsAfter::Off));
    let pins = fixture.pins();
    assert_eq!((pins.state, pins.notice), (State::Revoked, Some(ErrorId::OfflineDisabled)));
    assert_eq!(
        fixture.phone().offline_pins().unlock_way(MACHINE).unwrap(),
        UnlockWay::Online { pin_on_long_press: true }
    );
}

#[tokio::test]
async fn a_handover_that_fails_does_not_take_the_unlock_back() {
    let fixture = Fixture::new().await;
    fixture.unlock().await.unwrap();
    fixture.remote().mood = Mood::NoSet;
    assert!(matches!(fixture.unlock().await.unwrap().pins, PinsAfter::Kept));
    fixture.remote().mood = Mood::HandsOver(vec![0xA0]);
    let unlocked = fixture.unlock().await.unwrap();
    assert!(
        matches!(unlocked.pins, PinsAfter::Failed(PhoneError::OfflinePin(OfflineError::UnexpectedEntries))),
        "{unlocked:?}"
    );
    assert_eq!((fixture.remote().unlocks, fixture.pins().remaining), (3, 25));
}

#[tokio::test]
async fn one_request_at_a_time() {
    let fixture = Fixture::new().await;
    let (first, second) = tokio::join!(fixture.unlock(), fixture.unlock());
    first.unwrap();
    assert!(matches!(second, Err(PhoneError::Busy)));
}
