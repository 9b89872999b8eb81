//! What every store keeps. Times are real: a store may have a clock of its own.

use core::time::Duration;
use std::sync::Arc;

use super::PendingStore;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(600);
const AFTER: Duration = Duration::from_millis(1000);

async fn wait() {
    tokio::time::sleep(AFTER).await;
}

/// Runs the whole suite.
pub(crate) async fn holds(store: Arc<dyn PendingStore>) {
    values(&*store).await;
    one_taker(&store).await;
    replacing(&store).await;
    lists(&*store).await;
    sets(&*store).await;
    counts(&*store).await;
    listening(&store).await;
}

async fn values(store: &dyn PendingStore) {
    assert_eq!(store.get("v/1").await.unwrap(), None);
    assert!(store.insert("v/1", b"\0\xff", LONG).await.unwrap());
    assert!(!store.insert("v/1", b"other", LONG).await.unwrap());
    assert_eq!(store.get("v/1").await.unwrap().unwrap(), b"\0\xff");
    assert_eq!(store.take("v/1").await.unwrap().unwrap(), b"\0\xff");
    assert_eq!(store.take("v/1").await.unwrap(), None);
    assert!(store.insert("v/1", b"", SHORT).await.unwrap());
    assert_eq!(store.get("v/1").await.unwrap().unwrap(), b"");
    // Taken and stored anew: the old end is not the new one's.
    store.take("v/1").await.unwrap();
    assert!(store.insert("v/1", b"long", LONG).await.unwrap());
    assert!(store.insert("v/2", b"short", SHORT).await.unwrap());
    wait().await;
    assert_eq!(store.get("v/1").await.unwrap().unwrap(), b"long");
    assert_eq!(store.get("v/2").await.unwrap(), None);
    assert!(store.insert("v/2", b"again", LONG).await.unwrap());
}

async fn one_taker(store: &Arc<dyn PendingStore>) {
    for round in 0..20 {
        let key = format!("t/{round}");
        store.insert(&key, b"x", LONG).await.unwrap();
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let (store, key) = (Arc::clone(store), key.clone());
                tokio::spawn(async move { store.take(&key).await.unwrap().is_some() })
            })
            .collect();
        let mut taken = 0;
        for taker in takers {
            taken += u32::from(taker.await.unwrap());
        }
        assert_eq!(taken, 1);
    }
}

async fn replacing(store: &Arc<dyn PendingStore>) {
    assert!(!store.replace("r/1", b"", b"new").await.unwrap());
    store.insert("r/1", b"0", SHORT).await.unwrap();
    assert!(!store.replace("r/1", b"1", b"2").await.unwrap());
    assert!(store.replace("r/1", b"0", b"1").await.unwrap());
    wait().await;
    assert_eq!(store.get("r/1").await.unwrap(), None, "the lifetime is the old one's");

    // Counting up by many: none is lost.
    store.insert("r/2", b"0", LONG).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                loop {
                    let old = store.get("r/2").await.unwrap().unwrap();
                    let number: u32 = String::from_utf8(old.clone()).unwrap().parse().unwrap();
                    if store.replace("r/2", &old, (number + 1).to_string().as_bytes()).await.unwrap() {
                        return;
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(store.get("r/2").await.unwrap().unwrap(), b"8");
}

async fn lists(store: &dyn PendingStore) {
    assert!(store.elements("l/1", 0).await.unwrap().is_empty());
    for (element, fits) in [(&b"a"[..], true), (b"b\0", true), (b"c", false)] {
        assert_eq!(store.push("l/1", element, 2, LONG).await.unwrap(), fits);
    }
    assert_eq!(store.elements("l/1", 0).await.unwrap(), [b"a".to_vec(), b"b\0".to_vec()]);
    assert_eq!(store.elements("l/1", 1).await.unwrap(), [b"b\0".to_vec()]);
    assert!(store.elements("l/1", 2).await.unwrap().is_empty());
    assert!(store.elements("l/1", u32::MAX).await.unwrap().is_empty());
    assert!(store.push("l/2", b"a", 2, SHORT).await.unwrap());
    assert!(store.push("l/2", b"b", 2, LONG).await.unwrap());
    wait().await;
    assert!(store.elements("l/2", 0).await.unwrap().is_empty(), "a list ends after its first element");
}

async fn sets(store: &dyn PendingStore) {
    assert!(store.join("s/1", "long", 2, LONG).await.unwrap());
    assert!(store.join("s/1", "short", 2, SHORT).await.unwrap());
    assert!(!store.join("s/1", "more", 2, LONG).await.unwrap());
    assert!(store.join("s/1", "long", 2, LONG).await.unwrap(), "a member may come again");
    assert_eq!(store.members("s/1").await.unwrap(), ["short", "long"]);
    wait().await;
    assert_eq!(store.members("s/1").await.unwrap(), ["long"]);
    assert!(store.join("s/1", "more", 2, LONG).await.unwrap(), "one that ended makes room");
    store.leave("s/1", "long").await.unwrap();
    store.leave("s/1", "nobody").await.unwrap();
    store.leave("s/2", "nobody").await.unwrap();
    assert_eq!(store.members("s/1").await.unwrap(), ["more"]);
}

async fn counts(store: &dyn PendingStore) {
    let window = SHORT;
    for times in 1..=3 {
        let count = store.count("c/1", window).await.unwrap();
        assert_eq!(count.times, times);
        assert!(count.left <= window);
    }
    assert_eq!(store.count("c/2", window).await.unwrap().times, 1);
    wait().await;
    assert_eq!(store.count("c/1", window).await.unwrap().times, 1);
}

async fn listening(store: &Arc<dyn PendingStore>) {
    let mut listener = store.listen("topic");
    let heard = tokio::spawn(async move { listener.changed().await });
    // Announced until it is heard: over a network the first ones may come too early.
    let announcing = async {
        loop {
            store.announce("topic").await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        heard = tokio::time::timeout(Duration::from_secs(5), heard) => heard.unwrap().unwrap(),
        () = announcing => {}
    }
}
