use super::*;

fn app() -> CallingApp {
    CallingApp {
        package_name: "com.example.app".to_owned(),
        certificates: vec![[0xAB; 32], [0x01; 32]],
        several_signers: false,
    }
}

fn hex(byte: u8) -> String {
    vec![format!("{byte:02X}"); 32].join(":")
}

fn statement(relation: &str, package: &str, fingerprint: &str) -> String {
    format!(
        r#"[{{"relation":["delegate_permission/common.handle_all_urls"],"target":{{"namespace":"web","site":"https://example.com"}}}},
            {{"relation":["{relation}"],"target":{{"namespace":"android_app","package_name":"{package}",
              "sha256_cert_fingerprints":["{fingerprint}"]}}}}]"#
    )
}

#[test]
fn a_site_names_its_apps() {
    for fingerprint in [hex(0xAB), hex(0xAB).to_lowercase(), hex(0x01)] {
        assert!(name(Some(&statement(LOGIN, "com.example.app", &fingerprint)), &app()), "{fingerprint}");
    }
}

#[test]
fn what_cannot_be_used_is_passed_over() {
    let usable = statement(LOGIN, "com.example.app", &hex(0xAB));
    for other in [
        r#"{"include":"https://example.org/statements.json"}"#,
        r#"{"relation":"not a list","target":{"namespace":"web"}}"#,
        r#"{"relation":[]}"#,
        "null",
    ] {
        assert!(name(Some(&usable.replacen('[', &format!("[{other},"), 1)), &app()), "{other}");
        assert!(!name(Some(&format!("[{other}]")), &app()), "{other}");
    }
}

#[test]
fn anything_else_is_no_consent() {
    let named =
        |relation, package, fingerprint: &str| name(Some(&statement(relation, package, fingerprint)), &app());
    assert!(!named("delegate_permission/common.handle_all_urls", "com.example.app", &hex(0xAB)));
    assert!(!named(LOGIN, "com.example.other", &hex(0xAB)));
    assert!(!named(LOGIN, "com.example.app", &hex(0xCD)));
    assert!(!named(LOGIN, "com.example.app", "AB"));
    for text in [None, Some(""), Some("{}"), Some("[]"), Some("<html>")] {
        assert!(!name(text, &app()), "{text:?}");
    }
    let long = format!("{}{}", statement(LOGIN, "com.example.app", &hex(0xAB)), " ".repeat(MAX_STATEMENTS));
    assert!(!name(Some(&long), &app()));
}

#[test]
fn fingerprints_have_32_bytes_in_hex() {
    assert_eq!(fingerprint(&hex(0x7F)), Some([0x7F; 32]));
    for text in
        [String::new(), hex(1).replace(':', ""), format!("{}:01", hex(1)), hex(1).replacen("01", "+1", 1)]
    {
        assert_eq!(fingerprint(&text), None, "{text}");
    }
}

#[test]
fn the_statements_are_where_the_rp_id_says() {
    let url = |json: &str| asset_links_url(json);
    let get = r#"{"challenge":"AA","rpId":"login.example.com"}"#;
    assert_eq!(url(get).as_deref(), Ok("https://login.example.com/.well-known/assetlinks.json"));
    let create = r#"{"challenge":"AA","rp":{"id":"example.com"},"user":{"id":"AA","name":"","displayName":""},"pubKeyCredParams":[]}"#;
    assert_eq!(url(create).as_deref(), Ok("https://example.com/.well-known/assetlinks.json"));
    let long = format!("{}.com", "a".repeat(250));
    for rp_id in [
        "localhost",
        "example.com/x",
        "a@example.com",
        "example.com:1",
        "",
        "exa mple.com",
        "example.com.",
        "192.168.0.1",
        "127.1",
        "10.0x7f",
        "127.0.0.1.",
        &long,
    ] {
        let json = get.replace("login.example.com", rp_id);
        assert_eq!(url(&json), Err(ProviderError::InvalidMember("rpId")), "{rp_id}");
    }
    let signal = r#"{"rpId":"example.com","credentialId":"AA"}"#;
    assert_eq!(url(signal).as_deref(), Ok("https://example.com/.well-known/assetlinks.json"));
    assert_eq!(url(r#"{"challenge":"AA"}"#), Err(ProviderError::InvalidMember("rpId")));
    assert_eq!(url("[]"), Err(ProviderError::Malformed));
}

#[test]
fn an_app_does_not_show_its_own_site_in_the_place_of_another() {
    let url = |rp_id: &str, rp: &str| asset_links_url(&format!(r#"{{"rpId":{rp_id},"rp":{rp}}}"#));
    let mine = r#""attacker.example""#;
    for other in [r#"{"id":"example.com"}"#, r#"{"id":"attacker.example."}"#, r#"{"id":"Attacker.example"}"#]
    {
        assert_eq!(url(mine, other), Err(ProviderError::InvalidMember("rpId")), "{other}");
    }
    for twice in [r#"{"id":"attacker.example","id":"example.com"}"#, r#"{"id":[]}"#] {
        assert!(url(mine, twice).is_err(), "{twice}");
    }
    assert!(url(mine, r#"{"id":"attacker.example"}"#).is_ok());
    assert!(url("null", r#"{"id":"example.com"}"#).is_ok());
}
