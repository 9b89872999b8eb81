use super::*;

#[test]
fn versions_are_numbers_and_dots() {
    for (text, version) in
        [("10.5.0", Version::new(10, 5, 0)), ("17", Version::new(17, 0, 0)), ("14.2", Version::new(14, 2, 0))]
    {
        assert_eq!(text.parse(), Ok(version));
    }
    assert_eq!(Version::new(10, 5, 1).to_string(), "10.5.1");
    for text in ["", "10.", ".5", "+1.2.3", "1.2.3.4", "1.2-beta", "v1", "4294967296", "1. 2"] {
        assert_eq!(text.parse::<Version>(), Err(NotAVersion), "{text:?}");
    }
}

#[test]
fn the_tenth_is_newer_than_the_ninth() {
    assert!(Version::new(10, 5, 0) > Version::new(9, 60, 70));
    assert!(Version::new(10, 10, 0) > Version::new(10, 9, 99));
    assert!(Version::new(10, 5, 0) >= Version::new(10, 5, 0));
}
