//! Offline PINs.

use latchkey_authenticator::Cancel;
use latchkey_offline::OfflineError;
use latchkey_phone::{Phone, PinsAfter};
use latchkey_simulator::workstation::{Workstation, WorkstationError};

use super::stage::{ADA, Serving, Stage, unlocked, within};

/// One online unlock, after which the workstation is locked again.
async fn unlock_once(phone: &Phone, workstation: &Workstation, machine_id: &str) -> PinsAfter {
    let pins = within(phone.unlock(machine_id, &Cancel::new())).await.unwrap().pins;
    workstation.lock().unwrap();
    pins
}

async fn pin(phone: &Phone, machine_id: &str) -> String {
    phone.offline_pins().display(machine_id, &Cancel::new()).await.unwrap().pin.expose().to_owned()
}

async fn refused(workstation: &Workstation, typed: &str) -> OfflineError {
    match workstation.unlock_with_pin(ADA, typed).await {
        Err(WorkstationError::Offline(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_unlocks_once_without_any_network() {
    let mut stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    let serving = Serving::start(&workstation);

    // Off unless an administrator turns it on.
    assert!(matches!(unlock_once(&phone, &workstation, &machine_id).await, PinsAfter::Off));
    assert_eq!(refused(&workstation, "0123456789").await, OfflineError::NotProvisioned);
    stage.set_offline(true).await;
    assert!(matches!(unlock_once(&phone, &workstation, &machine_id).await, PinsAfter::Replenished));
    serving.hear("Confirmed").await;
    serving.stop().await;
    stage.go_offline().await;

    let typed = pin(&phone, &machine_id).await;
    let accepted = workstation.unlock_with_pin(ADA, &typed.to_lowercase()).await.unwrap();
    assert_eq!(accepted.remaining, 9);
    assert_eq!(unlocked(&workstation), Some(("pin", ADA.to_owned())));
    workstation.lock().unwrap();

    // Used up, also for a copy of the program that starts anew.
    let again = stage.open_workstation("desk");
    assert!(matches!(refused(&again, &typed).await, OfflineError::WrongPin { attempts_left: 2, .. }));
    assert!(matches!(refused(&again, &typed).await, OfflineError::Throttled { .. }));
    assert_eq!(unlocked(&workstation), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_online_unlock_brings_a_whole_new_set() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    stage.set_offline(true).await;
    let serving = Serving::start(&workstation);
    unlock_once(&phone, &workstation, &machine_id).await;
    let old = pin(&phone, &machine_id).await;
    assert_eq!(phone.offline_pins().status(&machine_id).unwrap().remaining, 9);
    unlock_once(&phone, &workstation, &machine_id).await;
    assert_eq!(phone.offline_pins().status(&machine_id).unwrap().remaining, 10);
    serving.stop().await;
    assert!(matches!(refused(&workstation, &old).await, OfflineError::WrongPin { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_or_unpaired_pins_are_destroyed() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    stage.set_offline(true).await;
    let serving = Serving::start(&workstation);
    unlock_once(&phone, &workstation, &machine_id).await;
    let typed = pin(&phone, &machine_id).await;
    stage.set_offline(false).await;
    workstation.sync().await.unwrap();
    assert_eq!(refused(&workstation, &typed).await, OfflineError::Revoked);

    // An online success brings them back; removing the phone takes them again.
    stage.set_offline(true).await;
    unlock_once(&phone, &workstation, &machine_id).await;
    assert!(workstation.status().unwrap().offline[0].1.is_ok());
    phone.computers().remove(&machine_id, &Cancel::new()).await.unwrap();
    workstation.sync().await.unwrap();
    assert_eq!(workstation.status().unwrap().offline[0].1, Err(OfflineError::Revoked));
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_offline_is_reported_later() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    stage.set_offline(true).await;
    let serving = Serving::start(&workstation);
    unlock_once(&phone, &workstation, &machine_id).await;
    serving.stop().await;
    let typed = pin(&phone, &machine_id).await;
    workstation.unlock_with_pin(ADA, &typed).await.unwrap();

    let serving = Serving::start(&workstation);
    serving.hear("Online").await;
    serving.stop().await;
    let trail = stage.audit_trail().await;
    for name in ["X_OFFLINE_SET_ISSUED", "X_OFFLINE_SET_CONFIRMED", "X_OFFLINE_UNLOCK_OK"] {
        assert_eq!(trail.iter().filter(|found| *found == name).count(), 1, "{name} in {trail:?}");
    }
}
