use latchkey_authenticator::Cancel;
use latchkey_ctap::{Algorithm, RelyingParty, Status};

use super::super::caller::CallingApp;
use super::super::{Registration, SignIn};
use super::*;
use crate::ErrorId;
use crate::error_id::Phase;
use crate::fixture::TestPhone;

const FINGERPRINT: &str =
    "AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB:AB";

fn calling(package_name: &str) -> Caller {
    let app = CallingApp {
        package_name: package_name.to_owned(),
        certificates: vec![[0xAB; 32]],
        several_signers: false,
    };
    Caller { app, origin: None, client_data_hash: None, asset_links: None }
}

/// An app that its site names.
fn app() -> Caller {
    let links = format!(
        r#"[{{"relation":["delegate_permission/common.get_login_creds"],"target":{{"namespace":"android_app",
            "package_name":"com.example.app","sha256_cert_fingerprints":["{FINGERPRINT}"]}}}}]"#
    );
    Caller { asset_links: Some(links), ..calling("com.example.app") }
}

fn browser(origin: &str) -> Caller {
    Caller { origin: Some(origin.to_owned()), ..calling("org.browser") }
}

fn browsers() -> TrustedBrowsers {
    TrustedBrowsers::parse(&format!(
        r#"{{"apps":[{{"type":"android","info":{{"package_name":"org.browser",
            "signatures":[{{"build":"release","cert_fingerprint_sha256":"{FINGERPRINT}"}}]}}}}]}}"#
    ))
    .unwrap()
}

/// A phone with a passkey of Ada's and one of Eve's, and their IDs.
async fn phone() -> (TestPhone, CredentialId, CredentialId) {
    let phone = TestPhone::with(|_| {});
    let mut ids = Vec::new();
    for user in ["ada", "eve"] {
        let registration = Registration {
            client_data_hash: [1; 32],
            rp: RelyingParty { id: "example.com".to_owned(), name: None },
            user: User { id: user.as_bytes().to_vec(), name: Some(user.to_owned()), display_name: None },
            algorithms: vec![Algorithm::ES256],
            excluded: Vec::new(),
            conditional: false,
            verification_required: false,
            prf: None,
        };
        ids.push(phone.phone.provider().register(&registration, &Cancel::new()).await.unwrap().id);
    }
    let _ = phone.gate.take_prompts();
    let [ada, eve] = ids.try_into().unwrap();
    (phone, ada, eve)
}

fn entries(phone: &TestPhone, allowed: &[CredentialId]) -> Vec<CredentialId> {
    let entries = phone.phone.provider().entries("example.com", allowed).unwrap();
    entries.into_iter().map(|entry| entry.id).collect()
}

fn signal(
    phone: &TestPhone,
    kind: SignalKind,
    request: &str,
    caller: &Caller,
) -> Result<Vec<CredentialSummary>, ErrorId> {
    let changed = phone.phone.provider().signal_json(kind, request, caller, &browsers());
    changed.map_err(|error| error.id())
}

fn unknown(rp_id: &str, id: &CredentialId) -> String {
    format!(r#"{{"rpId":"{rp_id}","credentialId":"{}"}}"#, Base64Url(id.0.clone()))
}

fn accepted(ids: &[&CredentialId]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| Base64Url(id.0.clone())).collect();
    // "YWRh" is "ada".
    serde_json::json!({ "rpId": "example.com", "userId": "YWRh", "allAcceptedCredentialIds": ids })
        .to_string()
}

