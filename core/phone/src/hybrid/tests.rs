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
    let mut seen = SeenCodes::default();
    let secret = Secret::new([7; 16]);
    let now = Duration::from_secs(1);
    drop(Admission::of(&mut seen, secret.clone(), now).unwrap());
    let mut admission = Admission::of(&mut seen, secret.clone(), now).unwrap();
    admission.advertised = true;
    drop(admission);
    assert!(matches!(Admission::of(&mut seen, secret, now), Err(HybridError::CodeAlreadyUsed)));
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
