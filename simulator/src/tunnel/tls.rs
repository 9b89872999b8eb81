//! The certificate of the tunnel service.

use std::{fmt, path::Path, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use thiserror::Error;
use time::{Duration, OffsetDateTime};

/// A certificate chain and its private key.
#[derive(Clone)]
pub struct TlsIdentity(Arc<ServerConfig>);

/// Why there is no usable certificate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// No certificate could be made for the names, for example because one of them is not ASCII.
    #[error("no certificate can be made: {0}")]
    Generate(#[from] rcgen::Error),
    /// The certificate file is missing or not PEM.
    #[error("the certificate file cannot be read: {0}")]
    CertificateFile(rustls::pki_types::pem::Error),
    /// The key file is missing or not PEM.
    #[error("the key file cannot be read: {0}")]
    KeyFile(rustls::pki_types::pem::Error),
    /// The certificate and the key do not fit together, or their algorithm is not supported.
    #[error("the certificate cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

impl TlsIdentity {
    /// Makes a certificate for `names` (DNS names or IP addresses) and a certificate authority that
    /// signs it, both with P-256 keys, which keep the handshake short. Returns the identity and the
    /// authority's certificate in PEM, for clients to trust. The authority's key is forgotten, so it
    /// never signs anything else.
    ///
    /// # Errors
    /// [`TlsError::Generate`]
    pub fn generate(names: &[&str]) -> Result<(Self, String), TlsError> {
        // Clocks of clients may be a little behind.
        let not_before = OffsetDateTime::now_utc().saturating_sub(Duration::days(1));

        let mut ca = CertificateParams::default();
        ca.not_before = not_before;
        ca.not_after = not_before.saturating_add(Duration::days(397));
        ca.distinguished_name.push(DnType::CommonName, "Latchkey simulator");
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)?;

        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut leaf = CertificateParams::new(names)?;
        leaf.not_before = not_before;
        leaf.not_after = not_before.saturating_add(Duration::days(397));
        leaf.distinguished_name.push(DnType::CommonName, "Latchkey tunnel service");
        leaf.use_authority_key_identifier_extension = true;
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let leaf_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf = leaf.signed_by(&leaf_key, &ca)?;

        let key = PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into());
        Ok((Self::new(vec![leaf.der().clone()], key)?, ca.pem()))
    }

    /// Reads a certificate chain, the server's certificate first, and its private key from PEM files.
    ///
    /// # Errors
    /// [`TlsError::CertificateFile`], [`TlsError::KeyFile`], [`TlsError::Unusable`]
    pub fn from_pem_files(certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(TlsError::CertificateFile)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(TlsError::KeyFile)?;
        Self::new(chain, key)
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        // A WebSocket upgrade is HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A peer comes once: tickets to resume with would be sent for nothing.
        config.send_tls13_tickets = 0;
        Ok(Self(Arc::new(config)))
    }

    pub(crate) fn into_server_config(self) -> Arc<ServerConfig> {
        self.0
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsIdentity")
    }
}
