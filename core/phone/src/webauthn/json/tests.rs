use super::*;

#[test]
fn debug_output_shows_no_outputs() {
    let mut credential = PublicKeyCredential::new(&[1], ());
    credential.client_extension_results.insert("prf".to_owned(), serde_json::json!({ "results": "secret" }));
    assert_eq!(format!("{credential:?}"), "PublicKeyCredential(redacted)");
}
