use std::sync::Arc;

use latchkey_authenticator::ports::StoreError;
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};

use super::*;

#[test]
fn an_answer_prints_nothing_personal() {
    let rp_id = Some("example.com".to_owned());
    let answer = Answer { action: Action::SignIn, rp_id, status: Status::OK, error: None };
    assert_eq!(format!("{answer:?}"), "Answer(SignIn, OK (0x00), None)");
}

#[test]
fn a_command_says_what_it_asks_for_even_when_it_cannot_be_read() {
    assert_eq!(action_of(&[0x01, 0xFF]), Some((Action::Create, None)));
    assert_eq!(action_of(&[0x02]), Some((Action::SignIn, None)));
    // A touch, getInfo, an unknown command, nothing at all.
    for request in [&[0x0B][..], &[0x04], &[0x40], &[]] {
        assert_eq!(action_of(request), None);
    }
}

#[test]
fn a_code_counts_as_served_once_it_was_advertised() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let path = folder.path().join("vault.sqlite");
        Vault::open(&path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap()
    };
    let (app, extension) = (open(), open());
    let secret = Secret::new([7; 16]);
    let used = |admission: Result<Admission<'_>, PhoneError>| {
        matches!(admission.map(drop), Err(PhoneError::Hybrid(HybridError::CodeAlreadyUsed)))
    };
    drop(Admission::of(&app, secret.clone(), 1).unwrap());
    let mut admission = Admission::of(&app, secret.clone(), 1).unwrap();
    // While it is being served nobody else serves it.
    assert!(used(Admission::of(&extension, secret.clone(), 1)));
    admission.advertised = true;
    drop(admission);
    assert!(used(Admission::of(&app, secret.clone(), 300)));
    drop((app, extension));
    let restarted = open();
    assert!(used(Admission::of(&restarted, secret.clone(), 300)));
    drop(Admission::of(&restarted, secret, 2 * 86_400).unwrap());
}

#[test]
fn a_code_that_cannot_be_remembered_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.sqlite");
    let vault = Vault::open(&path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap();
    vault.close();
    let refused = Admission::of(&vault, Secret::new([7; 16]), 1).map(drop);
    assert!(matches!(refused, Err(PhoneError::Store(StoreError::Closed))));
}

#[test]
fn the_ceremony_draws_from_the_port() {
    struct Sevens;
    impl Rng for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }
    let mut drawn = [0; 40];
    PortRng(&Sevens).fill_bytes(&mut drawn);
    assert_eq!(drawn, [7; 40]);
    assert_eq!(PortRng(&Sevens).next_u64(), 0x0707_0707_0707_0707);
}
