use super::*;

#[test]
fn every_id_has_its_variant() {
    for &id in ErrorId::ALL {
        let error = LatchkeyError::from(id);
        assert_eq!(error.id(), id);
        assert_eq!(error.to_string(), id.info().id);
        assert_eq!(error.info().title, id.info().title);
    }
}
