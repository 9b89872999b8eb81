use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::ports::Clock;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock {
    start: u64,
    elapsed: Mutex<Duration>,
    moved: Notify,
}

impl ManualClock {
    /// A clock that shows `unix_seconds`.
    #[must_use]
    pub fn at(unix_seconds: u64) -> Self {
        ManualClock { start: unix_seconds, elapsed: Mutex::default(), moved: Notify::new() }
    }

    /// Moves both times on and wakes the sleepers whose time has come.
    pub fn advance(&self, duration: Duration) {
        {
            let mut elapsed = self.elapsed();
            *elapsed = elapsed.saturating_add(duration);
        }
        self.moved.notify_waiters();
    }

    fn elapsed(&self) -> MutexGuard<'_, Duration> {
        self.elapsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    /// Midnight of 1 January 2026, UTC.
    fn default() -> Self {
        Self::at(1_767_225_600)
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn unix_seconds(&self) -> u64 {
        self.start.saturating_add(self.elapsed().as_secs())
    }

    fn monotonic(&self) -> Duration {
        *self.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.monotonic().saturating_add(duration);
        loop {
            // `notified` counts from its creation on: a move between the look and the wait wakes it.
            let moved = self.moved.notified();
            if self.monotonic() >= until {
                return;
            }
            moved.await;
        }
    }
}
