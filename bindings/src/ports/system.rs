//! Time and randomness, which are the same on every system.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use latchkey_authenticator::ports::{Clock, Rng};
use rand_core::{OsRng, RngCore as _};

/// The operating system's clocks.
pub(super) struct SystemClock {
    start: Instant,
    ahead: Duration,
}

impl SystemClock {
    /// With a wall clock that runs `ahead` of the system's.
    pub(super) fn new(ahead: Duration) -> Self {
        SystemClock { start: Instant::now(), ahead }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn unix_seconds(&self) -> u64 {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        time.saturating_add(self.ahead).as_secs()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The operating system's random source, which ends the process if it cannot deliver.
pub(super) struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}
