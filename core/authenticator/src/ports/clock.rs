//! The port for time.

use core::time::Duration;

use async_trait::async_trait;

/// Time. Wall-clock time can jump; monotonic time cannot.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Wall-clock time in seconds since 1970-01-01T00:00:00Z.
    fn unix_seconds(&self) -> u64;

    /// Time since an arbitrary fixed moment of this process; never goes back.
    fn monotonic(&self) -> Duration;

    /// Returns after `duration` of monotonic time. Dropping the future stops the wait.
    async fn sleep(&self, duration: Duration);
}
