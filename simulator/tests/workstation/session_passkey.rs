//! Signing in to websites while the workstation is unlocked.

use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_simulator::workstation::WorkstationError;
use latchkey_simulator::workstation::sign_in::SignedIn;

use super::stage::{Screen, Serving, Stage, approve, within};

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_that_unlocked_signs_in_without_a_scan() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    let serving = Serving::start(&workstation);
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();

    let (computer, mut scanner) = (stage.computer(), stage.air().listen().unwrap());
    let cancel = Cancel::new();
    let signing_in =
        workstation.sign_in(&computer, &mut scanner, |_| panic!("there is no need for a code"), &cancel);
    let answering = async {
        let requests = phone.waiting_requests(20, &Cancel::new()).await.unwrap();
        assert_eq!(requests.len(), 1);
        phone.answer(&requests[0], &Cancel::new()).await.unwrap()
    };
    let (signed_in, answer) = within(async { tokio::join!(signing_in, answering) }).await;
    assert_eq!(signed_in.unwrap(), SignedIn::SessionPasskey);
    assert!(answer.error.is_none());
    serving.stop().await;
    assert!(stage.audit_trail().await.contains(&"X_PASSKEY_USED".to_owned()));
}

/// The workstation listens where the phone does not advertise.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_whose_nearness_does_not_show_reads_a_sign_in_code() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let machine_id = stage.pair(&workstation, &phone).await;
    let serving = Serving::start(&workstation);
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
    serving.stop().await;

    let mut computer = stage.computer();
    computer.patience = Duration::from_secs(1);
    let elsewhere = latchkey_simulator::air::VirtualAir::new(stage.path("another air"));
    let mut scanner = elsewhere.listen().unwrap();
    let (screen, cancel) = (Screen::default(), Cancel::new());
    let signing_in = workstation.sign_in(&computer, &mut scanner, |code| screen.show(&code.text), &cancel);
    let answering = async {
        let requests = phone.waiting_requests(20, &Cancel::new()).await.unwrap();
        // Advertises into the void, until its owner sees the code.
        let given_up = Cancel::new();
        let code = tokio::select! {
            code = screen.code() => code,
            () = async {
                let _ = phone.answer(&requests[0], &given_up).await;
                std::future::pending().await
            } => unreachable!(),
        };
        approve(&phone, &code).await;
    };
    let (signed_in, ()) = within(async { tokio::join!(signing_in, answering) }).await;
    assert_eq!(signed_in.unwrap(), SignedIn::Code);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signs_in_on_a_locked_workstation() {
    let stage = Stage::new().await;
    let workstation = stage.workstation("desk").await;
    let (computer, mut scanner) = (stage.computer(), stage.air().listen().unwrap());
    let refused = workstation.sign_in(&computer, &mut scanner, |_| {}, &Cancel::new()).await;
    assert!(matches!(refused, Err(WorkstationError::SignInFirst)));
}
