use core::time::Duration;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use latchkey_authenticator::ports::Clock;

/// The operating system's clocks.
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { start: Instant::now() }
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn unix_seconds(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The operating system's clocks, with a wall clock that can be set ahead: what takes days happens at once.
#[derive(Default)]
pub struct AdvancedClock {
    system: SystemClock,
    ahead: AtomicU64,
}

impl AdvancedClock {
    /// Sets the wall clock ahead.
    pub fn advance(&self, by: Duration) {
        self.ahead.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for AdvancedClock {
    fn unix_seconds(&self) -> u64 {
        self.system.unix_seconds().saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        self.system.sleep(duration).await;
    }
}
