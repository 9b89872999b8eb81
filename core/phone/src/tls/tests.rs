use super::*;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

fn certificate() -> String {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem()
}

#[test]
fn an_extra_ca_must_be_a_certificate() {
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let good = certificate();
    let half = good[..good.len() / 2].to_owned();
    let no_certificate = format!("{BEGIN}\nAAAA\n-----END CERTIFICATE-----\n");
    for bad in ["", "not a certificate", &no_certificate, &key, &half, &format!("{good}{half}")] {
        assert_eq!(client_config(Some(bad.as_bytes())).err(), Some(TrustError::BadCertificate), "{bad:?}");
    }
    // One bad certificate is not passed over.
    let mixed = format!("{good}{no_certificate}");
    assert_eq!(client_config(Some(mixed.as_bytes())).err(), Some(TrustError::BadCertificate));
}

#[test]
fn several_certificates_with_words_between_them() {
    let file = format!("the first one:\n{}\nthe second one:\n{}", certificate(), certificate());
    assert!(client_config(Some(file.as_bytes())).is_ok());
}

/// A computer without any authorities says so; with some, nothing else is needed.
#[test]
fn the_system_decides_without_an_extra_ca() {
    assert!(matches!(client_config(None), Ok(_) | Err(TrustError::NoRoots)));
}
