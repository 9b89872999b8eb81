use core::pin::pin;

use latchkey_ctap::{
    AuthenticatorData, GetAssertionResponse, GetInfo, MakeCredentialRequest, MakeCredentialResponse,
};
use proptest::prelude::*;

use super::*;
use crate::fixture::{Phone, get_request, make_request, poll, user, verify};
use crate::policy::KeyStorage;
use crate::ports::{GateError, KeyVaultError};
use crate::testing::{Answer, MemoryStore, ScriptedGate, SoftwareKeyVault, StoreOperation, VaultOperation};

async fn handle(phone: &Phone, request: &[u8]) -> Vec<u8> {
    phone.authenticator.handle(Profile::Hybrid, request, &Cancel::new()).await
}

fn make_bytes() -> Vec<u8> {
    Request::MakeCredential(Box::new(make_request())).encode()
}

fn get_bytes() -> Vec<u8> {
    Request::GetAssertion(Box::new(get_request())).encode()
}

fn hardware() -> Policy {
    Policy { key_storage: KeyStorage::PreferHardware, ..Policy::default() }
}

#[test]
fn it_can_be_used_from_any_thread() {
    fn shared<T: Send + Sync>(_: &T) {}
    fn sent<T: Send>(_: T) {}
    let phone = Phone::new();
    shared(&phone.authenticator);
    let cancel = Cancel::new();
    sent(phone.authenticator.handle(Profile::Hybrid, &[], &cancel));
    sent(phone.authenticator.settle());
    sent(phone.authenticator.delete(&CredentialId(Vec::new())));
}

#[tokio::test]
async fn a_passkey_is_made_and_used_in_ctap_bytes() {
    let phone = Phone::new();
    let made = handle(&phone, &make_bytes()).await;
    let made = MakeCredentialResponse::decode(response::split(&made).unwrap()).unwrap();
    let attested = AuthenticatorData::decode(&made.auth_data).unwrap().attested_credential.unwrap();

    let assertion = handle(&phone, &get_bytes()).await;
    let assertion = GetAssertionResponse::decode(response::split(&assertion).unwrap(), &[]).unwrap();
    assert_eq!(assertion.credential_id, attested.credential_id);
    assert_eq!(assertion.user.unwrap().id, b"alice");
    verify(&attested.public_key, &assertion.auth_data, &assertion.signature);
}

#[tokio::test]
async fn get_info_comes_back_as_it_is_and_waits_for_nobody() {
    let phone = Phone::scripted([Answer::Ignore]);
    let cancel = Cancel::new();
    let mut selection = pin!(phone.authenticator.select(&cancel));
    assert!(poll(selection.as_mut()).is_pending());
    let info = handle(&phone, &[0x04]).await;
    let info = GetInfo::decode(response::split(&info).unwrap()).unwrap();
    assert_eq!(info, phone.authenticator.get_info(Profile::Hybrid));
}

