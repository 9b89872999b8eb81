//! What may go wrong in the middle.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use latchkey_authenticator::Cancel;
use latchkey_authenticator::testing::ManualClock;
use latchkey_phone::PinsAfter;

use super::stage::{ADA, Serving, Stage, unlocked, within};

/// The workstation loses power at another moment of the unlock each time, from the first message to the
/// last one of the handover. Whatever each side has by then: the next PIN that the phone shows is accepted,
/// if it has any, and the next unlock works.
#[tokio::test(flavor = "multi_thread")]
async fn a_workstation_that_loses_power_while_it_serves_goes_on() {
    let stage = Stage::new().await;
    stage.set_offline(true).await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    drop(workstation);

    let (mut cut_short, mut served) = (0, 0);
    for millis in (0..60).step_by(3) {
        let workstation = stage.open_workstation("desk");
        workstation.lock().unwrap();
        let serving = Serving::start(&workstation);
        serving.hear("Online").await;
        let cancel = Cancel::new();
        let crash = async {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            serving.crash().await;
            // The phone's owner gives up a little later.
            tokio::time::sleep(Duration::from_millis(20)).await;
            cancel.cancel();
        };
        let (unlocking, ()) = within(async { tokio::join!(phone.unlock(&machine_id, &cancel), crash) }).await;
        drop(workstation);
        let whole = unlocking.is_ok_and(|unlocked| matches!(unlocked.pins, PinsAfter::Replenished));
        if whole {
            served += 1
        } else {
            cut_short += 1
        }

        // After the restart.
        let workstation = stage.open_workstation("desk");
        workstation.lock().unwrap();
        if phone.offline_pins().status(&machine_id).unwrap().remaining > 0 {
            let pin = phone.offline_pins().display(&machine_id, &Cancel::new()).await.unwrap().pin;
            workstation.unlock_with_pin(ADA, pin.expose()).await.unwrap();
            assert_eq!(unlocked(&workstation), Some(("pin", ADA.to_owned())), "after {millis} ms");
            workstation.lock().unwrap();
        }
        let serving = Serving::start(&workstation);
        let pins = within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap().pins;
        assert!(matches!(pins, PinsAfter::Replenished), "after {millis} ms: {pins:?}");
        serving.stop().await;
    }
    assert!(cut_short > 0, "the power was lost too late each time ({served} served)");
}

/// The phone's owner gives up at another moment each time.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_gives_up_leaves_the_workstation_ready_for_the_next() {
    let stage = Stage::new().await;
    stage.set_offline(true).await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    let serving = Serving::start(&workstation);
    serving.hear("Online").await;
    for millis in (0..40).step_by(4) {
        let cancel = Cancel::new();
        let give_up = async {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            cancel.cancel();
        };
        let (_, ()) = within(async { tokio::join!(phone.unlock(&machine_id, &cancel), give_up) }).await;
        within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
        assert_eq!(unlocked(&workstation), Some(("phone", ADA.to_owned())));
        workstation.lock().unwrap();
    }
    serving.stop().await;
}

/// The workstation's clock is 40 days ahead: PINs live by the Control Center's.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_does_not_end_the_pins() {
    let stage = Stage::new().await;
    stage.set_offline(true).await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    drop(workstation);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let clock = Arc::new(ManualClock::at(now + 40 * 86_400));
    let workstation = stage.open_workstation_at("desk", clock.clone());
    let serving = Serving::start(&workstation);
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
    serving.stop().await;
    workstation.lock().unwrap();

    let pin = phone.offline_pins().display(&machine_id, &Cancel::new()).await.unwrap().pin;
    workstation.unlock_with_pin(ADA, pin.expose()).await.unwrap();
    assert_eq!(unlocked(&workstation), Some(("pin", ADA.to_owned())));
    // Seven days later they are over all the same.
    clock.advance(Duration::from_secs(7 * 86_400));
    assert!(workstation.status().unwrap().offline[0].1.is_err());
}
