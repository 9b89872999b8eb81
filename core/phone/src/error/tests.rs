use super::*;

#[test]
fn a_lost_key_is_not_a_locked_phone() {
    let id = |error| PhoneError::from(VaultError::KeyVault(error)).id();
    assert_eq!(id(KeyVaultError::Locked), ErrorId::ProviderLocked);
    assert_eq!(id(KeyVaultError::Invalidated), ErrorId::AuthCredentialUnusable);
    assert_eq!(id(KeyVaultError::Failed), ErrorId::AnyInternal);
}

#[test]
fn a_passkey_that_is_gone_or_damaged_is_said_to_be_so() {
    let id = |error| PhoneError::from(error).id();
    assert_eq!(id(StoreError::NotFound), ErrorId::AuthCredentialUnusable);
    assert_eq!(id(StoreError::Damaged), ErrorId::AuthCredentialUnusable);
    for error in [StoreError::Busy, StoreError::Closed, StoreError::DiskFull, StoreError::Failed] {
        assert_eq!(id(error), ErrorId::AnyInternal);
    }
}

#[test]
fn a_set_up_that_is_given_up_is_not_a_sign_in() {
    assert_eq!(PhoneError::Canceled(Phase::Create).id(), ErrorId::RegCanceled);
    assert_eq!(PhoneError::Canceled(Phase::Get).id(), ErrorId::AuthNotFoundOrCanceled);
    assert_eq!(PhoneError::TimedOut(Phase::Create).id(), ErrorId::RegTimeout);
    assert_eq!(PhoneError::TimedOut(Phase::Get).id(), ErrorId::AuthTimeout);
}