#[tokio::test]
async fn every_message_gets_a_status() {
    let long = [vec![0x01], vec![0xA0; 8192]].concat();
    let many = {
        let mut request = get_request();
        request.allow_list = Some(vec![latchkey_ctap::CredentialDescriptor { id: vec![1; 32] }; 65]);
        Request::GetAssertion(Box::new(request)).encode()
    };
    for (name, request, status) in [
        ("nothing", &[][..], Status::INVALID_LENGTH),
        ("too long", &long, Status::REQUEST_TOO_LARGE),
        ("as long as allowed", &long[..8192], Status::INVALID_CBOR),
        ("clientPIN", &[0x06, 0xA0], Status::INVALID_COMMAND),
        ("reset", &[0x07], Status::INVALID_COMMAND),
        ("an unknown command", &[0xFF], Status::INVALID_COMMAND),
        ("getInfo with parameters", &[0x04, 0xA0], Status::INVALID_LENGTH),
        ("getNextAssertion", &[0x08], Status::NOT_ALLOWED),
        ("selection", &[0x0B], Status::OK),
        ("makeCredential of nothing", &[0x01, 0xA0], Status::MISSING_PARAMETER),
        ("makeCredential, cut", &make_bytes()[..40], Status::INVALID_CBOR),
        ("getAssertion of nothing", &[0x02, 0xA0], Status::MISSING_PARAMETER),
        ("getAssertion of a wrong type", &[0x02, 0xA1, 0x01, 0x01], Status::CBOR_UNEXPECTED_TYPE),
        ("getAssertion without a match", &get_bytes(), Status::NO_CREDENTIALS),
        ("getAssertion with a long list", &many, Status::LIMIT_EXCEEDED),
    ] {
        let phone = Phone::new();
        assert_eq!(handle(&phone, request).await, [status.0], "{name}");
        assert_eq!(phone.store.changes(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_chosen_account_leaves_no_next_assertion() {
    let phone = Phone::new();
    phone.register(&make_request()).await;
    phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
    assert_eq!(handle(&phone, &get_bytes()).await[0], 0x00);
    assert_eq!(handle(&phone, &[0x08]).await, [0x30]);
}

#[tokio::test]
async fn one_ceremony_at_a_time() {
    let phone = Phone::scripted([Answer::Ignore, Answer::Approve]);
    let cancel = Cancel::new();
    let request = make_bytes();
    let mut first = Box::pin(phone.authenticator.handle(Profile::Hybrid, &request, &cancel));
    assert!(poll(first.as_mut()).is_pending());
    for request in [make_bytes(), get_bytes(), vec![0x0B]] {
        assert_eq!(handle(&phone, &request).await, [0x06]);
    }
    // The one that was turned away did not disturb the first, whose prompt alone is open.
    assert_eq!(phone.prompts().len(), 1);
    assert!(poll(first.as_mut()).is_pending());
    drop(first);
    assert_eq!(handle(&phone, &make_bytes()).await[0], 0x00);
}

#[tokio::test]
async fn over_another_store_it_is_the_same_authenticator() {
    let phone = Phone::build(hardware(), ScriptedGate::scripted([Answer::Ignore]), SoftwareKeyVault::new(7));
    let other = Arc::new(MemoryStore::new());
    let over = phone.authenticator.over(other.clone());
    let beside = phone.authenticator.beside(Arc::new(ScriptedGate::approving()), hardware());
    let (cancel, request) = (Cancel::new(), make_request());
    {
        // One prompt of the two; who is asked beside them has their own.
        let mut making = pin!(over.make_credential(Profile::Provider, &request, &cancel));
        assert!(poll(making.as_mut()).is_pending());
        assert_eq!(handle(&phone, &make_bytes()).await, [Status::CHANNEL_BUSY.0]);
        beside.make_credential(Profile::Provider, &request, &cancel).await.unwrap();
    }
    assert_eq!((phone.ids().len(), other.list().unwrap().len()), (1, 0));

    // A key that one cannot delete is not lost with it.
    phone.gate.push(Answer::Approve);
    other.fail_next(StoreOperation::Insert, StoreError::DiskFull);
    phone.keys.fail_next(VaultOperation::DeleteKey, KeyVaultError::Locked);
    over.make_credential(Profile::Provider, &request, &cancel).await.unwrap_err();
    drop(over);
    assert_eq!(phone.keys.key_count(), 2);
    phone.authenticator.settle().await;
    assert_eq!(phone.keys.key_count(), 1);
}

#[tokio::test]
async fn deleting_a_credential_deletes_its_hardware_key() {
    let phone = Phone::with_policy(hardware());
    let id = phone.register(&make_request()).await;
    phone.authenticator.delete(&id).await.unwrap();
    assert_eq!((phone.ids().len(), phone.keys.key_count()), (0, 0));
    assert_eq!(phone.authenticator.delete(&id).await, Err(StoreError::NotFound));
}

#[tokio::test]
async fn a_deletion_that_fails_keeps_the_key() {
    let phone = Phone::with_policy(hardware());
    let id = phone.register(&make_request()).await;
    phone.store.fail_next(StoreOperation::Delete, StoreError::Busy);
    assert_eq!(phone.authenticator.delete(&id).await, Err(StoreError::Busy));
    assert_eq!((phone.ids().len(), phone.keys.key_count()), (1, 1));

    // A key that cannot be deleted now does not keep the others from being deleted.
    let other = phone.register(&MakeCredentialRequest { user: user("bob"), ..make_request() }).await;
    phone.keys.fail_next(VaultOperation::DeleteKey, KeyVaultError::Locked);
    phone.authenticator.delete(&id).await.unwrap();
    assert_eq!(phone.keys.key_count(), 2);
    phone.keys.fail_next(VaultOperation::DeleteKey, KeyVaultError::Locked);
    phone.authenticator.delete(&other).await.unwrap();
    assert_eq!(phone.keys.key_count(), 1);
    phone.authenticator.settle().await;
    assert_eq!(phone.keys.key_count(), 0);
}

#[test]
fn debug_output_shows_the_policy_alone() {
    let text = format!("{:?}", Phone::new().authenticator);
    assert!(text.starts_with("Authenticator { policy: Policy {"));
    assert!(text.ends_with(".. }"));
}

/// Requests from noise to nearly right.
fn any_request() -> impl Strategy<Value = Vec<u8>> {
    let valid = prop_oneof![Just(make_bytes()), Just(get_bytes())];
    let bent = (valid, proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4))
        .prop_map(|(mut request, changes)| {
            for (index, byte) in changes {
                let at = index.index(request.len());
                request[at] = byte;
            }
            request
        });
    let framed = (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..256))
        .prop_map(|(command, body)| [vec![command % 16], body].concat());
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..512), framed, bent]
}

