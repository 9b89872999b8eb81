use super::*;

const PHONE: &str = "/org/bluez/hci0";
const COMPUTER: &str = "/org/bluez/hci1";

fn radio() -> Radio {
    Radio::new(vec![Adapter::on("hci0"), Adapter::on("hci1"), Adapter::off("hci2")])
}

fn content(discoverable: bool) -> Content {
    let service_data = BTreeMap::from([("fff9".to_owned(), vec![1; 20])]);
    Content { discoverable, service_data, ..Content::default() }
}

fn advertise(radio: &mut Radio, object: &str, content: Content) -> Result<Vec<Change>, Refusal> {
    radio.register(PHONE, "phone", object, content, format!("3F:00:00:00:00:{object}"))
}

fn any() -> Option<Filter> {
    Some(Filter::default())
}

fn duplicates() -> Option<Filter> {
    Some(Filter { duplicate_data: true, ..Filter::default() })
}

/// The paths of the devices that changes add and remove.
fn devices(changes: &[Change]) -> Vec<String> {
    let name = |change: &Change| match change {
        Change::Added { path, .. } => Some(format!("+{path}")),
        Change::Removed { path, .. } => Some(format!("-{path}")),
        _ => None,
    };
    changes.iter().filter_map(name).collect()
}

const FOUND: &str = "+/org/bluez/hci1/dev_3F_00_00_00_00_aa";
const LOST: &str = "-/org/bluez/hci1/dev_3F_00_00_00_00_aa";

#[test]
fn an_advert_is_a_device_where_it_is_discovered() {
    let mut radio = radio();
    assert_eq!(devices(&advertise(&mut radio, "aa", content(false)).unwrap()), [""; 0]);
    radio.filter(COMPUTER, "computer", any()).unwrap();
    assert_eq!(devices(&radio.start_discovery(COMPUTER, "computer").unwrap()), [FOUND]);
    // Not where it is sent.
    radio.filter(PHONE, "computer", any()).unwrap();
    assert_eq!(devices(&radio.start_discovery(PHONE, "computer").unwrap()), [""; 0]);

    assert_eq!(devices(&radio.unregister(PHONE, "phone", "aa").unwrap()), [LOST]);
    assert_eq!(radio.unregister(PHONE, "phone", "aa").unwrap_err().0, "org.bluez.Error.DoesNotExist");
    assert_eq!(devices(&advertise(&mut radio, "aa", content(false)).unwrap()), [FOUND]);
}

#[test]
fn without_a_filter_only_discoverable_devices_are_found() {
    let mut radio = radio();
    radio.start_discovery(COMPUTER, "computer").unwrap();
    assert_eq!(devices(&advertise(&mut radio, "aa", content(false)).unwrap()), [""; 0]);
    assert_eq!(devices(&advertise(&mut radio, "bb", content(true)).unwrap()).len(), 1);
    // A filter finds the other, too.
    assert_eq!(devices(&radio.filter(COMPUTER, "computer", any()).unwrap()), [FOUND]);
}

#[test]
fn a_filter_for_services_hides_service_data_that_is_not_listed() {
    let mut radio = radio();
    let filter = Filter { uuids: vec!["fff9".to_owned()], duplicate_data: false };
    radio.filter(COMPUTER, "computer", Some(filter)).unwrap();
    radio.start_discovery(COMPUTER, "computer").unwrap();
    assert_eq!(devices(&advertise(&mut radio, "aa", content(false)).unwrap()), [""; 0]);
    let listed = Content { service_uuids: vec!["fff9".to_owned()], ..content(false) };
    assert_eq!(devices(&advertise(&mut radio, "bb", listed).unwrap()).len(), 1);
}

#[test]
fn adverts_are_reported_again_only_to_who_asks_for_duplicates() {
    let mut radio = radio();
    radio.filter(COMPUTER, "computer", any()).unwrap();
    radio.start_discovery(COMPUTER, "computer").unwrap();
    advertise(&mut radio, "aa", content(false)).unwrap();
    assert_eq!(radio.repeat(), []);
    radio.filter(COMPUTER, "computer", duplicates()).unwrap();
    assert_eq!(radio.repeat().len(), 1);
    radio.stop_discovery(COMPUTER, "computer").unwrap();
    assert_eq!(radio.repeat(), []);
}

#[test]
fn discovery_is_shared_between_its_sessions() {
    let mut radio = radio();
    assert_eq!(radio.stop_discovery(COMPUTER, "one").unwrap_err().0, "org.bluez.Error.Failed");
    assert_eq!(radio.start_discovery(COMPUTER, "one").unwrap().len(), 1);
    assert_eq!(radio.start_discovery(COMPUTER, "one").unwrap_err().0, "org.bluez.Error.InProgress");
    assert_eq!(radio.start_discovery(COMPUTER, "two").unwrap(), []);
    assert_eq!(radio.stop_discovery(COMPUTER, "one").unwrap(), []);
    // The last one leaves the bus.
    let changes = radio.forget("two");
    let [Change::Properties { interface: ADAPTER, changed, .. }] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(changed.as_slice(), [("Discovering", Value::Bool(false))]);
}

#[test]
fn a_client_that_leaves_takes_its_adverts_along() {
    let mut radio = radio();
    radio.filter(COMPUTER, "computer", any()).unwrap();
    radio.start_discovery(COMPUTER, "computer").unwrap();
    advertise(&mut radio, "aa", content(false)).unwrap();
    assert_eq!(devices(&radio.forget("somebody")), [""; 0]);
    assert_eq!(devices(&radio.forget("phone")), [LOST]);
}

#[test]
fn an_adapter_sends_so_many_adverts() {
    let mut radio = radio();
    for object in ["aa", "bb", "cc", "dd", "ee"] {
        advertise(&mut radio, object, content(false)).unwrap();
    }
    assert_eq!(advertise(&mut radio, "aa", content(false)).unwrap_err().0, "org.bluez.Error.AlreadyExists");
    assert_eq!(advertise(&mut radio, "ff", content(false)).unwrap_err().0, "org.bluez.Error.NotPermitted");
}

#[test]
fn switching_off_ends_what_an_adapter_does() {
    let mut radio = radio();
    radio.filter(COMPUTER, "computer", any()).unwrap();
    radio.start_discovery(COMPUTER, "computer").unwrap();
    advertise(&mut radio, "aa", content(false)).unwrap();
    let changes = radio.power(PHONE, false).unwrap();
    assert_eq!(devices(&changes), [LOST]);
    let released = Change::Released { client: "phone".to_owned(), object: "aa".to_owned() };
    assert!(changes.contains(&released));

    assert_eq!(advertise(&mut radio, "aa", content(false)).unwrap_err().0, "org.bluez.Error.NotReady");
    assert_eq!(
        radio.start_discovery("/org/bluez/hci2", "computer").unwrap_err().0,
        "org.bluez.Error.NotReady"
    );
    radio.power(PHONE, true).unwrap();
    assert_eq!(devices(&advertise(&mut radio, "aa", content(false)).unwrap()), [FOUND]);
    assert_eq!(devices(&radio.power(COMPUTER, false).unwrap()), [LOST]);
    // Sessions do not outlive the power.
    radio.power(COMPUTER, true).unwrap();
    assert_eq!(radio.stop_discovery(COMPUTER, "computer").unwrap_err().0, "org.bluez.Error.Failed");
}
