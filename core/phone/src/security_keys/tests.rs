use core::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use latchkey_authenticator::Profile;
use latchkey_authenticator::policy::KeyStorage;
use latchkey_authenticator::ports::{HardwareKey, KeyVault, KeyVaultError, StoreError};
use latchkey_authenticator::testing::SoftwareKeyVault;
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{Algorithm, MakeCredentialRequest, RelyingParty, User};
use zeroize::Zeroizing;

use super::*;
use crate::ErrorId;
use crate::fixture::TestPhone;

struct Fixture(TestPhone);

impl Fixture {
    fn new() -> Self {
        Fixture(TestPhone::with(|config| config.policy.key_storage = KeyStorage::PreferHardware))
    }

    async fn register(&self, user: &str) -> CredentialId {
        let request = MakeCredentialRequest {
            client_data_hash: [1; 32],
            rp: RelyingParty { id: "example.com".to_owned(), name: None },
            user: User { id: user.as_bytes().to_vec(), name: Some(user.to_owned()), display_name: None },
            algorithms: vec![Algorithm::ES256],
            exclude_list: Vec::new(),
            cred_protect: None,
            prf: None,
            options: MakeCredentialOptions { rk: Some(true), up: None, uv: None },
            pin_uv_auth_param: None,
            pin_uv_auth_protocol: None,
            enterprise_attestation: None,
            attestation_formats: Vec::new(),
        };
        let cancel = Cancel::new();
        self.0.phone.authenticator.make_credential(Profile::Provider, &request, &cancel).await.unwrap();
        self.list()[0].id.clone()
    }

    fn list(&self) -> Vec<CredentialSummary> {
        self.0.phone.security_keys().list().unwrap()
    }

    fn label(&self, id: &CredentialId) -> Option<String> {
        self.list().into_iter().find(|key| key.id == *id).unwrap().label
    }
}

#[tokio::test]
async fn the_list_begins_with_the_newest() {
    let fixture = Fixture::new();
    assert!(fixture.list().is_empty());
    let (ada, eve) = (fixture.register("ada").await, fixture.register("eve").await);
    let ids: Vec<_> = fixture.list().into_iter().map(|key| key.id).collect();
    assert_eq!(ids, [eve, ada]);
    assert_eq!(fixture.0.phone.security_keys().damaged().unwrap(), 0);
}

#[tokio::test]
async fn names_are_the_owners() {
    let fixture = Fixture::new();
    let (ada, eve) = (fixture.register("ada").await, fixture.register("eve").await);
    let keys = fixture.0.phone.security_keys();

    keys.rename(&ada, "  Ada's key ").unwrap();
    assert_eq!(fixture.label(&ada).as_deref(), Some("Ada's key"));
    // Characters are counted, not bytes.
    let longest = "ä".repeat(MAX_NAME);
    keys.rename(&ada, &longest).unwrap();
    assert_eq!(fixture.label(&ada), Some(longest.clone()));

    for bad in ["x".repeat(MAX_NAME + 1), "two\nlines".to_owned(), "\u{7}".to_owned()] {
        let error = keys.rename(&ada, &bad).unwrap_err();
        assert!(matches!(error, PhoneError::InvalidName), "{bad:?}");
        assert_eq!(fixture.label(&ada), Some(longest.clone()));
    }

    keys.rename(&ada, "   ").unwrap();
    assert_eq!(fixture.label(&ada), None);
    assert_eq!(fixture.label(&eve), None);
    let error = keys.rename(&CredentialId(vec![1; 32]), "x").unwrap_err();
    assert!(matches!(error, PhoneError::Store(StoreError::NotFound)));
}

#[tokio::test]
async fn what_is_deleted_is_gone_with_its_key() {
    let fixture = Fixture::new();
    let (ada, eve) = (fixture.register("ada").await, fixture.register("eve").await);
    assert_eq!(fixture.0.hardware.key_count(), 2);
    let keys = fixture.0.phone.security_keys();
    keys.delete(&ada, &Cancel::new()).await.unwrap();
    assert_eq!(fixture.0.hardware.key_count(), 1);
    let error = keys.delete(&ada, &Cancel::new()).await.unwrap_err();
    assert!(matches!(error, PhoneError::Store(StoreError::NotFound)));
    assert_eq!(error.id(), ErrorId::AuthCredentialUnusable);
    assert_eq!(fixture.list().into_iter().map(|key| key.id).collect::<Vec<_>>(), [eve]);
}

