use super::*;

#[test]
fn a_prompt_prints_nothing_personal() {
    let user = User { id: b"handle".to_vec(), name: Some("ada".to_owned()), display_name: None };
    let rp = RelyingParty { id: "example.com".to_owned(), name: Some("Example".to_owned()) };
    let account = Account { credential_id: vec![77; 32], user: user.clone() };
    for kind in [
        PromptKind::Register { rp, user },
        PromptKind::SignIn { rp_id: "example.com".to_owned(), accounts: vec![account.clone()] },
        PromptKind::Presence { rp_id: Some("example.com".to_owned()) },
    ] {
        let prompt = Prompt { kind, verify: true, timeout: Duration::from_secs(30) };
        let printed = format!("{prompt:?}").to_lowercase();
        assert!(printed.contains("(redacted)"), "{printed}");
        assert!(!printed.contains("example") && !printed.contains("77"), "{printed}");
    }
    assert_eq!(format!("{account:?}"), "Account(redacted)");
}
