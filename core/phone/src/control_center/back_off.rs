//! How long the phone waits after typed codes that were not found (control-center.md section 2.5).

/// Failures within [`WINDOW`] that start a wait.
const FAILURES: usize = 5;

/// Seconds in which failures count together, and after a wait until it is forgotten.
const WINDOW: u64 = 600;

/// The first wait, in seconds; each further failure doubles it.
const FIRST_WAIT: u64 = 30;

/// The longest wait, in seconds.
const LONGEST_WAIT: u64 = 600;

/// Failed look-ups. Times are Unix seconds; a clock that was turned back ends a wait early, for the
/// server's own limits do not depend on it.
#[derive(Debug, Default)]
pub(crate) struct BackOff {
    /// The latest failures, while there was no wait yet.
    recent: Vec<u64>,
    /// The last wait: its length, and when it ends.
    wait: Option<(u64, u64)>,
}

impl BackOff {
    /// Seconds to wait from now on; 0 if none.
    pub(crate) fn remaining(&self, now: u64) -> u64 {
        match self.wait {
            Some((length, end)) if end.saturating_sub(now) <= length => end.saturating_sub(now),
            _ => 0,
        }
    }

    /// A code was not found.
    pub(crate) fn failed(&mut self, now: u64) {
        let length = match self.wait {
            Some((length, end)) if now < end.saturating_add(WINDOW) => length.saturating_mul(2),
            _ => {
                self.wait = None;
                self.recent.retain(|&at| at <= now && now.saturating_sub(at) < WINDOW);
                self.recent.push(now);
                if self.recent.len() < FAILURES {
                    return;
                }
                FIRST_WAIT
            }
        };
        self.hold(length.min(LONGEST_WAIT), now);
    }

    /// The server said when to come again.
    pub(crate) fn hold(&mut self, seconds: u64, now: u64) {
        self.recent.clear();
        self.wait = Some((seconds, now.saturating_add(seconds)));
    }

    /// A code was found.
    pub(crate) fn succeeded(&mut self) {
        *self = BackOff::default();
    }
}

#[cfg(test)]
mod tests;
