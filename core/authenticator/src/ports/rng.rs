//! The port for randomness.

/// A cryptographically secure random source.
///
/// It cannot fail: a system without randomness cannot run an authenticator, so an implementation
/// that cannot deliver must abort rather than return weak bytes.
pub trait Rng: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}
