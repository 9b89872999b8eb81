//! The port for randomness in the form that the cores draw from.

use std::sync::Arc;

use latchkey_authenticator::ports::Rng;
use rand_core::{CryptoRng, RngCore};

/// Draws from the port.
pub(super) struct PortRng(pub(super) Arc<dyn Rng>);

impl RngCore for PortRng {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl CryptoRng for PortRng {}
