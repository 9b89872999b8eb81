//! A random source for tests that want to know what it gives.

use rand_core::{CryptoRng, Error, RngCore, impls};

/// Gives the same bytes again and again.
pub(crate) struct Repeating {
    bytes: Vec<u8>,
    at: usize,
}

impl Repeating {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Repeating { bytes: bytes.into(), at: 0 }
    }
}

impl RngCore for Repeating {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for byte in out {
            *byte = self.bytes.get(self.at % self.bytes.len()).copied().unwrap_or_default();
            self.at += 1;
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Repeating {}
