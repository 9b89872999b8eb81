use std::{sync::Arc, time::Instant};

use tempfile::TempDir;
use tokio::time::timeout;

use super::*;

const ADVERT: [u8; 20] = *b"twenty bytes on air!";
const SOON: Duration = Duration::from_secs(5);

fn air() -> (TempDir, VirtualAir) {
    let directory = tempfile::tempdir().unwrap();
    let air = VirtualAir::new(directory.path().join("air"));
    (directory, air)
}

async fn hear(scanner: &mut VirtualScanner) -> Vec<u8> {
    timeout(SOON, scanner.next()).await.unwrap().unwrap()
}

async fn hears_nothing(scanner: &mut VirtualScanner) -> bool {
    // What was sent before is still in the socket; empty it.
    let mut buffer = [0; 300];
    while scanner.socket.try_recv(&mut buffer).is_ok() {}
    timeout(INTERVAL * 4, scanner.next()).await.is_err()
}

#[tokio::test]
async fn an_advert_is_heard_at_once_by_everybody() {
    let mut late = Vec::new();
    // A busy machine may be late; an advert that waits for its first interval always is.
    while late.len() < 5 {
        let (_directory, air) = air();
        let (mut one, mut two) = (air.listen().unwrap(), air.listen().unwrap());
        let start = Instant::now();
        let _advert = air.advertise(&ADVERT).await.unwrap();
        assert_eq!(hear(&mut one).await, ADVERT);
        assert_eq!(hear(&mut two).await, ADVERT);
        match start.elapsed() {
            elapsed if elapsed < INTERVAL => return,
            elapsed => late.push(elapsed),
        }
    }
    panic!("after {late:?}");
}

#[tokio::test]
async fn who_listens_later_hears_it_too_and_again() {
    let (_directory, air) = air();
    let _advert = air.advertise(&ADVERT).await.unwrap();
    let mut scanner = air.listen().unwrap();
    assert_eq!(hear(&mut scanner).await, ADVERT);
    assert_eq!(hear(&mut scanner).await, ADVERT);
}

#[tokio::test]
async fn a_dropped_advert_is_silent() {
    let (_directory, air) = air();
    let mut scanner = air.listen().unwrap();
    let advert = air.advertise(&ADVERT).await.unwrap();
    hear(&mut scanner).await;
    drop(advert);
    tokio::task::yield_now().await;
    assert!(hears_nothing(&mut scanner).await);
}

#[tokio::test]
async fn two_phones_are_heard() {
    let (_directory, air) = air();
    let mut scanner = air.listen().unwrap();
    let _one = air.advertise(&[1; 20]).await.unwrap();
    let _two = air.advertise(&[2; 20]).await.unwrap();
    assert_eq!(hear(&mut scanner).await, [1; 20]);
    assert_eq!(hear(&mut scanner).await, [2; 20]);
}

#[tokio::test]
async fn what_cannot_be_an_advert_is_dropped() {
    let (_directory, air) = air();
    let mut scanner = air.listen().unwrap();
    let socket = StdUnixDatagram::unbound().unwrap();
    for length in [0, 19, 253, 60_000, 252] {
        socket.send_to(&vec![3; length], &scanner.path).unwrap();
    }
    assert_eq!(hear(&mut scanner).await, [3; 252]);
    assert!(hears_nothing(&mut scanner).await);
}

#[tokio::test]
async fn sockets_of_the_dead_are_removed_and_other_files_are_not() {
    let (_directory, air) = air();
    let mut scanner = air.listen().unwrap();
    let (dead, file) = (air.directory.join("listener-dead"), air.directory.join("listener-file"));
    drop(StdUnixDatagram::bind(&dead).unwrap());
    fs::write(&file, "").unwrap();
    let foreign = air.directory.join("foreign");
    let foreigner = StdUnixDatagram::bind(&foreign).unwrap();
    foreigner.set_nonblocking(true).unwrap();

    let _advert = air.advertise(&ADVERT).await.unwrap();
    assert_eq!(hear(&mut scanner).await, ADVERT);
    assert!(!dead.exists());
    assert!(file.exists() && foreign.exists());
    assert!(foreigner.recv(&mut [0; 20]).is_err());
}

#[tokio::test]
async fn a_listener_that_does_not_read_holds_up_nobody() {
    let (_directory, air) = air();
    let _deaf = air.listen().unwrap();
    let mut adverts = Vec::new();
    for _ in 0..2000 {
        adverts.push(timeout(SOON, air.advertise(&ADVERT)).await.unwrap().unwrap());
    }
    let mut scanner = air.listen().unwrap();
    assert_eq!(hear(&mut scanner).await, ADVERT);
}

#[tokio::test]
async fn a_scanner_leaves_nothing_behind() {
    let (_directory, air) = air();
    let scanner = air.listen().unwrap();
    assert_eq!(fs::read_dir(&*air.directory).unwrap().count(), 1);
    drop(scanner);
    assert_eq!(fs::read_dir(&*air.directory).unwrap().count(), 0);
}

#[tokio::test]
async fn an_air_that_cannot_be_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let air = VirtualAir::new(file);
    assert!(matches!(air.listen(), Err(ScanError::Directory(_))));
    assert!(matches!(air.advertise(&ADVERT).await, Err(AdvertError::Failed)));
    let deep = VirtualAir::new(directory.path().join("x".repeat(100)));
    assert!(matches!(deep.listen(), Err(ScanError::Directory(_))));
}

#[tokio::test]
async fn the_ports_are_objects() {
    let (_directory, air) = air();
    let advertiser: Arc<dyn BleAdvertiser> = Arc::new(air.clone());
    let mut scanner: Box<dyn Scanner> = Box::new(air.listen().unwrap());
    let _advert = advertiser.advertise(&ADVERT).await.unwrap();
    assert_eq!(scanner.next().await.unwrap(), ADVERT);
}
