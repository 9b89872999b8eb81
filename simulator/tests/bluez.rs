//! The phone's advertiser and the computer's scanner over BlueZ, which is stood in for on a private bus.
//!
//! Programs find the system bus through an environment variable, so each scenario runs in a process of
//! its own: the test starts the bus and then itself again, with the variable set.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::HashMap,
    env,
    future::Future,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use dbus::{
    Path,
    arg::{PropMap, Variant},
    channel::MatchingReceiver,
    message::MatchRule,
    nonblock::{
        Proxy, SyncConnection,
        stdintf::org_freedesktop_dbus::{ObjectManager, Properties},
    },
};
use dbus_crossroads::Crossroads;
use latchkey_bluez_standin::{Adapter, PrivateBus, Standin};
use latchkey_phone::ports::{AdvertError, BleAdvertiser};
use latchkey_simulator::air::{BlueZAdvertiser, BtleplugScanner, ScanError, Scanner};
use tokio::time::{sleep, timeout};

const ADDRESS: &str = "DBUS_SYSTEM_BUS_ADDRESS";
const SCENARIO: &str = "LATCHKEY_BLUEZ_SCENARIO";
const FIDO: &str = "0000fff9-0000-1000-8000-00805f9b34fb";
const ADVERT: [u8; 20] = *b"twenty bytes on air!";
const SOON: Duration = Duration::from_secs(10);

/// What a scenario finds.
enum Bluetooth {
    /// BlueZ with these adapters.
    Adapters(Vec<Adapter>),
    /// A bus without BlueZ.
    NoService,
    /// No bus.
    NoBus,
}

/// Runs the test called `name` with that Bluetooth.
fn run(name: &str, bluetooth: Bluetooth, scenario: impl Future<Output = ()>) {
    // Set by `make test` where dbus-daemon cannot be had, after saying so.
    if env::var_os("LATCHKEY_WITHOUT_DBUS").is_some() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if env::var(SCENARIO).as_deref() == Ok(name) {
        return runtime.block_on(scenario);
    }
    let bus = PrivateBus::start().unwrap_or_else(|error| panic!("{error}"));
    let (address, _standin) = match bluetooth {
        Bluetooth::Adapters(adapters) => {
            let standin = runtime.block_on(Standin::start(bus.address(), adapters)).unwrap();
            (bus.address().to_owned(), Some(standin))
        }
        Bluetooth::NoService => (bus.address().to_owned(), None),
        Bluetooth::NoBus => ("unix:path=/nonexistent/bus".to_owned(), None),
    };
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ADDRESS, address)
        .env(SCENARIO, name)
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert!(out.contains("1 passed"), "{out}\n{err}");
}

fn two() -> Bluetooth {
    Bluetooth::Adapters(vec![Adapter::on("hci0"), Adapter::on("hci1")])
}

fn phone(adapter: &str) -> BlueZAdvertiser {
    BlueZAdvertiser::new(Some(adapter.to_owned()))
}

async fn computer(adapter: &str) -> BtleplugScanner {
    BtleplugScanner::start(Some(adapter)).await.unwrap()
}

async fn hear(scanner: &mut BtleplugScanner) -> Vec<u8> {
    timeout(SOON, scanner.next()).await.unwrap().unwrap()
}

/// Nothing is heard any more, once the adverts that are still queued are out of the way.
async fn falls_silent(scanner: &mut BtleplugScanner) {
    let start = Instant::now();
    while timeout(Duration::from_millis(500), scanner.next()).await.is_ok() {
        assert!(start.elapsed() < SOON, "the advert goes on");
    }
}

/// A view of the bus beside the programs under test.
struct Observer(Arc<SyncConnection>);

impl Observer {
    fn connect() -> Self {
        let (resource, connection) = dbus_tokio::connection::new_system_sync().unwrap();
        tokio::spawn(resource);
        Self(connection)
    }

