//! The store of a single node.

use core::time::Duration;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use latchkey_authenticator::ports::Clock;

use super::changes::Changes;
use super::{Count, Listener, PendingError, PendingStore};

/// Keeps everything in this process; a restart forgets it, and people ask for a new code.
pub struct InMemory {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    changes: Changes,
}

#[derive(Default)]
struct State {
    values: HashMap<String, Entry<Vec<u8>>>,
    lists: HashMap<String, Entry<Vec<Vec<u8>>>>,
    counts: HashMap<String, Entry<u32>>,
    /// The members' ends, and the members in the order of their ends.
    sets: HashMap<String, Set>,
    /// What is to be forgotten when.
    ends: BTreeSet<(Duration, Kind, String)>,
}

#[derive(Default)]
struct Set {
    ends: HashMap<String, Duration>,
    order: BTreeSet<(Duration, String)>,
}

struct Entry<T> {
    content: T,
    end: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Value,
    List,
    Count,
}

impl InMemory {
    /// An empty store.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        InMemory { clock, state: Mutex::default(), changes: Changes::new() }
    }

    /// The state without what has ended, and the time.
    fn now(&self) -> (MutexGuard<'_, State>, Duration) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.monotonic();
        state.forget(now);
        (state, now)
    }
}

impl State {
    fn forget(&mut self, now: Duration) {
        while let Some((end, kind, key)) = self.ends.first().cloned()
            && end <= now
        {
            self.ends.pop_first();
            match kind {
                Kind::Value => drop(self.values.remove(&key)),
                Kind::List => drop(self.lists.remove(&key)),
                Kind::Count => drop(self.counts.remove(&key)),
            }
        }
    }
}

impl Set {
    fn forget(&mut self, now: Duration) {
        while let Some((end, member)) = self.order.first().cloned()
            && end <= now
        {
            self.remove(&member);
        }
    }

    fn remove(&mut self, member: &str) {
        if let Some(end) = self.ends.remove(member) {
            self.order.remove(&(end, member.to_owned()));
        }
    }

    fn put(&mut self, member: &str, end: Duration) {
        self.remove(member);
        self.ends.insert(member.to_owned(), end);
        self.order.insert((end, member.to_owned()));
    }
}

#[async_trait]
impl PendingStore for InMemory {
    async fn insert(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<bool, PendingError> {
        let (mut state, now) = self.now();
        if state.values.contains_key(key) {
            return Ok(false);
        }
        let end = now.saturating_add(lifetime);
        state.ends.insert((end, Kind::Value, key.to_owned()));
        state.values.insert(key.to_owned(), Entry { content: value.to_vec(), end });
        Ok(true)
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PendingError> {
        Ok(self.now().0.values.get(key).map(|entry| entry.content.clone()))
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>, PendingError> {
        let (mut state, _) = self.now();
        let Some(entry) = state.values.remove(key) else { return Ok(None) };
        state.ends.remove(&(entry.end, Kind::Value, key.to_owned()));
        Ok(Some(entry.content))
    }

    async fn replace(&self, key: &str, old: &[u8], new: &[u8]) -> Result<bool, PendingError> {
        let (mut state, _) = self.now();
        let entry = state.values.get_mut(key).filter(|entry| entry.content == old);
        Ok(entry.map(|entry| entry.content = new.to_vec()).is_some())
    }

    async fn push(
        &self,
        key: &str,
        element: &[u8],
        most: u32,
        lifetime: Duration,
    ) -> Result<bool, PendingError> {
        let (mut guard, now) = self.now();
        let state = &mut *guard;
        let entry = state.lists.entry(key.to_owned()).or_insert_with(|| {
            let end = now.saturating_add(lifetime);
            state.ends.insert((end, Kind::List, key.to_owned()));
            Entry { content: Vec::new(), end }
        });
        let room = entry.content.len() < most as usize;
        if room {
            entry.content.push(element.to_vec());
        }
        Ok(room)
    }

    async fn elements(&self, key: &str, skip: u32) -> Result<Vec<Vec<u8>>, PendingError> {
        let (state, _) = self.now();
        let list = state.lists.get(key).map(|entry| entry.content.as_slice()).unwrap_or_default();
        Ok(list.get(skip as usize..).unwrap_or_default().to_vec())
    }

    async fn join(
        &self,
        set: &str,
        member: &str,
        most: u32,
        lifetime: Duration,
    ) -> Result<bool, PendingError> {
        let (mut state, now) = self.now();
        let set = state.sets.entry(set.to_owned()).or_default();
        set.forget(now);
        let room = set.ends.contains_key(member) || set.ends.len() < most as usize;
        if room {
            set.put(member, now.saturating_add(lifetime));
        }
        Ok(room)
    }

    async fn leave(&self, set: &str, member: &str) -> Result<(), PendingError> {
        let (mut state, _) = self.now();
        if let Some(members) = state.sets.get_mut(set) {
            members.remove(member);
            if members.ends.is_empty() {
                state.sets.remove(set);
            }
        }
        Ok(())
    }

    async fn members(&self, set: &str) -> Result<Vec<String>, PendingError> {
        let (mut state, now) = self.now();
        let Some(set) = state.sets.get_mut(set) else { return Ok(Vec::new()) };
        set.forget(now);
        Ok(set.order.iter().map(|(_, member)| member.clone()).collect())
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Count, PendingError> {
        let (mut guard, now) = self.now();
        let state = &mut *guard;
        let entry = state.counts.entry(key.to_owned()).or_insert_with(|| {
            let end = now.saturating_add(window);
            state.ends.insert((end, Kind::Count, key.to_owned()));
            Entry { content: 0, end }
        });
        entry.content = entry.content.saturating_add(1);
        Ok(Count { times: entry.content, left: entry.end.saturating_sub(now) })
    }

    async fn announce(&self, topic: &str) -> Result<(), PendingError> {
        self.changes.announce(topic);
        Ok(())
    }

    fn listen(&self, topic: &str) -> Listener {
        self.changes.listen(topic)
    }
}
