//! A phone that is killed at any point of an unlock, and opened again.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use latchkey_authenticator::Cancel;
use latchkey_phone::{Phone, PinsAfter};
use latchkey_simulator::workstation::Workstation;

use super::stage::{ADA, Serving, Stage, within};

/// More than an unlock needs.
const STEPS: usize = 200;

/// Runs a future for so many steps, then drops it, as the system drops an app.
async fn for_steps<T>(steps: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), steps);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

async fn unlock(phone: &Phone, workstation: &Workstation, machine_id: &str) {
    let unlocked = within(phone.unlock(machine_id, &Cancel::new())).await.unwrap();
    assert!(matches!(unlocked.pins, PinsAfter::Replenished), "{unlocked:?}");
    workstation.lock().unwrap();
}

/// The phone's next PIN unlocks, once.
async fn a_pin_unlocks(phone: &Phone, workstation: &Workstation, machine_id: &str) {
    let shown = phone.offline_pins().display(machine_id, &Cancel::new()).await.unwrap();
    workstation.unlock_with_pin(ADA, shown.pin.expose()).await.unwrap();
    workstation.lock().unwrap();
    assert!(workstation.unlock_with_pin(ADA, shown.pin.expose()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_an_unlock_is_cut_off_both_sides_can_go_on() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    stage.set_offline(true).await;
    let serving = Serving::start(&workstation);
    unlock(&phone, &workstation, &machine_id).await;
    drop(phone);

    let mut whole = false;
    for steps in 0..STEPS {
        let phone = stage.phone("phone");
        let cut_off = within(for_steps(steps, phone.unlock(&machine_id, &Cancel::new()))).await;
        drop(phone);
        let _ = workstation.lock();

        // Whichever set the phone holds now, old or new: its next PIN is good.
        let phone = stage.phone("phone");
        a_pin_unlocks(&phone, &workstation, &machine_id).await;
        unlock(&phone, &workstation, &machine_id).await;
        a_pin_unlocks(&phone, &workstation, &machine_id).await;
        unlock(&phone, &workstation, &machine_id).await;
        if let Some(unlocked) = cut_off {
            unlocked.unwrap();
            whole = true;
            break;
        }
    }
    assert!(whole, "an unlock has fewer steps");
    serving.stop().await;
}