    fn object<'a>(&'a self, path: &'a str) -> Proxy<'a, &'a SyncConnection> {
        Proxy::new("org.bluez", path, SOON, &*self.0)
    }

    async fn devices(&self) -> Vec<(String, PropMap)> {
        let objects = self.object("/").get_managed_objects().await.unwrap();
        objects
            .into_iter()
            .filter_map(|(path, mut interfaces)| {
                Some((path.to_string(), interfaces.remove("org.bluez.Device1")?))
            })
            .collect()
    }

    async fn active_instances(&self, adapter: &str) -> u8 {
        self.object(&format!("/org/bluez/{adapter}"))
            .get("org.bluez.LEAdvertisingManager1", "ActiveInstances")
            .await
            .unwrap()
    }

    async fn is_discovering(&self, adapter: &str) -> bool {
        let path = format!("/org/bluez/{adapter}");
        self.object(&path).get("org.bluez.Adapter1", "Discovering").await.unwrap()
    }

    async fn power(&self, adapter: &str, powered: bool) {
        let path = format!("/org/bluez/{adapter}");
        self.object(&path).set("org.bluez.Adapter1", "Powered", powered).await.unwrap();
    }

    /// Registers an object with these service data and returns the error's name.
    async fn register(&self, object: &str, length: usize) -> Option<String> {
        let mut objects = Crossroads::new();
        let interface = objects.register("org.bluez.LEAdvertisement1", |interface| {
            interface.property("Type").get(|_, _| Ok("peripheral".to_owned()));
            interface.property("ServiceData").get(|_, length: &mut usize| {
                Ok(HashMap::from([(FIDO.to_owned(), Variant(vec![7_u8; *length]))]))
            });
        });
        objects.insert(object.to_owned(), &[interface], length);
        self.0.start_receive(
            MatchRule::new_method_call().with_path(Path::new(object).unwrap()).static_clone(),
            Box::new(move |message, connection| {
                objects.handle_message(message, connection).unwrap();
                true
            }),
        );
        let request = (Path::new(object).unwrap(), PropMap::new());
        let result: Result<(), dbus::Error> = self
            .object("/org/bluez/hci0")
            .method_call("org.bluez.LEAdvertisingManager1", "RegisterAdvertisement", request)
            .await;
        result.err().map(|error| error.name().unwrap_or_default().to_owned())
    }
}

async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < SOON);
        sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn what_the_phone_sends_the_computer_hears() {
    run("what_the_phone_sends_the_computer_hears", two(), async {
        let mut scanner = computer("hci1").await;
        let advert = phone("hci0").advertise(&ADVERT).await.unwrap();
        assert_eq!(hear(&mut scanner).await, ADVERT);
        // And again: who misses one gets the next.
        assert_eq!(hear(&mut scanner).await, ADVERT);
        drop(advert);
        falls_silent(&mut scanner).await;

        let _next = phone("hci0").advertise(&[5; 20]).await.unwrap();
        assert_eq!(hear(&mut scanner).await, [5; 20]);
    });
}

#[test]
fn a_computer_that_listens_later_hears_it_too() {
    run("a_computer_that_listens_later_hears_it_too", two(), async {
        let _advert = phone("hci0").advertise(&ADVERT).await.unwrap();
        let mut scanner = computer("hci1").await;
        assert_eq!(hear(&mut scanner).await, ADVERT);
    });
}

#[test]
fn an_advert_is_a_broadcast_of_24_bytes() {
    run("an_advert_is_a_broadcast_of_24_bytes", two(), async {
        let observer = Observer::connect();
        let _scanner = computer("hci1").await;
        let advert = phone("hci0").advertise(&ADVERT).await.unwrap();
        assert_eq!(observer.active_instances("hci0").await, 1);
        let devices = observer.devices().await;
        let [(path, device)] = devices.as_slice() else { panic!("{devices:?}") };
        assert!(path.starts_with("/org/bluez/hci1/dev_"));
        // No name, no list of services, no transmission power.
        assert!(!device.contains_key("Name") && !device.contains_key("TxPower"));
        assert_eq!(dbus::arg::prop_cast::<Vec<String>>(device, "UUIDs"), Some(&Vec::new()));
        assert_eq!(dbus::arg::prop_cast::<bool>(device, "Connected"), Some(&false));

        drop(advert);
        until(async || observer.devices().await.is_empty()).await;
        assert_eq!(observer.active_instances("hci0").await, 0);
    });
}

#[test]
fn a_scanner_that_is_dropped_stops_to_discover() {
    run("a_scanner_that_is_dropped_stops_to_discover", two(), async {
        let observer = Observer::connect();
        let scanner = computer("hci1").await;
        assert!(observer.is_discovering("hci1").await);
        assert!(!observer.is_discovering("hci0").await);
        drop(scanner);
        until(async || !observer.is_discovering("hci1").await).await;
    });
}

