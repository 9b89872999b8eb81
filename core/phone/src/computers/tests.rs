use latchkey_offline::LedgerStore;

use super::*;
use crate::ErrorId;
use crate::control_center::test_server::Reply;
use crate::pairing::fixture::{ACCOUNT, Center, Fault};

async fn paired() -> Center {
    let center = Center::new().await;
    center.phone.phone.pair(&center.code(), &Cancel::new()).await.unwrap();
    center.server.take_lines();
    center
}

#[tokio::test]
async fn the_list_shows_what_was_paired() {
    let center = paired().await;
    let phone = &center.phone.phone;
    let listed = phone.computers().list().unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0] == phone.computers().get("machine-1").unwrap());
    let ComputerSummary { machine_id, name, machine_name, os_user, account, tenant, rp_app_id, .. } =
        &listed[0];
    assert_eq!(
        (machine_id.as_str(), name.as_str(), machine_name.as_str()),
        ("machine-1", "ADAS-LAPTOP", "ADAS-LAPTOP")
    );
    assert_eq!((os_user.as_str(), account.as_deref(), rp_app_id.as_str()), ("ada", Some(ACCOUNT), "app"));
    assert_eq!(*tenant, center.server.base());
    assert_eq!((listed[0].paired_at, listed[0].last_online_at), (1_767_225_600, None));
    assert_eq!(listed[0].credential_id, phone.security_keys().list().unwrap()[0].id);
    assert_eq!(format!("{:?}", listed[0]), "ComputerSummary(redacted)");
}

#[tokio::test]
async fn names_are_the_owners() {
    let center = paired().await;
    let computers = center.phone.phone.computers();
    let name = || computers.get("machine-1").unwrap().name;
    computers.rename("machine-1", "  At home ").unwrap();
    assert_eq!(name(), "At home");
    for bad in ["x".repeat(MAX_NAME + 1), "two\nlines".to_owned()] {
        assert!(matches!(computers.rename("machine-1", &bad), Err(PhoneError::InvalidName)));
        assert_eq!(name(), "At home");
    }
    computers.rename("machine-1", " ").unwrap();
    assert_eq!(name(), "ADAS-LAPTOP");
    let error = computers.rename("machine-2", "x").unwrap_err();
    assert!(matches!(error, PhoneError::UnknownComputer));
    assert_eq!(error.id(), ErrorId::AnyNoDevice);
}

#[tokio::test]
async fn removing_tells_the_server_and_keeps_the_passkey() {
    let center = paired().await;
    let phone = &center.phone.phone;
    assert_eq!(phone.computers().remove("machine-1", &Cancel::new()).await.unwrap(), Removal::Complete);
    assert_eq!(center.server.take_lines(), ["DELETE /rp/versioned/device/computers/machine-1"]);
    assert!(phone.vault.computers().unwrap().is_empty());
    assert_eq!(phone.security_keys().list().unwrap().len(), 1);
    assert_eq!(phone.vault.registrations().unwrap().len(), 1);
    let error = phone.computers().remove("machine-1", &Cancel::new()).await.unwrap_err();
    assert!(matches!(error, PhoneError::UnknownComputer));
}

#[tokio::test]
async fn a_removed_computer_is_gone_at_once_whatever_the_server_says() {
    for reply in [Reply::Drop, Reply::refusal(503, "unavailable"), Reply::refusal(403, "forbidden")] {
        let center = paired().await;
        let phone = &center.phone.phone;
        center.fault("computers/machine-1", Fault::Instead(reply));
        assert_eq!(
            phone.computers().remove("machine-1", &Cancel::new()).await.unwrap(),
            Removal::ServerNotTold
        );
        assert!(phone.computers().list().unwrap().is_empty());
        assert!(matches!(phone.computers().get("machine-1"), Err(PhoneError::UnknownComputer)));
        assert!(matches!(phone.computers().rename("machine-1", "x"), Err(PhoneError::UnknownComputer)));
        assert!(LedgerStore::load(&*phone.vault, "machine-1").unwrap().is_none());
        assert_eq!(phone.vault.computers().unwrap().len(), 1, "to be told");
    }
}

#[tokio::test]
async fn who_does_not_wait_for_the_server_has_removed_the_computer() {
    let center = paired().await;
    let phone = &center.phone.phone;
    let cancelled = Cancel::new();
    cancelled.cancel();
    let refused = phone.computers().remove("machine-1", &cancelled).await;
    assert!(matches!(refused, Err(PhoneError::Canceled(_))));
    assert_eq!(phone.computers().list().unwrap().len(), 1);

    center.fault("computers/machine-1", Fault::Instead(Reply::Hang));
    let cancel = Cancel::new();
    let (removed, ()) = tokio::join!(phone.computers().remove("machine-1", &cancel), async {
        while !center.server.peek(|request| request.line.starts_with("DELETE")) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert_eq!(removed.unwrap(), Removal::ServerNotTold);
    assert!(phone.computers().list().unwrap().is_empty());
    assert_eq!(phone.resume(&Cancel::new()).await.unwrap().removed, 1);
}

#[tokio::test]
async fn a_computer_that_is_leaving_can_be_paired_again() {
    let center = paired().await;
    let phone = &center.phone.phone;
    center.fault("computers/machine-1", Fault::Instead(Reply::Drop));
    phone.computers().remove("machine-1", &Cancel::new()).await.unwrap();
    phone.pair(&center.code(), &Cancel::new()).await.unwrap();
    center.assert_paired();
    assert_eq!(phone.computers().list().unwrap().len(), 1);
    assert_eq!(phone.resume(&Cancel::new()).await.unwrap(), crate::Resumed::default());
}

#[test]
fn names_of_others_are_made_fit_to_be_shown() {
    assert_eq!(shown(" A\u{0}DAS\r\n-PC\u{7f} "), "ADAS-PC");
    assert_eq!(shown(&"x".repeat(100)).len(), MAX_NAME);
}
