use std::sync::{Mutex, PoisonError};

use sha2_sign::{Digest as _, Sha256};

use crate::ports::Rng;

/// Random-looking bytes that are the same in every run with the same seed.
#[derive(Debug)]
pub struct SeededRng {
    seed: u64,
    block: Mutex<u64>,
}

impl SeededRng {
    /// A source whose bytes depend on nothing but `seed` and the calls made before.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        SeededRng { seed, block: Mutex::new(0) }
    }
}

impl Rng for SeededRng {
    /// SHA-256 in counter mode.
    fn fill(&self, bytes: &mut [u8]) {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(32) {
            let random = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(block.to_be_bytes())
                .finalize();
            chunk.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
            *block = block.wrapping_add(1);
        }
    }
}
