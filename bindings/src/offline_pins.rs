//! Offline PINs: where they stand, and showing one.

use std::sync::Arc;
use std::time::SystemTime;

use latchkey_phone::UnlockWay as CoreWay;

use crate::cancel::{Cancel, token};
use crate::error::LatchkeyError;
use crate::passkeys::time;

/// The offline PINs of a phone's computers.
#[derive(uniffi::Object)]
pub struct OfflinePins(Arc<latchkey_phone::Phone>);

/// Where the offline PINs of a computer stand.
#[derive(Clone, uniffi::Record)]
pub struct PinStatus {
    /// The button for a PIN is there: it comes with the first set and stays.
    pub offered: bool,
    /// PINs that were not shown yet.
    pub remaining: u16,
    /// PINs that the set began with.
    pub total: u16,
    /// When they end; nothing without a living set.
    pub expires_at: Option<SystemTime>,
    /// What the person should know about them: a warning, or why there is none.
    pub notice: Option<LatchkeyError>,
}

/// A PIN on the screen. Secret for as long as it was not used: never logged or kept.
#[derive(Clone, uniffi::Record)]
pub struct ShownPin {
    /// The PIN.
    pub pin: String,
    /// Hide it at this time of the phone's clock.
    pub hide_at: SystemTime,
    /// Where the set stands with this PIN burnt.
    pub status: PinStatus,
}

/// What a tap on a computer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum UnlockWay {
    /// It unlocks online.
    Online {
        /// A long press shows a PIN instead.
        pin_on_long_press: bool,
    },
    /// The phone is offline, and says so: the tap goes straight to the PIN.
    Offline {
        /// There is something to go to.
        pin_on_tap: bool,
    },
}

impl OfflinePins {
    pub(crate) const fn new(phone: Arc<latchkey_phone::Phone>) -> Self {
        OfflinePins(phone)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl OfflinePins {
    /// Where the PINs of a computer stand. Changes nothing.
    pub fn status(&self, machine_id: String) -> Result<PinStatus, LatchkeyError> {
        Ok(self.0.offline_pins().status(&machine_id)?.into())
    }

    /// What a tap on a computer does now.
    pub fn unlock_way(&self, machine_id: String) -> Result<UnlockWay, LatchkeyError> {
        Ok(match self.0.offline_pins().unlock_way(&machine_id)? {
            CoreWay::Online { pin_on_long_press } => UnlockWay::Online { pin_on_long_press },
            CoreWay::Offline { pin_on_tap } => UnlockWay::Offline { pin_on_tap },
        })
    }

    /// Verifies the person and shows the next PIN of a computer, which is burnt before this returns. Within
    /// its display time the same PIN is shown again.
    #[uniffi::method(default(cancel = None))]
    pub async fn display(
        &self,
        machine_id: String,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<ShownPin, LatchkeyError> {
        let shown = self.0.offline_pins().display(&machine_id, &token(cancel)).await?;
        Ok(ShownPin {
            pin: shown.pin.expose().to_owned(),
            hide_at: time(shown.hide_at),
            status: shown.status.into(),
        })
    }
}

impl From<latchkey_phone::PinStatus> for PinStatus {
    fn from(status: latchkey_phone::PinStatus) -> Self {
        PinStatus {
            offered: status.offered(),
            remaining: status.remaining,
            total: status.total,
            expires_at: status.expires_at.map(time),
            notice: status.notice.map(Into::into),
        }
    }
}
