use super::*;
use crate::ErrorId;

const CURRENT: [u8; 32] = [0xAB; 32];
const FORMER: [u8; 32] = [0x01; 32];
const HASH: [u8; 32] = [7; 32];

fn hex(bytes: [u8; 32]) -> String {
    bytes.map(|byte| format!("{byte:02X}")).join(":")
}

fn browsers(build: &str, fingerprint: &str) -> Result<TrustedBrowsers, ProviderError> {
    TrustedBrowsers::parse(&format!(
        r#"{{"apps":[{{"type":"android","info":{{"package_name":"org.browser",
            "signatures":[{{"build":"{build}","cert_fingerprint_sha256":"{fingerprint}"}}]}}}}]}}"#
    ))
}

fn browser() -> Caller {
    let app = CallingApp {
        package_name: "org.browser".to_owned(),
        certificates: vec![CURRENT, FORMER],
        several_signers: false,
    };
    Caller {
        app,
        origin: Some("https://login.example.com".to_owned()),
        client_data_hash: Some(HASH),
        asset_links: None,
    }
}

fn app() -> Caller {
    let links = format!(
        r#"[{{"relation":["delegate_permission/common.get_login_creds"],"target":{{"namespace":"android_app",
            "package_name":"org.browser","sha256_cert_fingerprints":["{}"]}}}}]"#,
        hex(CURRENT)
    );
    Caller { origin: None, client_data_hash: None, asset_links: Some(links), ..browser() }
}

fn refusal(caller: &Caller, browsers: &TrustedBrowsers) -> Option<ProviderError> {
    let refusal = caller.identify(browsers, "example.com").err();
    assert!(refusal.is_none_or(|error| error.id() == ErrorId::ProviderCallerUntrusted));
    refusal
}

#[test]
fn a_trusted_browser_may_bring_a_hash() {
    for certificate in [CURRENT, FORMER] {
        let identity = browser().identify(&browsers("release", &hex(certificate)).unwrap(), "example.com");
        assert!(matches!(identity, Ok(Identity::Hashed(HASH))));
    }
}

#[test]
fn nobody_else_may() {
    let trusted = browsers("release", &hex(CURRENT)).unwrap();
    let untrusted = Some(ProviderError::UntrustedBrowser);
    assert_eq!(refusal(&browser(), &TrustedBrowsers::default()), untrusted);
    assert_eq!(refusal(&browser(), &browsers("userdebug", &hex(CURRENT)).unwrap()), untrusted);
    assert_eq!(refusal(&browser(), &browsers("release", &hex([9; 32])).unwrap()), untrusted);
    let mut other = browser();
    other.app.package_name = "org.browser.fake".to_owned();
    assert_eq!(refusal(&other, &trusted), untrusted);

    // An app without an origin gets nowhere with a hash, not even one whose site names it.
    let hash = Caller { client_data_hash: Some(HASH), ..app() };
    assert_eq!(refusal(&hash, &trusted), Some(ProviderError::ClientDataHashNotAllowed));
}

#[test]
fn a_browser_without_a_hash_stays_within_its_page() {
    let trusted = browsers("release", &hex(CURRENT)).unwrap();
    let caller = Caller { client_data_hash: None, ..browser() };
    let Ok(Identity::Known { origin, package_name }) = caller.identify(&trusted, "example.com") else {
        panic!("refused")
    };
    assert_eq!((origin.as_str(), package_name), ("https://login.example.com", None));
    assert_eq!(caller.identify(&trusted, "example.org").err(), Some(ProviderError::ForeignOrigin));
}

#[test]
fn an_app_is_named_by_its_site_and_by_its_key() {
    let Ok(Identity::Known { origin, package_name }) =
        app().identify(&TrustedBrowsers::default(), "example.com")
    else {
        panic!("refused")
    };
    assert_eq!(origin, "android:apk-key-hash:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s");
    assert_eq!(package_name.as_deref(), Some("org.browser"));
    let unlinked = Caller { asset_links: None, ..app() };
    assert_eq!(refusal(&unlinked, &TrustedBrowsers::default()), Some(ProviderError::AppNotLinked));
}

#[test]
fn an_app_without_one_signer_is_nobody() {
    let trusted = browsers("release", &hex(CURRENT)).unwrap();
    for mut caller in [app(), browser()] {
        caller.app.several_signers = true;
        assert_eq!(refusal(&caller, &trusted), Some(ProviderError::UnclearSigner));
        caller.app.several_signers = false;
        caller.app.certificates.clear();
        assert_eq!(refusal(&caller, &trusted), Some(ProviderError::UnclearSigner));
    }
}

#[test]
fn a_page_lends_its_host_where_no_rp_id_is_named() {
    assert_eq!(browser().rp_id(None).as_deref(), Ok("login.example.com"));
    assert_eq!(browser().rp_id(Some("example.com")).as_deref(), Ok("example.com"));
    assert_eq!(app().rp_id(None), Err(ProviderError::InvalidMember("rpId")));
}

#[test]
fn a_malformed_list_of_browsers_is_refused_as_a_whole() {
    for list in ["", "[]", r#"{"apps":[{"type":"android"}]}"#] {
        assert_eq!(TrustedBrowsers::parse(list).err(), Some(ProviderError::MalformedBrowserList), "{list}");
    }
    assert_eq!(browsers("release", "AB:CD").err(), Some(ProviderError::MalformedBrowserList));
    assert!(
        TrustedBrowsers::parse(r#"{"apps":[{"type":"ios","info":{"package_name":"x","signatures":[]}}]}"#)
            .is_ok()
    );
}
