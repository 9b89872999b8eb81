use super::*;

#[test]
fn an_origin_uses_its_own_domain_and_parents_only() {
    for (origin, rp_id) in [
        ("https://example.com", "example.com"),
        ("https://login.example.com", "example.com"),
        ("https://login.example.com:8443/path", "example.com"),
        ("http://localhost:8080", "localhost"),
    ] {
        assert_eq!(check_origin(origin, rp_id), Ok(()), "{origin} {rp_id}");
    }
    for (origin, rp_id) in [
        ("https://example.com.evil.test", "example.com"),
        ("https://notexample.com", "example.com"),
        ("https://example.com", "login.example.com"),
        ("http://example.com", "example.com"),
        ("https://example.com", ""),
        ("example.com", "example.com"),
        ("https://example.com:x@evil.test", "example.com"),
        ("https://evil.test\\@login.example.com", "example.com"),
    ] {
        assert!(check_origin(origin, rp_id).is_err(), "{origin} {rp_id}");
    }
    assert_eq!(host_of_origin("https://login.example.com:8443"), Some("login.example.com"));
    for origin in ["https://example.com@evil.test", "https://:443", "http://example.com", ""] {
        assert_eq!(host_of_origin(origin), None, "{origin}");
    }
}

#[test]
fn client_data_has_the_members_in_the_specified_order() {
    assert_eq!(
        client_data("webauthn.get", &[0xFB, 0xFF], "https://example.com"),
        br#"{"type":"webauthn.get","challenge":"-_8","origin":"https://example.com","crossOrigin":false}"#
    );
}