#[test]
fn the_first_adapter_that_is_on_is_used() {
    let adapters = vec![Adapter::off("hci0"), Adapter::on("hci1"), Adapter::on("hci2")];
    run("the_first_adapter_that_is_on_is_used", Bluetooth::Adapters(adapters), async {
        let observer = Observer::connect();
        let _advert = BlueZAdvertiser::default().advertise(&ADVERT).await.unwrap();
        assert_eq!(observer.active_instances("hci1").await, 1);
        let _scanner = BtleplugScanner::start(None).await.unwrap();
        assert!(observer.is_discovering("hci1").await);
    });
}

#[test]
fn an_adapter_that_is_off_stays_off() {
    let adapters = vec![Adapter::off("hci0"), Adapter::off("hci1")];
    run("an_adapter_that_is_off_stays_off", Bluetooth::Adapters(adapters), async {
        for adapter in [None, Some("hci1"), Some("hci7")] {
            let advertiser = BlueZAdvertiser::new(adapter.map(str::to_owned));
            assert!(matches!(advertiser.advertise(&ADVERT).await, Err(AdvertError::Off)));
            assert!(matches!(BtleplugScanner::start(adapter).await, Err(ScanError::Off)));
        }
        let observer = Observer::connect();
        let path = "/org/bluez/hci1";
        let powered: bool = observer.object(path).get("org.bluez.Adapter1", "Powered").await.unwrap();
        assert!(!powered);
    });
}

#[test]
fn switching_the_radio_off_ends_the_scan() {
    run("switching_the_radio_off_ends_the_scan", two(), async {
        let observer = Observer::connect();
        let mut scanner = computer("hci1").await;
        observer.power("hci1", false).await;
        assert!(matches!(timeout(SOON, scanner.next()).await.unwrap(), Err(ScanError::Off)));
        assert!(matches!(timeout(SOON, scanner.next()).await.unwrap(), Err(ScanError::Off)));
    });
}

#[test]
fn without_a_bluetooth_service_bluetooth_is_off() {
    run("without_a_bluetooth_service_bluetooth_is_off", Bluetooth::NoService, nothing_there());
}

#[test]
fn without_a_bus_bluetooth_is_off() {
    run("without_a_bus_bluetooth_is_off", Bluetooth::NoBus, nothing_there());
}

async fn nothing_there() {
    let advertiser = BlueZAdvertiser::default();
    assert!(matches!(advertiser.advertise(&ADVERT).await, Err(AdvertError::Off)));
    assert!(matches!(BtleplugScanner::start(None).await, Err(ScanError::Off)));
}

#[test]
fn without_room_for_one_more_advert_it_fails() {
    run("without_room_for_one_more_advert_it_fails", two(), async {
        let mut adverts = Vec::new();
        for _ in 0..5 {
            adverts.push(phone("hci0").advertise(&ADVERT).await.unwrap());
        }
        assert!(matches!(phone("hci0").advertise(&ADVERT).await, Err(AdvertError::Failed)));
        let observer = Observer::connect();
        adverts.pop();
        until(async || observer.active_instances("hci0").await == 4).await;
        assert!(phone("hci0").advertise(&ADVERT).await.is_ok());
    });
}

#[test]
fn more_than_31_bytes_do_not_fit() {
    run("more_than_31_bytes_do_not_fit", two(), async {
        let observer = Observer::connect();
        assert_eq!(observer.register("/a", 28).await.as_deref(), Some("org.bluez.Error.InvalidLength"));
        assert_eq!(observer.register("/b", 27).await, None);
        assert_eq!(observer.register("/b", 27).await.as_deref(), Some("org.bluez.Error.AlreadyExists"));

        // The computer takes what is longer than an advert has to be, and drops what is shorter.
        let mut scanner = computer("hci1").await;
        assert_eq!(hear(&mut scanner).await, [7; 27]);
        assert_eq!(observer.register("/c", 19).await, None);
        sleep(Duration::from_millis(300)).await;
        for _ in 0..10 {
            assert_eq!(hear(&mut scanner).await, [7; 27]);
        }
    });
}

#[test]
fn an_advert_dies_with_its_process() {
    run("an_advert_dies_with_its_process", two(), async {
        const CHILD: &str = "LATCHKEY_BLUEZ_CHILD";
        if env::var_os(CHILD).is_some() {
            let _advert = phone("hci0").advertise(&ADVERT).await.unwrap();
            return sleep(Duration::from_secs(60)).await;
        }
        let mut scanner = computer("hci1").await;
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "an_advert_dies_with_its_process"])
            .env(CHILD, "1")
            .spawn()
            .unwrap();
        assert_eq!(hear(&mut scanner).await, ADVERT);
        child.kill().unwrap();
        child.wait().unwrap();
        falls_silent(&mut scanner).await;
    });
}
