use super::*;

fn creation(members: &str) -> Result<CreationOptions, ProviderError> {
    parse(&format!(
        r#"{{"rp":{{"id":"example.com","name":"Example"}},"user":{{"id":"dXNlcg","name":"ada","displayName":"Ada"}},
            "challenge":"AAEC","pubKeyCredParams":[{{"type":"public-key","alg":-7}}]{members}}}"#
    ))
}

#[test]
fn what_a_relying_party_asks_for_is_read() {
    let options =
        creation(r#","excludeCredentials":[{"type":"public-key","id":"AQI"},{"type":"other","id":"Aw"}]"#);
    let options = options.unwrap();
    assert_eq!(options.rp.id.as_deref(), Some("example.com"));
    assert_eq!(options.user.id.0, b"user");
    assert_eq!(options.challenge.0, [0, 1, 2]);
    assert_eq!(options.algorithms(), [Algorithm::ES256]);
    assert_eq!(options.excluded(), [CredentialId(vec![1, 2])]);
}

#[test]
fn members_that_nobody_here_knows_are_passed_over() {
    let members = r#","timeout":60000,"attestation":"direct","hints":["hybrid"],"excludeCredentials":null,
        "authenticatorSelection":{"residentKey":"required"},"extensions":{"credProps":true,"uvm":true}"#;
    assert_eq!(creation(members).unwrap().extensions.unwrap().cred_props, Some(true));
}

#[test]
fn verification_is_required_in_one_word() {
    let selection = |members: &str| creation(&format!(r#","authenticatorSelection":{members}"#)).unwrap();
    assert!(selection(r#"{"userVerification":"required"}"#).requires_verification());
    for other in ["null", "{}", r#"{"userVerification":"preferred"}"#, r#"{"userVerification":null}"#] {
        assert!(!selection(other).requires_verification(), "{other}");
    }
    assert!(creation("").is_ok_and(|options| !options.requires_verification()));
}

#[test]
fn no_algorithm_at_all_means_the_default() {
    let json =
        r#"{"rp":{},"user":{"id":"AA","name":"","displayName":""},"challenge":"AA","pubKeyCredParams":[]}"#;
    assert_eq!(parse::<CreationOptions>(json).unwrap().algorithms(), [Algorithm::ES256]);
    let json = json.replace("[]", r#"[{"type":"other","alg":-7}]"#);
    assert_eq!(parse::<CreationOptions>(&json).unwrap().algorithms(), []);
}

#[test]
fn what_is_not_of_its_type_is_refused() {
    for members in [
        r#","excludeCredentials":{}"#,
        r#","excludeCredentials":[{"type":"public-key"}]"#,
        r#","excludeCredentials":[{"type":"public-key","id":"AQI="}]"#,
        r#","excludeCredentials":[{"type":"public-key","id":"+/"}]"#,
        r#","extensions":{"credProps":"yes"}"#,
        r#","challenge":"AAEC""#,
    ] {
        assert_eq!(creation(members).err(), Some(ProviderError::Malformed), "{members}");
    }
    for json in ["", "[]", r#"["AA",null,null]"#, "{}", "null", r#"{"challenge":""#, "\u{0}"] {
        assert_eq!(parse::<RequestOptions>(json).err(), Some(ProviderError::Malformed), "{json}");
    }
}

#[test]
fn deep_and_long_requests_cost_nothing() {
    // Nobody recurses into what nobody reads.
    let deep = format!(r#"{{"challenge":"AA","x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse::<RequestOptions>(&deep).is_ok());
    let deep = deep.replace("\"x\"", "\"allowCredentials\"");
    assert_eq!(parse::<RequestOptions>(&deep).err(), Some(ProviderError::Malformed));
    let long = format!(r#"{{"challenge":"{}"}}"#, "A".repeat(MAX_REQUEST));
    assert_eq!(parse::<RequestOptions>(&long).err(), Some(ProviderError::TooLong(long.len())));
}

#[test]
fn a_list_of_unknown_types_is_not_any() {
    let options = |list| {
        parse::<RequestOptions>(&format!(r#"{{"challenge":"AA","allowCredentials":{list}}}"#)).unwrap()
    };
    assert_eq!(options("[]").allowed(), Ok(Vec::new()));
    assert_eq!(options(r#"[{"type":"public-key","id":"AQ"}]"#).allowed(), Ok(vec![CredentialId(vec![1])]));
    let unknown = options(r#"[{"type":"other","id":"AQ"}]"#).allowed();
    assert_eq!(unknown, Err(ProviderError::InvalidMember("allowCredentials")));
}