fn details(name: &str) -> String {
    format!(r#"{{"rpId":"example.com","userId":"YWRh","name":"{name}","displayName":"Ada L."}}"#)
}

#[tokio::test]
async fn a_hidden_passkey_is_offered_and_used_only_where_it_is_named() {
    let (phone, ada, eve) = phone().await;
    let provider = phone.phone.provider();
    let changed = provider.signal_unknown("example.com", ada.clone()).unwrap();
    assert!(changed.len() == 1 && changed[0].id == ada && changed[0].hidden);
    assert!(provider.signal_unknown("example.com", ada.clone()).unwrap().is_empty());
    assert!(provider.signal_unknown("example.org", eve.clone()).unwrap().is_empty());
    assert_eq!(entries(&phone, &[]), std::slice::from_ref(&eve));
    assert_eq!(entries(&phone, std::slice::from_ref(&ada)), std::slice::from_ref(&ada));
    assert_eq!(phone.gate.take_prompts(), []);

    let sign_in = |allowed: &[&CredentialId]| SignIn {
        client_data_hash: [1; 32],
        rp_id: "example.com".to_owned(),
        allowed: allowed.iter().map(|&id| id.clone()).collect(),
        prf: None,
        verification_discouraged: false,
    };
    assert_eq!(provider.sign_in(&sign_in(&[]), &Cancel::new()).await.unwrap().credential_id, eve.0);
    assert_eq!(provider.sign_in(&sign_in(&[&ada]), &Cancel::new()).await.unwrap().credential_id, ada.0);
    // The name may have come from this phone: a use is no signal.
    assert_eq!(entries(&phone, &[]), std::slice::from_ref(&eve));
}

#[tokio::test]
async fn a_list_hides_and_brings_back_the_passkeys_of_its_account() {
    let (phone, ada, eve) = phone().await;
    let accept = |user: &[u8], ids: &[&CredentialId]| {
        let ids = ids.iter().map(|&id| id.clone()).collect();
        let changed = phone.phone.provider().signal_accepted("example.com", user.to_vec(), ids).unwrap();
        changed.into_iter().map(|passkey| (passkey.id, passkey.hidden)).collect::<Vec<_>>()
    };
    assert_eq!(accept(b"ada", &[&ada]), []);
    assert_eq!(accept(b"ada", &[&eve]), [(ada.clone(), true)]);
    assert_eq!(accept(b"nobody", &[]), []);
    assert_eq!(entries(&phone, &[]), std::slice::from_ref(&eve));
    assert_eq!(accept(b"ada", &[&eve, &ada]), [(ada, false)]);
    assert_eq!(entries(&phone, &[]).len(), 2);
}

#[tokio::test]
async fn a_new_name_is_shown_and_a_label_stays() {
    let (phone, ada, _) = phone().await;
    phone.phone.security_keys().rename(&ada, "Work").unwrap();
    let rename = |name: &str, display_name: Option<&str>| {
        let display_name = display_name.map(str::to_owned);
        let name = name.to_owned();
        phone
            .phone
            .provider()
            .signal_user_details("example.com", b"ada".to_vec(), name, display_name)
            .unwrap()
    };
    rename("ada", Some("Ada"));
    let changed = rename("ada@example.com", None);
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].user.name.as_deref(), Some("ada@example.com"));
    assert_eq!(changed[0].user.display_name.as_deref(), Some("Ada"));
    assert_eq!(changed[0].label.as_deref(), Some("Work"));
    assert!(rename("ada@example.com", None).is_empty());
}

#[tokio::test]
async fn a_page_and_a_sites_app_may_signal() {
    for caller in [app(), browser("https://example.com"), browser("https://login.example.com")] {
        let (phone, ada, eve) = phone().await;
        let hidden = signal(&phone, SignalKind::UnknownCredential, &unknown("example.com", &ada), &caller);
        assert!(hidden.unwrap()[0].hidden);
        let none = signal(&phone, SignalKind::AllAcceptedCredentialIds, &accepted(&[&eve]), &caller);
        assert!(none.unwrap().is_empty());
        let back = signal(&phone, SignalKind::AllAcceptedCredentialIds, &accepted(&[&ada]), &caller);
        assert!(!back.unwrap()[0].hidden);
        let named = signal(&phone, SignalKind::CurrentUserDetails, &details("Ada"), &caller).unwrap();
        assert_eq!(named[0].user.display_name.as_deref(), Some("Ada L."));
        assert_eq!(phone.gate.take_prompts(), []);
    }
}

