//! "Scan QR to Login", and the offer of a passkey that follows.

use latchkey_authenticator::Cancel;
use latchkey_phone::{Approval, Phone};
use latchkey_simulator::computer::ComputerStep;
use latchkey_simulator::workstation::hybrid::Scanned;
use latchkey_simulator::workstation::{Workstation, WorkstationError};
use serde_json::Value;

use super::stage::{ADA, Screen, Stage, approve, unlocked, within};

async fn scan(stage: &Stage, workstation: &Workstation, phone: &Phone) -> Scanned {
    let (computer, mut scanner) = (stage.computer(), stage.air().listen().unwrap());
    let screen = Screen::default();
    let unlocking = workstation.unlock_by_scan(&computer, &mut scanner, |step| {
        if let ComputerStep::Show(code) = step {
            screen.show(code);
        }
    });
    let reading = async { approve(phone, &screen.code().await).await };
    let (scanned, approval) = within(async { tokio::join!(unlocking, reading) }).await;
    assert!(approval.into_answer().is_some_and(|answer| answer.error.is_none()));
    scanned.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn unlocks_for_the_account_of_the_passkey() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    stage.pair(&workstation, &phone).await;
    let scanned = scan(&stage, &workstation, &phone).await;
    assert_eq!(unlocked(&workstation), Some(("scan", ADA.to_owned())));
    assert!(scanned.offer_passkey);
}

#[tokio::test(flavor = "multi_thread")]
async fn i_will_do_it_later_silences_the_offer_for_ten_sign_ins() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    assert!(matches!(workstation.decline_passkey(), Err(WorkstationError::SignInFirst)));
    stage.pair(&workstation, &phone).await;
    assert!(scan(&stage, &workstation, &phone).await.offer_passkey);
    workstation.decline_passkey().unwrap();
    for _ in 0..9 {
        assert!(!scan(&stage, &workstation, &phone).await.offer_passkey);
    }
    assert!(scan(&stage, &workstation, &phone).await.offer_passkey);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_passkey_of_the_workstation_is_registered() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    stage.pair(&workstation, &phone).await;
    scan(&stage, &workstation, &phone).await;
    workstation.create_passkey(&Cancel::new()).await.unwrap();
    assert!(!workstation.offers_passkey(ADA).unwrap());
    let path = format!("/rp/api/versioned/fido2/user?username={ADA}");
    let passkeys: Value = stage.administrator.get(&path).await.unwrap();
    assert_eq!(passkeys["passkeys"].as_array().map(Vec::len), Some(2), "{passkeys}");

    // There is one already.
    let refused = workstation.create_passkey(&Cancel::new()).await;
    assert!(matches!(refused, Err(WorkstationError::WebAuthn(_))), "{refused:?}");
}

/// Pair once, scan at any desktop of the tenant, and keep a passkey there.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_phone_here_scans_and_gets_a_passkey() {
    let stage = Stage::new().await;
    let phone = stage.phone("phone");
    stage.pair(&*stage.workstation("desk").await, &phone).await;
    let other = stage.workstation("meeting room").await;
    scan(&stage, &other, &phone).await;
    assert_eq!(unlocked(&other), Some(("scan", ADA.to_owned())));
    assert!(other.status().unwrap().pairings.is_empty());
    other.create_passkey(&Cancel::new()).await.unwrap();
}

/// The other direction of pairing: a magic link is opened in a browser, its page shows the code, and the phone that read
/// it signs in at a desktop which never heard of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_paired_by_a_magic_link_signs_in_at_a_desktop() {
    let stage = Stage::new().await;
    let (workstation, phone) = (stage.workstation("desk").await, stage.phone("phone"));
    let code = stage.magic_link_code().await;
    let paired = approve(&phone, &code).await;
    assert!(matches!(paired, Approval::Paired(paired) if paired.account == ADA));
    assert!(phone.computers().list().unwrap().is_empty());

    let scanned = scan(&stage, &workstation, &phone).await;
    assert_eq!(unlocked(&workstation), Some(("scan", ADA.to_owned())));
    assert!(scanned.offer_passkey);
    workstation.create_passkey(&Cancel::new()).await.unwrap();
    assert!(!workstation.offers_passkey(ADA).unwrap());
}

/// The passkey is made for whoever is signed in, and by nobody who is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_workstation_gets_no_passkey() {
    let stage = Stage::new().await;
    let workstation = stage.workstation("desk").await;
    let refused = workstation.create_passkey(&Cancel::new()).await;
    assert!(matches!(refused, Err(WorkstationError::SignInFirst)));
    assert!(!stage.path("desk").join("passkeys.sqlite").exists());
}
