use super::*;

#[test]
fn a_web_address_beside_a_code_does_not_disturb() {
    const FIDO: &str = "FIDO:/0815";
    const LINK: &str = "https://example.com/app";
    let hybrid = Ok(Code::Hybrid(FIDO.to_owned()));
    assert_eq!(code_of(&[FIDO, LINK]), hybrid);
    assert_eq!(code_of(&[LINK, FIDO, "https://example.org/"]), hybrid);
    assert_eq!(code_of(&[LINK]), Err(CodeError::InvalidQr));
    assert_eq!(code_of(&["FIDO:/1", FIDO, LINK]), Err(CodeError::Several));
    assert_eq!(code_of(&["WIFI:S:home;;"]), Err(CodeError::InvalidQr));
    assert!(matches!(code_of(&[LINK, r#"{"v":2}"#]), Err(CodeError::Unsupported { .. })));
}
