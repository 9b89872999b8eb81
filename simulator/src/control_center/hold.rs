//! `?wait=SECONDS`: holding a GET until there is something to say.

use core::time::Duration;
use std::future::Future;

use serde::Deserialize;

use super::center::Center;
use super::refused::Refused;

/// The query of a call that can be held.
#[derive(Deserialize)]
pub(crate) struct Wait {
    #[serde(default)]
    pub(crate) wait: u64,
}

/// Seconds that a call is held at most.
pub(crate) const MOST: u64 = 25;

/// How soon a held call looks again without an announcement: codes end silently, and an announcement
/// of another node may be lost.
const TICK: Duration = Duration::from_secs(1);

/// What was seen, and whether it is worth answering at once.
pub(crate) struct Seen<T> {
    pub(crate) value: T,
    pub(crate) enough: bool,
}

/// Looks until it has seen enough, `wait` seconds are over, or the server shuts down; answers with what
/// it saw last.
///
/// # Errors
/// What `look` fails with; [`Refused::Malformed`] for a wait that is too long
pub(crate) async fn until<T, F>(
    center: &Center,
    topic: &str,
    wait: u64,
    mut look: impl FnMut() -> F,
) -> Result<T, Refused>
where
    F: Future<Output = Result<Seen<T>, Refused>>,
{
    if wait > MOST {
        return Err(Refused::malformed("wait is at most 25 seconds"));
    }
    let mut stopped = center.stop.subscribe();
    // Listening begins before the first look, so that nothing falls between.
    let mut listener = center.pending.listen(topic);
    let end = center.clock.monotonic().saturating_add(Duration::from_secs(wait));
    loop {
        let seen = look().await?;
        let left = end.saturating_sub(center.clock.monotonic());
        if seen.enough || left.is_zero() {
            return Ok(seen.value);
        }
        tokio::select! {
            () = listener.changed() => {}
            () = center.clock.sleep(left.min(TICK)) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return Ok(seen.value),
        }
    }
}
