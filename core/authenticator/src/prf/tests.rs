use latchkey_ctap::{GetAssertionRequest, MakeCredentialRequest, PrfAssertion, PrfRegistration};

use super::*;
use crate::fixture::{Phone, RP_ID, get_request, make_request, user};
use crate::keys::CredentialKey;
use crate::policy::{KeyStorage, Policy};
use crate::ports::{CredentialStore as _, InsertLimits};
use crate::{Cancel, Credential, CredentialId, Profile};

fn values(first: u8, second: Option<u8>) -> PrfValues {
    PrfValues { first: [first; 32], second: second.map(|byte| [byte; 32]) }
}

fn registering(eval: Option<PrfValues>) -> MakeCredentialRequest {
    MakeCredentialRequest { prf: Some(PrfRegistration { eval }), ..make_request() }
}

fn signing_in(eval: Option<PrfValues>, eval_by_credential: Vec<(Vec<u8>, PrfValues)>) -> GetAssertionRequest {
    GetAssertionRequest { prf: Some(PrfAssertion { eval, eval_by_credential }), ..get_request() }
}

async fn register(phone: &Phone, request: &MakeCredentialRequest) -> (bool, Option<PrfValues>) {
    let response = phone.authenticator.make_credential(Profile::Hybrid, request, &Cancel::new()).await;
    let output = response.unwrap().prf.unwrap();
    (output.enabled, output.results)
}

async fn outputs(phone: &Phone, request: &GetAssertionRequest) -> Option<PrfValues> {
    phone.authenticator.get_assertion(Profile::Hybrid, request, &Cancel::new()).await.unwrap().prf
}

/// What the stored credential gives for salts.
fn expected(phone: &Phone, id: &CredentialId, salts: &PrfValues) -> PrfValues {
    let stored = phone.store.get(RP_ID, id).unwrap().unwrap();
    stored.prf_secret.unwrap().evaluate(salts)
}

/// Against an HMAC of Python's standard library.
#[test]
fn an_output_is_the_hmac_of_its_salt() {
    let secret = PrfSecret::unseal(Zeroizing::new(core::array::from_fn(|index| index as u8)));
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let outputs = secret.evaluate(&values(1, Some(2)));
    assert_eq!(hex(&outputs.first), "adfcafc560845b34a66a0ae033ad1fc7b43663548856e4be3cc9e01c1e6e1000");
    assert_eq!(
        hex(&outputs.second.unwrap()),
        "591e135c72153a8234a6530701e17242a6c6b43bc82e09537eb306e63424908a"
    );
    assert_eq!(secret.evaluate(&values(2, None)).first, outputs.second.unwrap());
    assert_eq!(secret.evaluate(&values(2, None)).second, None);
}

#[test]
fn nothing_is_shown() {
    let secret = PrfSecret::unseal(Zeroizing::new([1; 32]));
    assert_eq!(format!("{secret:?}"), "PrfSecret(redacted)");
}

#[tokio::test]
async fn every_credential_has_its_own_secret_whether_asked_for_or_not() {
    for key_storage in [KeyStorage::Software, KeyStorage::PreferHardware] {
        let phone = Phone::with_policy(Policy { key_storage, ..Policy::default() });
        let first = phone.register(&make_request()).await;
        let second = phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
        let salts = values(1, None);
        assert_ne!(expected(&phone, &first, &salts), expected(&phone, &second, &salts));
        let stored = phone.store.get(RP_ID, &first).unwrap().unwrap();
        let hardware = key_storage == KeyStorage::PreferHardware;
        assert_eq!(matches!(stored.key, CredentialKey::Hardware(_)), hardware);
    }
}

#[tokio::test]
async fn registration_and_sign_in_give_the_same_outputs() {
    let phone = Phone::new();
    let salts = values(1, Some(2));
    let (enabled, made) = register(&phone, &registering(Some(salts.clone()))).await;
    assert!(enabled);
    let id = phone.ids().remove(0);
    assert_eq!(made, Some(expected(&phone, &id, &salts)));
    assert_eq!(outputs(&phone, &signing_in(Some(salts), vec![])).await, made);
    let other = outputs(&phone, &signing_in(Some(values(2, None)), vec![])).await.unwrap();
    assert_eq!((Some(other.first), other.second), (made.unwrap().second, None));
}

#[tokio::test]
async fn what_is_not_asked_for_is_not_given() {
    let phone = Phone::new();
    let made = phone.authenticator.make_credential(Profile::Hybrid, &make_request(), &Cancel::new()).await;
    assert_eq!(made.unwrap().prf, None);
    assert_eq!(register(&phone, &registering(None)).await, (true, None));
    assert_eq!(outputs(&phone, &get_request()).await, None);
    assert_eq!(outputs(&phone, &signing_in(None, vec![])).await, None);
    assert_eq!(outputs(&phone, &signing_in(None, vec![(vec![1], values(1, None))])).await, None);
}

#[tokio::test]
async fn salts_of_the_chosen_credential_win() {
    let phone = Phone::new();
    let id = phone.register(&make_request()).await;
    let own = vec![(vec![9], values(9, None)), (id.0.clone(), values(2, Some(3)))];
    let wanted = Some(expected(&phone, &id, &values(2, Some(3))));
    assert_eq!(outputs(&phone, &signing_in(Some(values(1, None)), own.clone())).await, wanted);
    assert_eq!(outputs(&phone, &signing_in(None, own)).await, wanted);
    let others = vec![(vec![9], values(9, None))];
    let general = Some(expected(&phone, &id, &values(1, None)));
    assert_eq!(outputs(&phone, &signing_in(Some(values(1, None)), others)).await, general);
}

#[tokio::test]
async fn nobody_who_was_not_verified_gets_outputs() {
    let phone = Phone::new().without_verification();
    let salts = || Some(values(1, None));
    assert_eq!(register(&phone, &registering(salts())).await, (true, None));
    assert_eq!(outputs(&phone, &signing_in(salts(), vec![])).await, None);

    // Nor does the silent sign-in that the operating system may ask for.
    let phone = Phone::new();
    phone.register(&make_request()).await;
    let mut silent = signing_in(salts(), vec![]);
    silent.options.up = Some(false);
    let answer = phone.authenticator.get_assertion(Profile::Provider, &silent, &Cancel::new()).await;
    assert_eq!(answer.unwrap().prf, None);
}

#[tokio::test]
async fn a_credential_from_before_signs_in_without_outputs() {
    let phone = Phone::new();
    let old = Credential { prf_secret: None, ..crate::store_contract::credential(1, RP_ID, b"alice") };
    phone.store.insert(&old, &InsertLimits { per_user: 9, per_rp: None, replaces: true }).unwrap();
    assert_eq!(outputs(&phone, &signing_in(Some(values(1, None)), vec![])).await, None);
}

#[tokio::test]
async fn both_doors_give_the_same() {
    let phone = Phone::new();
    phone.register(&make_request()).await;
    let request = signing_in(Some(values(1, None)), vec![]);
    let provider = phone.authenticator.get_assertion(Profile::Provider, &request, &Cancel::new()).await;
    assert_eq!(provider.unwrap().prf, outputs(&phone, &request).await);
}
