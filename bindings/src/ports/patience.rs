//! Calls into the shell that must not take the core down with them.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a call that shows nothing may take: keychains and system services answer in milliseconds,
/// at worst in some hundred.
pub(super) const QUICK: Duration = Duration::from_secs(5);

/// What `call` gives, or nothing if it takes longer than `patience`. It runs on a thread of its own, which
/// is left to itself then: a shell that blocks for ever costs that thread and nothing else.
pub(super) fn within<T: Send + 'static>(
    patience: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let run = move || {
        let _ = sender.send(call());
    };
    thread::Builder::new().name("latchkey-port".to_owned()).spawn(run).ok()?;
    receiver.recv_timeout(patience).ok()
}

/// The same for an async call, which is dropped when it is late.
pub(super) async fn within_async<T>(patience: Duration, call: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(patience, call).await.ok()
}

#[cfg(test)]
mod tests;
