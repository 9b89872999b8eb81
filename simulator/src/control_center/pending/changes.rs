//! Who waits for what, within one process.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::watch;

/// Topics share this many channels: a listener may be woken for another topic, which costs a look.
const CHANNELS: u64 = 256;

pub(super) struct Changes(Vec<watch::Sender<()>>);

impl Changes {
    pub(super) fn new() -> Self {
        Changes((0..CHANNELS).map(|_| watch::Sender::new(())).collect())
    }

    pub(super) fn announce(&self, topic: &str) {
        if let Some(channel) = self.channel(topic) {
            channel.send_replace(());
        }
    }

    pub(super) fn listen(&self, topic: &str) -> Listener {
        Listener(self.channel(topic).map(watch::Sender::subscribe))
    }

    fn channel(&self, topic: &str) -> Option<&watch::Sender<()>> {
        let mut hasher = DefaultHasher::new();
        topic.hash(&mut hasher);
        usize::try_from(hasher.finish() % CHANNELS).ok().and_then(|index| self.0.get(index))
    }
}

/// Waits for announcements of a topic.
pub struct Listener(Option<watch::Receiver<()>>);

impl Listener {
    /// Returns when the topic was announced since the last time, or since the listener was made.
    pub async fn changed(&mut self) {
        let open = match &mut self.0 {
            Some(channel) => channel.changed().await.is_ok(),
            None => false,
        };
        if !open {
            core::future::pending().await
        }
    }
}
