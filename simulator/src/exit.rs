//! Exit statuses, so that scripts can tell what happened.

use latchkey_phone::ErrorId;

/// The statuses, for `--help`.
pub const HELP: &str = "\
Exit status:
   0  it worked: the ceremony was answered, the demonstration held
   1  something unexpected failed
   2  wrong usage
  10  the code cannot be used
  11  no connection: network, name, TLS, tunnel service or Control Center
  12  Bluetooth is off or refused
  13  the other device was not near, or did not answer in time
  14  the encrypted channel could not be established
  15  cancelled by the other side
  16  another request is open
  20  answered with a refusal: declined, no passkey, already registered, ...
  30  the stored passkeys cannot be opened or changed";

/// The status for a failure.
#[must_use]
pub const fn status(id: ErrorId) -> u8 {
    match id {
        ErrorId::QrInvalid
        | ErrorId::QrUnsupported
        | ErrorId::CodeNotFound
        | ErrorId::CodeBadAddress
        | ErrorId::CodeRateLimited
        | ErrorId::PairingExpired => 10,
        ErrorId::HybridNoInternet
        | ErrorId::HybridTunnelFailed
        | ErrorId::AuthUnavailable
        | ErrorId::RegUnavailable => 11,
        ErrorId::HybridBluetoothOff => 12,
        ErrorId::HybridPeerNotNear | ErrorId::AnyNoDevice => NO_PEER,
        ErrorId::HybridHandshakeFailed => CHANNEL,
        ErrorId::HybridPeerCanceled => 15,
        ErrorId::RequestBusy => 16,
        ErrorId::AnyInternal => 1,
        ErrorId::ProviderLocked => STATE,
        _ => REFUSED,
    }
}

/// Status when the other device was not near, or did not answer in time.
pub const NO_PEER: u8 = 13;

/// Status when the encrypted channel could not be established, or carried nonsense.
pub const CHANNEL: u8 = 14;

/// Status for an answer that is a refusal.
pub const REFUSED: u8 = 20;

/// Status when the stored passkeys cannot be opened or changed.
pub const STATE: u8 = 30;

/// Status for wrong usage, as `clap` uses it.
pub const USAGE: u8 = 2;
