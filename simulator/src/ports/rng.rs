use latchkey_authenticator::ports::Rng;
use rand_core::{OsRng, RngCore};

/// The operating system's random source.
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}