proptest! {
    #[test]
    fn no_message_panics_and_no_refusal_changes_anything(
        requests in proptest::collection::vec(any_request(), 1..8),
        approves in any::<bool>(),
    ) {
        let phone = Phone::new();
        if !approves {
            for _ in 0..16 {
                phone.gate.push(Answer::Fail(GateError::Denied));
            }
        }
        for request in requests {
            let before = (phone.store.changes(), phone.store.list().unwrap());
            let cancel = Cancel::new();
            let core::task::Poll::Ready(answer) =
                poll(pin!(phone.authenticator.handle(Profile::Hybrid, &request, &cancel)))
            else {
                panic!("nothing to wait for")
            };
            let (status, body) = answer.split_first().unwrap();
            if *status != 0 {
                prop_assert!(body.is_empty());
                prop_assert_eq!(before, (phone.store.changes(), phone.store.list().unwrap()));
            }
        }
    }
}

#[tokio::test]
async fn closing_ends_the_open_prompt_and_refuses_what_comes_later() {
    let phone = Phone::scripted([Answer::Ignore]);
    let (cancel, request) = (Cancel::new(), make_request());
    let beside = phone.authenticator.beside(phone.gate.clone(), Policy::default());
    let over = phone.authenticator.over(phone.store.clone());
    {
        let mut making = pin!(over.make_credential(Profile::Provider, &request, &cancel));
        let mut closed = pin!(beside.closed());
        assert!(poll(making.as_mut()).is_pending() && poll(closed.as_mut()).is_pending());
        phone.authenticator.close();
        assert_eq!(making.await.unwrap_err(), Status::OTHER);
        closed.await;
    }
    assert!(phone.store.list().unwrap().is_empty());
    for authenticator in [&phone.authenticator, &beside, &over] {
        let refused = authenticator.get_assertion(Profile::Provider, &get_request(), &cancel).await;
        assert_eq!(refused.unwrap_err(), Status::OTHER);
    }
}
