//! What goes wrong, and when.

use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::wire::QrState;
use latchkey_phone::{ErrorId, Phone, Removal, Resumed};

use super::stage::{Desk, Stage, assert_empty, assert_unlocks, pair, resume, within};
use super::wire::Mood;

/// Between two points at which an app is killed.
const MOMENT: Duration = Duration::from_micros(500);

/// A stage with a workstation and a phone.
async fn set() -> (Stage, Desk, Phone) {
    let stage = Stage::new().await;
    let (desk, phone) = (stage.desk("desk").await, stage.open_phone());
    (stage, desk, phone)
}

fn given_up() -> Resumed {
    Resumed { given_up: 1, ..Resumed::default() }
}

fn open() -> Resumed {
    Resumed { open: 1, ..Resumed::default() }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached() {
    for mood in [Mood::Cut, Mood::AnswersLost] {
        let (stage, desk, phone) = set().await;
        let code = desk.code().await;
        stage.wire.set(mood);
        assert_eq!(pair(&phone, &code).await.unwrap_err().id(), ErrorId::RegUnavailable);
        assert_empty(&phone);
        // Nothing happened: the same code still does.
        stage.wire.set(Mood::Sound);
        pair(&phone, &code).await.unwrap();
        assert_unlocks(&phone, &["desk"]);
    }
}

#[tokio::test]
async fn the_registration_does_not_arrive() {
    let (stage, desk, phone) = set().await;
    let code = desk.code().await;
    let wire = stage.wire.clone();
    stage.owner.when_asked(move || {
        wire.set(Mood::Cut);
        true
    });
    assert_eq!(pair(&phone, &code).await.unwrap_err().id(), ErrorId::RegActivationFailed);
    assert_empty(&phone);
    assert_eq!(resume(&phone).await, open());
    stage.wire.set(Mood::Sound);
    assert_eq!(resume(&phone).await, given_up());
    assert_empty(&phone);
    desk.assert_state(&code, QrState::Canceled).await;
    assert_eq!(stage.server_has().await, 0);
    assert_eq!(resume(&phone).await, Resumed::default());
}

#[tokio::test]
async fn the_answer_to_the_registration_is_lost() {
    let (stage, desk, phone) = set().await;
    let code = desk.code().await;
    let wire = stage.wire.clone();
    stage.owner.when_asked(move || {
        wire.set(Mood::AnswersLost);
        true
    });
    assert_eq!(pair(&phone, &code).await.unwrap_err().id(), ErrorId::RegActivationFailed);
    assert_empty(&phone);
    desk.assert_state(&code, QrState::Completed).await;
    // The app is killed and opened again, still without the server, and then with it.
    drop(phone);
    let phone = stage.open_phone();
    assert_eq!(resume(&phone).await, open());
    assert_empty(&phone);
    stage.wire.set(Mood::Sound);
    assert_eq!(resume(&phone).await.paired.len(), 1);
    let passkey = assert_unlocks(&phone, &["desk"]);
    assert_eq!(desk.passkeys().await, [passkey]);
    assert_eq!(resume(&phone).await, Resumed::default());
}

#[tokio::test]
async fn the_answer_is_lost_for_one_more_computer() {
    let (stage, desk, phone) = set().await;
    pair(&phone, &desk.code().await).await.unwrap();
    let before = assert_unlocks(&phone, &["desk"]);
    let more = stage.desk("more").await;
    let wire = stage.wire.clone();
    stage.owner.when_asked(move || {
        wire.set(Mood::AnswersLost);
        true
    });
    pair(&phone, &more.code().await).await.unwrap_err();
    // The server has the new passkey, the phone shows the old one, and does not mistake that.
    assert_eq!(assert_unlocks(&phone, &["desk"]), before);
    stage.wire.set(Mood::Sound);
    assert_eq!(resume(&phone).await.paired.len(), 1);
    let passkey = assert_unlocks(&phone, &["desk", "more"]);
    assert_ne!(passkey, before);
    assert_eq!(desk.passkeys().await, std::slice::from_ref(&passkey));
    assert_eq!(more.passkeys().await, [passkey]);
    assert_eq!(phone.computers().remove("desk", &Cancel::new()).await.unwrap(), Removal::Complete);
}

#[tokio::test]
async fn the_app_is_killed_while_its_owner_is_asked() {
    let (stage, desk, phone) = set().await;
    let code = desk.code().await;
    stage.owner.when_asked(|| false);
    tokio::select! {
        _ = pair(&phone, &code) => panic!("nobody has answered"),
        () = stage.owner.asked() => {}
    }
    drop(phone);
    let phone = stage.open_phone();
    assert_empty(&phone);
    assert_eq!(resume(&phone).await, given_up());
    desk.assert_state(&code, QrState::Canceled).await;
    assert_empty(&phone);
}

/// The app is killed so many moments after its owner said yes: while the passkey is made, while it is
/// registered, or after all was done.
#[tokio::test]
async fn the_app_is_killed_at_any_moment() {
    let stage = Stage::with(|config| config.limits.codes_each = 100).await;
    let desk = stage.desk("desk").await;
    let mut given_up = 0;
    for moments in 0..40 {
        let (code, phone) = (desk.code().await, stage.open_phone());
        let paired = killed_after(moments, &stage, pair(&phone, &code)).await;
        drop(phone);

        let phone = stage.open_phone();
        let resumed = resume(&phone).await;
        assert_eq!(resumed.open, 0);
        given_up += resumed.given_up;
        // Both sides agree, whenever it was.
        // It may also have been killed when all was stored, and its owner not told.
        let listed = !phone.computers().list().unwrap().is_empty();
        assert!(listed || !(paired || resumed.paired.len() == 1));
        if listed {
            desk.assert_state(&code, QrState::Completed).await;
            assert_eq!(desk.passkeys().await, [assert_unlocks(&phone, &["desk"])]);
            // The next one begins anew.
            let id = phone.security_keys().list().unwrap()[0].id.clone();
            phone.security_keys().delete(&id, &Cancel::new()).await.unwrap();
            assert_eq!(resume(&phone).await.removed, 1);
        } else {
            desk.assert_state(&code, QrState::Canceled).await;
        }
        assert_empty(&phone);
        assert_eq!(stage.server_has().await, 0, "after {moments} moments");
    }
    // Where the registration left at once, none is: the test above has those.
    assert!(given_up < 40, "{given_up} of 40 were given up");
}

/// Lets a pairing run until its owner is asked and this many moments longer; whether it has succeeded.
async fn killed_after<T, E>(
    moments: u32,
    stage: &Stage,
    pairing: impl Future<Output = Result<T, E>>,
) -> bool {
    tokio::pin!(pairing);
    tokio::select! {
        biased;
        () = stage.owner.asked() => {}
        outcome = &mut pairing => return outcome.is_ok(),
    }
    for _ in 0..moments {
        tokio::select! {
            biased;
            outcome = &mut pairing => return outcome.is_ok(),
            () = tokio::time::sleep(MOMENT) => {}
        }
    }
    false
}

#[tokio::test]
async fn the_owner_changes_their_mind() {
    let (stage, desk, phone) = set().await;
    let code = desk.code().await;
    stage.owner.when_asked(|| false);
    let cancel = Cancel::new();
    let texts = [&code.qr_code];
    let (outcome, ()) = within(async {
        tokio::join!(phone.approve(&texts, &cancel), async {
            stage.owner.asked().await;
            cancel.cancel();
        })
    })
    .await;
    assert_eq!(outcome.unwrap_err().id(), ErrorId::RegCanceled);
    desk.assert_state(&code, QrState::Canceled).await;
    assert_empty(&phone);
    assert_eq!(resume(&phone).await, Resumed::default());
}

#[tokio::test]
async fn a_computer_that_is_removed_without_a_network() {
    let (stage, desk, phone) = set().await;
    pair(&phone, &desk.code().await).await.unwrap();
    stage.wire.set(Mood::Cut);
    assert_eq!(phone.computers().remove("desk", &Cancel::new()).await.unwrap(), Removal::ServerNotTold);
    assert!(phone.computers().list().unwrap().is_empty());
    assert_eq!(resume(&phone).await, open());
    assert_eq!(desk.passkeys().await.len(), 1);
    stage.wire.set(Mood::Sound);
    assert_eq!(resume(&phone).await, Resumed { removed: 1, ..Resumed::default() });
    assert!(desk.passkeys().await.is_empty());
}
