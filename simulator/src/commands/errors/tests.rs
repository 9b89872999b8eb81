use super::*;

#[test]
fn the_document_is_what_the_table_says() {
    let document = include_str!("../../../../docs/errors.md");
    assert!(markdown() == document, "docs/errors.md is out of date: run `make docs-errors`");
}

#[test]
fn every_id_is_in_every_form() {
    for id in ErrorId::ALL {
        let info = id.info();
        assert!(markdown().contains(&format!("| `{}` |", info.id)), "{}", info.id);
        assert!(text().contains(info.next_step), "{}", info.id);
        assert_eq!(object(info)["id"], info.id);
    }
}
