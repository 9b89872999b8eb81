use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use latchkey_authenticator::ports::Clock;

/// The time of a day, which passes for everybody when nobody waits for it.
#[derive(Clone, Default)]
pub(super) struct Time {
    passed: Arc<AtomicU64>,
}

/// The clock of one party: it may be wrong, and its waits may be short.
pub(super) struct PartyClock {
    started: Instant,
    time: Time,
    /// Its waits take this part of their time.
    speed: u32,
    /// Seconds that its wall clock is ahead of the others.
    wrong_by: AtomicI64,
}

impl Time {
    /// So many seconds pass at once.
    pub(super) fn pass(&self, seconds: u64) {
        self.passed.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(super) fn clock(&self, speed: u32) -> Arc<PartyClock> {
        let wrong_by = AtomicI64::new(0);
        Arc::new(PartyClock { started: Instant::now(), time: self.clone(), speed, wrong_by })
    }

    /// Unix seconds by a clock that is right.
    pub(super) fn now(&self) -> u64 {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        system.saturating_add(self.passed.load(Ordering::SeqCst))
    }
}

impl PartyClock {
    /// Sets the wall clock so many seconds ahead of the right time.
    pub(super) fn set_wrong_by(&self, seconds: i64) {
        self.wrong_by.store(seconds, Ordering::SeqCst);
    }

    pub(super) fn wrong_by(&self) -> i64 {
        self.wrong_by.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Clock for PartyClock {
    fn unix_seconds(&self) -> u64 {
        self.time.now().saturating_add_signed(self.wrong_by())
    }

    fn monotonic(&self) -> Duration {
        let passed = Duration::from_secs(self.time.passed.load(Ordering::SeqCst));
        self.started.elapsed().saturating_mul(self.speed).saturating_add(passed)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration / self.speed.max(1)).await;
    }
}
