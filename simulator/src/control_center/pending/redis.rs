//! The store that several nodes share.

use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{AsyncCommands, Client, Script};
use tokio::task::JoinHandle;

use super::changes::Changes;
use super::{Count, Listener, PendingError, PendingStore};

/// Every key of ours begins like this.
const PREFIX: &str = "latchkey:";
/// The channel that announcements go through.
const CHANNEL: &str = "latchkey:changes";

/// Keeps everything in one Redis server, which lets things end by itself.
pub struct Redis {
    connection: ConnectionManager,
    scripts: Scripts,
    changes: Arc<Changes>,
    subscriber: JoinHandle<()>,
}

/// What takes more than one command and still is one step. A set is a sorted set with the members'
/// ends, in milliseconds of Redis's clock.
struct Scripts {
    replace: Script,
    push: Script,
    join: Script,
    members: Script,
    count: Script,
}

impl Scripts {
    fn new() -> Self {
        Scripts {
            replace: Script::new(
                "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
                 redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
                 return 1",
            ),
            push: Script::new(
                "local length = redis.call('LLEN', KEYS[1])
                 if length >= tonumber(ARGV[2]) then return 0 end
                 redis.call('RPUSH', KEYS[1], ARGV[1])
                 if length == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
                 return 1",
            ),
            join: Script::new(
                "local time = redis.call('TIME')
                 local now = time[1] * 1000 + math.floor(time[2] / 1000)
                 redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
                 if not redis.call('ZSCORE', KEYS[1], ARGV[1])
                    and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
                 redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
                 local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
                 redis.call('PEXPIREAT', KEYS[1], last[2])
                 return 1",
            ),
            members: Script::new(
                "local time = redis.call('TIME')
                 local now = time[1] * 1000 + math.floor(time[2] / 1000)
                 return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf')",
            ),
            count: Script::new(
                "local times = redis.call('INCR', KEYS[1])
                 if times == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
                 return {times, redis.call('PTTL', KEYS[1])}",
            ),
        }
    }
}

impl Redis {
    /// Connects to `redis://host:port/database`.
    ///
    /// # Errors
    /// [`PendingError`]
    pub async fn connect(url: &str) -> Result<Self, PendingError> {
        let client = Client::open(url).map_err(|_| PendingError::Address)?;
        // A call must not hang when the server does: it is refused as unavailable.
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_response_timeout(Some(Duration::from_secs(2)))
            .set_number_of_retries(2);
        let connection = ConnectionManager::new_with_config(client.clone(), config).await?;
        let changes = Arc::new(Changes::new());
        let subscriber = tokio::spawn(pass_on(client, Arc::clone(&changes)));
        Ok(Redis { connection, scripts: Scripts::new(), changes, subscriber })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.subscriber.abort();
    }
}

/// Passes announcements on to this process's listeners, over a connection of its own; a lost one is
/// made anew.
async fn pass_on(client: Client, changes: Arc<Changes>) {
    loop {
        if let Ok(mut subscription) = client.get_async_pubsub().await
            && subscription.subscribe(CHANNEL).await.is_ok()
        {
            let mut messages = subscription.into_on_message();
            while let Some(message) = messages.next().await {
                if let Ok(topic) = message.get_payload::<String>() {
                    changes.announce(&topic);
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

fn named(key: &str) -> String {
    format!("{PREFIX}{key}")
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[async_trait]
impl PendingStore for Redis {
    async fn insert(&self, key: &str, value: &[u8], lifetime: Duration) -> Result<bool, PendingError> {
        let mut set = redis::cmd("SET");
        set.arg(named(key)).arg(value).arg("NX").arg("PX").arg(millis(lifetime));
        let answer: Option<String> = set.query_async(&mut self.connection.clone()).await?;
        Ok(answer.is_some())
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PendingError> {
        Ok(self.connection.clone().get(named(key)).await?)
    }

    async fn take(&self, key: &str) -> Result<Option<Vec<u8>>, PendingError> {
        Ok(self.connection.clone().get_del(named(key)).await?)
    }

    async fn replace(&self, key: &str, old: &[u8], new: &[u8]) -> Result<bool, PendingError> {
        let mut call = self.scripts.replace.key(named(key));
        Ok(call.arg(old).arg(new).invoke_async(&mut self.connection.clone()).await?)
    }

    async fn push(
        &self,
        key: &str,
        element: &[u8],
        most: u32,
        lifetime: Duration,
    ) -> Result<bool, PendingError> {
        let mut call = self.scripts.push.key(named(key));
        call.arg(element).arg(most).arg(millis(lifetime));
        Ok(call.invoke_async(&mut self.connection.clone()).await?)
    }

    async fn elements(&self, key: &str, skip: u32) -> Result<Vec<Vec<u8>>, PendingError> {
        let skip = isize::try_from(skip).unwrap_or(isize::MAX);
        Ok(self.connection.clone().lrange(named(key), skip, -1).await?)
    }

    async fn join(
        &self,
        set: &str,
        member: &str,
        most: u32,
        lifetime: Duration,
    ) -> Result<bool, PendingError> {
        let mut call = self.scripts.join.key(named(set));
        call.arg(member).arg(most).arg(millis(lifetime));
        Ok(call.invoke_async(&mut self.connection.clone()).await?)
    }

    async fn leave(&self, set: &str, member: &str) -> Result<(), PendingError> {
        Ok(self.connection.clone().zrem(named(set), member).await?)
    }

    async fn members(&self, set: &str) -> Result<Vec<String>, PendingError> {
        Ok(self.scripts.members.key(named(set)).invoke_async(&mut self.connection.clone()).await?)
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Count, PendingError> {
        let mut call = self.scripts.count.key(named(key));
        let (times, left): (u32, i64) =
            call.arg(millis(window)).invoke_async(&mut self.connection.clone()).await?;
        Ok(Count { times, left: Duration::from_millis(u64::try_from(left).unwrap_or(0)) })
    }

    async fn announce(&self, topic: &str) -> Result<(), PendingError> {
        Ok(self.connection.clone().publish(CHANNEL, topic).await?)
    }

    fn listen(&self, topic: &str) -> Listener {
        self.changes.listen(topic)
    }
}