/// Hardware that does not come back while it deletes its first key.
struct Stuck(Arc<SoftwareKeyVault>, AtomicBool);

#[async_trait]
impl KeyVault for Stuck {
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, KeyVaultError> {
        self.0.wrap(key)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyVaultError> {
        self.0.unwrap(wrapped)
    }

    async fn create_key(&self) -> Result<Option<HardwareKey>, KeyVaultError> {
        self.0.create_key().await
    }

    async fn sign(&self, handle: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyVaultError> {
        self.0.sign(handle, message).await
    }

    async fn delete_key(&self, handle: &[u8]) -> Result<(), KeyVaultError> {
        if !self.1.swap(true, Ordering::Relaxed) {
            pending::<()>().await;
        }
        self.0.delete_key(handle).await
    }
}

#[tokio::test]
async fn who_does_not_wait_for_the_hardware_has_deleted_the_passkey() {
    let mut fixture = Fixture::new();
    let stuck = Arc::new(Stuck(fixture.0.hardware.clone(), AtomicBool::new(false)));
    fixture.0.phone.ports.keys = stuck.clone();
    fixture.0.restart();
    let (ada, eve) = (fixture.register("ada").await, fixture.register("eve").await);
    let keys = fixture.0.phone.security_keys();
    let cancel = Cancel::new();
    let (deleted, ()) = tokio::join!(keys.delete(&ada, &cancel), async {
        assert!(stuck.1.load(Ordering::Relaxed), "it waits");
        cancel.cancel();
    });
    deleted.unwrap();
    assert_eq!((fixture.list().len(), fixture.0.hardware.key_count()), (1, 2));
    assert!(matches!(keys.delete(&eve, &cancel).await, Err(PhoneError::Canceled(_))));
    assert_eq!(fixture.list().len(), 1);
    // The key goes with the next one.
    keys.delete(&eve, &Cancel::new()).await.unwrap();
    assert_eq!(fixture.0.hardware.key_count(), 0);
}

#[tokio::test]
async fn what_was_hidden_is_listed_and_can_be_offered_again() {
    let fixture = Fixture::new();
    let (ada, eve) = (fixture.register("ada").await, fixture.register("eve").await);
    let hidden = || fixture.list().into_iter().filter(|key| key.hidden).map(|key| key.id).collect::<Vec<_>>();
    fixture.0.phone.provider().signal_unknown("example.com", ada.clone()).unwrap();
    assert_eq!(hidden(), std::slice::from_ref(&ada));
    let keys = fixture.0.phone.security_keys();
    for id in [&ada, &eve] {
        keys.unhide(id).unwrap();
    }
    assert_eq!((hidden(), fixture.list().len()), (Vec::new(), 2));
    let error = keys.unhide(&CredentialId(vec![1; 32])).unwrap_err();
    assert!(matches!(error, PhoneError::Store(StoreError::NotFound)));
    // Or deleted.
    fixture.0.phone.provider().signal_unknown("example.com", ada.clone()).unwrap();
    keys.delete(&ada, &Cancel::new()).await.unwrap();
    assert_eq!((fixture.list().len(), fixture.0.hardware.key_count()), (1, 1));
}

#[tokio::test]
async fn a_closed_phone_changes_nothing() {
    let fixture = Fixture::new();
    let ada = fixture.register("ada").await;
    fixture.0.phone.close();
    let keys = fixture.0.phone.security_keys();
    let closed = |error| matches!(error, PhoneError::Store(StoreError::Closed));
    assert!(closed(keys.list().unwrap_err()));
    assert!(closed(keys.damaged().unwrap_err()));
    assert!(closed(keys.rename(&ada, "x").unwrap_err()));
    assert!(closed(keys.unhide(&ada).unwrap_err()));
    assert!(closed(keys.delete(&ada, &Cancel::new()).await.unwrap_err()));
    assert_eq!(fixture.0.hardware.key_count(), 1);
}