#[tokio::test]
async fn nobody_hides_or_renames_the_passkeys_of_somebody_elses_site() {
    let (phone, ada, _) = phone().await;
    let before = phone.phone.security_keys().list().unwrap();
    let mut unclear = app();
    unclear.app.several_signers = true;
    let mut other = app();
    other.app.certificates = vec![[0xCD; 32]];
    for caller in [
        calling("com.example.app"),
        other,
        unclear,
        Caller { client_data_hash: Some([1; 32]), ..app() },
        Caller { origin: Some("https://example.com".to_owned()), ..app() },
        browser("https://example.org"),
        Caller { client_data_hash: Some([1; 32]), ..browser("https://example.com") },
        browser("https://example.com.attacker.example"),
        browser("http://example.com"),
        Caller { asset_links: app().asset_links, ..calling("com.attacker") },
    ] {
        for (kind, request) in [
            (SignalKind::UnknownCredential, unknown("example.com", &ada)),
            (SignalKind::AllAcceptedCredentialIds, accepted(&[])),
            (SignalKind::CurrentUserDetails, details("Mallory")),
        ] {
            let refused = signal(&phone, kind, &request, &caller);
            assert_eq!(refused.unwrap_err(), ErrorId::ProviderCallerUntrusted);
        }
    }
    // A page that may signal for its own site reaches nobody else's.
    let own = browser("https://attacker.example");
    let signalled = signal(&phone, SignalKind::UnknownCredential, &unknown("attacker.example", &ada), &own);
    assert!(signalled.unwrap().is_empty());
    assert!(phone.phone.security_keys().list().unwrap() == before);
}

#[tokio::test]
async fn what_is_no_signal_changes_nothing() {
    let (phone, ada, _) = phone().await;
    let before = phone.phone.security_keys().list().unwrap();
    let sound = unknown("example.com", &ada);
    for (kind, request) in [
        (SignalKind::UnknownCredential, String::new()),
        (SignalKind::UnknownCredential, r#"{"rpId":"example.com"}"#.to_owned()),
        (SignalKind::UnknownCredential, r#"{"rpId":"example.com","credentialId":"=="}"#.to_owned()),
        (SignalKind::UnknownCredential, sound.replace("rpId", "rp")),
        (SignalKind::UnknownCredential, sound.replace("example.com", "")),
        (SignalKind::UnknownCredential, accepted(&[])),
        (SignalKind::AllAcceptedCredentialIds, sound.clone()),
        (SignalKind::AllAcceptedCredentialIds, r#"{"rpId":"example.com","userId":"YWRh"}"#.to_owned()),
        (SignalKind::AllAcceptedCredentialIds, accepted(&[&ada]).replace('[', "[1,")),
        (SignalKind::CurrentUserDetails, details("x").replace(r#","displayName":"Ada L.""#, "")),
        (SignalKind::CurrentUserDetails, accepted(&[])),
    ] {
        let refused = signal(&phone, kind, &request, &app()).unwrap_err();
        assert_eq!(refused, ErrorId::RequestMalformed, "{request}");
    }
    assert!(phone.phone.security_keys().list().unwrap() == before);

    let provider = phone.phone.provider();
    let far = "a".repeat(254);
    for rp_id in ["", &far] {
        let refused = provider.signal_unknown(rp_id, ada.clone()).unwrap_err();
        assert_eq!(refused.id(), ErrorId::RequestMalformed);
    }
    phone.phone.close();
    let closed = provider.signal_accepted("example.com", b"ada".to_vec(), Vec::new()).unwrap_err();
    assert_eq!(closed.id(), ErrorId::ProviderLocked);
}

#[tokio::test]
async fn an_account_whose_only_passkey_is_hidden_cannot_sign_in_unnamed() {
    let (phone, ada, eve) = phone().await;
    for id in [ada, eve] {
        phone.phone.provider().signal_unknown("example.com", id).unwrap();
    }
    let request = SignIn {
        client_data_hash: [1; 32],
        rp_id: "example.com".to_owned(),
        allowed: Vec::new(),
        prf: None,
        verification_discouraged: false,
    };
    let refused = phone.phone.provider().sign_in(&request, &Cancel::new()).await.unwrap_err();
    assert!(matches!(refused, PhoneError::Passkey(Status::NO_CREDENTIALS, Phase::Get)));
}
