use super::*;

fn inputs(json: &str) -> PrfInputs {
    serde_json::from_str(json).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `sha256sum` of the prefix, a zero and `Latchkey`.
#[test]
fn a_page_s_input_is_hashed_behind_the_prefix() {
    let expected = "34d163c2bbf6095d0731f5c7cee8635ff43a125f33839d46f9c408ab3182e4f0";
    assert_eq!(hex(&salt(b"Latchkey")), expected);
    let page = inputs(r#"{"eval":{"first":"TGF0Y2hrZXk","second":"TGF0Y2hrZXk"}}"#);
    let salts = page.registration(Form::Plain).unwrap().eval.unwrap();
    assert_eq!((hex(&salts.first).as_str(), salts.second), (expected, Some(salts.first)));
    // Any length, and nothing too.
    assert!(inputs(r#"{"eval":{"first":""}}"#).registration(Form::Plain).is_ok());
}

#[test]
fn hashed_inputs_have_32_bytes() {
    let hashed = Base64Url(vec![7; 32]).to_string();
    let page = inputs(&format!(r#"{{"eval":{{"first":"{hashed}"}}}}"#));
    let salts = page.assertion(Form::Hashed, [].into_iter()).unwrap().eval.unwrap();
    assert_eq!((salts.first, salts.second), ([7; 32], None));
    for (first, second) in [("AAEC".to_owned(), hashed.clone()), (hashed, "AAEC".to_owned())] {
        let page = inputs(&format!(r#"{{"eval":{{"first":"{first}","second":"{second}"}}}}"#));
        assert_eq!(page.registration(Form::Hashed).err(), Some(PrfError::InvalidSalt));
        assert_eq!(page.assertion(Form::Hashed, [].into_iter()).err(), Some(PrfError::InvalidSalt));
    }
}

#[test]
fn inputs_by_credential_are_for_credentials_that_are_allowed() {
    let page = inputs(r#"{"evalByCredential":{"AQ":{"first":"AA"}}}"#);
    let assertion = |allowed: &[&'static [u8]]| page.assertion(Form::Plain, allowed.iter().copied());
    assert_eq!(assertion(&[&[2], &[1]]).unwrap().salts(&[1]).map(|salts| salts.first), Some(salt(&[0])));
    assert_eq!(assertion(&[&[2]]).err(), Some(PrfError::UnknownCredential));
    assert_eq!(assertion(&[]).err(), Some(PrfError::NothingToChooseFrom));
    assert_eq!(page.registration(Form::Plain).err(), Some(PrfError::NothingToChooseFrom));
    for key in ["", "*", "AQ=="] {
        let page = inputs(&format!(r#"{{"evalByCredential":{{"{key}":{{"first":"AA"}}}}}}"#));
        let outcome = page.assertion(Form::Plain, [&[1][..]].into_iter());
        assert_eq!(outcome.err(), Some(PrfError::UnknownCredential), "{key}");
    }
    let nothing = inputs(r#"{"evalByCredential":{}}"#);
    assert_eq!(nothing.assertion(Form::Plain, [].into_iter()), Ok(PrfAssertion::default()));
}

#[test]
fn what_is_no_input_is_no_json() {
    for json in ["true", r#"{"eval":{}}"#, r#"{"eval":{"first":1}}"#, r#"{"eval":{"first":"*"}}"#] {
        assert!(serde_json::from_str::<PrfInputs>(json).is_err(), "{json}");
    }
}

#[test]
fn results_are_told_as_they_are() {
    let results = PrfValues { first: [0; 32], second: Some([1; 32]) };
    let json = json!({ "first": Base64Url(vec![0; 32]), "second": Base64Url(vec![1; 32]) });
    assert_eq!(asserted(Some(&results)), json!({ "results": json }));
    assert_eq!(asserted(None), json!({}));
    let output = PrfRegistrationOutput { enabled: true, results: Some(results) };
    assert_eq!(created(Some(&output)), json!({ "enabled": true, "results": json }));
    let output = PrfRegistrationOutput { enabled: true, results: None };
    assert_eq!(created(Some(&output)), json!({ "enabled": true }));
    assert_eq!(created(None), json!({ "enabled": false }));
}

#[test]
fn inputs_are_not_shown() {
    let page = inputs(r#"{"eval":{"first":"AA"}}"#);
    assert_eq!(
        format!("{page:?} {:?}", page.eval.as_ref().unwrap()),
        "PrfInputs(redacted) PrfInput(redacted)"
    );
}
