use super::*;

fn id(number: u8) -> CredentialId {
    CredentialId(vec![number; 32])
}

fn user(handle: &[u8], name: &str) -> User {
    User { id: handle.to_vec(), name: Some(name.to_owned()), display_name: None }
}

/// What becomes of credential 1 of Ada's, hidden before or not.
fn applied(signal: &Signal, was_hidden: bool) -> (bool, User, bool) {
    let (mut account, mut hidden) = (user(b"ada", "ada"), was_hidden);
    let changed = signal.apply(&id(1), &mut account, &mut hidden);
    (changed, account, hidden)
}

#[test]
fn an_unknown_credential_is_hidden_once() {
    let ada = || user(b"ada", "ada");
    assert_eq!(applied(&Signal::Unknown(id(1)), false), (true, ada(), true));
    assert_eq!(applied(&Signal::Unknown(id(1)), true), (false, ada(), true));
    assert_eq!(applied(&Signal::Unknown(id(2)), false), (false, ada(), false));
}

#[test]
fn what_is_not_on_the_list_is_hidden_and_what_is_comes_back() {
    let accepted = |handle: &[u8], ids: &[u8]| Signal::Accepted {
        user_handle: handle.to_vec(),
        ids: ids.iter().map(|&number| id(number)).collect(),
    };
    for (signal, was_hidden, changed, hidden) in [
        (accepted(b"ada", &[2, 1]), false, false, false),
        (accepted(b"ada", &[2, 1]), true, true, false),
        (accepted(b"ada", &[2]), false, true, true),
        (accepted(b"ada", &[]), false, true, true),
        (accepted(b"ada", &[]), true, false, true),
        (accepted(b"bob", &[]), false, false, false),
        (accepted(b"bob", &[1]), true, false, true),
    ] {
        assert_eq!(applied(&signal, was_hidden), (changed, user(b"ada", "ada"), hidden));
    }
}

#[test]
fn names_change_and_nothing_is_hidden_or_shown() {
    let renamed = user(b"ada", "ada@example.com");
    for hidden in [false, true] {
        let signal = Signal::UserDetails(renamed.clone());
        assert_eq!(applied(&signal, hidden), (true, renamed.clone(), hidden));
        let same = Signal::UserDetails(user(b"ada", "ada"));
        assert_eq!(applied(&same, hidden), (false, user(b"ada", "ada"), hidden));
        let told = User { name: None, display_name: Some("Ada".to_owned()), ..user(b"ada", "") };
        let both = User { display_name: Some("Ada".to_owned()), ..user(b"ada", "ada") };
        assert_eq!(applied(&Signal::UserDetails(told), hidden), (true, both, hidden));
        let other = Signal::UserDetails(user(b"bob", "bob"));
        assert_eq!(applied(&other, hidden), (false, user(b"ada", "ada"), hidden));
    }
}

#[test]
fn a_signal_does_not_show_whom_it_is_about() {
    assert_eq!(format!("{:?}", Signal::UserDetails(user(b"ada", "ada"))), "Signal(redacted)");
}
