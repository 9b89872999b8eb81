use latchkey_authenticator::ports::UserVerification;

use super::super::caller::CallingApp;
use super::*;
use crate::ErrorId;
use crate::fixture::TestPhone;
use crate::webauthn::json::{AuthenticationResponse, RegistrationResponse};

const CREATION: &str = r#"{"rp":{"id":"example.com","name":"Example"},
    "user":{"id":"dXNlcg","name":"ada@example.com","displayName":"Ada"},"challenge":"AAEC",
    "pubKeyCredParams":[{"type":"public-key","alg":-7}],"extensions":{"credProps":true}}"#;
const REQUEST: &str = r#"{"challenge":"AAEC","rpId":"example.com"}"#;

fn app() -> Caller {
    let fingerprint = vec!["AB"; 32].join(":");
    Caller {
        app: CallingApp {
            package_name: "com.example.app".to_owned(),
            certificates: vec![[0xAB; 32]],
            several_signers: false,
        },
        origin: None,
        client_data_hash: None,
        asset_links: Some(format!(
            r#"[{{"relation":["delegate_permission/common.get_login_creds"],"target":{{"namespace":"android_app",
                "package_name":"com.example.app","sha256_cert_fingerprints":["{fingerprint}"]}}}}]"#
        )),
    }
}

async fn create(
    phone: &TestPhone,
    request: &str,
    caller: &Caller,
) -> Result<RegistrationResponse, PhoneError> {
    let browsers = TrustedBrowsers::default();
    let provider = phone.phone.provider();
    let answer = provider.create_json(request, caller, &browsers, false, &Cancel::new()).await?;
    Ok(serde_json::from_str(&answer).unwrap())
}

async fn get(
    phone: &TestPhone,
    request: &str,
    caller: &Caller,
    chosen: Option<&CredentialId>,
) -> Result<AuthenticationResponse, PhoneError> {
    let browsers = TrustedBrowsers::default();
    let provider = phone.phone.provider();
    let answer = provider.get_json(request, caller, &browsers, chosen, &Cancel::new()).await?;
    Ok(serde_json::from_str(&answer).unwrap())
}

#[tokio::test]
async fn an_app_registers_and_signs_in() {
    let phone = TestPhone::with(|_| {});
    let made = create(&phone, CREATION, &app()).await.unwrap();
    assert_eq!((made.kind.as_str(), made.authenticator_attachment.as_str()), ("public-key", "platform"));
    assert_eq!(made.id, made.raw_id);
    assert_eq!(made.response.public_key.0.len(), 91);
    assert_eq!(made.client_extension_results["credProps"]["rk"], true);
    let origin = "android:apk-key-hash:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s";
    assert_eq!(
        String::from_utf8(made.response.client_data_json.0).unwrap(),
        format!(
            r#"{{"type":"webauthn.create","challenge":"AAEC","origin":"{origin}","crossOrigin":false,"androidPackageName":"com.example.app"}}"#
        )
    );

    let (entry,) = match phone.phone.provider().entries_json(REQUEST, &app()).unwrap().as_slice() {
        [entry] => (entry.clone(),),
        _ => panic!("one passkey"),
    };
    assert_eq!(entry.id.0, made.id.0);
    let signed = get(&phone, REQUEST, &app(), Some(&entry.id)).await.unwrap();
    assert_eq!(signed.id, made.id);
    assert_eq!(signed.response.user_handle.unwrap().0, b"user");
    assert!(signed.client_extension_results.is_empty());
}

/// A page's input, or what its browser made of it.
const PAGE: &str = r#""prf":{"eval":{"first":"TGF0Y2hrZXk"}}"#;
const HASHED: &str = r#""prfAlreadyHashed":{"eval":{"first":"NNFjwrv2CV0HMfXHzuhjX_Q6El8zg51G-cQIqzGC5PA"}}"#;

