//! Serving what comes in, for as long as the workstation is on.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_phone::control_center::ControlCenterError;
use latchkey_phone::control_center::wire::{Purpose, RefusalCode, WaitingRequest};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::error::WorkstationError;
use super::lock::LockState;
use super::unlock::Served;
use super::{Changes, Workstation};

/// How often the settings and pairings are asked for while nothing else happens.
const SYNC_EVERY: Duration = Duration::from_secs(60);

/// The pause after the first failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The longest pause between two attempts to reach the Control Center.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often the lock is looked at, which another process may have changed, and the list of requests
/// while all of them are being served.
const GLANCE: Duration = Duration::from_millis(500);

/// What happens while a workstation serves.
#[derive(Debug)]
#[non_exhaustive]
pub enum Happening {
    /// The lock has changed, or this is how it was at the start.
    Lock(LockState),
    /// The Control Center can be reached.
    Online,
    /// It cannot be reached; PINs work on, and it is tried again and again.
    Offline(ControlCenterError),
    /// The Control Center's list of pairings changed.
    Synced(Changes),
    /// A phone asked and was served.
    Served(Served),
    /// A phone asked and was refused.
    Refused(WorkstationError),
}

impl Workstation {
    /// Serves the phones of this workstation until cancelled.
    ///
    /// # Errors
    /// [`WorkstationError`] when going on is of no use: not enrolled, no longer known to the Control
    /// Center, or the state cannot be read or written.
    pub async fn run(
        self: &Arc<Self>,
        cancel: &Cancel,
        tell: impl Fn(Happening) + Send + Sync,
    ) -> Result<(), WorkstationError> {
        tokio::select! {
            stopped = self.answer_phones(&tell) => stopped,
            stopped = self.watch_lock(&tell) => stopped,
            () = cancel.cancelled() => Ok(()),
        }
    }

    /// Tells about every change of the lock, whoever made it.
    async fn watch_lock(&self, tell: &(impl Fn(Happening) + Sync)) -> Result<(), WorkstationError> {
        let mut last = None;
        loop {
            // The wait counts from its creation on: an unlock between the look and the wait ends it.
            let unlocked = self.unlocked.notified();
            let state = self.lock_state()?;
            if last.as_ref() != Some(&state) {
                tell(Happening::Lock(state.clone()));
                last = Some(state);
            }
            // Another process may have changed it, too.
            let _ = tokio::time::timeout(GLANCE, unlocked).await;
        }
    }

    async fn answer_phones(
        self: &Arc<Self>,
        tell: &(impl Fn(Happening) + Sync),
    ) -> Result<(), WorkstationError> {
        let mut serving = JoinSet::new();
        // Requests that were listed and are being served, or are no business of this loop.
        let mut known = HashSet::new();
        let mut next_sync = Instant::now();
        let mut online = false;
        let mut pause = Duration::ZERO;
        loop {
            let listed = async {
                tokio::time::sleep(pause).await;
                self.next_requests(&mut next_sync, &mut online, &known, tell).await
            };
            let listed = tokio::select! {
                listed = listed => listed,
                Some(served) = serving.join_next() => {
                    match served {
                        Ok(Ok(served)) => tell(Happening::Served(served)),
                        Ok(Err(WorkstationError::AlreadyServed)) => {}
                        Ok(Err(error)) => tell(Happening::Refused(error)),
                        Err(_) => tell(Happening::Refused(WorkstationError::TaskFailed)),
                    }
                    // The audit trail hears of it at once.
                    next_sync = Instant::now();
                    continue;
                }
            };
            match listed {
                Ok(listed) => {
                    pause = Duration::ZERO;
                    known.retain(|id| listed.iter().any(|request| request.request_id == *id));
                    for request in listed {
                        if known.insert(request.request_id.clone()) && is_unlock(&request) {
                            let workstation = Arc::clone(self);
                            serving.spawn(async move { workstation.serve(&request).await });
                        }
                    }
                }
                Err(WorkstationError::ControlCenter(error)) if !is_final(&error) => {
                    pause = retry_after(&error).unwrap_or((pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE));
                    if online || pause == FIRST_PAUSE {
                        tell(Happening::Offline(error));
                    }
                    (online, next_sync) = (false, Instant::now());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Syncs and reports if it is time to, then waits a while for requests.
    async fn next_requests(
        &self,
        next_sync: &mut Instant,
        online: &mut bool,
        known: &HashSet<String>,
        tell: &(impl Fn(Happening) + Sync),
    ) -> Result<Vec<WaitingRequest>, WorkstationError> {
        if Instant::now() >= *next_sync {
            self.report().await?;
            let changes = self.sync().await?;
            *next_sync = Instant::now() + SYNC_EVERY;
            if !core::mem::replace(online, true) {
                tell(Happening::Online);
            }
            if changes != Changes::default() {
                tell(Happening::Synced(changes));
            }
        }
        let control_center = self.control_center()?;
        let listed = control_center.waiting_requests(known.is_empty()).await?.requests;
        // A request is listed until it ends: with one under way the server does not wait.
        if listed.iter().all(|request| known.contains(&request.request_id)) && !listed.is_empty() {
            tokio::time::sleep(GLANCE).await;
        }
        Ok(listed)
    }
}

/// Requests that came from a code are served by who shows the code; requests to sign in by who made them.
fn is_unlock(request: &WaitingRequest) -> bool {
    request.purpose == Purpose::Unlock && !request.from_code
}

/// Whether another attempt would fail in the same way.
fn is_final(error: &ControlCenterError) -> bool {
    matches!(error.refusal(), Some(RefusalCode::Unauthorized | RefusalCode::Forbidden))
        || matches!(error, ControlCenterError::BadName)
}

fn retry_after(error: &ControlCenterError) -> Option<Duration> {
    match error {
        ControlCenterError::Refused { retry_after, .. } => *retry_after,
        _ => None,
    }
}
