//! A phone reads the sign-in code of a workstation.

use latchkey_authenticator::Cancel;
use latchkey_phone::{Approval, Phone};
use latchkey_simulator::workstation::unlock::Served;
use latchkey_simulator::workstation::{Workstation, WorkstationError};

use super::stage::{ADA, Screen, Serving, Stage, approve, unlocked, within};

/// The workstation shows a code and the phone reads it.
async fn unlock_by_code(workstation: &Workstation, phone: &Phone) -> Served {
    let (screen, cancel) = (Screen::default(), Cancel::new());
    let unlocking = workstation.unlock_by_code(false, |code| screen.show(&code.text), &cancel);
    let reading = async { approve(phone, &screen.code().await).await };
    let (served, approval) = within(async { tokio::join!(unlocking, reading) }).await;
    assert!(matches!(approval, Approval::Unlocked(_)));
    served.unwrap()
}

/// Pair once, scan at any desktop of the tenant.
#[tokio::test(flavor = "multi_thread")]
async fn unlocks_a_workstation_that_the_phone_was_never_paired_with() {
    let stage = Stage::new().await;
    let phone = stage.phone("phone");
    stage.pair(&*stage.workstation("desk").await, &phone).await;
    let other = stage.workstation("meeting room").await;
    let served = unlock_by_code(&other, &phone).await;
    assert_eq!(served.session.account, ADA);
    assert_eq!(unlocked(&other), Some(("code", ADA.to_owned())));
    assert_eq!(phone.computers().list().unwrap().len(), 2);

    // From now on it is a computer like the others.
    other.lock().unwrap();
    let machine_id = other.status().unwrap().machine_id;
    let serving = Serving::start(&other);
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
    assert_eq!(unlocked(&other), Some(("phone", ADA.to_owned())));
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paired_phone_may_read_the_code_too_and_stays_paired() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    let serving = Serving::start(&workstation);
    unlock_by_code(&workstation, &phone).await;
    assert_eq!(unlocked(&workstation), Some(("code", ADA.to_owned())));
    workstation.lock().unwrap();
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
    assert_eq!(unlocked(&workstation), Some(("phone", ADA.to_owned())));
    assert_eq!(workstation.status().unwrap().pairings.len(), 1);
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_can_be_taken_back() {
    let stage = Stage::new().await;
    let workstation = stage.workstation("desk").await;
    let cancel = Cancel::new();
    let stop = cancel.clone();
    let refused = within(workstation.unlock_by_code(true, move |_| stop.cancel(), &cancel)).await;
    assert!(matches!(refused, Err(WorkstationError::Cancelled)));
    assert_eq!(unlocked(&workstation), None);
}
