//! Argon2id (RFC 9106): what makes every guess expensive to somebody with a copy of the disk.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::OfflineError;
use crate::pin::Pin;

/// What one Argon2id costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// A cost other than the default. Memory in KiB, at least 8 for each lane and at most 1 GiB; 1 to
    /// 16 iterations; 1 to 16 lanes.
    ///
    /// # Errors
    /// [`OfflineError::InvalidCost`]
    pub fn new(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, OfflineError> {
        if !(1..=16).contains(&iterations)
            || !(1..=16).contains(&lanes)
            || !(lanes.saturating_mul(8)..=1_048_576).contains(&memory_kib)
        {
            return Err(OfflineError::InvalidCost);
        }
        Ok(Argon2Cost { memory_kib, iterations, lanes })
    }

    /// Memory in KiB, iterations, lanes.
    pub(crate) const fn numbers(self) -> [u32; 3] {
        [self.memory_kib, self.iterations, self.lanes]
    }
}

impl Default for Argon2Cost {
    /// 64 MiB, three iterations, one lane: RFC 9106 section 4, the second recommendation, on one core.
    fn default() -> Self {
        Argon2Cost { memory_kib: 64 * 1024, iterations: 3, lanes: 1 }
    }
}

/// Argon2id with its memory, which several PINs share one after the other. Wipes it.
pub(crate) struct Stretcher {
    argon2: Argon2<'static>,
    memory: Vec<Block>,
}

impl Stretcher {
    pub(crate) fn new(cost: Argon2Cost) -> Result<Self, OfflineError> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.lanes, Some(32))
            .map_err(|_| OfflineError::InvalidCost)?;
        let memory = vec![Block::new(); params.block_count()];
        Ok(Stretcher { argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params), memory })
    }

    /// Argon2id(PIN, salt): 32 bytes.
    pub(crate) fn stretch(
        &mut self,
        pin: &Pin,
        salt: &[u8; 16],
    ) -> Result<Zeroizing<[u8; 32]>, OfflineError> {
        let mut stretched = Zeroizing::new([0; 32]);
        self.argon2
            .hash_password_into_with_memory(
                pin.expose().as_bytes(),
                salt,
                stretched.as_mut(),
                &mut self.memory,
            )
            .map_err(|_| OfflineError::InvalidCost)?;
        Ok(stretched)
    }
}

impl Drop for Stretcher {
    fn drop(&mut self) {
        self.memory.iter_mut().for_each(Block::zeroize);
    }
}

#[cfg(test)]
mod tests;
