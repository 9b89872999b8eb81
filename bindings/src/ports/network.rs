//! The network's state.

use std::sync::Arc;

use super::PortError;
use super::patience::{QUICK, within};

/// Knows whether the phone is online.
#[uniffi::export(foreign)]
pub trait Network: Send + Sync {
    /// Whether the operating system reports a usable internet connection now. In doubt the answer is
    /// yes, and so a failure counts as yes. Has five seconds.
    fn is_online(&self) -> Result<bool, PortError>;
}

pub(super) struct Adapter(pub(super) Option<Arc<dyn Network>>);

impl latchkey_phone::ports::Network for Adapter {
    fn is_online(&self) -> bool {
        let Some(network) = self.0.clone() else { return true };
        within(QUICK, move || network.is_online()).and_then(Result::ok).unwrap_or(true)
    }
}
