use crate::store_contract::credential;

#[test]
fn a_credential_prints_nothing_personal() {
    let credential = credential(7, "example.com", b"alice");
    assert_eq!(format!("{credential:?}"), "Credential(redacted)");
    assert_eq!(format!("{:?}", credential.summary()), "CredentialSummary(redacted)");
    assert_eq!(format!("{:?}", credential.id), "CredentialId(redacted)");
}
