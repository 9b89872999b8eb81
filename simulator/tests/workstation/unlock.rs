//! A paired phone unlocks.

use latchkey_authenticator::Cancel;
use latchkey_phone::PhoneError;

use super::stage::{ADA, Serving, Stage, unlocked, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_the_phone_unlocks_again_and_again() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    let serving = Serving::start(&workstation);
    serving.hear("Lock(Locked)").await;
    for _ in 0..3 {
        within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
        assert_eq!(unlocked(&workstation), Some(("phone", ADA.to_owned())));
        workstation.lock().unwrap();
        assert_eq!(unlocked(&workstation), None);
    }
    serving.hear("Served").await;
    serving.stop().await;
    assert_eq!(stage.audit_trail().await.iter().filter(|name| *name == "X_UNLOCK_COMPLETED").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_was_removed_unlocks_nothing() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    phone.computers().remove(&machine_id, &Cancel::new()).await.unwrap();
    let refused = phone.unlock(&machine_id, &Cancel::new()).await;
    assert!(matches!(refused, Err(PhoneError::UnknownComputer)), "{refused:?}");
    let serving = Serving::start(&workstation);
    serving.hear("removed: 1").await;
    assert!(workstation.status().unwrap().pairings.is_empty());
    assert_eq!(unlocked(&workstation), None);
    serving.stop().await;
}

/// The Control Center comes and goes; the workstation goes on.
#[tokio::test(flavor = "multi_thread")]
async fn goes_on_when_the_control_center_went_away() {
    let mut stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    stage.pair(&workstation, &phone).await;
    let serving = Serving::start(&workstation);
    serving.hear("Online").await;
    stage.go_offline().await;
    serving.hear("Offline(").await;
    serving.stop().await;
}
