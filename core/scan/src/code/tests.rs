use super::*;

const NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn payload(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut value = serde_json::json!({
        "v": 1, "op": "register", "rpUrl": "https://cc.example/rp", "rpAppId": "app", "requestId": "r-1",
        "machineId": "m", "machineName": "Desk", "user": "ann", "nonce": NONCE, "exp": 1_760_000_000_u64,
        "pk": "Av__________________________________________", "actionCode": "8e3nf8", "later": [1, 2],
    });
    change(&mut value);
    value.to_string()
}

#[test]
fn sorts_by_prefix_without_regard_to_case() {
    for text in ["FIDO:/0123", "fido:/0123", "FiDo:/"] {
        assert_eq!(code_from_text(text), Ok(Code::Hybrid(text.to_owned())));
    }
    for text in ["https://tenant.example/x?y", "HTTPS://TENANT.EXAMPLE"] {
        assert_eq!(code_from_text(text), Ok(Code::Link(text.to_owned())));
    }
}

#[test]
fn refuses_what_is_not_ours() {
    let texts = [
        "",
        "FIDO:",
        "FIDO",
        "http://a.example",
        "https://",
        "https://a b",
        "https://a\n",
        "[1]",
        "{",
        "WIFI:",
        "é",
    ];
    for text in texts {
        assert_eq!(code_from_text(text), Err(CodeError::InvalidQr), "{text}");
    }
    let long = format!("FIDO:/{}", "1".repeat(MAX_TEXT));
    assert_eq!(code_from_text(&long), Err(CodeError::TooLong(MAX_TEXT + 6)));
}

#[test]
fn reads_a_control_center_payload() {
    let Ok(Code::ControlCenter(code)) = code_from_text(&payload(|_| ())) else { panic!("no code") };
    assert_eq!(code.operation, Operation::Register);
    assert_eq!(code.rp_url, "https://cc.example/rp");
    assert_eq!((code.rp_app_id.as_str(), code.request_id.as_str()), ("app", "r-1"));
    assert_eq!(code.machine_name.as_deref(), Some("Desk"));
    assert_eq!(code.nonce[..4], [0, 1, 2, 3]);
    assert_eq!(code.public_key.map(|pk| pk[0]), Some(2));
    assert_eq!(code.expires_at, 1_760_000_000);
    assert_eq!(code.action_code.as_deref(), Some("8e3nf8"));

    let sparse = payload(|v| {
        let object = v.as_object_mut().unwrap();
        object.retain(|key, _| {
            !["machineId", "machineName", "user", "pk", "actionCode"].contains(&key.as_str())
        });
        object.insert("activationCode".into(), "abc".into());
        object.insert("op".into(), "authenticate".into());
    });
    let Ok(Code::ControlCenter(code)) = code_from_text(&sparse) else { panic!("no code") };
    assert_eq!(code.operation, Operation::Authenticate);
    assert_eq!(code.action_code.as_deref(), Some("abc"));
    assert_eq!((code.machine_id, code.user, code.public_key), (None, None, None));
}

#[test]
fn names_the_field_that_is_wrong() {
    let wrong: [(&'static str, serde_json::Value); 10] = [
        ("op", "erase".into()),
        ("rpUrl", "http://cc.example".into()),
        ("rpUrl", serde_json::Value::Null),
        ("rpAppId", "".into()),
        ("requestId", 7.into()),
        ("user", false.into()),
        ("nonce", "AAEC".into()),
        ("nonce", "not base64url!".into()),
        ("exp", (-1).into()),
        ("pk", "AAEC".into()),
    ];
    for (field, value) in wrong {
        let text = payload(|v| v[field] = value);
        assert_eq!(code_from_text(&text), Err(CodeError::Malformed(field)));
    }
}

#[test]
fn reports_only_the_keys_of_unknown_json() {
    let other = r#"{"version":3,"sessionId":"secret","appId":"x"}"#;
    let keys = ["appId", "sessionId", "version"].map(String::from).to_vec();
    assert_eq!(code_from_text(other), Err(CodeError::Unsupported { keys }));
    assert!(matches!(code_from_text(&payload(|v| v["v"] = 2.into())), Err(CodeError::Unsupported { .. })));
}

#[test]
fn picks_the_only_code_and_refuses_to_choose() {
    let (ours, theirs) = ("FIDO:/01", "WIFI:S:x;;");
    assert_eq!(code_from_texts(&[theirs, ours]), Ok(Code::Hybrid(ours.to_owned())));
    assert_eq!(code_from_texts(&[ours, ours]), Ok(Code::Hybrid(ours.to_owned())));
    assert_eq!(code_from_texts(&[ours, "https://a.example"]), Err(CodeError::Several));
    assert_eq!(code_from_texts(&[theirs]), Err(CodeError::InvalidQr));
    assert_eq!(code_from_texts::<&str>(&[]), Err(CodeError::InvalidQr));
    let unsupported = CodeError::Unsupported { keys: vec!["a".into()] };
    assert_eq!(code_from_texts(&[r#"{"a":1}"#, theirs]), Err(unsupported));
}

#[test]
fn prints_nothing_of_a_code() {
    let printed = format!("{:?} {:?}", code_from_text("FIDO:/0123"), code_from_text(&payload(|_| ())));
    for secret in ["0123", NONCE, "cc.example", "ann", "8e3nf8"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
