use super::*;

#[test]
fn a_phone_follows_its_script_while_it_runs() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("device.json");
    let device = SimulatedDevice::open(&path).unwrap();
    assert!(device.is_online());
    assert_eq!(device.facts().camera, Availability::Ready);

    let script = r#"{"online": false, "camera": "not_permitted", "appVersion": "10.4.9", "system": "ios"}"#;
    std::fs::write(&path, script).unwrap();
    assert!(!device.is_online());
    let facts = device.facts();
    assert_eq!(facts.camera, Availability::NotPermitted);
    assert_eq!(facts.app_version, Version::new(10, 4, 9));
    assert_eq!((facts.system, facts.bluetooth), (System::Ios, Availability::Ready));
}

#[test]
fn a_script_with_a_slip_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("device.json");
    for slip in ["", "{", r#"{"camra": "off"}"#, r#"{"camera": "of"}"#] {
        std::fs::write(&path, slip).unwrap();
        assert!(SimulatedDevice::open(&path).is_err(), "{slip}");
    }
}
