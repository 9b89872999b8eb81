use super::*;

fn base(typed: &str, developer: bool) -> Result<String, AddressError> {
    Address::parse(typed, developer).map(|address| address.base().to_owned())
}

#[test]
fn what_people_type() {
    for typed in [
        "https://acme.hypr.com",
        "acme.hypr.com",
        " ACME.hypr.com/ ",
        "HTTPS://acme.hypr.com/",
        "https://acme.hypr.com:443",
    ] {
        let address = Address::parse(typed, false).unwrap();
        assert_eq!((address.base(), address.host()), ("https://acme.hypr.com", "acme.hypr.com"), "{typed}");
    }
}

#[test]
fn what_is_refused_says_why() {
    let long = format!("{}.com", "a".repeat(600));
    let long_label = format!("{}.com", "a".repeat(64));
    for (typed, error) in [
        ("", AddressError::Invalid),
        ("   ", AddressError::Invalid),
        ("https://", AddressError::Invalid),
        ("https:///", AddressError::Invalid),
        ("acme .hypr.com", AddressError::Invalid),
        ("acme\n.hypr.com", AddressError::Invalid),
        ("acme.hypr.com\\@evil.com", AddressError::Invalid),
        ("https:acme.hypr.com", AddressError::Invalid),
        ("acme.hypr.com:port", AddressError::Invalid),
        ("acme%2fhypr.com", AddressError::Invalid),
        ("xn--a.com", AddressError::Invalid),
        (&long, AddressError::Invalid),
        ("http://acme.hypr.com", AddressError::NotHttps),
        ("ftp://acme.hypr.com", AddressError::NotHttps),
        ("://acme.hypr.com", AddressError::NotHttps),
        ("https://acme.hypr.com@evil.com", AddressError::UserInfo),
        ("user:word@acme.hypr.com", AddressError::UserInfo),
        ("@acme.hypr.com", AddressError::UserInfo),
        ("acme", AddressError::NotPublic),
        ("localhost", AddressError::NotPublic),
        ("127.0.0.1", AddressError::NotPublic),
        ("0x7f000001", AddressError::NotPublic),
        ("2130706433", AddressError::NotPublic),
        ("93.184.216.34", AddressError::NotPublic),
        ("[::1]", AddressError::NotPublic),
        ("cc.corp.internal", AddressError::NotPublic),
        ("printer.local", AddressError::NotPublic),
        ("router.home.arpa", AddressError::NotPublic),
        ("acme.hypr.com.", AddressError::NotPublic),
        ("acme..com", AddressError::NotPublic),
        ("-acme.com", AddressError::NotPublic),
        ("acme_1.com", AddressError::NotPublic),
        (&long_label, AddressError::NotPublic),
        ("acme.hypr.com:8443", AddressError::Port),
        ("acme.hypr.com/cc", AddressError::Path),
        ("acme.hypr.com//", AddressError::Path),
        ("acme.hypr.com?x=1", AddressError::Path),
        ("acme.hypr.com#x", AddressError::Path),
        ("https://acme.hypr.com/@evil.com", AddressError::Path),
    ] {
        assert_eq!(base(typed, false), Err(error), "{typed:?}");
    }
}

#[test]
fn developers_have_loopback_and_ports() {
    for (typed, expected) in [
        ("localhost:8443", "https://localhost:8443"),
        ("https://127.0.0.1:8443/", "https://127.0.0.1:8443"),
        ("[::1]:8443", "https://[::1]:8443"),
        ("acme.hypr.com:8443", "https://acme.hypr.com:8443"),
    ] {
        assert_eq!(base(typed, true).as_deref(), Ok(expected));
    }
    for typed in ["10.0.0.1", "[fe80::1]", "cc.internal", "box"] {
        assert_eq!(base(typed, true), Err(AddressError::NotPublic), "{typed}");
    }
    assert_eq!(base("http://localhost", true), Err(AddressError::NotHttps));
}

#[test]
fn look_alikes_show_their_ascii_form() {
    // The first letter is Cyrillic; the second name is written in full-width letters.
    assert_eq!(Address::parse("\u{430}cme.com", false).unwrap().host(), "xn--cme-5cd.com");
    assert_eq!(Address::parse("\u{ff41}cme.com", false).unwrap().host(), "acme.com");
    // A full stop and a slash of other scripts.
    assert_eq!(Address::parse("acme\u{3002}com", false).unwrap().host(), "acme.com");
    assert_eq!(
        Address::parse("acme.com\u{2044}evil.org", false).unwrap().host(),
        "acme.xn--comevil-3d7c.org"
    );
}

#[test]
fn an_administrator_may_name_private_hosts() {
    let hosts = ["cc.corp.internal".to_owned()];
    let address = Address::parse_with("CC.corp.internal", false, &hosts).unwrap();
    assert_eq!(address.base(), "https://cc.corp.internal");
    for typed in ["cc.corp.internal:8443", "x.cc.corp.internal", "corp.internal"] {
        assert!(Address::parse_with(typed, false, &hosts).is_err(), "{typed}");
    }
}

#[test]
fn an_address_is_not_printed() {
    let address = Address::parse("acme.hypr.com", false).unwrap();
    assert_eq!(format!("{address:?}"), "Address(redacted)");
}