fn with_extensions(request: &str, extensions: &str) -> String {
    let request = request.replace(r#","extensions":{"credProps":true}"#, "");
    format!(r#"{},"extensions":{{{extensions}}}}}"#, request.strip_suffix('}').unwrap())
}

#[tokio::test]
async fn a_page_gets_the_outputs_of_its_inputs() {
    let phone = TestPhone::with(|_| {});
    let made = create(&phone, &with_extensions(CREATION, PAGE), &app()).await.unwrap();
    let created = &made.client_extension_results["prf"];
    assert_eq!(created["enabled"], true);
    assert_eq!(created["results"]["first"].as_str().map(str::len), Some(43));
    let signed = get(&phone, &with_extensions(REQUEST, PAGE), &app(), None).await.unwrap();
    assert_eq!(signed.client_extension_results["prf"]["results"], created["results"]);
    // Also of those for the passkey that was chosen in the system's list.
    let id = made.id.to_string();
    let own = format!(
        r#""prf":{{"eval":{{"first":"AA"}},"evalByCredential":{{"{id}":{{"first":"TGF0Y2hrZXk"}}}}}}"#
    );
    let allow = format!(
        r#"{{"challenge":"AAEC","rpId":"example.com","allowCredentials":[{{"type":"public-key","id":"{id}"}}]}}"#
    );
    let chosen = CredentialId(made.id.0.clone());
    let signed = get(&phone, &with_extensions(&allow, &own), &app(), Some(&chosen)).await.unwrap();
    assert_eq!(signed.client_extension_results["prf"]["results"], created["results"]);
}

#[tokio::test]
async fn hashed_inputs_come_from_browsers_alone() {
    let phone = TestPhone::with(|_| {});
    let made = create(&phone, &with_extensions(CREATION, PAGE), &app()).await.unwrap();
    let fingerprint = vec!["AB"; 32].join(":");
    let browsers = TrustedBrowsers::parse(&format!(
        r#"{{"apps":[{{"type":"android","info":{{"package_name":"com.example.app","signatures":[
            {{"build":"release","cert_fingerprint_sha256":"{fingerprint}"}}]}}}}]}}"#
    ))
    .unwrap();
    let origin = Some("https://example.com".to_owned());
    let browser = Caller { origin, client_data_hash: Some([1; 32]), ..app() };
    let unhashed = Caller { client_data_hash: None, ..browser.clone() };
    let provider = phone.phone.provider();
    let (wanted, both) = (&made.client_extension_results["prf"]["results"], format!("{PAGE},{HASHED}"));
    for (caller, extensions) in [&browser, &unhashed]
        .into_iter()
        .flat_map(|caller| [HASHED, PAGE, both.as_str()].map(|extensions| (caller, extensions)))
    {
        let request = with_extensions(REQUEST, extensions);
        let answer = provider.get_json(&request, caller, &browsers, None, &Cancel::new()).await.unwrap();
        let answer: AuthenticationResponse = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer.client_extension_results["prf"]["results"], *wanted, "{extensions}");
    }
    // Of an app they are not even read.
    let malformed = r#""prfAlreadyHashed":"none""#;
    for extensions in [HASHED, malformed] {
        let signed = get(&phone, &with_extensions(REQUEST, extensions), &app(), None).await.unwrap();
        assert!(signed.client_extension_results.is_empty(), "{extensions}");
    }
    let request = with_extensions(REQUEST, malformed);
    let refused = provider.get_json(&request, &browser, &browsers, None, &Cancel::new()).await.unwrap_err();
    assert_eq!(refused.id(), ErrorId::RequestMalformed);
}

#[tokio::test]
async fn nobody_is_verified_in_a_conditional_registration() {
    let phone = TestPhone::with(|_| {});
    let provider = phone.phone.provider();
    let required = r#"{"userVerification":"required"},"pubKeyCredParams""#;
    let required =
        CREATION.replace(r#""pubKeyCredParams""#, &format!(r#""authenticatorSelection":{required}"#));
    let browsers = TrustedBrowsers::default();
    let refused = provider.create_json(&required, &app(), &browsers, true, &Cancel::new()).await.unwrap_err();
    assert_eq!(refused.id(), ErrorId::ProviderLocked);
    assert!(phone.phone.security_keys().list().unwrap().is_empty());
    assert!(provider.create_json(CREATION, &app(), &browsers, true, &Cancel::new()).await.is_ok());
    assert_eq!(phone.gate.take_prompts(), []);
}

#[tokio::test]
async fn inputs_that_a_browser_would_refuse_ask_nobody() {
    let phone = TestPhone::with(|_| {});
    let own = r#""prf":{"evalByCredential":{"AQ":{"first":"AA"}}}"#;
    let made = create(&phone, &with_extensions(CREATION, own), &app()).await.unwrap_err();
    let signed = get(&phone, &with_extensions(REQUEST, own), &app(), None).await.unwrap_err();
    assert_eq!((made.id(), signed.id()), (ErrorId::RequestMalformed, ErrorId::RequestMalformed));
    assert_eq!(phone.gate.take_prompts(), []);
}

#[tokio::test]
async fn a_choice_that_the_request_does_not_allow_is_no_passkey() {
    let phone = TestPhone::with(|_| {});
    let made = create(&phone, CREATION, &app()).await.unwrap();
    let _ = phone.gate.take_prompts();
    let other =
        r#"{"challenge":"AAEC","rpId":"example.com","allowCredentials":[{"type":"public-key","id":"AQ"}]}"#;
    let chosen = CredentialId(made.id.0);
    let error = get(&phone, other, &app(), Some(&chosen)).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::AuthNotFoundOrCanceled);
    assert_eq!(phone.gate.take_prompts(), []);
}

#[tokio::test]
async fn who_may_not_ask_learns_nothing_and_shows_nothing() {
    let phone = TestPhone::with(|_| {});
    create(&phone, CREATION, &app()).await.unwrap();
    let _ = phone.gate.take_prompts();
    // Also where nobody could be asked: the refusal comes first.
    phone.gate.set_user_verification(UserVerification::NotConfigured);
    for caller in [
        Caller { client_data_hash: Some([1; 32]), ..app() },
        Caller { asset_links: None, ..app() },
        Caller { origin: Some("https://example.com".to_owned()), ..app() },
    ] {
        let made = create(&phone, CREATION, &caller).await.unwrap_err();
        let signed = get(&phone, REQUEST, &caller, None).await.unwrap_err();
        assert_eq!(
            (made.id(), signed.id()),
            (ErrorId::ProviderCallerUntrusted, ErrorId::ProviderCallerUntrusted)
        );
    }
    assert_eq!(phone.gate.take_prompts(), []);
    assert_eq!(phone.phone.security_keys().list().unwrap().len(), 1);
}
