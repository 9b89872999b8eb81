use std::sync::Arc;

use super::redis_server::RedisServer;
use super::{InMemory, PendingError, Redis, contract};
use crate::ports::SystemClock;

#[tokio::test(flavor = "multi_thread")]
async fn in_memory() {
    contract::holds(Arc::new(InMemory::new(Arc::new(SystemClock::default())))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis() {
    let Some(server) = RedisServer::start().await else { return };
    contract::holds(Arc::new(Redis::connect(&server.url()).await.unwrap())).await;
}

#[tokio::test]
async fn what_is_no_redis_is_refused_at_the_start() {
    assert!(matches!(Redis::connect("http://localhost").await, Err(PendingError::Address)));
    // A port that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(Redis::connect(&format!("redis://{free}")).await, Err(PendingError::Redis(_))));
}
