//! The store for what ends by itself: codes, challenges, out-of-band requests and their messages,
//! sessions, rates. One node keeps it in memory ([`InMemory`]); nodes behind one name share a Redis
//! ([`Redis`]). Both keep the same contract, `contract.rs`.

mod changes;
#[cfg(test)]
pub(crate) mod contract;
mod in_memory;
mod redis;
#[cfg(test)]
pub(crate) mod redis_server;

use core::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

pub use changes::Listener;
pub use in_memory::InMemory;
pub use redis::Redis;

/// Why the store cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PendingError {
    /// The address is not one of a Redis server.
    #[error("not the address of a Redis server")]
    Address,
    /// Redis cannot be reached or failed.
    #[error("Redis failed: {0}")]
    Redis(#[from] ::redis::RedisError),
}

/// How often something happened, and for how long that is still counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Including this time.
    pub times: u32,
    /// Until the count begins anew.
    pub left: Duration,
}

/// Values, message lists and bounded sets with a lifetime. Every method is one atomic step, whichever
/// node takes it. Keys are of one kind each; a value's key is never that of a list.
#[async_trait]
pub trait PendingStore: Send + Sync {
    /// Stores a value for `lifetime`, unless there is one: then `false`.
    async fn insert(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<bool, PendingError>;

    /// A value.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PendingError>;

    /// A value, which is gone then: of many takers one gets it.
    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>, PendingError>;

    /// Puts `new` in the place of `old`, which keeps its lifetime. `false` if something else is there.
    async fn replace(&self, key: &str, old: &[u8], new: &[u8]) -> Result<bool, PendingError>;

    /// Adds to the end of a list that lives for `lifetime` after its first element. `false` if it has
    /// `most` elements.
    async fn push(
        &self,
        key: &str,
        element: &[u8],
        most: u32,
        lifetime: Duration,
    ) -> Result<bool, PendingError>;

    /// The elements of a list after the first `skip`.
    async fn elements(&self, key: &str, skip: u32) -> Result<Vec<Vec<u8>>, PendingError>;

    /// Adds to a set for `lifetime`, or lengthens it. `false` if the set has `most` other members.
    async fn join(
        &self,
        set: &str,
        member: &str,
        most: u32,
        lifetime: Duration,
    ) -> Result<bool, PendingError>;

    /// Removes from a set.
    async fn leave(&self, set: &str, member: &str) -> Result<(), PendingError>;

    /// The members of a set, the one that ends first first.
    async fn members(&self, set: &str) -> Result<Vec<String>, PendingError>;

    /// Counts one more time within a window that begins with the first.
    async fn count(&self, key: &str, window: Duration) -> Result<Count, PendingError>;

    /// Wakes the listeners of a topic, on every node.
    async fn announce(&self, topic: &str) -> Result<(), PendingError>;

    /// Listens from now on. It may wake without a reason, and an announcement from another node may be
    /// lost: look again from time to time.
    fn listen(&self, topic: &str) -> Listener;
}

#[cfg(test)]
mod tests;
