use super::*;

#[test]
fn no_failure_is_taken_for_success() {
    let gate = [
        GateError::Denied,
        GateError::TimedOut,
        GateError::VerificationFailed,
        GateError::LockedOut,
        GateError::Unavailable,
    ]
    .map(Status::from);
    assert_eq!(gate.map(|status| status.0), [0x27, 0x2F, 0x27, 0x3C, 0x36]);
    let store = [
        StoreError::Full,
        StoreError::OnlyOnePerDevice,
        StoreError::AccountExists,
        StoreError::DuplicateId,
        StoreError::NotFound,
        StoreError::Damaged,
        StoreError::CounterExhausted,
        StoreError::Closed,
        StoreError::Busy,
        StoreError::DiskFull,
        StoreError::Failed,
    ]
    .map(Status::from);
    assert_eq!(
        store.map(|status| status.0),
        [0x28, 0x28, 0x19, 0x7F, 0x2E, 0x3D, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F]
    );
    let keys = [KeyVaultError::Locked, KeyVaultError::Invalidated, KeyVaultError::Failed].map(Status::from);
    assert_eq!(keys.map(|status| status.0), [0x36, 0x3D, 0x7F]);
}
