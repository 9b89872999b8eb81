use super::*;

#[test]
fn an_extra_ca_must_be_a_certificate() {
    for bad in
        [&b""[..], b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        assert_eq!(client_config(Some(bad)).err(), Some(TrustError::BadCertificate));
    }
}
