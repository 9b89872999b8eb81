//! A phone is paired with an account of a workstation.

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::AccountKind;
use latchkey_simulator::workstation::{Changes, WorkstationError};

use super::stage::{ADA, Serving, Stage, approve, unlocked, within};

#[tokio::test(flavor = "multi_thread")]
async fn the_computer_and_the_phone_know_each_other() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;

    let computers = phone.computers().list().unwrap();
    assert_eq!(computers.len(), 1);
    assert_eq!(computers[0].machine_id, machine_id);
    let phones = workstation.status().unwrap().pairings;
    assert_eq!(phones.len(), 1);
    assert_eq!(unlocked(&workstation), None, "pairing unlocks nothing");
    assert!(stage.audit_trail().await.contains(&"X_PAIRING_COMPLETED".to_owned()));
}

/// No Control Center is asked: this workstation is not even enrolled.
#[tokio::test(flavor = "multi_thread")]
async fn a_local_account_is_refused_before_anybody_is_asked() {
    let stage = Stage::new().await;
    let workstation = stage.open_workstation("desk");
    let refused = workstation.begin_pairing("ada", AccountKind::Local, false).await;
    assert!(matches!(refused, Err(WorkstationError::LocalAccount)));
    let refused = workstation.begin_pairing(ADA, AccountKind::EntraCloud, false).await;
    assert!(matches!(refused, Err(WorkstationError::NotEnrolled)));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_account_is_refused() {
    let stage = Stage::new().await;
    let workstation = stage.workstation("desk").await;
    let refused = workstation.begin_pairing("eve@elsewhere.example", AccountKind::EntraCloud, false).await;
    assert!(matches!(refused, Err(WorkstationError::ControlCenter(_))));
    assert!(workstation.status().unwrap().pairings.is_empty());
}

/// The workstation ends right after it has shown the code.
#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_whose_answer_was_lost_is_finished_at_the_next_start() {
    let stage = Stage::new().await;
    let phone = stage.phone("phone");
    let workstation = stage.workstation("desk").await;
    let code = workstation.begin_pairing(ADA, AccountKind::EntraHybrid, false).await.unwrap();
    drop(workstation);
    approve(&phone, &code.text).await;

    let workstation = stage.open_workstation("desk");
    assert!(workstation.status().unwrap().pairings.is_empty());
    assert_eq!(workstation.sync().await.unwrap(), Changes { paired: 1, removed: 0 });
    assert_eq!(workstation.sync().await.unwrap(), Changes::default());
    let machine_id = workstation.status().unwrap().machine_id;

    let serving = Serving::start(&workstation);
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
    assert_eq!(unlocked(&workstation), Some(("phone", ADA.to_owned())));
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_phone_needs_the_account_signed_in() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    let refused = workstation.begin_pairing("ADA@example.com", AccountKind::EntraCloud, false).await;
    assert!(matches!(refused, Err(WorkstationError::SignInFirst)), "the same account in other letters");

    let serving = Serving::start(&workstation);
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
    let second = stage.phone("second");
    stage.pair(&workstation, &second).await;
    assert_eq!(workstation.status().unwrap().pairings.len(), 2);
    workstation.lock().unwrap();
    within(second.unlock(&machine_id, &Cancel::new())).await.unwrap();
    assert_eq!(unlocked(&workstation), Some(("phone", ADA.to_owned())));
    serving.stop().await;
}

/// The phone has one passkey of the tenant: pairing it with another computer makes a new one, which
/// unlocks both.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_was_paired_with_one_more_computer_unlocks_both() {
    let stage = Stage::new().await;
    let phone = stage.phone("phone");
    let (first, second) = (stage.workstation("first").await, stage.workstation("second").await);
    let first_id = stage.pair(&first, &phone).await;
    let second_id = stage.pair(&second, &phone).await;
    let (serving_first, serving_second) = (Serving::start(&first), Serving::start(&second));
    within(phone.unlock(&first_id, &Cancel::new())).await.unwrap();
    within(phone.unlock(&second_id, &Cancel::new())).await.unwrap();
    assert_eq!(unlocked(&first), Some(("phone", ADA.to_owned())));
    assert_eq!(unlocked(&second), Some(("phone", ADA.to_owned())));
    serving_first.stop().await;
    serving_second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolling_again_keeps_the_machine() {
    let stage = Stage::new().await;
    let workstation = stage.workstation("desk").await;
    let before = workstation.status().unwrap().machine_id;
    let workstation = stage.workstation("desk").await;
    assert_eq!(workstation.status().unwrap().machine_id, before);
    let address = workstation.status().unwrap().control_center.unwrap();
    let refused = workstation.enroll(&address, "not-a-token").await;
    assert!(matches!(refused, Err(WorkstationError::ControlCenter(_))));
    workstation.sync().await.unwrap();
}
