use serde_json::{Value, json};

use super::*;
use crate::unlock::fixture::{Fixture, NOW};

impl Fixture {
    async fn finding(&self, check: Check) -> Finding {
        let findings = self.phone().readiness(&Cancel::new()).await.unwrap();
        *findings.iter().find(|finding| finding.check == check).unwrap()
    }

    async fn assert(&self, check: Check, state: State, error: Option<ErrorId>) {
        let finding = self.finding(check).await;
        assert_eq!((finding.state, finding.error), (state, error), "{finding:?}");
        assert_eq!(finding.next_step.is_empty(), state == State::Ok, "{finding:?}");
        assert!(finding.meaning.ends_with('.'), "{finding:?}");
    }

    fn say(&self, name: &str, value: Value) {
        self.remote().profile[name] = value;
    }
}

#[tokio::test]
async fn a_phone_that_is_ready_has_nothing_to_do() {
    let fixture = Fixture::new().await;
    let findings = fixture.phone().readiness(&Cancel::new()).await.unwrap();
    let checks: Vec<Check> = findings.iter().map(|finding| finding.check).collect();
    assert_eq!(
        checks,
        [
            Check::Provider,
            Check::Biometrics,
            Check::Camera,
            Check::Bluetooth,
            Check::Network,
            Check::AppVersion,
            Check::SystemVersion,
            Check::Account,
            Check::Clock
        ]
    );
    for finding in findings {
        assert_eq!((finding.state, finding.error, finding.next_step), (State::Ok, None, ""), "{finding:?}");
    }
}

#[tokio::test]
async fn what_the_system_keeps_from_the_app_is_found() {
    use Availability::{NotPermitted, Off, Unknown};
    let fixture = Fixture::new().await;
    for state in [Off, NotPermitted, Unknown] {
        fixture.phone.surroundings.set_facts(|facts| {
            (facts.provider, facts.camera, facts.bluetooth) = (state, state, state);
        });
        let found = |id| if state == Unknown { (State::Unknown, None) } else { (State::Attention, Some(id)) };
        for (check, id) in [
            (Check::Provider, ErrorId::ProviderNotEnabled),
            (Check::Camera, ErrorId::QrCameraDenied),
            (Check::Bluetooth, ErrorId::HybridBluetoothOff),
        ] {
            let (state, error) = found(id);
            fixture.assert(check, state, error).await;
        }
    }
    fixture.phone.gate.set_user_verification(UserVerification::NotConfigured);
    let missing = Some(ErrorId::ProviderBiometricsMissing);
    fixture.assert(Check::Biometrics, State::Attention, missing).await;
}

#[tokio::test]
async fn versions_that_are_too_old_are_found() {
    let fixture = Fixture::new().await;
    for (system, version, state) in [
        (System::Ios, Version::new(16, 7, 0), State::Attention),
        (System::Ios, Version::new(17, 0, 0), State::Ok),
        (System::Android, Version::new(13, 0, 0), State::Attention),
        (System::Android, Version::new(14, 0, 0), State::Ok),
    ] {
        fixture.phone.surroundings.set_facts(|facts| {
            (facts.system, facts.system_version) = (system, version);
        });
        let error = (state == State::Attention).then_some(ErrorId::AnyNotSupported);
        fixture.assert(Check::SystemVersion, state, error).await;
    }
    fixture.say("minAppVersion", json!("10.5.1"));
    fixture.assert(Check::AppVersion, State::Attention, None).await;
    fixture.say("minAppVersion", json!("soon"));
    fixture.assert(Check::AppVersion, State::Unknown, None).await;
}

#[tokio::test]
async fn accounts_that_cannot_be_paired_are_found() {
    let fixture = Fixture::new().await;
    fixture.say("accountKind", json!("local"));
    fixture.assert(Check::Account, State::Attention, Some(ErrorId::PairingWrongAccount)).await;
    fixture.say("accountKind", json!("entra_hybrid"));
    fixture.assert(Check::Account, State::Ok, None).await;
    // Somebody removed the registration at the server.
    fixture.remote().refusals.push(("profile", 401, "unauthorized"));
    fixture.assert(Check::Account, State::Attention, None).await;
    fixture.assert(Check::Network, State::Ok, None).await;

    let unpaired = Fixture::unpaired().await;
    unpaired.assert(Check::Account, State::Unknown, None).await;
    unpaired.assert(Check::Network, State::Ok, None).await;
    assert!(unpaired.server.take_lines().is_empty());
}

#[tokio::test]
async fn without_network_what_only_the_server_knows_is_unknown() {
    let fixture = Fixture::new().await;
    fixture.phone.surroundings.set_online(false);
    fixture.assert(Check::Network, State::Attention, Some(ErrorId::HybridNoInternet)).await;
    for check in [Check::AppVersion, Check::Account, Check::Clock] {
        fixture.assert(check, State::Unknown, None).await;
    }
    assert!(fixture.server.take_lines().is_empty(), "nobody is asked");
    fixture.phone.surroundings.set_online(true);
    fixture.remote().losses.push("profile");
    fixture.assert(Check::Network, State::Attention, Some(ErrorId::AuthUnavailable)).await;
}

#[tokio::test]
async fn a_server_that_is_silent_need_not_be_waited_for() {
    let fixture = Fixture::new().await;
    fixture.remote().silences.push("profile");
    let cancel = Cancel::new();
    let (findings, ()) = tokio::join!(fixture.phone().readiness(&cancel), async {
        while !fixture.server.peek(|request| request.line.contains("profile")) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert!(matches!(findings, Err(PhoneError::Canceled(_))));
}

#[tokio::test]
async fn a_clock_that_is_off_by_more_than_a_minute_is_found() {
    let fixture = Fixture::new().await;
    for (server, state) in [
        (NOW, State::Ok),
        (NOW + 60, State::Ok),
        (NOW - 60, State::Ok),
        (NOW + 61, State::Attention),
        (NOW - 61, State::Attention),
    ] {
        fixture.say("serverTime", json!(server));
        fixture.assert(Check::Clock, state, None).await;
    }
}

#[tokio::test]
async fn a_closed_vault_is_told() {
    let fixture = Fixture::new().await;
    fixture.phone().close();
    fixture.assert(Check::Account, State::Attention, Some(ErrorId::AnyInternal)).await;
}
